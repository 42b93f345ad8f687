/**
 * What the last value of a kind became in the log, so that a value which comes again is copied and not encoded again.
 *
 * It is kept from the second use in a row on: values that differ each time cost no more than their encoding.
 */
import type { ByteWriter } from "./byte_writer.ts";

/** Largest encoding that is kept, in bytes: it bounds what the log holds for each connection. */
const KEPT_LIMIT_BYTES = 4096;

/** The last of a sequence of immutable values, and its encoding. */
export class JsonMemo<T extends object> {
  #value: T | undefined;
  #encoded: Uint8Array | undefined;

  /**
   * Appends a value.
   *
   * @param encode Appends a value that is new. It must be the same each time.
   */
  write(out: ByteWriter, value: T, encode: (out: ByteWriter, value: T) => void): void {
    if (value !== this.#value) {
      this.#value = value;
      this.#encoded = undefined;
      return encode(out, value);
    }
    if (this.#encoded !== undefined) return out.bytes(this.#encoded);
    const start = out.length;
    encode(out, value);
    if (out.length - start <= KEPT_LIMIT_BYTES) this.#encoded = out.view().slice(start);
  }
}
