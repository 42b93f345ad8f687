/**
 * Conversations that have something to write, in the order of time: a binary heap.
 *
 * A log tells of an exchange when it is over, so packets wait here until so much waits that the oldest must go. What
 * comes later than that is still right within its conversation.
 */
import type { ByteWriter } from "../log/byte_writer.ts";
import type { Conversation } from "./pcapng_conversation.ts";

interface Entry {
  readonly conversation: Conversation;
  at: number;
  order: number;
  index: number;
}

/** The conversations that wait. */
export class PcapngWindow {
  readonly #heap: Entry[] = [];
  readonly #entries = new Map<Conversation, Entry>();
  #bytes = 0;

  /** Something came for a conversation, which takes so much memory until it is written. */
  add(conversation: Conversation, bytes: number): void {
    this.#bytes += bytes;
    const { at, order } = conversation.due;
    let entry = this.#entries.get(conversation);
    if (entry === undefined) {
      entry = { conversation, at, order, index: this.#heap.length };
      this.#entries.set(conversation, entry);
      this.#heap.push(entry);
    }
    entry.at = at;
    entry.order = order;
    // What came may stand before what waited, or hold it up.
    this.#up(entry);
    this.#down(entry);
  }

  /** Writes the oldest packets until no more than so many bytes wait; with 0, all. */
  drain(limitBytes: number, out: ByteWriter): void {
    while (this.#heap.length > 0 && (this.#bytes > limitBytes || limitBytes === 0)) {
      const entry = this.#heap[0];
      this.#bytes -= entry.conversation.step(out);
      if (entry.conversation.isDrained) {
        this.#remove(entry);
        continue;
      }
      const { at, order } = entry.conversation.due;
      entry.at = at;
      entry.order = order;
      this.#down(entry);
    }
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.conversation);
    const last = this.#heap.pop()!;
    if (last === entry) return;
    this.#place(last, 0);
    this.#down(last);
  }

  #place(entry: Entry, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }

  #up(entry: Entry): void {
    let index = entry.index;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1];
      if (!isBefore(entry, parent)) break;
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    this.#place(entry, index);
  }

  #down(entry: Entry): void {
    const heap = this.#heap;
    let index = entry.index;
    while (true) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], entry)) break;
      this.#place(heap[child], index);
      index = child;
    }
    this.#place(entry, index);
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
