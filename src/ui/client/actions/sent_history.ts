/**
 * What was sent from this browser, newest first: kept in the browser alone, bounded, until somebody clears it. What was
 * stored may be anything: what cannot be used is left out.
 */
import { type Draft, EMPTY_DRAFT } from "./draft.ts";

/** A request that was sent. */
export interface SentEntry {
  /** When, ms since the epoch. */
  readonly at: number;
  /** Status of the response; absent: there was none. */
  readonly status?: number;
  /** The request; bodies that are no text, and long ones, are left out. */
  readonly draft: Draft;
}

/** How many are kept. */
const MAX_ENTRIES = 30;
/** How long the text of one may be: browsers keep some 5 MB for a page. */
const MAX_CHARACTERS = 50_000;

/** The entries with a new one. */
export function withSent(entries: readonly SentEntry[], entry: SentEntry): readonly SentEntry[] {
  const { kept: _, from: __, ...draft } = entry.draft;
  const isLong = JSON.stringify(draft).length > MAX_CHARACTERS;
  const note = "Its body was not kept in this browser.";
  const lacksBody = isLong || (draft.body === "" && entry.draft.kept !== undefined);
  const stored = { ...draft, ...isLong && { body: "" }, notes: lacksBody ? [note] : [] };
  if (JSON.stringify(stored).length > MAX_CHARACTERS) return entries;
  const isOther = ({ draft }: SentEntry) => textOf(draft) !== textOf(stored);
  return [{ ...entry, draft: stored }, ...entries.filter(isOther)].slice(0, MAX_ENTRIES);
}

/** Reads what was stored. */
export function readSent(text: string | null): readonly SentEntry[] {
  let found: unknown;
  try {
    found = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  return Array.isArray(found) ? found.slice(0, MAX_ENTRIES).flatMap(readEntry) : [];
}

function readEntry(found: unknown): SentEntry[] {
  const { at, status, draft } = (found ?? {}) as { readonly [name: string]: unknown };
  if (typeof at !== "number" || typeof draft !== "object" || draft === null) return [];
  const { soap, notes, ...texts } = draft as { readonly [name: string]: unknown };
  const text = (name: keyof Draft) => {
    const value = texts[name];
    return typeof value === "string" ? value : "";
  };
  return [{
    at,
    ...typeof status === "number" && { status },
    draft: {
      ...EMPTY_DRAFT,
      method: text("method"),
      url: text("url"),
      headers: text("headers"),
      body: text("body"),
      to: text("to"),
      soapAction: text("soapAction"),
      soap: soap === "1.1" || soap === "1.2" ? soap : "",
      notes: Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [],
    },
  }];
}

/** Tells requests apart. */
function textOf({ method, url, headers, body, to, soap, soapAction }: Draft): string {
  return JSON.stringify([method, url, headers, body, to, soap, soapAction]);
}
