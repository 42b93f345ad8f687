/**
 * The sending side of one direction of a relayed connection, with a link in between. Where the link does nothing in this
 * direction of this connection, writing costs one look at a field.
 */
import type { Direction } from "../../capture/record.ts";
import type { Connection, Outlet } from "../connection.ts";
import { chooseFaults, type Subject } from "./choose.ts";
import { Content, type Struck } from "./content.ts";
import { Line } from "./line.ts";
import type { DirectionRules } from "./rules.ts";
import { Schedule } from "./schedule.ts";
import type { Timers } from "./timers.ts";

/** What an outlet needs from its surroundings. */
export interface OutletContext {
  /** Number of the connection. */
  readonly connectionId: number;
  /** Which way it sends. */
  readonly direction: Direction;
  /** The receiver. */
  readonly to: Connection;
  /** Where times come from. */
  readonly timers: Timers;
  /** Told of each fault as it strikes. */
  note(struck: Struck, seed: number): void;
  /** Ends the connection at once. */
  end(): void;
  /** Told when {@link LinkedOutlet.closing} or {@link LinkedOutlet.over} may have become true. */
  over(): void;
  /** How many bytes were sent before the link did anything. */
  sentBefore(): number;
}

/** A link that does something. */
interface Working {
  readonly content: Content;
  readonly line: Line;
}

/** One direction. */
export class LinkedOutlet implements Outlet {
  readonly #context: OutletContext;
  readonly #to: Connection;
  /** Everything of a link that does something; `undefined` while it does nothing. */
  #link: Working | undefined;
  #rulesKey = "";
  #seed = 0;
  #slowCloseMs: number | undefined;
  #sliced: "not yet" | "told" | "no" = "no";
  /** Whether nothing is asked for any more: the link goes when the line is empty. */
  #fading = false;
  #detached = false;
  #closing = false;
  #closed = false;

  /** An outlet that sends bytes on as they come, until {@link change}. */
  constructor(context: OutletContext) {
    this.#context = context;
    this.#to = context.to;
  }

  /** How many bytes are on their way. */
  get queuedBytes(): number {
    return this.#link?.line.bytes ?? 0;
  }

  /** Whether the sender has ended. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Whether the sender has ended, and everything is sent, or held for ever. */
  get over(): boolean {
    return this.#closed || (this.#closing && this.held);
  }

  /** What was taken is still on its way: resolves when all of it is sent. `undefined`: nothing is. */
  delivered(): Promise<void> | undefined {
    const line = this.#link?.line;
    return line === undefined || line.empty ? undefined : handled(line.wait("empty"));
  }

  /** Whether a fault holds the direction without an end. */
  get held(): boolean {
    return this.#link?.line.held ?? false;
  }

  /** From now on these rules. */
  change(rules: DirectionRules, seed: number): void {
    const key = JSON.stringify([rules, seed]);
    if (key === this.#rulesKey || this.#detached) return;
    this.#rulesKey = key;
    const { connectionId, direction, timers } = this.#context;
    const subject: Subject = { seed, connectionId };
    const faults = chooseFaults(rules, subject, direction);
    const schedule = new Schedule(rules, subject, direction, timers.now());
    this.#slowCloseMs = schedule.slowCloseMs;
    this.#sliced = schedule.slices ? this.#sliced === "told" ? "told" : "not yet" : "no";
    this.#fading = faults.length === 0 && schedule.plain;
    if (this.#link === undefined) {
      if (this.#fading) return;
      const note = (struck: Struck) => this.#context.note(struck, this.#seed);
      this.#link = {
        content: new Content(this.#context.sentBefore(), note),
        line: new Line(this.#to, schedule, timers, () => this.#context.end()),
      };
    } else {
      this.#link.line.change(schedule);
    }
    this.#link.content.change(faults);
    this.#seed = seed;
    this.#link.line.lift((key) => faults.some((fault) => fault.key === key));
    this.#fade();
  }

  /** See {@link Outlet.write}. */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#link === undefined) return this.#to.write(bytes);
    return handled(this.#write(this.#link, bytes));
  }

  /** See {@link Outlet.closeWrite}. */
  closeWrite(): Promise<void> {
    return handled(this.#closeWrite(this.#link));
  }

  /** The connection is over: timers stop, whoever waits is rejected, and what was not told yet is told. */
  detach(): void {
    if (this.#detached) return;
    this.#detached = true;
    this.#link?.content.finish();
    this.#link?.line.detach();
  }

  async #write({ content, line }: Working, bytes: Uint8Array): Promise<number> {
    // What is not waited for must be kept: its owner reads over it.
    const keeps = line.keeps;
    if (content.ended === undefined && bytes.length > 0) {
      const now = this.#context.timers.now();
      if (this.#sliced === "not yet") {
        this.#sliced = "told";
        this.#context.note({ fault: "slicer", offset: content.offset }, this.#seed);
      }
      let hangs = false;
      content.pass(keeps ? bytes.slice() : bytes, (step) => {
        hangs ||= step.kind === "hang";
        line.push(step, now);
      });
      line.start();
      if (hangs) this.#context.over();
    }
    // After an abrupt end the sender is left to itself, after one in order it may finish.
    await line.wait(content.ended === "abruptly" ? "detached" : keeps ? "room" : "empty");
    this.#fade();
    return bytes.length;
  }

  async #closeWrite(link: Working | undefined): Promise<void> {
    this.#closing = true;
    if (link === undefined) await this.#to.closeWrite();
    else await this.#closeLink(link);
    this.#closed = true;
    this.#context.over();
  }

  async #closeLink({ content, line }: Working): Promise<void> {
    content.finish();
    if (content.ended === undefined) {
      if (this.#slowCloseMs !== undefined) {
        this.#context.note({ fault: "slow-close", offset: content.offset }, this.#seed);
      }
      line.push({ kind: "close" }, this.#context.timers.now());
      line.start();
    }
    this.#context.over();
    await line.wait(content.ended === "abruptly" ? "detached" : "empty");
  }

  #fade(): void {
    if (this.#fading && this.#link?.line.idle && this.#link.content.ended === undefined) {
      this.#link = undefined;
    }
  }
}

/** The promise, whose failure whoever awaits it sees, and which is no error where nobody does. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
