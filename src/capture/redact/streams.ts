/**
 * Which streams of bytes may be HTTP although they could not be read as such: a head over the limit, a body of which
 * nobody knows the end, HTTP inside a tunnel, a start line that is nearly one.
 *
 * Records tell what the capture knows (`http`); beside it counts the name of the protocol with its version, as it stands
 * in every start line (RFC 9112 §2.3). From there on everything on the connection counts, both ways.
 */
import type { ConnectionInfo, DataRecord } from "../record.ts";

const SLASH = 0x2f;
const SPACE = 0x20;
const NAME = Uint8Array.from("http", (char) => char.charCodeAt(0));

/** Remembers the connections whose streams may be HTTP. */
export class HttpStreams {
  readonly #found = new WeakSet<ConnectionInfo>();

  /** Whether the bytes of a read may be HTTP. */
  mayBeHttp({ connection, http, body }: DataRecord): boolean {
    if (http === true || this.#found.has(connection)) return true;
    if (!namesHttp(body.kept)) return false;
    this.#found.add(connection);
    return true;
  }
}

/** Whether `HTTP/` and a digit stand anywhere, in any case. */
function namesHttp(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(SLASH); at >= 0; at = bytes.indexOf(SLASH, at + 1)) {
    const from = at - NAME.length;
    const digit = bytes[at + 1] - 0x30;
    if (
      from >= 0 && digit >= 0 && digit <= 9 && NAME.every((byte, i) => (bytes[from + i] | SPACE) === byte)
    ) {
      return true;
    }
  }
  return false;
}
