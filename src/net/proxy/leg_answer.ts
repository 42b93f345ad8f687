/** What a way to a target is made of, and how the answer to a request on it can end. */
import type { ConnectionInfo } from "../../capture/record.ts";
import type { Field } from "../../http/head.ts";
import type { Connection } from "../connection.ts";
import type { Opening } from "../connection_records.ts";
import type { RelayContext } from "../relay.ts";

/** How the answer to a request ended. */
export type LegAnswer =
  /** It is complete; `closes`: the client's connection is to be closed after it. */
  | { readonly kind: "done"; readonly closes: boolean }
  /** The connection now carries another protocol. */
  | { readonly kind: "upgraded" }
  /** There is none, and the client has got nothing yet. The leg is told of by its `close`. */
  | { readonly kind: "failed"; readonly reason: string }
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
  /** Whether an upstream proxy is spoken to, in absolute-form. */
  readonly fromProxy: boolean;
}
