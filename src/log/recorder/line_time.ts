/**
 * When the record of a JSON line was complete, found by a search for bytes: reading each line as JSON would cost ten
 * times as much. It relies on the form in which the log writes its lines (../json.ts): inside JSON strings quotes are
 * escaped, so that `"time":"` and `"total":` can be names only, and a header of that name has no colon after it.
 */

const encoder = new TextEncoder();
const TIME = encoder.encode('"time":"');
const TO = encoder.encode('"to":"');
const TOTAL = encoder.encode('"total":');
/** What every line begins with; the next byte tells the kinds of record apart. */
const TYPE_AT = '{"type":"'.length;

const C = 99;
const E = 101;
const L = 108;
const ZERO = 48;
const DOT = 46;

/**
 * When a record was complete, which is when it was written: for exchanges and closed connections the time at which they
 * began and how long they took, for losses the time of the last, for others their time.
 *
 * @param bytes Holds the line.
 * @param start Where it begins.
 * @param end Where it ends, its line feed not counted.
 * @returns Whole ms since the epoch; undefined where the line does not say.
 */
export function completedAtMs(bytes: Uint8Array, start: number, end: number): number | undefined {
  const kind = bytes[start + TYPE_AT];
  const name = kind === L ? TO : TIME;
  const at = after(bytes, start, end, name);
  if (at === undefined) return undefined;
  const time = timeAt(bytes, at, end);
  if (time === undefined || (kind !== E && kind !== C)) return time;
  return Math.floor(time + totalMs(bytes, at, end));
}

/** Where the first occurrence of a name ends. */
function after(bytes: Uint8Array, start: number, end: number, name: Uint8Array): number | undefined {
  const last = end - name.length;
  for (let at = start; at <= last; at++) {
    if (bytes[at] === name[0] && isAt(bytes, at, name)) return at + name.length;
  }
  return undefined;
}

/** The time of the form `2026-11-20T10:31:06.123Z`. */
function timeAt(bytes: Uint8Array, at: number, end: number): number | undefined {
  if (at + 23 > end) return undefined;
  const two = (offset: number) => (bytes[at + offset] - ZERO) * 10 + bytes[at + offset + 1] - ZERO;
  const ms = two(20) * 10 + bytes[at + 22] - ZERO;
  const time = Date.UTC(two(0) * 100 + two(2), two(5) - 1, two(8), two(11), two(14), two(17), ms);
  return Number.isNaN(time) ? undefined : time;
}

/** The last `"total":` of the line, in ms; 0 where there is none. It stands near the end, behind all bodies. */
function totalMs(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - TOTAL.length; at >= start; at--) {
    if (bytes[at] === TOTAL[0] && isAt(bytes, at, TOTAL)) return numberAt(bytes, at + TOTAL.length, end);
  }
  return 0;
}

function numberAt(bytes: Uint8Array, start: number, end: number): number {
  let [value, at] = [0, start];
  const digit = () => at < end && bytes[at] >= ZERO && bytes[at] <= ZERO + 9;
  for (; digit(); at++) value = value * 10 + bytes[at] - ZERO;
  if (bytes[at] !== DOT) return value;
  at++;
  for (let unit = 0.1; digit(); at++, unit /= 10) value += (bytes[at] - ZERO) * unit;
  return value;
}

function isAt(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 1; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
}
