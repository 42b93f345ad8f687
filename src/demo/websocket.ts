/**
 * As much of the WebSocket protocol as the demo's echo needs: handshake key and frames, no extensions (RFC 6455).
 */
import { createHash } from "node:crypto";
import { concat } from "./wire.ts";

/** Appended to the client's key before hashing (RFC 6455 §1.3). */
const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Opcodes (RFC 6455 §11.8). */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame, unmasked. */
export interface Frame {
  /** Whether it is the last of its message. */
  readonly final: boolean;
  /** One of {@link OPCODE}. */
  readonly opcode: number;
  /** At most 65,535 bytes. */
  readonly payload: Uint8Array;
}

/** Why no frame could be read, as a close code: 1002 protocol error, 1009 too big (RFC 6455 §7.4.1). */
export type FrameFailure = 1002 | 1009;

/** The value of `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`. */
export function acceptKey(key: string): string {
  return createHash("sha1").update(key + HANDSHAKE_GUID).digest("base64");
}

/** The bytes of a frame with a payload of at most 65,535 bytes; `mask`, four bytes, is what a client adds. */
export function encodeFrame(frame: Frame, mask?: Uint8Array): Uint8Array {
  const { length } = frame.payload;
  const short = length < 126;
  const masked = mask === undefined ? 0 : 0x80;
  const first = (frame.final ? 0x80 : 0) | frame.opcode;
  const start = short ? [first, masked | length] : [first, masked | 126, length >> 8, length & 0xff];
  const payload = mask === undefined ? frame.payload : applyMask(frame.payload, mask);
  return concat([Uint8Array.from(start), mask ?? new Uint8Array(0), payload]);
}

/** A close frame with a status code. */
export function closeFrame(code: number): Frame {
  return { final: true, opcode: OPCODE.close, payload: Uint8Array.of(code >> 8, code & 0xff) };
}

/** What the echo answers to a frame: itself, a pong to a ping, nothing to a pong. */
export function echoOf(frame: Frame): Frame | undefined {
  if (frame.opcode === OPCODE.pong) return undefined;
  return frame.opcode === OPCODE.ping ? { ...frame, opcode: OPCODE.pong } : frame;
}

/** Reads frames from a stream of bytes. */
export class FrameReader {
  readonly #read: () => Promise<Uint8Array | undefined>;
  /** The side that masks is the client's (RFC 6455 §5.1). */
  readonly #masked: boolean;
  #held: Uint8Array = new Uint8Array(0);

  /**
   * Reads from a source of bytes.
   *
   * @param read Gives the next bytes, or `undefined` at the end.
   * @param masked Whether frames must be masked (from a client) or must not be (from a server).
   */
  constructor(read: () => Promise<Uint8Array | undefined>, masked: boolean) {
    this.#read = read;
    this.#masked = masked;
  }

  /** The next frame, why it cannot be read, or `undefined` where the stream ends. */
  async next(): Promise<Frame | FrameFailure | undefined> {
    if (!await this.#fill(2)) return undefined;
    const [first, second] = this.#held;
    const size = second & 0x7f;
    const isControl = (first & 0x08) !== 0;
    // Reserved bits and opcodes, masking the wrong way, control frames in pieces or too long (RFC 6455 §5.2, §5.5).
    if ((first & 0x70) !== 0 || (first & 0x07) > 2 || (second & 0x80) !== (this.#masked ? 0x80 : 0)) {
      return 1002;
    }
    if (isControl && (size > 125 || (first & 0x80) === 0)) return 1002;
    // Lengths of 16 bits are enough for the echo, and bound what it holds.
    if (size === 127) return 1009;
    const maskAt = size === 126 ? 4 : 2;
    const payloadAt = maskAt + (this.#masked ? 4 : 0);
    if (!await this.#fill(payloadAt)) return undefined;
    const length = size === 126 ? this.#held[2] << 8 | this.#held[3] : size;
    const end = payloadAt + length;
    if (!await this.#fill(end)) return undefined;
    const payload = this.#held.slice(payloadAt, end);
    const mask = this.#held.slice(maskAt, payloadAt);
    this.#held = this.#held.subarray(end);
    return {
      final: (first & 0x80) !== 0,
      opcode: first & 0x0f,
      payload: this.#masked ? applyMask(payload, mask) : payload,
    };
  }

  /** Holds at least `size` bytes, unless the stream ends before. */
  async #fill(size: number): Promise<boolean> {
    const pieces = [this.#held];
    let held = this.#held.length;
    while (held < size) {
      const piece = await this.#read();
      if (piece === undefined) return false;
      pieces.push(piece);
      held += piece.length;
    }
    if (pieces.length > 1) this.#held = concat(pieces);
    return true;
  }
}

/** The payload with every byte exclusive-or'd with the mask (RFC 6455 §5.3): masks and unmasks. */
function applyMask(payload: Uint8Array, mask: Uint8Array): Uint8Array {
  return payload.map((byte, at) => byte ^ mask[at & 3]);
}
