/**
 * The durations of an exchange as JSON. They are most of what differs from one small exchange to the next, so they are
 * put into the buffer digit by digit after one reservation.
 */
import type { Timings } from "../capture/record.ts";
import type { ByteWriter } from "./byte_writer.ts";

/** Room for seven names and seven durations: more than the longest form needs. */
const LONGEST_BYTES = 256;

const DOT = 0x2e;
const COMMA = 0x2c;
const ZERO = 0x30;

/** Appends `,"ms":{…` without the brace that closes it. Durations in ms, rounded to µs; negative ones count as 0. */
export function writeTimings(out: ByteWriter, ms: Timings): void {
  const buffer = out.reserve(LONGEST_BYTES);
  const start = out.length;
  let at = putAscii(buffer, start, ',"ms":{');
  if (ms.connect !== undefined) at = putTiming(buffer, at, '"connect":', ms.connect);
  if (ms.tls !== undefined) at = putTiming(buffer, at, '"tls":', ms.tls);
  if (ms.send !== undefined) at = putTiming(buffer, at, '"send":', ms.send);
  if (ms.wait !== undefined) at = putTiming(buffer, at, '"wait":', ms.wait);
  if (ms.receive !== undefined) at = putTiming(buffer, at, '"receive":', ms.receive);
  at = putMilliseconds(buffer, putAscii(buffer, at, '"total":'), ms.total);
  if (ms.relay !== undefined) at = putMilliseconds(buffer, putAscii(buffer, at, ',"relay":'), ms.relay);
  out.advance(at - start);
}

/** Puts a name, a duration and a comma; where it ended, as all of these. */
function putTiming(buffer: Uint8Array, at: number, label: string, ms: number): number {
  const end = putMilliseconds(buffer, putAscii(buffer, at, label), ms);
  buffer[end] = COMMA;
  return end + 1;
}

function putAscii(buffer: Uint8Array, at: number, source: string): number {
  for (let i = 0; i < source.length; i++) buffer[at + i] = source.charCodeAt(i);
  return at + source.length;
}

/** Puts a duration without trailing zeros: `1.2`, `0.061`, `15`. */
function putMilliseconds(buffer: Uint8Array, at: number, ms: number): number {
  const micros = ms > 0 ? Math.round(ms * 1000) : 0;
  if (micros >= 1e6) return putAscii(buffer, at, String(Math.min(micros, Number.MAX_SAFE_INTEGER) / 1000));
  const whole = (micros / 1000) | 0;
  at = putShort(buffer, at, whole);
  let rest = micros - whole * 1000;
  if (rest === 0) return at;
  buffer[at++] = DOT;
  for (let unit = 100; rest > 0; unit = unit === 100 ? 10 : 1) {
    const digit = (rest / unit) | 0;
    buffer[at++] = ZERO + digit;
    rest -= digit * unit;
  }
  return at;
}

/** Puts a number from 0 to 999. */
function putShort(buffer: Uint8Array, at: number, value: number): number {
  const hundreds = (value / 100) | 0;
  const tens = (value / 10) | 0;
  if (value >= 100) buffer[at++] = ZERO + hundreds;
  if (value >= 10) buffer[at++] = ZERO + tens - hundreds * 10;
  buffer[at++] = ZERO + value - tens * 10;
  return at;
}
