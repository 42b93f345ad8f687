/**
 * What is told to one browser while its page is open: server-sent events (WHATWG HTML §9.2), sampled. Events are merged
 * until it can take them, so a slow browser gets fewer of them, and holds neither memory nor anybody up.
 */
import type { LiveEvent, RowView } from "./api.ts";

/** How often, in ms, a browser is told something new, at most. */
export const SAMPLE_MS = 100;
/** How many rows it is shown at once, at most … */
export const SAMPLE_ROWS = 50;
/** … and how much text they hold together, in UTF-16 units: request targets may be long. */
const SAMPLE_UNITS = 64 * 1024;
/** How often it is told that the connection stands, in ms: what is in between closes idle connections. */
export const HEARTBEAT_MS = 15_000;

/** Does something later; the returned function calls it off. */
export type SetTimer = (act: () => void, ms: number) => () => void;

/** What a browser was not told yet: at most one event of each type. */
export class LiveQueue {
  #rows: Extract<LiveEvent, { type: "rows" }> | undefined;
  #state: LiveEvent | undefined;
  #active: LiveEvent | undefined;
  #lost: LiveEvent | undefined;

  /** Whether there is nothing to tell. */
  get isEmpty(): boolean {
    return this.#rows === undefined && this.#state === undefined && this.#active === undefined &&
      this.#lost === undefined;
  }

  /** Takes an event. */
  push(event: LiveEvent): void {
    if (event.type === "state") this.#state = event;
    else if (event.type === "active") this.#active = event;
    else if (event.type === "lost") this.#lost = event;
    else {
      const added = event.added + (this.#rows?.added ?? 0);
      this.#rows = { ...event, added, rows: newestOf([event.rows, this.#rows?.rows ?? []]) };
    }
  }

  /** Gives what there is, and forgets it. */
  take(): readonly LiveEvent[] {
    const events = [this.#state, this.#rows, this.#active, this.#lost].filter((event) => event !== undefined);
    this.#rows =
      this.#state =
      this.#active =
      this.#lost =
        undefined;
    return events;
  }
}

/** The first rows of some lists, as many as one event may have; always one, where there is one. */
export function newestOf<Row extends Pick<RowView, "url" | "host" | "fault">>(
  lists: readonly (readonly Row[])[],
): readonly Row[] {
  const rows: Row[] = [];
  let units = 0;
  for (const list of lists) {
    for (const row of list) {
      units += (row.url?.length ?? 0) + (row.host?.length ?? 0) + (row.fault?.length ?? 0);
      if (rows.length === SAMPLE_ROWS || (units > SAMPLE_UNITS && rows.length > 0)) return rows;
      rows.push(row);
    }
  }
  return rows;
}

/** What a stream of events needs. */
export interface EventStreamOptions {
  /** Where events come from; the returned function ends it. */
  readonly subscribe: (listener: (event: LiveEvent) => void) => () => void;
  /** Told once when the stream is over. */
  readonly onEnd: () => void;
  /** A monotonic clock, ms. */
  readonly now: () => number;
  /** Timers. */
  readonly setTimer: SetTimer;
}

const encoder = new TextEncoder();

/** The events of one browser, as the body of a response. */
export class EventStream {
  /** The body. It ends with {@link end}, or when the browser goes. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: EventStreamOptions;
  readonly #queue = new LiveQueue();
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #unsubscribe: () => void;
  #stopTimer: () => void = () => {};
  #isWaiting = false;
  #sentAt = -Infinity;
  #hasEnded = false;

  /** Begins to listen. */
  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        // The browser tries again after a second when the connection breaks.
        controller.enqueue(encoder.encode("retry: 1000\n\n"));
      },
      pull: () => this.#plan(),
      cancel: () => this.#stop(),
    });
    this.#unsubscribe = options.subscribe((event) => {
      this.#queue.push(event);
      if (!this.#isWaiting) this.#plan();
    });
  }

  /** Ends it. */
  end(): void {
    if (this.#hasEnded) return;
    this.#controller.close();
    this.#stop();
  }

  /** Sets the timer for what is due next; it is `pull` that goes on once a slow browser has taken what it was sent. */
  #plan(): void {
    this.#stopTimer();
    this.#stopTimer = () => {};
    if (this.#hasEnded || (this.#controller.desiredSize ?? 0) <= 0) return;
    this.#isWaiting = !this.#queue.isEmpty;
    const waitMs = this.#isWaiting
      ? Math.max(0, this.#sentAt + SAMPLE_MS - this.#options.now())
      : HEARTBEAT_MS;
    this.#stopTimer = this.#options.setTimer(() => this.#send(), waitMs);
  }

  #send(): void {
    const events = this.#queue.take();
    this.#isWaiting = false;
    this.#sentAt = this.#options.now();
    const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
    this.#controller.enqueue(encoder.encode(text === "" ? ":\n\n" : text));
  }

  #stop(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stopTimer();
    this.#unsubscribe();
    this.#options.onEnd();
  }
}

/** How many browsers are told what happens at a time; a page that is open in many tabs counts often. */
const MAX_STREAMS = 64;

/** The streams of all browsers. */
export class EventStreams {
  readonly #options: Omit<EventStreamOptions, "onEnd">;
  readonly #streams = new Set<EventStream>();
  #isClosed = false;

  /** None yet. */
  constructor(options: Omit<EventStreamOptions, "onEnd">) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#streams.size;
  }

  /** Opens one; `undefined`: there are too many, or all was closed. */
  open(): EventStream | undefined {
    if (this.#isClosed || this.#streams.size >= MAX_STREAMS) return undefined;
    const stream: EventStream = new EventStream({
      ...this.#options,
      onEnd: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    return stream;
  }

  /** Ends them all; none can be opened any more. */
  close(): void {
    this.#isClosed = true;
    for (const stream of [...this.#streams]) stream.end();
  }
}
