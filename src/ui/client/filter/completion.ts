/** What a filter could go on with: keys with a line of help each, and the values of keys that have known ones. */
import { KEYS } from "../../../capture/filter/keys.ts";

/** One way to go on. */
export interface Suggestion {
  /** What is put in. */
  readonly text: string;
  /** What it means; empty where the text says it. */
  readonly help: string;
}

/** The ways to go on, and the part of the filter that each replaces. */
export interface Completion {
  /** Where the part begins, in UTF-16 units. */
  readonly from: number;
  /** Where it has ended: at the caret. */
  readonly to: number;
  /** The suggestions, best first. */
  readonly suggestions: readonly Suggestion[];
}

/** A key as the program describes it. */
export interface KeyHelp {
  /** The key as it is written before the colon. */
  readonly key: string;
  /** A line of help. */
  readonly help: string;
}

/** How many suggestions are shown. */
const SHOWN_LIMIT = 12;

/** Values that are common where there is no full list. */
const COMMON: ReadonlyMap<string, readonly string[]> = new Map([
  ["method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT"]],
  ["status", ["2xx", "3xx", "4xx", "5xx", "200", "404", "500"]],
  ["scheme", ["http", "https"]],
  ["mime", ["json", "xml", "html", "text/*", "image/*"]],
  ["response-mime", ["json", "xml", "html", "text/*", "image/*"]],
  ["request-mime", ["json", "xml", "multipart/*"]],
  ["version", ["HTTP/1.0", "HTTP/1.1"]],
  ["duration", [">100ms", ">1s"]],
  ["size", [">64k", ">1M"]],
]);

const WORDS: ReadonlyMap<string, readonly string[]> = new Map(
  KEYS.flatMap((key) => key.kind === "text" && key.words !== undefined ? [[key.name, key.words]] : []),
);

/** What stands before the caret: a key with its colon and values, or the beginning of a word. */
const BEFORE_CARET =
  /(?:^|[\s(|])-*(?:([\p{L}_][\p{L}\p{N}_-]*):(?:[^\s|()",]*,)*([^\s|()",]*)|([\p{L}_-]*))$/u;

/**
 * The ways to go on at the caret.
 *
 * @param source The filter.
 * @param caret Where the caret stands, in UTF-16 units.
 * @param keys The keys.
 * @returns `undefined`: there are none.
 */
export function complete(source: string, caret: number, keys: readonly KeyHelp[]): Completion | undefined {
  const found = BEFORE_CARET.exec(source.slice(0, caret));
  if (found === null) return undefined;
  const [, key, value, word] = found;
  if (key !== undefined) {
    const name = key.toLowerCase();
    const values = (WORDS.get(name) ?? COMMON.get(name) ?? []).map((text) => ({ text, help: "" }));
    return completion(caret, value, values);
  }
  const written = word.replace(/^-+/, "");
  const wanted = keys.map(({ key, help }) => ({ text: `${key}:`, help }));
  return completion(caret, written, wanted);
}

function completion(
  caret: number,
  written: string,
  all: readonly Suggestion[],
): Completion | undefined {
  const start = written.toLowerCase();
  const begins = all.filter(({ text }) => text.toLowerCase().startsWith(start));
  const holds = start.length < 2 ? [] : all.filter(({ text }) => text.toLowerCase().indexOf(start) > 0);
  const suggestions = [...begins, ...holds].slice(0, SHOWN_LIMIT);
  if (suggestions.length === 0 || (suggestions.length === 1 && suggestions[0].text === written)) {
    return undefined;
  }
  return { from: caret - written.length, to: caret, suggestions };
}

/** The filter with a suggestion put in, and where the caret is then. */
export function withSuggestion(
  source: string,
  { from, to }: Completion,
  text: string,
): { readonly source: string; readonly caret: number } {
  // A word that goes on behind the caret is replaced as a whole.
  const rest = source.slice(to).replace(/^[\p{L}\p{N}_-]*:?/u, "");
  const space = text.endsWith(":") || rest.startsWith(" ") ? "" : " ";
  const before = source.slice(0, from) + text + space;
  return { source: before + rest, caret: before.length };
}
