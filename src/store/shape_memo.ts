/**
 * The shape that the exchange before had on a connection: mostly the next one has it too, and need not be
 * looked up.
 */
import type { ExchangeRecord } from "../capture/record.ts";
import type { RequestHead, ResponseHead } from "../http/head.ts";
import type { SqlValue } from "./shape.ts";

/** A record's shape, remembered while its connection repeats its heads. */
export interface ShapeMemo {
  /** Head of the request. */
  readonly request: RequestHead | undefined;
  /** Head of the final response. */
  readonly response: ResponseHead | undefined;
  /** How the exchange ended. */
  readonly outcome: string;
  /** Id of the shape. */
  readonly shape: number;
  /** Path, query and target. */
  readonly place: readonly SqlValue[];
}

/**
 * Whether a record has the shape of the one before it on its connection: they differ in path and query at
 * most.
 */
export function isLike(
  { request, response, outcome, error, flags }: ExchangeRecord,
  memo: ShapeMemo,
): boolean {
  return outcome === memo.outcome && error === undefined && flags.length === 0 &&
    isLikeRequest(request?.head, memo.request) && isLikeResponse(response?.head, memo.response);
}

function isLikeRequest(a: RequestHead | undefined, b: RequestHead | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && a.method === b.method && a.version === b.version &&
    a.target.startsWith("/") && b.target.startsWith("/") && haveSameFields(a, b);
}

function isLikeResponse(a: ResponseHead | undefined, b: ResponseHead | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && a.status === b.status && a.reason === b.reason &&
    a.version === b.version && haveSameFields(a, b);
}

/**
 * Whether the fields are the same as far as a shape has them; those of most exchanges are in the same
 * order.
 */
function haveSameFields(
  { fields: a }: RequestHead | ResponseHead,
  { fields: b }: RequestHead | ResponseHead,
): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i][0] !== b[i][0]) return false;
    if (a[i][1] !== b[i][1] && /^(?:host|content-type)$/i.test(a[i][0])) return false;
  }
  return true;
}
