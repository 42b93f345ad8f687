/**
 * Following redirects (RFC 9110 §15.4). Off unless asked for; credentials never reach another origin, and nothing goes
 * from https back to http.
 */
import { isListed, parseRedactNames } from "../capture/redact/names.ts";
import { composeRequestHead } from "../http/compose_head.ts";
import { type Field, fieldValue, type ResponseHead } from "../http/head.ts";
import { quoted } from "../net/address.ts";
import { type BuiltRequest, withHead } from "./build_request.ts";
import { formatUrl, type RequestUrl, resolveUrl, sameOrigin } from "./request_url.ts";
import { SendUsageError } from "./send_error.ts";

/** So many redirects are followed, as HTTPie and browsers have limits: more is most often a loop. */
export const REDIRECT_LIMIT = 10;

/** What follows a response. */
export type Followed =
  /** It is no redirect, or names no place. */
  | { readonly kind: "done" }
  /** The next request. `dropped` names the credentials that stay behind, as another origin is not to see them. */
  | { readonly kind: "next"; readonly next: BuiltRequest; readonly dropped: readonly string[] }
  /** It must not be followed: why, in one line. */
  | { readonly kind: "refused"; readonly error: string };

const REDIRECTS = [301, 302, 303, 307, 308];
/** Fields that tell who someone is: those that `--redact` hides, such as Authorization, Cookie and X-Api-Key. */
const CREDENTIALS = parseRedactNames(undefined);
/** Fields that describe a body that is no longer sent (RFC 9110 §15.4). */
const OF_BODY = [
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-location",
  "transfer-encoding",
  "trailer",
  "expect",
  "digest",
  "content-digest",
  "last-modified",
  "soapaction",
];

/** Follows the redirects of one request. */
export class Redirects {
  readonly #visited = new Set<string>();

  /** What comes after the response to `sent`. */
  next(sent: BuiltRequest, response: ResponseHead): Followed {
    const location = fieldValue(response.fields, "location");
    if (!REDIRECTS.includes(response.status) || location === undefined) return { kind: "done" };
    this.#visited.add(keyOf(sent.request.method, sent.url));
    const refuse = (error: string): Followed => ({
      kind: "refused",
      error: `redirect ${response.status} not followed: ${error}`,
    });
    if (this.#visited.size > REDIRECT_LIMIT) {
      return refuse(`found more than ${REDIRECT_LIMIT} of them, wanted an end`);
    }
    let url: RequestUrl;
    try {
      url = resolveUrl(location, sent.url);
    } catch (error) {
      if (!(error instanceof SendUsageError)) throw error;
      return refuse(error.message);
    }
    if (sent.url.scheme === "https" && url.scheme === "http") {
      return refuse(`found ${quoted(location)}, wanted https: what was encrypted stays so`);
    }
    const { next, dropped } = redirected(sent, url, response.status);
    return this.#visited.has(keyOf(next.request.method, url))
      ? refuse(`${quoted(formatUrl(url))} was asked before, it is a loop`)
      : { kind: "next", next, dropped };
  }
}

function redirected(
  sent: BuiltRequest,
  url: RequestUrl,
  status: number,
): { readonly next: BuiltRequest; readonly dropped: readonly string[] } {
  const { method: asked, version, fields } = sent.request;
  // For POST, 301 and 302 mean what browsers made of them (§15.4.2); 303 asks to look elsewhere for the answer.
  const toGet = status === 303 ? asked !== "HEAD" : (status === 301 || status === 302) && asked === "POST";
  const isHome = sameOrigin(sent.url, url);
  const dropped: string[] = [];
  const kept: Field[] = [];
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (toGet && OF_BODY.includes(lower)) continue;
    if (!isHome && isListed(CREDENTIALS, name)) dropped.push(name);
    else if (lower !== "host") kept.push([name, value]);
    // A Host that the user chose holds for the server that it was chosen for.
    else kept.push([name, isHome ? value : url.host]);
  }
  const method = toGet ? "GET" : asked;
  const head = composeRequestHead({ method, target: url.path, version, fields: kept });
  return { next: withHead(head, url, toGet ? new Uint8Array(0) : sent.body), dropped };
}

function keyOf(method: string, url: RequestUrl): string {
  return `${method} ${formatUrl(url)}`;
}
