/**
 * A record as a row of the history: what tables show of it and filters ask of it, in the units of the
 * filter language.
 */
import { NUMBERS } from "../capture/filter/subject.ts";
import type { NumberKey } from "../capture/filter/keys.ts";
import type { Record } from "../capture/record.ts";
import { type SqlValue, textOf } from "./shape.ts";

/** The number keys that a row has itself, and their columns. */
export const NUMBER_COLUMNS = {
  "time": "at",
  "id": "exchange",
  "size": "size",
  "request-size": "request_size",
  "duration": "duration",
  "connect": "connect",
  "handshake": "handshake",
  "send": "send",
  "wait": "wait",
  "receive": "receive",
  "relay": "relay",
} as const satisfies { readonly [key in NumberKey]?: string };

/** A number key that a row has itself. */
export type RowNumber = keyof typeof NUMBER_COLUMNS;

/** Their order in a row. */
export const ROW_NUMBERS = Object.keys(NUMBER_COLUMNS) as readonly RowNumber[];

const READERS = ROW_NUMBERS.map((key) => NUMBERS[key]);

/** The numbers of a record, in the order of {@link ROW_NUMBERS}. */
export function numbersOf(record: Record): (number | null)[] {
  if (record.type === "lost") {
    return ROW_NUMBERS.map((key) => key === "time" ? Math.floor(record.from) : null);
  }
  return READERS.map((read) => read(record) ?? null);
}

/**
 * Path and query in lower case, as filters compare them; the request target where it is more than these
 * two.
 */
export function placeOf(record: Record): readonly [path: SqlValue, query: SqlValue, url: SqlValue] {
  if (record.type !== "exchange" || record.request === undefined) return [null, null, null];
  const { target } = record.request.head;
  const path = lower(textOf(record, "path"));
  const query = lower(textOf(record, "query"));
  return [path, query, urlOf(path, query) === target ? null : target];
}

/** SQLite's text functions end at a NUL. */
function lower(text: string | null): string | null {
  return text === null ? null : text.toLowerCase().replaceAll("\0", "\ufffd");
}

/** A request target in origin-form. */
export function urlOf(path: SqlValue, query: SqlValue): string | null {
  return path === null ? null : query === null ? `${path}` : `${path}?${query}`;
}
