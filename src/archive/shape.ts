/** Checks of values that came out of a file: each gives the value in its type, or says what was found and wanted. */

/** An object whose fields are not known yet. */
export type Fields = { readonly [name: string]: unknown };

/** How much of a wrong value is shown. */
const SHOWN_CHARACTERS = 40;

/** What must not reach a terminal raw: controls, line separators, bidirectional controls. */
const UNSHOWN =
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/g;

/** A value that is not what it must be; `message` says what was found and what was wanted. Never leaves this folder. */
export class Wrong extends Error {}

/**
 * Refuses a value.
 *
 * @param name Where it stands, for example `response.status`.
 * @param wanted What should stand there, for example `a number from 0 to 999`.
 * @throws {Wrong} always.
 */
export function refuse(value: unknown, name: string, wanted: string): never {
  const found = value === undefined ? `no "${name}"` : `"${name}" ${shown(value)}`;
  throw new Wrong(`found ${found}, wanted ${wanted}`);
}

/** A value as it is shown in a message: on one line, short, nothing in it that drives a terminal. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "[…]";
  if (typeof value === "object" && value !== null) return "{…}";
  if (typeof value !== "string") return String(value);
  const short = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  return JSON.stringify(short).replace(UNSHOWN, escapeOf);
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A string. */
export function text(value: unknown, name: string): string {
  return typeof value === "string" ? value : refuse(value, name, "a text");
}

/** A string, or nothing. */
export function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined || typeof value === "string" ? value : refuse(value, name, "a text");
}

/** A whole number from 0 to `most`. */
export function count(value: unknown, name: string, most: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  return refuse(value, name, `a whole number from 0${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ""}`);
}

/** A whole number from 0, or nothing. */
export function optionalCount(value: unknown, name: string, most?: number): number | undefined {
  return value === undefined ? undefined : count(value, name, most);
}

/** Thirty years: beyond, µs are no longer exact. */
const LONGEST_MS = 1e12;

/** Whether a value is a duration in ms. */
export function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= LONGEST_MS;
}

/** A duration in ms. */
export function duration(value: unknown, name: string): number {
  return isDuration(value) ? value : refuse(value, name, `a duration in ms, from 0 to ${LONGEST_MS}`);
}

/** A duration in ms, or nothing. */
export function optionalDuration(value: unknown, name: string): number | undefined {
  return value === undefined ? undefined : duration(value, name);
}

/** An object. */
export function fields(value: unknown, name: string): Fields {
  return isFields(value) ? value : refuse(value, name, "an object { … }");
}

/** Whether a value is an object, and neither `null` nor an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An array. */
export function list(value: unknown, name: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(value, name, "an array [ … ]");
}

/** One of the names. */
export function oneOf<Name extends string>(value: unknown, name: string, names: readonly Name[]): Name {
  const found = names.indexOf(value as Name);
  return found >= 0 ? names[found] : refuse(value, name, `one of ${names.join(", ")}`);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Bytes in base64 (RFC 4648 §4), still as text. */
export function base64(value: unknown, name: string): string {
  if (typeof value === "string" && value.length % 4 === 0 && BASE64.test(value)) return value;
  return refuse(value, name, "bytes in base64");
}
