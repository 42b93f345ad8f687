/**
 * Replaces the value of `Host` in every request of a connection, so that a virtual host answers a client that was pointed
 * at another address. All other bytes go through as they came (TCPMon rewrote the first request only, and wrongly).
 *
 * A head is held back until it is whole, as the parser holds it; bodies and everything after them are passed on as views.
 */
import type { Field, RequestHead } from "./head.ts";

/** What a head becomes. */
interface Rewritten {
  /** The bytes to send instead of the head's. */
  readonly bytes: Uint8Array;
  /** The Host fields as they are sent; `undefined` where the head goes on as it came. */
  readonly fields: readonly Field[] | undefined;
}

const NOTHING = new Uint8Array(0);

/** Turns the chunks of one direction into the pieces to send instead. Fed by the request parser's events. */
export class HostRewriter {
  readonly #value: string;
  readonly #memo = new WeakMap<RequestHead, Rewritten>();
  #chunk: Uint8Array = NOTHING;
  /** Offset in the direction of the chunk's first byte, and of the first byte that was not sent on yet. */
  #base = 0;
  #sent = 0;
  #pieces: Uint8Array[] = [];

  /**
   * Begins before the first chunk.
   *
   * @param value The value that `Host` gets, for example `www.example.com:8080`.
   */
  constructor(value: string) {
    this.#value = value;
  }

  /** Takes a chunk; the parser's events for it follow. */
  begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  /**
   * The parser has found a head at these offsets of the direction.
   *
   * @returns The Host fields as they are sent on, where they were changed.
   */
  head(head: RequestHead, start: number, end: number): readonly Field[] | undefined {
    if (start < this.#sent) {
      // It came while it was open whether it is HTTP at all, and what had come of it then went on at once.
      if (end > this.#sent) this.#send(head.raw.subarray(this.#sent - start), end);
      return undefined;
    }
    this.#passUpTo(start);
    let rewritten = this.#memo.get(head);
    if (rewritten === undefined) this.#memo.set(head, rewritten = rewriteHost(head, this.#value));
    this.#send(rewritten.bytes, end);
    return rewritten.fields;
  }

  /** The parser gives up bytes that it held: they are sent as they came. */
  stream(bytes: Uint8Array, from: number, to: number, offset: number): void {
    const end = offset + to - from;
    // Bytes of the chunk at hand are passed on when it is finished.
    if (offset >= this.#base || end <= this.#sent) return;
    this.#send(bytes.subarray(from + Math.max(0, this.#sent - offset), to), end);
  }

  /**
   * All events of the chunk have come.
   *
   * @param heldBytes How many bytes at its end the parser holds as an unfinished head.
   * @returns The pieces to send, in order. They are views of the chunk: send them before the next one is read into it.
   */
  finish(heldBytes: number): Uint8Array[] {
    const end = this.#base + this.#chunk.length;
    this.#passUpTo(end - heldBytes);
    this.#base = end;
    this.#chunk = NOTHING;
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #passUpTo(offset: number): void {
    if (offset <= this.#sent) return;
    this.#send(this.#chunk.subarray(this.#sent - this.#base, offset - this.#base), offset);
  }

  #send(piece: Uint8Array, sent: number): void {
    this.#pieces.push(piece);
    this.#sent = sent;
  }
}

/** The head's bytes with the value of each Host field replaced; lines keep their ends, names their case. */
function rewriteHost(head: RequestHead, value: string): Rewritten {
  const { raw } = head;
  const asItCame: Rewritten = { bytes: raw, fields: undefined };
  const isHost = ([name]: Field) => name.length === 4 && name.toLowerCase() === "host";
  if (head.fields.every((field) => !isHost(field) || field[1] === value)) return asItCame;
  const written = new TextEncoder().encode(` ${value}`);
  const pieces: Uint8Array[] = [];
  const fields: Field[] = [];
  let copied = 0;
  let inHost = false;
  let lines: "blank" | "start" | "fields" = "blank";
  for (let at = 0; at < raw.length;) {
    const lineFeed = raw.indexOf(10, at);
    const next = lineFeed < 0 ? raw.length : lineFeed + 1;
    const end = raw[next - 2] === 13 ? next - 2 : next - 1;
    if (lines === "blank") {
      if (end > at) lines = "start";
    } else if (lines === "fields" && (raw[at] === 32 || raw[at] === 9)) {
      // A continued line: the rest of an old value goes with it.
      if (inHost) {
        pieces.push(raw.subarray(copied, at));
        copied = next;
      }
    } else {
      lines = "fields";
      const valueAt = hostValue(raw, at, end);
      inHost = valueAt > 0;
      if (inHost) {
        pieces.push(raw.subarray(copied, valueAt), written);
        copied = end;
        fields.push([hostName(raw, at), value]);
      }
    }
    at = next;
  }
  if (fields.length === 0) return asItCame;
  pieces.push(raw.subarray(copied));
  return { bytes: joined(pieces), fields };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The name of a Host field in wire case; white space may come before it. */
function hostName(raw: Uint8Array, at: number): string {
  while (raw[at] === 32 || raw[at] === 9) at++;
  return String.fromCharCode(...raw.subarray(at, at + 4));
}

/** Index behind the colon where the line from `at` to `end` is a Host field, else 0. */
function hostValue(raw: Uint8Array, at: number, end: number): number {
  while (at < end && (raw[at] === 32 || raw[at] === 9)) at++;
  for (const letter of [104, 111, 115, 116]) if ((raw[at++] | 32) !== letter) return 0;
  while (at < end && (raw[at] === 32 || raw[at] === 9)) at++;
  return at < end && raw[at] === 58 ? at + 1 : 0;
}
