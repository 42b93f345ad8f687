/**
 * The line of one direction: steps wait in order until their time has come, are done, and nothing overtakes anything.
 *
 * One loop at a time does the steps. It waits for the time of the first, or for the peer; changed rules and the end of the
 * connection wake it.
 */
import type { Connection } from "../connection.ts";
import type { Step } from "./content.ts";
import { Queue } from "./queue.ts";
import type { Schedule } from "./schedule.ts";
import type { Timers } from "./timers.ts";

/** The shortest timer takes 2 ms: a step whose time is nearer than this is done now. */
const EARLY_MS = 0.8;
/** After a direction was ended in order, the receiver has this long to see it before the connection is ended. */
const PARTING_MS = 50;

/** What a step takes up besides its bytes: many small ones are as much as a few large ones. */
const STEP_BYTES = 64;

/** A step, or the end of the direction. */
export type LineStep = Step | { readonly kind: "close" };

/** A step that waits. */
interface Waiting {
  readonly step: LineStep;
  /** When it came, ms. */
  readonly cameAt: number;
  /** How many of its bytes are sent. */
  sentBytes: number;
  /** The piece of it that goes next, if its time is known. */
  next: { readonly bytes: number; readonly at: number } | undefined;
}

/** What can be waited for. */
export type Until = "room" | "empty" | "detached";

/** Someone who waits: until there is room, until everything is done, or in vain, for the end of the connection. */
interface Waiter {
  readonly until: Until;
  resolve(): void;
  reject(error: unknown): void;
}

/** The connection was ended while bytes were on their way. */
export class LinkDetached extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name = "LinkDetached";

  /** Says what became of the bytes. */
  constructor() {
    super("the connection was ended, what was on its way is lost");
  }
}

/** Bytes on their way to a peer. */
export class Line {
  readonly #to: Connection;
  readonly #timers: Timers;
  readonly #end: () => void;
  readonly #queue = new Queue<Waiting>();
  readonly #waiters: Waiter[] = [];
  #schedule: Schedule;
  #bytes = 0;
  /** How many bytes were sent: tells pieces apart. */
  #sentBytes = 0;
  #running = false;
  #detached = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /**
   * A line with nothing on it.
   *
   * @param end Ends the connection at once.
   */
  constructor(to: Connection, schedule: Schedule, timers: Timers, end: () => void) {
    this.#to = to;
    this.#schedule = schedule;
    this.#timers = timers;
    this.#end = end;
  }

  /** How many bytes are on their way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether everything that was pushed is done. */
  get empty(): boolean {
    return this.#queue.length === 0 && this.#failure === undefined && !this.#detached;
  }

  /** Whether there is nothing left to do. */
  get idle(): boolean {
    return !this.#running && this.#queue.length === 0;
  }

  /** Whether bytes that are pushed must be kept: reading need not wait until they are sent. */
  get keeps(): boolean {
    return this.#schedule.limitBytes > 0;
  }

  /** Whether something is held without an end. */
  get held(): boolean {
    for (const { step } of this.#queue) {
      if (step.kind === "hang" && step.endAfterMs === undefined) return true;
    }
    return false;
  }

  /** New rules, also for what is on its way. Order stays. */
  change(schedule: Schedule): void {
    this.#schedule = schedule;
    const first = this.#queue.first;
    if (first !== undefined) first.next = undefined;
    this.#wake?.();
    this.#settle();
  }

  /** Lets go what faults hold that are no longer there. */
  lift(isThere: (key: string) => boolean): void {
    this.#queue.keep(({ step }) => step.kind !== "hang" || isThere(step.key));
    this.#wake?.();
  }

  /** Adds a step that came at `now`. Bytes are not copied: they must stay as they are until they are sent. */
  push(step: LineStep, now: number): void {
    if (this.#failure !== undefined || this.#detached) return;
    this.#queue.push({ step, cameAt: now, sentBytes: 0, next: undefined });
    this.#bytes += sizeOf(step);
  }

  /** Does what is due. */
  start(): void {
    if (!this.#running && this.#queue.length > 0 && !this.#detached) void this.#run();
  }

  /**
   * Waits until more may be pushed, until everything is done, or in vain.
   *
   * @throws What the peer's side failed with; {@link LinkDetached}.
   */
  wait(until: Until): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ until, resolve, reject });
      this.#settle();
    });
  }

  /** The connection has ended: drops everything, timers first; whoever waits is told. */
  detach(): void {
    this.#detached = true;
    this.#clear();
    this.#wake?.();
    this.#settle();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (let first = this.#queue.first; first !== undefined; first = this.#queue.first) {
        const next = first.next ??= this.#time(first);
        const waitMs = next.at - this.#timers.now();
        if (waitMs > EARLY_MS) {
          await this.#sleep(waitMs);
          continue;
        }
        await this.#do(first, next.bytes);
        // Meanwhile it may have been lifted, or everything dropped.
        if (this.#queue.first !== first) continue;
        first.next = undefined;
        first.sentBytes += next.bytes;
        this.#sentBytes += next.bytes;
        this.#bytes -= next.bytes;
        if (first.sentBytes === sizeOf(first.step)) this.#queue.shift();
        this.#settle();
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#clear();
    } finally {
      this.#running = false;
      this.#settle();
    }
  }

  /** The next piece of a step, and when it arrives. */
  #time({ step, cameAt, sentBytes }: Waiting): { bytes: number; at: number } {
    const schedule = this.#schedule;
    const bytes = step.kind === "bytes" ? schedule.pieceBytes(step.bytes.length - sentBytes) : 0;
    const at = schedule.arrives(schedule.leaves(bytes, cameAt), this.#sentBytes + bytes);
    return { bytes, at: step.kind === "close" ? at + (schedule.slowCloseMs ?? 0) : at };
  }

  async #do(waiting: Waiting, bytes: number): Promise<void> {
    const { step, sentBytes } = waiting;
    switch (step.kind) {
      case "bytes": {
        const end = sentBytes + bytes;
        for (let at = sentBytes; at < end && !this.#detached;) {
          at += await this.#to.write(step.bytes.subarray(at, end));
        }
        return;
      }
      case "close":
        return await this.#to.closeWrite();
      case "hang":
        return await this.#hold(waiting, step.endAfterMs);
      case "end":
        if (!step.abrupt) await this.#part();
        if (!this.#detached) this.#end();
    }
  }

  /** The direction ends, while the other one goes on for a moment. */
  async #part(): Promise<void> {
    // A receiver that is gone need not be told.
    await this.#to.closeWrite().catch(() => {});
    const endAt = this.#timers.now() + PARTING_MS;
    for (let leftMs = PARTING_MS; leftMs > EARLY_MS && !this.#detached; leftMs = endAt - this.#timers.now()) {
      await this.#sleep(leftMs);
    }
  }

  async #hold(waiting: Waiting, endAfterMs = Infinity): Promise<void> {
    const endAt = this.#timers.now() + endAfterMs;
    while (this.#queue.first === waiting) {
      const leftMs = endAt - this.#timers.now();
      if (leftMs <= EARLY_MS) {
        this.#end();
        return await this.wait("detached");
      }
      await this.#sleep(leftMs);
    }
  }

  /** Waits so long at most; woken by whatever changes. */
  async #sleep(ms: number): Promise<void> {
    let cancel: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms < Infinity) cancel = this.#timers.after(ms, resolve);
    });
    cancel?.();
    this.#wake = undefined;
  }

  get #load(): number {
    return this.#queue.length === 0 ? 0 : this.#bytes + this.#queue.length * STEP_BYTES;
  }

  #clear(): void {
    this.#queue.clear();
    this.#bytes = 0;
  }

  /** Tells those who wait for what has come about. */
  #settle(): void {
    for (const waiter of this.#waiters.splice(0)) {
      if (this.#failure !== undefined) waiter.reject(this.#failure.error);
      else if (this.#detached) waiter.reject(new LinkDetached());
      else if (waiter.until === "room" && this.#load <= this.#schedule.limitBytes) waiter.resolve();
      else if (waiter.until === "empty" && this.#queue.length === 0) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }
}

function sizeOf(step: LineStep): number {
  return step.kind === "bytes" ? step.bytes.length : 0;
}
