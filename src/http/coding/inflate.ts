/**
 * DEFLATE (RFC 1951), decoded as the input comes: content codings give all of it at once, WebSocket messages in pieces.
 *
 * Input that ends inside a code or a block header is kept (at most a block header, 569 bytes) and read again with what
 * follows, so the state between two pieces is only where a code begins.
 */
import { BlockHeader, InflateBits, type Reading } from "./inflate_header.ts";
import { DISTANCE_BASE, DISTANCE_EXTRA, SIZE_BASE, SIZE_EXTRA } from "./inflate_tables.ts";
import { MAX_CODE_BITS, NO_SYMBOL } from "./prefix_code.ts";
import { type Output, SLACK_BYTES } from "./output.ts";

/** How far an {@link Inflater} has come. */
export type InflateState =
  /** All input was read, and more is due. */
  | "input"
  /** The final block is over. */
  | "done"
  /** The output wants no more. */
  | "stopped"
  /** The input is not DEFLATE; {@link Inflater.error} says why. */
  | "broken";

/** The bit buffer is refilled below this: enough for any code with its extra bits, and it stays a small integer. */
const REFILL_BITS = 23;

const NOTHING = new Uint8Array(0);

/** Decodes one DEFLATE stream into an {@link Output}. */
export class Inflater {
  readonly #output: Output;
  readonly #origin: number;
  readonly #goesOn: boolean;
  readonly #bits = new InflateBits();
  readonly #header = new BlockHeader();
  #stage: "header" | "stored" | "codes" | "end" = "header";
  #state: InflateState = "input";
  #stored = 0;
  #error: string | undefined;

  /**
   * Makes a decoder for a stream that begins with the next piece.
   *
   * @param output Where the decoded bytes go; what it holds already is no part of this stream's history.
   * @param goesOn Whether blocks may follow the final one, from the next byte on and with the same history, as in a
   *   WebSocket message (RFC 7692 §7.2.3.4).
   */
  constructor(output: Output, goesOn = false) {
    this.#output = output;
    this.#origin = output.length;
    this.#goesOn = goesOn;
  }

  /** Why the input could not be read, in words, once the state is `broken`. */
  get error(): string | undefined {
    return this.#error;
  }

  /** How many bytes of the last piece were not used, once the state is `done`. */
  get unusedBytes(): number {
    return this.#bits.input.length - this.#bits.at + (this.#bits.bits >> 3);
  }

  /** Whether everything so far was read and the next thing due is a block header. */
  get atBlockStart(): boolean {
    return this.#state === "input" && this.#stage === "header" && this.#bits.bits === 0 &&
      this.#bits.input.length === 0;
  }

  /** Reads a piece of input, of which nothing is kept but a copy of its unread end. */
  push(piece: Uint8Array): InflateState {
    if (this.#state !== "input") return this.#state;
    const bits = this.#bits;
    const rest = bits.input;
    if (rest.length === 0) {
      bits.input = piece;
    } else {
      bits.input = new Uint8Array(rest.length + piece.length);
      bits.input.set(rest);
      bits.input.set(piece, rest.length);
    }
    bits.at = 0;
    while (this.#step());
    if (this.#state === "input") {
      bits.input = bits.at < bits.input.length ? bits.input.slice(bits.at) : NOTHING;
    } else if (this.#state !== "done") {
      bits.input = NOTHING;
    }
    return this.#state;
  }

  /** One block header or one run of data; `false` when nothing more can be done with this piece. */
  #step(): boolean {
    switch (this.#stage) {
      case "header":
        return this.#readHeader();
      case "stored":
        return this.#readStored();
      case "codes":
        return this.#readCodes();
      case "end":
        this.#bits.drop(this.#bits.bits & 7);
        if (!this.#goesOn) return this.#end("done");
        this.#stage = "header";
        return true;
    }
  }

  #end(state: InflateState): false {
    this.#state = state;
    return false;
  }

  #fail(why: string): false {
    this.#error = why;
    return this.#end("broken");
  }

  #readHeader(): boolean {
    const reading = this.#header.read(this.#bits);
    if (reading === "bad") return this.#fail("corrupt: bad block header");
    if (reading === "wait") return false;
    this.#stored = this.#header.storedBytes ?? 0;
    this.#stage = this.#header.storedBytes === undefined ? "codes" : "stored";
    return true;
  }

  #endBlock(): true {
    this.#stage = this.#header.final ? "end" : "header";
    return true;
  }

  /** Copies stored data, which begins on a byte: the 32 bits of its length leave none in the bit buffer. */
  #readStored(): boolean {
    const output = this.#output, bits = this.#bits;
    while (this.#stored > 0) {
      if (!output.room()) return this.#end("stopped");
      const free = output.buffer.length - output.length;
      const size = Math.min(this.#stored, bits.input.length - bits.at, free);
      if (size === 0) return false;
      output.buffer.set(bits.input.subarray(bits.at, bits.at + size), output.length);
      output.length += size;
      bits.at += size;
      this.#stored -= size;
    }
    return this.#endBlock();
  }

  #readCodes(): boolean {
    const reading = this.#runCodes();
    if (reading === "bad") return this.#fail("corrupt: a code or distance that cannot be");
    if (reading === "stop") return this.#end("stopped");
    if (reading === "wait") return false;
    return this.#endBlock();
  }

  /** Reads the literals and copies of a block to its end: the one loop that counts. */
  #runCodes(): Reading | "stop" {
    const bitsOf = this.#bits, input = bitsOf.input, inputEnd = input.length;
    const output = this.#output, origin = this.#origin;
    const { literals, distances } = this.#header;
    const literalsFast = literals.fast, literalsMask = literals.mask;
    const distancesFast = distances.fast, distancesMask = distances.mask;
    let hold = bitsOf.hold, bits = bitsOf.bits, at = bitsOf.at;
    let buffer = output.buffer, to = output.length, most = buffer.length - SLACK_BYTES;
    let result: Reading | "stop" | undefined;
    // Where the code begins that is being read, to come back to when the input ends inside it.
    let codeHold = hold, codeBits = bits, codeAt = at;
    while (result === undefined) {
      if (to > most) {
        output.length = to;
        if (!output.room()) {
          result = "stop";
          break;
        }
        buffer = output.buffer;
        to = output.length;
        most = buffer.length - SLACK_BYTES;
      }
      codeHold = hold;
      codeBits = bits;
      codeAt = at;
      while (bits < REFILL_BITS && at < inputEnd) {
        hold |= input[at++] << bits;
        bits += 8;
      }
      let entry = literalsFast[hold & literalsMask];
      if (entry === NO_SYMBOL) entry = literals.find(hold);
      if ((entry & 15) > bits || entry === NO_SYMBOL) {
        result = entry === NO_SYMBOL && bits >= MAX_CODE_BITS ? "bad" : "wait";
        break;
      }
      hold >>>= entry & 15;
      bits -= entry & 15;
      const symbol = entry >>> 4;
      if (symbol < 256) {
        buffer[to++] = symbol;
        continue;
      }
      if (symbol === 256) {
        result = "read";
        break;
      }
      const sizeExtra = SIZE_EXTRA[symbol - 257];
      const size = SIZE_BASE[symbol - 257] + (hold & ((1 << sizeExtra) - 1));
      if (sizeExtra > bits) {
        result = "wait";
        break;
      }
      hold >>>= sizeExtra;
      bits -= sizeExtra;
      while (bits < REFILL_BITS && at < inputEnd) {
        hold |= input[at++] << bits;
        bits += 8;
      }
      entry = distancesFast[hold & distancesMask];
      if (entry === NO_SYMBOL) entry = distances.find(hold);
      if ((entry & 15) > bits || entry === NO_SYMBOL) {
        result = entry === NO_SYMBOL && bits >= MAX_CODE_BITS ? "bad" : "wait";
        break;
      }
      hold >>>= entry & 15;
      bits -= entry & 15;
      while (bits < REFILL_BITS && at < inputEnd) {
        hold |= input[at++] << bits;
        bits += 8;
      }
      const distanceExtra = DISTANCE_EXTRA[entry >>> 4];
      const distance = DISTANCE_BASE[entry >>> 4] + (hold & ((1 << distanceExtra) - 1));
      if (distanceExtra > bits) {
        result = "wait";
        break;
      }
      hold >>>= distanceExtra;
      bits -= distanceExtra;
      // Symbols that stand for nothing have no number, which no comparison holds for.
      if (!(size <= SLACK_BYTES && distance <= to - origin)) {
        result = "bad";
        break;
      }
      for (const end = to + size; to < end; to++) buffer[to] = buffer[to - distance];
    }
    output.length = to;
    const waits = result === "wait";
    bitsOf.hold = waits ? codeHold : hold;
    bitsOf.bits = waits ? codeBits : bits;
    bitsOf.at = waits ? codeAt : at;
    return result;
  }
}
