/**
 * Where the bytes of a body come from: out of the record, as far as that has them, or piece by piece from the server.
 */
import { encodeText } from "../../../../capture/charset.ts";
import type { ContentJson } from "../record_json.ts";

/** So many bytes are asked for at a time. */
export const PAGE_BYTES = 256 * 1024;

/** Bytes that can be read from any place. */
export interface ByteSource {
  /** How many there are; where not all of them were kept, how many there were. */
  readonly bytes: number;
  /**
   * Reads from `from` to before `to`; fewer where they end before, or where no more were kept.
   *
   * @throws {Error} One line for people, where they cannot be had.
   */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** Fetches bytes of a body as it was sent. */
export type FetchBytes = (from: number, to: number) => Promise<Uint8Array>;

/**
 * The bytes that a record has.
 *
 * @param contentType Value of Content-Type of the message: the text is in its charset.
 */
export function recordBytes({ text, base64 }: ContentJson, contentType: string | undefined): Uint8Array {
  if (base64 !== undefined) return base64Bytes(base64) ?? new Uint8Array(0);
  if (text === undefined || text === "") return new Uint8Array(0);
  // Where a text was cut for the page, that may have been inside of a pair of surrogates.
  const whole = text.isWellFormed() ? text : text.slice(0, -1);
  return encodeText(whole, contentType) ?? new TextEncoder().encode(whole);
}

/** Bytes of base64, of its alphabet for URLs, too, with padding or without. Undefined: it is none. */
export function base64Bytes(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  } catch {
    return undefined;
  }
}

/** Bytes that are all here. */
export function heldSource(bytes: Uint8Array): ByteSource {
  return { bytes: bytes.length, read: (from, to) => Promise.resolve(bytes.subarray(from, to)) };
}

/**
 * Bytes of which the first are here.
 *
 * @param held The first of them.
 * @param bytes How many there are.
 */
export function pagedSource(held: Uint8Array, bytes: number, fetchBytes: FetchBytes): ByteSource {
  return {
    bytes,
    async read(from, to) {
      if (to <= held.length) return held.subarray(from, to);
      return await fetchBytes(from, Math.min(to, bytes));
    },
  };
}
