/** The first bytes of a tunnel: is it TLS, and for whom? */
import { ClientHelloReader } from "../../capture/client_hello.ts";
import type { ClientHello } from "../../capture/record.ts";
import type { Connection } from "../connection.ts";

const READ_BYTES = 4 * 1024;

/** What a client began with. */
export interface Peeked {
  /** What was read for it: it has to be passed on. Empty where the client ended without a byte. */
  readonly prefix: Uint8Array;
  /** Its hello; `not-tls` where it speaks something else, or ended before its hello was whole. */
  readonly hello: ClientHello | "not-tls";
}

/**
 * Reads until it is clear whether the client speaks TLS: at least one byte, at most one hello. It waits for the client as
 * long as that takes; close the connection to end it.
 *
 * @throws What reading throws.
 */
export async function peekHello(connection: Connection): Promise<Peeked> {
  const reader = new ClientHelloReader();
  let prefix = new Uint8Array();
  for (;;) {
    const buffer = new Uint8Array(READ_BYTES);
    const count = await connection.read(buffer);
    if (count === null) return { prefix, hello: "not-tls" };
    const chunk = buffer.subarray(0, count);
    const longer = new Uint8Array(prefix.length + count);
    longer.set(prefix);
    longer.set(chunk, prefix.length);
    prefix = longer;
    const hello = reader.push(chunk);
    if (hello !== "more") return { prefix, hello };
  }
}
