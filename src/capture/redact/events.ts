/**
 * The data in an event stream (text/event-stream, WHATWG HTML §9.2), so that the data of each event can be scanned as
 * one text although every line of it stands behind a `data:` of its own.
 *
 * Everything else is blanked in a copy of the same length: what is found there stands at the same offset in the stream.
 */

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DATA = Uint8Array.from("data:", (char) => char.charCodeAt(0));

/** An event stream with everything but data blanked, and the range that each event takes up. */
export interface EventData {
  /** The stream, of the same length. */
  readonly blanked: Uint8Array;
  /** Offsets, in rising order. */
  readonly events: readonly (readonly [from: number, to: number])[];
}

/** Reads an event stream, the beginning or the end of which may be missing. */
export function eventData(bytes: Uint8Array): EventData {
  const blanked = bytes.slice();
  const events: [number, number][] = [];
  let event = 0;
  for (let line = 0; line < bytes.length;) {
    let end = line;
    while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end++;
    const isData = DATA.every((byte, i) => bytes[line + i] === byte);
    blanked.fill(SPACE, line, isData ? line + DATA.length : end);
    const next = end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1);
    if (end === line) {
      if (line > event) events.push([event, line]);
      event = next;
    }
    line = next;
  }
  if (event < bytes.length) events.push([event, bytes.length]);
  return { blanked, events };
}
