/**
 * Server-sent events (WHATWG HTML §9.2), read from the bytes of a response body.
 *
 * Byte by byte rather than line by line: a line may be cut anywhere and may be longer than memory should hold, and all
 * that the format cares about is ASCII.
 */
import { type Kept, KeptBytes } from "./coding/kept_bytes.ts";

/** One event that was dispatched. */
export interface ServerSentEvent {
  /** Value of the `event` field, or `message`. */
  readonly event: string;
  /** Last event ID in force, where one is set. */
  readonly lastEventId?: string;
  /** Value of the last `retry` field since the event before, in ms, where there was one. */
  readonly retry?: number;
  /** The `data` lines joined by LF, as far as they were kept. */
  readonly data: Kept;
}

/** What an {@link EventStreamReader} is told. */
export interface EventStreamReaderOptions {
  /** How many bytes of an event's data are kept at most. */
  readonly limitBytes: number;
  /** Takes each event when it is complete. */
  readonly onEvent: (event: ServerSentEvent) => void;
}

/** How much of an event name, ID or retry time is kept, in bytes: far more than any real one has. */
const MAX_VALUE_BYTES = 4096;

/** The fields that mean something, by their name. */
const FIELDS = ["data", "event", "id", "retry"] as const;

/** Longest name of them. */
const MAX_NAME_BYTES = 5;

const LF = 0x0a, CR = 0x0d, SPACE = 0x20, COLON = 0x3a;

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Where in a line the reader is. */
type Place =
  /** At the beginning of the stream, in what may be a byte order mark. */
  | "mark"
  /** In a field name, or at the beginning of a line. */
  | "name"
  /** Right after the colon, where one space is passed over. */
  | "colon"
  /** In the value. */
  | "value";

/** Reads the events of one stream. Keeps no chunk; memory is bounded by the limit. */
export class EventStreamReader {
  readonly #onEvent: (event: ServerSentEvent) => void;
  readonly #data: KeptBytes;
  readonly #value = new KeptBytes(MAX_VALUE_BYTES);
  readonly #name = new Uint8Array(MAX_NAME_BYTES);
  #nameBytes = 0;
  #markBytes = 0;
  #place: Place = "mark";
  #field: typeof FIELDS[number] | undefined;
  /** Whether the last byte was a CR, with which an LF makes one line end. */
  #afterCr = false;
  #hasData = false;
  #event = "";
  #lastEventId = "";
  #retry: number | undefined;

  /** Makes a reader for a body from its first byte on. */
  constructor({ limitBytes, onEvent }: EventStreamReaderOptions) {
    this.#data = new KeptBytes(limitBytes);
    this.#onEvent = onEvent;
  }

  /** Reads `chunk[from, to)`, however the body is cut. */
  push(chunk: Uint8Array, from = 0, to: number = chunk.length): void {
    for (let at = from; at < to;) {
      const byte = chunk[at];
      if (this.#afterCr) {
        this.#afterCr = false;
        if (byte === LF) {
          at++;
          continue;
        }
      }
      if (this.#place === "mark" && this.#readMark(byte)) {
        at++;
      } else if (byte === LF || byte === CR) {
        this.#afterCr = byte === CR;
        this.#endLine();
        at++;
      } else if (this.#place === "name") {
        if (byte === COLON) this.#beginValue();
        else if (this.#nameBytes < MAX_NAME_BYTES) this.#name[this.#nameBytes++] = byte;
        else this.#nameBytes = MAX_NAME_BYTES + 1;
        at++;
      } else if (this.#place === "colon" && byte === SPACE) {
        this.#place = "value";
        at++;
      } else {
        this.#place = "value";
        const end = lineEnd(chunk, at, to);
        if (this.#field === "data") this.#data.append(chunk, at, end);
        else if (this.#field !== undefined) this.#value.append(chunk, at, end);
        at = end;
      }
    }
  }

  /** Passes over a byte order mark; `false` where this byte belongs to the first line. */
  #readMark(byte: number): boolean {
    if (byte === BOM[this.#markBytes]) {
      if (++this.#markBytes === BOM.length) this.#place = "name";
      return true;
    }
    // The beginning of a mark that was none makes the first name one that means nothing.
    if (this.#markBytes > 0) this.#nameBytes = MAX_NAME_BYTES + 1;
    this.#place = "name";
    return false;
  }

  /** The name is complete: finds out which field it is. An empty one makes the line a comment. */
  #beginValue(): void {
    this.#place = "colon";
    this.#field = this.#knownField();
    if (this.#field !== "data") return;
    if (this.#hasData) this.#data.byte(LF);
    this.#hasData = true;
  }

  #knownField(): typeof FIELDS[number] | undefined {
    const size = this.#nameBytes;
    return FIELDS.find((field) => {
      if (field.length !== size) return false;
      for (let i = 0; i < size; i++) if (field.charCodeAt(i) !== this.#name[i]) return false;
      return true;
    });
  }

  #endLine(): void {
    if (this.#place === "name" && this.#nameBytes === 0) return this.#dispatch();
    if (this.#place === "name") this.#beginValue();
    if (this.#field === "event" || this.#field === "id" || this.#field === "retry") {
      this.#setValue(this.#field, this.#value.take().kept);
    }
    this.#field = undefined;
    this.#nameBytes = 0;
    this.#place = "name";
  }

  #setValue(field: "event" | "id" | "retry", value: Uint8Array): void {
    if (field === "event") this.#event = decoder.decode(value);
    else if (field === "id" && !value.includes(0)) this.#lastEventId = decoder.decode(value);
    else if (field === "retry" && value.length > 0 && value.every(isDigit)) {
      this.#retry = Math.min(Number(decoder.decode(value)), Number.MAX_SAFE_INTEGER);
    }
  }

  /** An empty line: gives the event, unless it has no data. */
  #dispatch(): void {
    const event = this.#event;
    this.#event = "";
    if (!this.#hasData) return;
    this.#hasData = false;
    const retry = this.#retry;
    this.#retry = undefined;
    this.#onEvent({
      event: event === "" ? "message" : event,
      ...(this.#lastEventId === "" ? {} : { lastEventId: this.#lastEventId }),
      ...(retry === undefined ? {} : { retry }),
      data: this.#data.take(),
    });
  }
}

/** Offset of the next CR or LF in `chunk[from, to)`, or `to`. */
function lineEnd(chunk: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && chunk[at] !== LF && chunk[at] !== CR) at++;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
