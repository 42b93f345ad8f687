/** Names and values that a message carries in its target, its cookies and its form, read as programs read them. */
import type { FieldJson } from "../record_json.ts";

/** A name, its value, and what else is said of it. */
export interface Pair {
  /** The name. */
  readonly name: string;
  /** The value. */
  readonly value: string;
  /** What else is said of it, for example the attributes of a cookie. */
  readonly note?: string;
}

/** How many pairs are shown: more are no form for people. */
const MAX_PAIRS = 2000;

/** The pairs of a request target's query (WHATWG URL §5.1). */
export function queryPairs(target: string): readonly Pair[] {
  const start = target.indexOf("?");
  if (start < 0) return [];
  const end = target.indexOf("#", start);
  return formPairs(target.slice(start + 1, end < 0 ? undefined : end));
}

/** The pairs of a form as `application/x-www-form-urlencoded`. What is badly encoded stands as it is. */
export function formPairs(text: string): readonly Pair[] {
  return text.split("&", MAX_PAIRS).filter((pair) => pair !== "").map((pair) => {
    const equals = pair.indexOf("=");
    if (equals < 0) return { name: decoded(pair), value: "" };
    return { name: decoded(pair.slice(0, equals)), value: decoded(pair.slice(equals + 1)) };
  });
}

/** The cookies of a request's Cookie fields (RFC 6265 §4.2). */
export function cookiePairs(fields: readonly FieldJson[]): readonly Pair[] {
  const values = fields.filter(([name]) => name.toLowerCase() === "cookie").map(([, value]) => value);
  return values.flatMap((value) => value.split(";", MAX_PAIRS)).map((pair) => pair.trim())
    .filter((pair) => pair !== "").map((pair) => splitPair(pair));
}

/** The cookies that a response sets (RFC 6265 §4.1), their attributes as notes. */
export function setCookiePairs(fields: readonly FieldJson[]): readonly Pair[] {
  const values = fields.filter(([name]) => name.toLowerCase() === "set-cookie").map(([, value]) => value);
  return values.slice(0, MAX_PAIRS).map((value) => {
    const [pair, ...attributes] = value.split(";").map((part) => part.trim());
    return { ...splitPair(pair), ...attributes.length > 0 && { note: attributes.join("; ") } };
  });
}

function splitPair(pair: string): Pair {
  const equals = pair.indexOf("=");
  if (equals < 0) return { name: pair, value: "" };
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
}

function decoded(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
