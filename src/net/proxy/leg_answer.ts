/** What a way to a target is made of, and how the answer to a request on it can end. */
import type { ConnectionInfo } from "../../capture/record.ts";
import type { Field } from "../../http/head.ts";
import type { Connection } from "../connection.ts";
import type { Opening } from "../connection_records.ts";
import type { RelayContext } from "../relay.ts";

/** Why there is no answer, and with which status the client is told so. */
export interface Failure {
  /** The status. */
  readonly status: number;
  /** Why, in one line. */
  readonly text: string;
}

/** How the answer to a request ended. */
export type LegAnswer =
  /** It is complete; `closes`: the client's connection is to be closed after it. */
  | { readonly kind: "done"; readonly closes: boolean }
  /** The connection now carries another protocol. */
  | { readonly kind: "upgraded" }
  /**
   * There is none, and the client has got nothing of one: it is to be told why. The leg is told of by
   * its `close`.
   */
  | { readonly kind: "failed" } & Failure
  /** It broke off after it had begun, or the client is gone: nothing can follow. */
  | { readonly kind: "broken" };

/** What a leg needs of its client's connection. */
export interface LegOptions extends Opening {
  /** What all connections share. */
  readonly context: RelayContext;
  /** The client, and the target by name. */
  readonly info: ConnectionInfo;
  /** What tells it from the other legs of the client. */
  readonly key: string;
  /** The client's connection. */
  readonly client: Connection;
  /** Fields that are added to each response, such as Via. */
  readonly add: readonly Field[];
  /** What an upstream proxy that is spoken to in absolute-form is told; absent: there is none. */
  readonly upstream?: { readonly authorization?: string };
}

/**
 * The target ended, or what it sent is no answer.
 *
 * @param isRefusedUpstream Whether it was never asked, as the upstream proxy refused.
 */
export function unanswered(name: string, reason: string, isRefusedUpstream: boolean): Failure {
  return {
    status: 502,
    text: `${isRefusedUpstream ? `cannot reach ${name}` : `${name} gave no answer`}: ${reason}`,
  };
}

/** Nothing came of the target for too long. */
export function silent(name: string, timeoutMs: number): Failure {
  return { status: 504, text: `${name} gave no answer within ${timeoutMs} ms (--idle-timeout)` };
}

/** Nothing came of the rest of a request for too long. */
export function stalled(timeoutMs: number): Failure {
  return { status: 408, text: `nothing more came of the request within ${timeoutMs} ms (--idle-timeout)` };
}
