/**
 * Who may use the viewer. That it listens on loopback proves nothing: any page in any browser of this machine can send
 * it requests, and a name server can make a foreign name lead here (DNS rebinding). So each request has to name this
 * viewer as its host, must not come from a foreign page, and needs the cookie that the token in the URL gives once.
 */
import { canonicalHost, isAddress, isLoopback, isUnspecified, readAuthority } from "./authority.ts";
import type { Authority } from "./authority.ts";
import { Attempts, Secrets } from "./secrets.ts";

/** What a viewer lets in. */
export interface AccessSettings {
  /** The secret that is in the URL once. */
  readonly token: string;
  /** The address, or name, that the viewer listens on. */
  readonly boundHost: string;
  /** Names by which it is reached besides, for example that of a container's machine. */
  readonly names?: readonly string[];
  /** Whether nothing can be changed through it. */
  readonly isReadonly: boolean;
  /** A monotonic clock, ms. */
  readonly now: () => number;
}

/** What becomes of a request. */
export type Verdict =
  | { readonly kind: "pass" }
  /** It had the token: it gets the cookie, and goes on to the page without it. */
  | { readonly kind: "login"; readonly setCookie: string; readonly isFromElsewhere: boolean }
  | { readonly kind: "refused"; readonly status: RefusedStatus; readonly error: string };

/** Statuses of refusals. */
export type RefusedStatus = 400 | 401 | 403 | 413 | 415 | 429;

/** What a request is judged by: a part of the Request of the Fetch standard. */
export type Asked = Pick<Request, "method" | "url"> & { readonly headers: Pick<Headers, "get"> };

/** Longest body of a request, in bytes. */
export const MAX_REQUEST_BYTES = 64 * 1024;
/** Longest body of one that holds a request to be sent, in bytes. */
export const MAX_SENT_BYTES = 8 * 1024 * 1024;

/** Longest file to be opened, in bytes. */
export const MAX_OPEN_BYTES = 2 * 1024 * 1024 * 1024;

/** What a request that changes something carries, and how much of it, in bytes. */
interface Carried {
  readonly type: "application/json" | "application/octet-stream";
  readonly mostBytes: number;
}

const OTHERS: Carried = { type: "application/json", mostBytes: MAX_REQUEST_BYTES };
const SENT: Carried = { type: "application/json", mostBytes: MAX_SENT_BYTES };
const CARRIED: ReadonlyMap<string, Carried> = new Map([
  ["/api/send", SENT],
  ["/api/resend", SENT],
  ["/api/open", { type: "application/octet-stream", mostBytes: MAX_OPEN_BYTES }],
]);

const WHERE = "open the address with ?token= that tcpmon wrote in its terminal when it started";

/** The lock. */
export class Access {
  /** Whether nothing can be changed. */
  readonly isReadonly: boolean;
  readonly #secrets: Secrets;
  readonly #hosts: ReadonlySet<string>;
  readonly #anyAddress: boolean;
  readonly #now: () => number;
  /** Counted apart: who makes tokens fail, which foreign pages can, does not lock out those who are in. */
  readonly #tokens = new Attempts();
  readonly #cookies = new Attempts();

  /** Locks a viewer. */
  constructor({ token, boundHost, names = [], isReadonly, now }: AccessSettings) {
    const bound = canonicalHost(boundHost);
    this.isReadonly = isReadonly;
    this.#secrets = new Secrets(token);
    this.#hosts = new Set([bound, ...names.map(canonicalHost)]);
    this.#anyAddress = isUnspecified(bound);
    this.#now = now;
  }

  /**
   * Judges a request. It never throws.
   *
   * @param request The request as it came.
   * @param peer The address that it came from, without port.
   */
  check(request: Asked, peer: string): Verdict {
    const field = request.headers.get("host");
    const host = field === null ? undefined : readAuthority(field);
    // A target in absolute-form has a host of its own, which would win (RFC 9112 §3.2.2).
    const named = /^https?:\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?/i.exec(request.url);
    if (host === undefined || named === null || !isSame(host, readAuthority(named[1]))) {
      return refused(400, "the request names no host, or none that can be read: wanted one Host field");
    }
    if (!this.#isOurs(host.host)) return refused(403, this.#hostError(host));
    const [, , path = "/", query = ""] = named;
    const foreign = foreignness(request, field!, path);
    if (foreign !== undefined) return refused(403, foreign);
    const token = path === "/" && request.method === "GET" ? new URLSearchParams(query).get("token") : null;
    if (token !== null) return this.#login(token, host, request, peer);
    return this.#cookieProblem(request, host, peer) ?? this.#changeProblem(request, path) ?? { kind: "pass" };
  }

  #isOurs(host: string): boolean {
    if (isLoopback(host)) return true;
    if (isUnspecified(host)) return false;
    return this.#hosts.has(host) || (this.#anyAddress && isAddress(host));
  }

  #hostError({ host, port }: Authority): string {
    return isUnspecified(host)
      ? `${host} is no address to open: open 127.0.0.1:${port}`
      : `this viewer is not known as ${host}: open it by its address, or through a tunnel as localhost`;
  }

  #login(token: string, host: Authority, { headers }: Asked, peer: string): Verdict {
    const now = this.#now();
    const mayTry = this.#tokens.mayTry(peer, now);
    if (!mayTry && this.#secrets.isGuessable) return tooMany("tokens");
    if (!this.#secrets.isToken(token)) {
      if (!mayTry) return tooMany("tokens");
      this.#tokens.failed(peer, token, now);
      return refused(401, `that is not the token of this viewer: ${WHERE}`);
    }
    return {
      kind: "login",
      setCookie: `${cookieName(host)}=${this.#secrets.cookie}; Path=/; HttpOnly; SameSite=Strict`,
      isFromElsewhere: /^(?:cross|same)-site$/.test(headers.get("sec-fetch-site") ?? ""),
    };
  }

  #cookieProblem({ headers }: Asked, host: Authority, peer: string): Verdict | undefined {
    const values = cookiesNamed(cookieName(host), headers.get("cookie") ?? "");
    if (values.length === 0) return refused(401, `this viewer is locked: ${WHERE}`);
    const now = this.#now();
    const mayTry = this.#cookies.mayTry(peer, now);
    if (!mayTry && this.#secrets.isGuessable) return tooMany("cookies");
    // Who serves another port of this host can set cookies for ours, which then come, too.
    let isRight = false;
    for (const value of values) isRight = this.#secrets.isCookie(value) || isRight;
    if (isRight) return undefined;
    if (!mayTry) return tooMany("cookies");
    this.#cookies.failed(peer, values.join(";"), now);
    return refused(401, `this viewer was locked anew: ${WHERE}`);
  }

  #changeProblem({ method, headers }: Asked, path: string): Verdict | undefined {
    if (!isChange(method)) return undefined;
    if (this.isReadonly) return refused(403, "this viewer is for reading only");
    const { type, mostBytes } = CARRIED.get(path) ?? OTHERS;
    // Forms of foreign pages can send none of these types without being asked for leave first (CORS).
    if (headers.get("content-type")?.split(";")[0].trim().toLowerCase() !== type) {
      return refused(415, `wanted Content-Type: ${type}`);
    }
    if (Number(headers.get("content-length") ?? 0) > mostBytes) {
      return refused(413, `the body of a request is at most ${mostBytes} bytes long`);
    }
    return undefined;
  }
}

function isSame(one: Authority, other: Authority | undefined): boolean {
  return one.host === other?.host && one.port === other.port;
}

function refused(status: RefusedStatus, error: string): Verdict {
  return { kind: "refused", status, error };
}

function tooMany(what: string): Verdict {
  return refused(429, `too many wrong ${what} from this address: wait some seconds, then try again`);
}

function isChange(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}

/**
 * Why a request seems to be a foreign page's (W3C Fetch Metadata; RFC 6454 §7). Browsers leave Sec-Fetch-Site out where
 * the page came without TLS from another machine, but never Origin where something is to be changed.
 */
function foreignness({ method, headers }: Asked, host: string, path: string): string | undefined {
  const [site, origin] = [headers.get("sec-fetch-site"), headers.get("origin")];
  const isOwn = origin?.replace(/^https?:\/\//i, "").toLowerCase() === host.toLowerCase() &&
    /^https?:/i.test(origin);
  if (origin !== null && !isOwn) return "the request comes from another page (Origin)";
  if (isChange(method)) {
    if (site !== null && site !== "same-origin") {
      return "the request comes from another page (Sec-Fetch-Site)";
    }
    return isOwn || site === "same-origin" ? undefined : "a change has to say its Origin";
  }
  if (site === null || site === "same-origin" || site === "none") return undefined;
  // A link may lead to the page itself, not to what it is made of, nor into a frame.
  const isLink = headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  return isLink && path === "/" ? undefined : "the request comes from another page (Sec-Fetch-Site)";
}

/** Cookies know no ports, so the name has to: else two viewers on one host would log each other out. */
function cookieName({ port }: Authority): string {
  return `tcpmon-${port}`;
}

function cookiesNamed(name: string, field: string): string[] {
  const start = `${name}=`;
  return field.split(";").map((pair) => pair.trim()).filter((pair) => pair.startsWith(start)).map((pair) =>
    pair.slice(start.length)
  );
}
