/** Where a relay's connections go, and what becomes of them on their way. */
import type { RewriteRule } from "../http/request_rewriter.ts";
import type { Target } from "./address.ts";
import type { Connection, Reached } from "./connection.ts";

/** Ends TLS that a client speaks, or throws what went wrong as an `Error` with a message for people. */
export type Secure = (client: Connection, signal: AbortSignal) => Promise<Reached>;

/** Where a listener's connections go. */
export interface RelayTarget {
  /** Where connections go. */
  readonly target: Target;
  /** The target as users write it. */
  readonly name: string;
  /** What becomes of the heads of requests; `undefined` to leave them as they are. */
  readonly rule?: RewriteRule;
  /** Ends TLS that clients speak. Absent: they speak none. */
  readonly secure?: Secure;
  /** How long it took to open the way that is dialled on, ms; a part of the time to connect. Absent: there is none. */
  readonly wayMs?: number;
  /** Whether an upstream proxy that is spoken to in absolute-form is told a login. */
  readonly hasUpstreamLogin?: boolean;
  /** Whether a client whose target cannot be reached gets a 502 that says why, where it speaks HTTP. */
  readonly explains?: boolean;
}
