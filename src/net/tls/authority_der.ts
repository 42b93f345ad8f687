/**
 * DER (ITU-T X.690 §8, §10): writing and reading values, as far as certificates with one-byte tags need it,
 * and the PEM around it (RFC 7468).
 */

/** Encoded bytes. */
export type Der = Uint8Array<ArrayBuffer>;

/** One value as it was read. */
export interface DerValue {
  /** Its identifier byte: class, constructed or not, number. */
  readonly tag: number;
  /** What is inside. */
  readonly content: Der;
  /** All of it, with tag and length. */
  readonly whole: Der;
}

/** The identifier bytes in use here. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** From this year on a time is a GeneralizedTime (RFC 5280 §4.1.2.5). */
const FIRST_GENERALIZED_YEAR = 2050;
/** Longest length field that is read: two bytes, 64 kB, far more than a certificate has. */
const MAX_LENGTH_BYTES = 2;
const PEM_LINE_LENGTH = 64;

/** A value of any tag around its parts. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Der {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 0x80
    ? [tag, length]
    : length < 0x100
    ? [tag, 0x81, length]
    : [tag, 0x82, length >> 8, length & 0xff];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A SEQUENCE of values. */
export function sequence(...parts: readonly Uint8Array[]): Der {
  return tagged(TAG.sequence, ...parts);
}

/** A positive INTEGER from its bytes, highest first. */
export function integer(bytes: Uint8Array): Der {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const magnitude = bytes.subarray(start);
  // A set first bit would make it negative.
  return magnitude[0] >= 0x80
    ? tagged(TAG.integer, Uint8Array.of(0), magnitude)
    : tagged(TAG.integer, magnitude);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Der {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tagged(TAG.oid, Uint8Array.from(bytes));
}

/** A BIT STRING of whole bytes, or one whose last bits are unused. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Der {
  return tagged(TAG.bitString, Uint8Array.of(unusedBits), bytes);
}

/** A UTF8String. */
export function utf8String(text: string): Der {
  return tagged(TAG.utf8String, new TextEncoder().encode(text));
}

/** A time in whole seconds, in the form that certificates want for its year. */
export function time(ms: number): Der {
  const date = new Date(ms);
  const digits = `${date.toISOString().replace(/\.\d+Z$/, "").replace(/[-T:]/g, "")}Z`;
  return date.getUTCFullYear() < FIRST_GENERALIZED_YEAR
    ? tagged(TAG.utcTime, new TextEncoder().encode(digits.slice(2)))
    : tagged(TAG.generalizedTime, new TextEncoder().encode(digits));
}

/**
 * Reads the values that stand one after the other.
 *
 * @throws {RangeError} where they are no DER.
 */
export function readValues(bytes: Der): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at;
    const tag = bytes[at++];
    let length = bytes[at++] ?? NaN;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > MAX_LENGTH_BYTES) throw new RangeError("no DER length");
      length = 0;
      for (let i = 0; i < count; i++) length = length * 0x100 + (bytes[at++] ?? NaN);
    }
    // A missing byte made it NaN, which is in no range.
    if (!(at + length <= bytes.length)) throw new RangeError("a value goes beyond the end");
    values.push({ tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) });
    at += length;
  }
  return values;
}

/**
 * Reads one value of a known tag, such as a SEQUENCE, and gives what stands in it.
 *
 * @throws {RangeError} where it is something else.
 */
export function readInside(value: DerValue | undefined, tag: number): DerValue[] {
  if (value?.tag !== tag) throw new RangeError("another value was expected");
  return readValues(value.content);
}

/**
 * Reads a UTCTime or a GeneralizedTime, in ms since 1970.
 *
 * @throws {RangeError} where it is none, or not in UTC.
 */
export function readTime(value: DerValue | undefined): number {
  const text = new TextDecoder().decode(value?.content);
  // Two digits of the year stand for 1950 to 2049.
  const digits = value?.tag === TAG.utcTime ? `${text < "5" ? "20" : "19"}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (match === null) throw new RangeError("no time");
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** A PEM block, with a closing line end. */
export function pemOf(label: string, bytes: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...bytes)).match(new RegExp(`.{1,${PEM_LINE_LENGTH}}`, "g")) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/**
 * The bytes of the first PEM block with a label.
 *
 * @throws {RangeError} where there is none, or it is not base64.
 */
export function readPem(label: string, pem: string): Der {
  const match = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(pem);
  if (match === null) throw new RangeError(`no PEM block ${label}`);
  try {
    return Uint8Array.from(atob(match[1]), (char) => char.charCodeAt(0));
  } catch {
    throw new RangeError(`the PEM block ${label} is not base64`);
  }
}

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
