/** An address of the viewer, and how it answers: what groups of addresses are made of. */
import { readText, Refused } from "./requests.ts";
import { MAX_REQUEST_BYTES } from "./access.ts";

/** One address. What it throws is for the application to tell. */
export interface Route {
  /** Method of its requests. */
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Their path, with the names of its parts as Hono has them: `/api/rows/:row{[0-9]+}`. */
  readonly path: string;
  /** Answers a request that the lock has let in; `parts` are those of the path. */
  readonly answer: (request: Request, parts: Parts) => Response | Promise<Response>;
}

/** The parts of a path that have names. */
export type Parts = { readonly [name: string]: string };

/** The parameters of a request, each with its values. */
export function queriesOf({ url }: Request): { readonly [name: string]: readonly string[] } {
  const { searchParams } = new URL(url);
  return Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
}

/** The text of a change. It is at most {@link MAX_REQUEST_BYTES} long. */
export function textOf(request: Request): Promise<string> {
  return readText(request, MAX_REQUEST_BYTES);
}

/**
 * A part of a path that is a number.
 *
 * @throws {Refused} 404, where it is too large to be one.
 */
export function numberOf(part: string): number {
  const number = Number(part);
  if (!Number.isSafeInteger(number)) throw notThere();
  return number;
}

/** What is said where there is nothing. */
export const NOT_THERE = "there is nothing at this address, or not any more";

/** There is nothing at this address. */
export function notThere(): Refused {
  return new Refused(404, NOT_THERE);
}
