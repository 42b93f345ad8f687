/** From options to the log: filter → redaction → format → queue → stdout or file. */
import { recordFilter } from "../capture/filter/record_filter.ts";
import { createRedactor, parseRedactNames } from "../capture/redact/redact.ts";
import type { Record, Sink } from "../capture/record.ts";
import { decodeContent } from "../http/coding.ts";
import {
  type Destination,
  fileDestination,
  STDERR,
  stderrDestination,
  stdoutDestination,
} from "./destination.ts";
import type { Format } from "./format.ts";
import { createJsonFormat } from "./json.ts";
import { LogWriter } from "./log_writer.ts";
import { createShortFormat } from "./short.ts";
import { createTextFormat } from "./text.ts";

/** What is logged, how, and where to. */
export interface LogSettings {
  /** What the log looks like. */
  readonly format: "text" | "short" | "json" | "none";
  /** File to append to, {@link STDERR} for stderr; undefined: stdout. */
  readonly output?: string;
  /** Whether the human formats begin with the date, for a log that is kept; else they only tell when the day changes. */
  readonly dated: boolean;
  /** Whether to colour it. */
  readonly color: boolean;
  /** Whether XML and JSON are indented. */
  readonly pretty: boolean;
  /** Whether bodies are shown as hex dumps. */
  readonly hex: boolean;
  /** How much of each body was kept, and how much of it is decoded. */
  readonly maxBodyBytes: number;
  /** A filter expression that is known to parse; undefined: everything is logged. */
  readonly filter?: string;
  /** Names whose values are replaced; "" for the default list; undefined: nothing is replaced. */
  readonly redact?: string;
  /** Key of the tags; the same key gives the same tags in another run. */
  readonly redactKey: Uint8Array;
  /** How many bytes of it may wait to be written. */
  readonly logQueueBytes: number;
}

/** What the log needs from its surroundings. */
export interface LogSurroundings {
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
  /** The reader of stdout has gone. */
  readonly onClosed: () => void;
}

/** A log that takes records until it is closed. */
export interface Log extends Sink {
  /** How many records could not be taken. */
  readonly lost: number;
  /** Resolves when everything written so far has reached its destination, or cannot. */
  flush(): Promise<void>;
  /** Opens the file anew, after it was moved away. */
  reopen(): Promise<void>;
  /** Writes what waits, for at most so long. */
  close(timeoutMs: number): Promise<void>;
}

/**
 * Opens the log.
 *
 * @throws What opening the file throws, or an `Error` with a line for people where a redacted name cannot be read.
 */
export async function openLog(settings: LogSettings, surroundings: LogSurroundings): Promise<Log> {
  const redactor = redactorOf(settings);
  const format = formatOf(settings);
  if (format === undefined) return SILENT;
  const destination = await destinationOf(settings.output, surroundings.warn);
  const writer = new LogWriter({
    destination,
    format,
    queueLimitBytes: settings.logQueueBytes,
    ...surroundings,
  });
  const { filter, maxBodyBytes } = settings;
  const matches = filter === undefined ? undefined : recordFilter(filter, maxBodyBytes);
  let rawTold = false;
  return {
    get lost() {
      return writer.lost;
    },
    reopen: () => writer.reopen(),
    flush: () => writer.flush(),
    close: (timeoutMs) => writer.close(timeoutMs),
    write(record: Record) {
      if (matches !== undefined && !matches(record)) return;
      if (redactor === undefined) return writer.write(record);
      const redacted = redactor(record);
      if (!rawTold && redacted === record && isRaw(record)) {
        rawTold = true;
        surroundings.warn(
          "--redact finds secrets in HTTP and in text messages only: other streams are logged as they are",
        );
      }
      writer.write(redacted);
    },
  };
}

function destinationOf(
  output: string | undefined,
  tell: (text: string) => void,
): Destination | Promise<Destination> {
  if (output === undefined) return stdoutDestination();
  return output === STDERR ? stderrDestination() : fileDestination(output, tell);
}

/**
 * What replaces secrets in records; `undefined` where nothing is replaced.
 *
 * @throws An `Error` with a line for people where a name cannot be read.
 */
export function redactorOf(
  { redact, redactKey, maxBodyBytes }: Pick<LogSettings, "redact" | "redactKey" | "maxBodyBytes">,
): ((record: Record) => Record) | undefined {
  return redact === undefined ? undefined : createRedactor({
    names: parseRedactNames(redact),
    key: redactKey,
    decode: decodeContent,
    decodedLimitBytes: maxBodyBytes,
  });
}

const done = () => Promise.resolve();
const SILENT: Log = { lost: 0, write() {}, flush: done, reopen: done, close: done };

/** Whether a record shows bytes in which redaction does not look for secrets. */
function isRaw(record: Record): boolean {
  return record.type === "data" ||
    (record.type === "message" && record.protocol === "websocket" && record.opcode === "binary");
}

function formatOf(settings: LogSettings): Format | undefined {
  const { color, dated, pretty, hex, maxBodyBytes: limitBytes } = settings;
  switch (settings.format) {
    case "json":
      return createJsonFormat({ limitBytes });
    case "text":
      return createTextFormat({ color, dated, pretty, hex, limitBytes });
    case "short":
      return createShortFormat({ color, dated, limitBytes });
    case "none":
      return undefined;
  }
}
