/** What is under way on a connection, as it stands at the moment: for those who look, never for the log. */
import type { ConnectionInfo } from "./record.ts";

/**
 * Is told when something began, ms since the epoch, with fraction, and says whether it is to be put together: of the
 * thousands that may be under way, a few are shown.
 */
export type IsWanted = (at: number) => boolean;

/** Wants everything. */
/** Wants everything. */
export const EVERYTHING: IsWanted = (): boolean => true;

/** An exchange that has not ended, or a connection that carries something else than HTTP. */
export interface Active {
  /** What it is. */
  readonly type: "exchange" | "stream";
  /** The connection that it belongs to. */
  readonly connection: ConnectionInfo;
  /** Id of the exchange; absent for a stream. */
  readonly id?: number;
  /**
   * When its first byte was read, ms since the epoch, with fraction; of a stream, when its connection was accepted, or,
   * where a proxy's client asked for it, when that way began.
   */
  readonly at: number;
  /** Request method. */
  readonly method?: string;
  /** Request target. */
  readonly url?: string;
  /** Value of Host. */
  readonly host?: string;
  /** Status of the response, where it has begun. */
  readonly status?: number;
  /** Media type of the response, without parameters. */
  readonly mime?: string;
  /** Bytes so far: of the request's body, or of a stream from client to target. */
  readonly up: number;
  /** The other way. */
  readonly down: number;
}
