/**
 * Records put into the order of their beginning, in bounded memory.
 *
 * A log has exchanges in the order in which they ended. What is read ahead, up to a limit, comes out sorted by when it
 * began; a record that began before one that came out already follows at once. Of equal times
 * connections are opened first and closed last, exchanges stand before data, then the order of the file decides.
 */
import type { Body, Record } from "../capture/record.ts";

/** A record of a capture, and where it stands there. */
export interface Recorded {
  /** The record. */
  readonly record: Record;
  /** Line, or number of the entry, from 1. */
  readonly place: number;
}

/** How much is read ahead at most: so many records, or records with so many bytes of bodies. */
export const WINDOW_RECORDS = 4_096;
/** See {@link WINDOW_RECORDS}. */
export const WINDOW_BYTES: number = 64 * 1024 * 1024;

/** Above this it is asked how much of a body was kept at all. */
const LARGE_BODY_BYTES = 1024 * 1024;

/** One record that waits. */
interface Waiting {
  readonly at: number;
  readonly rank: number;
  readonly order: number;
  readonly bytes: number;
  readonly recorded: Recorded;
}

/** A heap of records, the earliest on top. */
export class OrderWindow {
  readonly #heap: Waiting[] = [];
  #bytes = 0;
  #pushed = 0;

  /** How many records wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** How full it is: 1 and more is full. */
  get fill(): number {
    return Math.max(this.#heap.length / WINDOW_RECORDS, this.#bytes / WINDOW_BYTES);
  }

  /** When the earliest began, ms since the epoch; `undefined` where none waits. */
  get nextAt(): number | undefined {
    return this.#heap.length === 0 ? undefined : this.#heap[0].at;
  }

  /** Adds a record. One without a time (`lost`) is left out. */
  push(recorded: Recorded): void {
    const { record } = recorded;
    if (record.type === "lost") return;
    const bytes = bytesOf(record);
    const heap = this.#heap;
    const added: Waiting = {
      at: record.at,
      rank: rankOf(record),
      order: this.#pushed++,
      bytes,
      recorded,
    };
    this.#bytes += bytes;
    let index = heap.length;
    heap.push(added);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(added, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = added;
  }

  /** Takes the earliest. */
  pop(): Recorded | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined) return undefined;
    const last = heap.pop()!;
    this.#bytes -= first.bytes;
    if (heap.length > 0) this.#sink(last);
    return first.recorded;
  }

  #sink(moved: Waiting): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], moved)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = moved;
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.order < b.order;
}

/** What comes first of equal times: what came behind a head, in one piece with it, is recorded before its exchange. */
function rankOf(record: Record): number {
  if (record.type === "connection") return record.event === "opened" ? 0 : 3;
  return record.type === "exchange" ? 1 : 2;
}

/** Bytes of bodies that a record holds. */
function bytesOf(record: Record): number {
  switch (record.type) {
    case "exchange":
      return held(record.request?.body) + held(record.response?.body);
    case "data":
    case "message":
      return held(record.body);
    default:
      return 0;
  }
}

/** How much of a body is there. To ask for the bytes may cost their decoding: only where they are many. */
function held(body: Body | undefined): number {
  if (body === undefined) return 0;
  return body.bytes > LARGE_BODY_BYTES ? body.kept.length : body.bytes;
}
