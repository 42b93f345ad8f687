/**
 * Records of captures on their way into the history: no faster than they are stored, so that none is lost and none are
 * held.
 */
import type { ExchangeRecord, Record, RequestMessage, ResponseMessage } from "../capture/record.ts";
import { fieldValue } from "../http/head.ts";
import { NoAnswerError, within } from "../net/dial.ts";
import { Refused } from "../ui/requests.ts";
import { isShown } from "./history_rows.ts";

/** The history, alone of all that takes records. */
export interface HistoryIntake {
  /** Takes one record. It never throws and never waits. */
  write(record: Record): void;
  /** Resolves when what was taken so far is stored, or cannot be. */
  flush(): Promise<void>;
  /** How many records could not be taken. */
  readonly lost: number;
}

/** The largest numbers that were given so far. */
export interface LastIds {
  /** Of an exchange. */
  exchange: number;
  /** Of a connection. */
  connection: number;
}

/** What taking records needs from its surroundings. */
export interface IntakeSettings {
  /** Where the records go. */
  readonly history: HistoryIntake;
  /** Raised to the numbers of the records, so that what is sent later is numbered behind them; absent: it is not. */
  readonly ids?: LastIds;
  /** How much of a coded body is decoded, in bytes. */
  readonly maxBodyBytes: number;
  /** How many bytes may wait to be stored; absent: as many as usual. */
  readonly logQueueBytes?: number;
}

/** The history's queue, and how much of it is taken before it is waited for what is stored: traffic needs it, too. */
const QUEUE_BYTES = 64 * 1024 * 1024;
const SHARE = 0.25;
/** How long it may take to store that much. */
const STORE_MS = 60_000;
/** About what a record takes besides its bodies, which are longer as text of JSON. */
const RECORD_BYTES = 500;
const FACTOR = 1.4;
/** Numbers above are not gone on from: counting up from there would soon be wrong. */
const LAST_ID = 2 ** 48;

/** Takes records, and waits for the history again and again. */
export class Intake {
  readonly #settings: IntakeSettings;
  readonly #signal: AbortSignal;
  readonly #limitBytes: number;
  #records = 0;
  #rows = 0;
  #bytes = 0;

  /**
   * Has taken nothing yet.
   *
   * @param signal Ends the waiting.
   */
  constructor(settings: IntakeSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
    this.#limitBytes = SHARE * (settings.logQueueBytes ?? QUEUE_BYTES);
  }

  /** How many records were taken. */
  get records(): number {
    return this.#records;
  }

  /** How many of them are rows of the viewer's table. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Takes one record.
   *
   * @throws {Refused} as {@link flush}.
   */
  async take(record: Record): Promise<void> {
    const { history, ids, maxBodyBytes } = this.#settings;
    if (ids !== undefined) raise(ids, record);
    history.write(record);
    this.#records++;
    if (isShown(record)) this.#rows++;
    this.#bytes += sizeOf(record, maxBodyBytes);
    if (this.#bytes >= this.#limitBytes) await this.flush();
  }

  /**
   * Waits until all of it is stored.
   *
   * @throws {Refused} 503, where that takes too long, or it was ended.
   */
  async flush(): Promise<void> {
    this.#bytes = 0;
    try {
      await within(STORE_MS, this.#signal, (signal) => unless(signal, this.#settings.history.flush()));
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      const since = `has not stored anything for ${STORE_MS / 1000} s`;
      const taken = `${this.#records} records were taken`;
      throw new Refused(503, `the history ${since}: it does not keep up, or its disk is full; ${taken}`);
    }
  }
}

/** About how long the line of a record is at most, in bytes. */
function sizeOf(record: Record, maxBodyBytes: number): number {
  switch (record.type) {
    case "exchange":
      return RECORD_BYTES + headsSize(record) + messageSize(record.request, maxBodyBytes) +
        messageSize(record.response, maxBodyBytes);
    case "data":
    case "message":
      return RECORD_BYTES + FACTOR * record.body.kept.length;
    case "connection":
    case "lost":
      return RECORD_BYTES;
  }
}

function headsSize({ request, response, interim }: ExchangeRecord): number {
  let bytes = request === undefined ? 0 : FACTOR * request.head.target.length;
  for (const head of [request?.head, response?.head, ...interim]) {
    for (const [name, value] of head?.fields ?? []) bytes += FACTOR * (name.length + value.length);
  }
  return bytes;
}

/** A coded body is stored decoded, too, and nobody knows how long that is. */
function messageSize(message: RequestMessage | ResponseMessage | undefined, maxBodyBytes: number): number {
  if (message === undefined || message.body.kept.length === 0) return 0;
  const isCoded = fieldValue(message.head.fields, "content-encoding") !== undefined;
  return FACTOR * (message.body.kept.length + (isCoded ? maxBodyBytes : 0));
}

function raise(ids: LastIds, record: Record): void {
  if (record.type === "lost") return;
  if (record.type === "exchange" && record.id <= LAST_ID) ids.exchange = Math.max(ids.exchange, record.id);
  const { id } = record.connection;
  if (id <= LAST_ID) ids.connection = Math.max(ids.connection, id);
}

/**
 * What comes of something, unless the signal comes before.
 *
 * @throws {Refused} 503, where it does.
 */
export async function unless<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(new Refused(503, "it was ended: tcpmon stops"));
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
