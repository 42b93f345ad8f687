/** What end-to-end tests look for in captures, and how they make bytes to send. */
import { createHash } from "node:crypto";
import type { LogRecord } from "./program.ts";
import { concat } from "./peers.ts";

/** The bytes of a body, or of a data record, as the JSON log holds them. */
export function bytesOf(body: { text?: string; base64?: string; bytes: number }): Uint8Array {
  if (body.text !== undefined) return new TextEncoder().encode(body.text);
  return Uint8Array.from(atob(body.base64 ?? ""), (letter) => letter.charCodeAt(0));
}

/** Joins the data records of one direction, and checks that their offsets leave no gap. */
export function joinData(records: readonly LogRecord[], direction: "up" | "down"): Uint8Array {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const record of records) {
    if (record.direction !== direction) continue;
    if (record.offset !== offset) throw new Error(`a record at ${record.offset}, wanted one at ${offset}`);
    const bytes = bytesOf(record);
    if (bytes.length !== record.bytes) throw new Error(`${bytes.length} bytes, said ${record.bytes}`);
    parts.push(bytes);
    offset += bytes.length;
  }
  return concat(parts);
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Pseudo-random numbers below 2^32 (mulberry32): the same for the same seed, so that a failing run repeats. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Random bytes of every value. */
export function randomBytes(length: number, next: () => number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = next();
  return new Uint8Array(words.buffer, 0, length);
}

/** Sizes of pieces, mostly small, some large, that add up to at least `total`. */
export function* pieceSizes(total: number, next: () => number): Generator<number> {
  for (let sum = 0; sum < total;) {
    const size = 1 + next() % (next() % 4 === 0 ? 200_000 : 3_000);
    yield size;
    sum += size;
  }
}

/** The value of a field of a message in a JSON record. */
export function field(message: { headers: [string, string][] }, name: string): string | undefined {
  return message.headers.find(([found]) => found.toLowerCase() === name.toLowerCase())?.[1];
}
