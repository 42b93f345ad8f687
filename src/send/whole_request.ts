/** Small requests, as most are: in one piece, hence in one write. */
import { findHeadEnd } from "../http/grammar.ts";

/** A request of up to so many bytes goes out in one write: a copy is cheaper than a second one. */
export const WHOLE_LIMIT_BYTES: number = 16 * 1024;
const FIRST_BYTES = 1024;

/** `expect` in lower case. */
const EXPECT = [101, 120, 112, 101, 99, 116];

/** Makes small requests whole, in a buffer that it keeps for the next. */
export class WholeRequest {
  #buffer: Uint8Array | undefined;
  /** The first piece that was looked at last, and whether its head asks before the body: loads repeat it. */
  #asked: { readonly piece: Uint8Array; readonly bytes: number; readonly waits: boolean } | undefined;

  /**
   * Whether the request waits for leave to send its body (RFC 9110 §10.1.1).
   *
   * @param bytes How many there are in the pieces.
   */
  waits(pieces: readonly Uint8Array[], bytes: number): boolean {
    const piece = pieces[0];
    if (piece === undefined) return false;
    if (this.#asked?.piece === piece && this.#asked.bytes === bytes) return this.#asked.waits;
    const end = findHeadEnd(piece, 0, 0, piece.length);
    const waits = end > 0 && end < bytes && namesExpect(piece, end);
    this.#asked = { piece, bytes, waits };
    return waits;
  }

  /** The pieces in one; it holds until the next call. */
  joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
    if (pieces.length === 1) return pieces[0];
    if (this.#buffer === undefined || this.#buffer.length < bytes) {
      this.#buffer = new Uint8Array(Math.min(WHOLE_LIMIT_BYTES, Math.max(FIRST_BYTES, 2 * bytes)));
    }
    let at = 0;
    for (const piece of pieces) {
      this.#buffer.set(piece, at);
      at += piece.length;
    }
    return this.#buffer.subarray(0, at);
  }
}

/** Whether some field line of a head begins with `expect`, in any case. */
function namesExpect(head: Uint8Array, end: number): boolean {
  for (let at = head.indexOf(10); at >= 0 && at < end; at = head.indexOf(10, at + 1)) {
    let same = 0;
    while (same < EXPECT.length && (head[at + 1 + same] | 32) === EXPECT[same]) same++;
    if (same === EXPECT.length) return true;
  }
  return false;
}
