/**
 * What is folded into a text: JSON Web Tokens (RFC 7519, RFC 7515 §3.1) and base64 (RFC 4648). Nothing is verified: to
 * check a signature takes a key, which is nobody's here.
 */
import { displayText } from "../../../../capture/charset.ts";
import { base64Bytes } from "./source.ts";

/** A token, taken apart. */
export interface UnfoldedToken {
  /** What it is. */
  readonly kind: "jwt";
  /** JSON of the header. */
  readonly header: string;
  /** JSON of the claims. */
  readonly payload: string;
  /** Length of the signature in bytes; 0: it has none. */
  readonly signatureBytes: number;
  /** The times in it, in the order iat, nbf, exp. */
  readonly times: readonly { readonly claim: "iat" | "nbf" | "exp"; readonly at: number }[];
}

/** Bytes that were base64. */
export interface UnfoldedBytes {
  /** What it is. */
  readonly kind: "base64";
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** Their text, where they are text. */
  readonly text?: string;
}

/** What a text held. */
export type Unfolded = UnfoldedToken | UnfoldedBytes;

/** A token somewhere in a text: its first part begins with `{"` in base64. */
const TOKEN = /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/;
/** Base64 that is long enough to be no word. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BASE64_URL = /^[A-Za-z0-9_-]+$/;
const MIN_BASE64_CHARACTERS = 8;

/** Schemes of Authorization before what may be folded. */
const SCHEME = /^(?:Basic|Bearer|Negotiate|NTLM)\s+/i;

/** Whether there is something to unfold in the value of a field, so that it can be offered. */
export function canUnfold(value: string): boolean {
  if (TOKEN.test(value)) return tokenIn(value) !== undefined;
  const scheme = SCHEME.exec(value);
  if (scheme !== null) return base64In(value.slice(scheme[0].length)) !== undefined;
  // A long word of letters is base64, too, by chance: what is offered must read as text.
  const found = value.length >= 16 ? base64In(value) : undefined;
  return found?.text !== undefined && /[^A-Za-z]/.test(value);
}

/** What a text holds, or `undefined`. Line breaks in it are left out of account. */
export function unfold(text: string): Unfolded | undefined {
  const trimmed = text.trim().replace(SCHEME, "").replace(/^["']|["'],?$/g, "");
  return tokenIn(trimmed) ?? base64In(trimmed.replace(/\\[rn]|\s*[\r\n]\s*/g, ""));
}

function tokenIn(text: string): UnfoldedToken | undefined {
  const found = TOKEN.exec(text);
  if (found === null) return undefined;
  const [header, payload, signature] = found[0].split(".");
  const [headerText, payloadText] = [header, payload].map((part) => {
    const bytes = base64Bytes(part);
    return bytes && displayText(bytes, undefined);
  });
  if (headerText === undefined || payloadText === undefined) return undefined;
  const claims = objectOf(payloadText);
  if (objectOf(headerText) === undefined || claims === undefined) return undefined;
  const times = (["iat", "nbf", "exp"] as const).flatMap((claim) => {
    const at = claims[claim];
    return typeof at === "number" && Math.abs(at) < 8.64e12 ? [{ claim, at }] : [];
  });
  const signatureBytes = base64Bytes(signature)?.length ?? 0;
  return { kind: "jwt", header: headerText, payload: payloadText, signatureBytes, times };
}

function base64In(text: string): UnfoldedBytes | undefined {
  if (text.length < MIN_BASE64_CHARACTERS || !(BASE64.test(text) || BASE64_URL.test(text))) return undefined;
  const bytes = base64Bytes(text);
  if (bytes === undefined) return undefined;
  const content = displayText(bytes, undefined);
  return { kind: "base64", bytes, ...content !== undefined && { text: content } };
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}
