/**
 * Event streams (text/event-stream, WHATWG HTML §9.2): the data of each event, so that it can be scanned as one text
 * although every line of it stands behind a `data:` of its own; and the names and ids of events with their secrets
 * replaced.
 */
import { isListed } from "./names.ts";
import { type Rules, SECRET_LIMIT } from "./scan.ts";
import { redactShortText } from "./short_text.ts";
import { joined } from "../../http/joined.ts";
import { startsWith } from "./runs.ts";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const DATA = ascii("data:");
const EVENT = ascii("event:");
const ID = ascii("id:");

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** An event stream with everything but data blanked, and the range that each event takes up. */
export interface EventData {
  /** The stream, of the same length. */
  readonly blanked: Uint8Array;
  /** Offsets, in rising order. */
  readonly events: readonly (readonly [from: number, to: number])[];
}

/**
 * Reads an event stream, the beginning or the end of which may be missing. All but data is blanked in a copy of the same
 * length: what is found there stands at the same offset in the stream.
 */
export function eventData(bytes: Uint8Array): EventData {
  const blanked = bytes.slice();
  const events: [number, number][] = [];
  let event = 0;
  for (const { from, end, next } of lines(bytes)) {
    blanked.fill(SPACE, from, startsWith(bytes, from, end, DATA) ? from + DATA.length : end);
    if (end !== from) continue;
    if (from > event) events.push([event, from]);
    event = next;
  }
  if (event < bytes.length) events.push([event, bytes.length]);
  return { blanked, events };
}

/**
 * An event stream with the secrets in names and ids of events replaced; the same array where none was found. Past
 * {@link SECRET_LIMIT} such lines the rest is one secret.
 */
export function redactEventLines(bytes: Uint8Array, rules: Rules): Uint8Array {
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const { from, end } of lines(bytes)) {
    const field = [EVENT, ID].find((name) => startsWith(bytes, from, end, name));
    if (field === undefined) continue;
    const value = from + field.length + (bytes[from + field.length] === SPACE ? 1 : 0);
    const text = decoder.decode(bytes.subarray(value, end));
    const redacted = field === ID ? redactEventId(text, rules) : redactShortText(text, rules);
    if (redacted === text) continue;
    parts.push(bytes.subarray(done, value), encoder.encode(redacted));
    done = end;
    if (parts.length < 2 * SECRET_LIMIT || done === bytes.length) continue;
    return joined([...parts, encoder.encode(rules.tagger.tag(bytes.subarray(done)))]);
  }
  return parts.length === 0 ? bytes : joined([...parts, bytes.subarray(done)]);
}

/** The id of an event: one secret where `Last-Event-ID`, which sends it back, is listed; else read as text. */
export function redactEventId(id: string, rules: Rules): string {
  if (isListed(rules.names, "last-event-id")) return rules.tagger.text(id) ?? id;
  return redactShortText(id, rules);
}

/** The lines of a stream: where each begins, where its text ends, and where the next one begins. */
function* lines(bytes: Uint8Array): Generator<{ from: number; end: number; next: number }> {
  for (let from = 0; from < bytes.length;) {
    let end = from;
    while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end++;
    const next = end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1);
    yield { from, end, next };
    from = next;
  }
}
