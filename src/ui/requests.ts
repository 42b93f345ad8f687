/** What a request of the page says, checked: nothing is guessed, and an unknown word is an error, not ignored. */
import type { RemoveRequest } from "./api.ts";
import { RUN_PARAMETER } from "./run_name.ts";

/** Statuses of what the lock let in and yet cannot be done. */
export type RefusedStatus = 400 | 404 | 409 | 413 | 503;

/** A request that cannot be done. The message is one line for people. */
export class Refused extends Error {
  /** The name of the class. */
  override readonly name = "Refused";
  /** Status of the response. */
  readonly status: RefusedStatus;
  /** Which setting cannot be used, where it is one. */
  readonly field?: string;

  /** Refuses. */
  constructor(status: RefusedStatus, message: string, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/**
 * Reads the numbers of a query string: whole, from 0. Which run it means was looked at before.
 *
 * @param queries Names and their values.
 * @param numbers Names of numbers, each given once at most.
 * @param others Names of what else there may be.
 * @throws {Refused} 400, where something else is given.
 */
export function readQuery<Name extends string>(
  queries: { readonly [name: string]: readonly string[] },
  numbers: readonly Name[],
  others: readonly string[] = [],
): { readonly [name in Name]?: number } {
  const found: { [name in Name]?: number } = {};
  const known: readonly string[] = [...numbers, ...others];
  for (const [name, values] of Object.entries(queries)) {
    if (name === RUN_PARAMETER) continue;
    if (!known.includes(name)) {
      const wanted = known.length === 0 ? "none" : known.join(", ");
      throw new Refused(400, `found the parameter ${JSON.stringify(name)}, wanted ${wanted}`);
    }
    if (values.length > 1) throw new Refused(400, `found ${name} ${values.length} times, wanted it once`);
    if (others.includes(name)) continue;
    const number = /^[0-9]{1,16}$/.test(values[0]) ? Number(values[0]) : NaN;
    if (!Number.isSafeInteger(number)) {
      throw new Refused(400, `found ${name}=${JSON.stringify(values[0])}, wanted a whole number from 0`);
    }
    found[name as Name] = number;
  }
  return found;
}

/**
 * Reads which rows to remove.
 *
 * @throws {Refused} 400, where it does not say.
 */
export function readRemoval(text: string): RemoveRequest {
  const { rows } = hasOnly(text, ["rows"]);
  if (rows === undefined) return {};
  if (Array.isArray(rows) && rows.every((row) => Number.isSafeInteger(row) && row >= 0)) return { rows };
  throw new Refused(400, 'wanted "rows" to be a list of row numbers; leave it out to remove all');
}

/**
 * Reads a JSON object that has no other keys than these.
 *
 * @throws {Refused} 400, where it is none.
 */
export function hasOnly(text: string, keys: readonly string[]): { readonly [key: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused(400, "the body of the request is no JSON: wanted an object, such as {}");
  }
  const object = objectOf(value);
  if (object === undefined) {
    throw new Refused(400, "wanted an object as the body of the request, such as {}");
  }
  const unknown = Object.keys(object).find((key) => !keys.includes(key));
  if (unknown === undefined) return object;
  const wanted = keys.length === 0 ? "none" : keys.join(", ");
  throw new Refused(400, `found the key ${JSON.stringify(unknown)} in the body, wanted ${wanted}`);
}

/** A value of JSON as the object that it is; `undefined`: it is none. */
export function objectOf(value: unknown): { readonly [key: string]: unknown } | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? value as { readonly [key: string]: unknown } : undefined;
}

/**
 * The body of a request, which may be longer than it says.
 *
 * @throws {Refused} 413, where it is longer than so many bytes.
 */
export async function readText(request: Request, limitBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const piece of request.body ?? []) {
    bytes += piece.length;
    if (bytes > limitBytes) {
      throw new Refused(413, `the body of a request is at most ${limitBytes} bytes long`);
    }
    parts.push(decoder.decode(piece, { stream: true }));
  }
  return parts.join("") + decoder.decode();
}
