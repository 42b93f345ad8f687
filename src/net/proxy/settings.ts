/** How the forward proxy behaves, and what it needs beside what a relay needs. */
import type { Target } from "../address.ts";
import type { Connection, Reached } from "../connection.ts";
import type { ConnectionSlots } from "../connection_slots.ts";
import type { Connect } from "../dial.ts";
import type { RelayContext } from "../relay.ts";
import type { Credentials } from "./credentials.ts";

/** What TLS inside a tunnel is ended with. */
export interface Interception {
  /** Whether the TLS of a tunnel to that host is ended here. */
  readonly wants: (host: string, port: number) => boolean;
  /** Ends TLS that the client speaks, with a certificate for the name it asks for, or else for `host`. */
  readonly secure: (client: Connection, host: string, signal: AbortSignal) => Promise<Reached>;
}

/** The settings of all proxy listeners. */
export interface ProxySettings extends RelayContext {
  /** Places for connections: a client takes one more for each target that it is connected to beside the first. */
  readonly slots: ConnectionSlots;
  /** Opens the bytes' way to a target, without TLS: what tunnels are made of. */
  readonly connect: Connect;
  /** Speaks TLS with a target over a way that is open; `protocol` is what to ask for by ALPN, where it is not HTTP. */
  readonly secureTarget: (
    connection: Connection,
    target: Target,
    signal: AbortSignal,
    protocol?: string,
  ) => Promise<Reached>;
  /** Proxy-Authorization for requests to a target that go to another proxy in absolute-form; `undefined`: they do not. */
  readonly upstreamFor: (target: Target) => { readonly authorization?: string } | undefined;
  /** Which tunnels are looked into; absent: none. */
  readonly interception?: Interception;
  /** Who may use the proxy; absent: everyone who reaches it. */
  readonly credentials?: Credentials;
  /** Whether a Via field is added to requests and responses (RFC 9110 §7.6.3). */
  readonly via: boolean;
}
