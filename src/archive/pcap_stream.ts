/**
 * The bytes of one direction of a TCP connection, put in order (RFC 9293 §3.4): what came twice is dropped, what came
 * early waits, within bounds. What was not captured is told as a gap.
 */

/** What comes out, in order. */
export interface StreamHandler {
  /** Bytes that follow those before. They are valid during the call unless they waited. */
  readonly bytes: (bytes: Uint8Array, at: number) => void;
  /** Bytes are missing here; what follows stands behind them. */
  readonly gap: (at: number) => void;
  /** The sender has ended. */
  readonly end: (at: number) => void;
}

/** A segment as a stream takes it. */
export interface StreamSegment {
  /** Number of its first byte. */
  readonly sequence: number;
  /** What was captured of its payload. */
  readonly payload: Uint8Array;
  /** How many bytes the payload had. */
  readonly payloadBytes: number;
  /** Whether the sender ends behind it. */
  readonly isLast: boolean;
  /** When it passed, ms since the epoch. */
  readonly at: number;
}

/** What waits for a segment that is missing: more than a receiver on an ordinary line would have. */
const WAITING_BYTES = 4 * 1024 * 1024;
const WAITING_SEGMENTS = 4096;

/** Puts one direction in order. */
export class PcapStream {
  readonly #handler: StreamHandler;
  /** Number of the byte that is next; absent: any. */
  #next: number | undefined;
  /** What came early, in the order of its numbers. */
  #waiting: StreamSegment[] = [];
  #waitingBytes = 0;
  #isOver = false;

  /** A direction of which nothing came. */
  constructor(handler: StreamHandler) {
    this.#handler = handler;
  }

  /** The number of the first byte is known. */
  begin(sequence: number): void {
    this.#next = sequence >>> 0;
  }

  /** Takes a segment, wherever it belongs. */
  push(segment: StreamSegment): void {
    if (this.#isOver || (segment.payloadBytes === 0 && !segment.isLast)) return;
    this.#next ??= segment.sequence;
    if (distance(this.#next, segment.sequence) > 0) {
      this.#wait(segment);
      if (this.#waitingBytes > WAITING_BYTES || this.#waiting.length > WAITING_SEGMENTS) this.#passGap();
      return;
    }
    this.#take(segment, this.#next);
    this.#takeWaiting();
  }

  /** Nothing more comes: what waits is told behind the gaps before it. */
  flush(): void {
    while (this.#waiting.length > 0 && !this.#isOver) this.#passGap();
  }

  #take(segment: StreamSegment, next: number): void {
    const { sequence, payload, payloadBytes, isLast, at } = segment;
    const known = distance(sequence, next);
    if (known <= payloadBytes) {
      const fresh = payload.subarray(known);
      if (fresh.length > 0) this.#handler.bytes(fresh, at);
      if (payload.length < payloadBytes && known < payloadBytes) this.#handler.gap(at);
      this.#next = (sequence + payloadBytes) >>> 0;
    }
    if (!isLast || known > payloadBytes) return;
    this.#isOver = true;
    this.#waiting = [];
    this.#handler.end(at);
  }

  #takeWaiting(): void {
    while (this.#waiting.length > 0 && this.#next !== undefined) {
      const first = this.#waiting[0];
      if (distance(this.#next, first.sequence) > 0) return;
      this.#waiting.shift();
      this.#waitingBytes -= first.payload.length;
      this.#take(first, this.#next);
    }
  }

  #wait(segment: StreamSegment): void {
    const waiting = this.#waiting;
    let at = waiting.length;
    while (at > 0 && distance(segment.sequence, waiting[at - 1].sequence) > 0) at--;
    waiting.splice(at, 0, { ...segment, payload: segment.payload.slice() });
    this.#waitingBytes += segment.payload.length;
  }

  #passGap(): void {
    const [first] = this.#waiting;
    this.#handler.gap(first.at);
    this.#next = first.sequence;
    this.#takeWaiting();
  }
}

/** How far `to` lies behind `from`; negative: before it. Numbers go round at 2^32. */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}
