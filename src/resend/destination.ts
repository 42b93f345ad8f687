/**
 * Where a captured request goes when it is sent again, and its head as it is sent there.
 *
 * A request goes where it went, as it went: what a relay made of its Host field is made of it again, and what a proxy was
 * asked for in absolute-form goes to its own host in origin-form (RFC 9112 §3.2). With another target (`--to`) only the
 * line of Host changes.
 */
import type { ConnectionInfo, ExchangeRecord, RequestMessage } from "../capture/record.ts";
import { type Framing, requestFraming } from "../http/framing.ts";
import { type Field, type RequestHead } from "../http/head.ts";
import { formatAuthority, forwardedHead, routeOf } from "../http/proxy_request.ts";
import { rewriteHead } from "../http/rewrite_head.ts";
import { AddressError, defaultHostField, formatAddress, parseTarget, type Target } from "../net/address.ts";

/** Where requests go. */
export interface DestinationOptions {
  /** All go there; absent: each to the target that was recorded. */
  readonly to?: Target;
  /** Whether Host stays as it is where they go elsewhere. */
  readonly keepHost: boolean;
}

/** A place to send to. */
export interface Destination {
  /** The target. */
  readonly target: Target;
  /** What tells its connections from those to others. */
  readonly key: string;
}

/** A head that can be sent. */
export interface Addressed {
  /** Where to. */
  readonly destination: Destination;
  /** The bytes of the head; those that were recorded, where nothing has to change. */
  readonly head: Uint8Array;
  /** How the body behind it is delimited. */
  readonly framing: Framing;
  /** Whether tcpmon was asked for it as a proxy. */
  readonly isForwarded: boolean;
}

/** Why something is not sent again. */
export interface Skip {
  /** The reason, the same for all of its kind, so that it can be counted. */
  readonly skip: string;
  /** Whether that is a failure: it should have been sent. */
  readonly isFailure?: boolean;
}

const DEFAULT_PORTS = { plain: 80, tls: 443 };
/** Most names of targets that are remembered: clients of a proxy may name as many as they like. */
const TARGET_LIMIT = 10_000;

const NO_TARGET: Skip = { skip: "no target is recorded that could be reached (--to TARGET names one)" };

/** Finds out where captured requests go. What connections tell about TLS has to be told by {@link learn}. */
export class Destinations {
  readonly #options: DestinationOptions;
  readonly #to: Destination | undefined;
  /** Whether TLS is spoken with a target, by its name. */
  readonly #speaksTls = new Map<string, boolean>();
  readonly #known = new Map<string, Destination | Skip>();
  readonly #addressed = new WeakMap<RequestHead, {
    readonly name: string;
    readonly tls: boolean;
    readonly rewritten: readonly Field[] | undefined;
    readonly made: Addressed | Skip;
  }>();

  /** Knows nothing of the capture yet. */
  constructor(options: DestinationOptions) {
    this.#options = options;
    if (options.to !== undefined) this.#to = destinationOf(options.to);
  }

  /** A connection says whether TLS was spoken with its target. */
  learn({ target }: ConnectionInfo, tls: boolean): void {
    // A tunnel through which TLS passes untouched has none of its own: that says nothing about its target.
    if (this.#speaksTls.get(target) === tls || (!tls && this.#speaksTls.has(target))) return;
    if (this.#speaksTls.size >= TARGET_LIMIT) this.#speaksTls.clear();
    this.#speaksTls.set(target, tls);
  }

  /** Where the bytes of a connection go. */
  ofConnection({ target: name }: ConnectionInfo): Destination | Skip {
    return this.#to ?? this.#named(name, this.#isTls(name));
  }

  /** Where a request goes, and its head. */
  ofRequest({ connection }: ExchangeRecord, { head, rewritten }: RequestMessage): Addressed | Skip {
    const name = connection.target;
    const tls = this.#isTls(name);
    const known = this.#addressed.get(head);
    if (known !== undefined && known.name === name && known.tls === tls && known.rewritten === rewritten) {
      return known.made;
    }
    const made = this.#address(head, name, tls, rewritten);
    this.#addressed.set(head, { name, tls, rewritten, made });
    return made;
  }

  /** Whether a CONNECT asked tcpmon, as a proxy, for a tunnel; else it went to a target that is a proxy itself. */
  isOwnTunnel({ connection }: ExchangeRecord, { head }: RequestMessage): boolean {
    if (head.method !== "CONNECT") return false;
    const route = routeOf(head);
    return route.kind === "tunnel" && isSameName(formatAuthority(route.to), connection.target);
  }

  #isTls(name: string): boolean {
    return this.#speaksTls.get(name) ?? name.endsWith(":443");
  }

  #named(name: string, tls: boolean): Destination | Skip {
    const key = tls ? `tls:${name}` : name;
    let found = this.#known.get(key);
    if (found === undefined) {
      if (this.#known.size >= TARGET_LIMIT) this.#known.clear();
      this.#known.set(key, found = readTarget(name, tls));
    }
    return found;
  }

  #address(
    head: RequestHead,
    name: string,
    tls: boolean,
    rewritten: readonly Field[] | undefined,
  ): Addressed | Skip {
    const asked = askedOfProxy(head, name);
    if (asked !== undefined) return this.#forward(head, rewritten, asked);
    const destination = this.#to ?? this.#named(name, tls);
    if ("skip" in destination) return destination;
    const host = this.#hostFor(destination, name, rewritten);
    const values = host === undefined ? new Map<string, string>() : new Map([["host", host]]);
    const bytes = values.size === 0 ? head.raw : rewriteHead(head, { values }).bytes;
    return { destination, head: bytes, framing: requestFraming(head), isForwarded: false };
  }

  /** The value that Host gets; `undefined`: what it has. */
  #hostFor(
    { target }: Destination,
    name: string,
    rewritten: readonly Field[] | undefined,
  ): string | undefined {
    const { to, keepHost } = this.#options;
    if (to !== undefined && !keepHost && formatAddress(to) !== name) return defaultHostField(target);
    // What the client sent is recorded, and what the target got: that is to be sent.
    return keepHost && to !== undefined ? undefined : rewritten?.find(isHost)?.[1];
  }

  /** A request to tcpmon as a proxy: on to its own host, as the proxy had sent it. */
  #forward(head: RequestHead, rewritten: readonly Field[] | undefined, asked: string): Addressed | Skip {
    const route = routeOf(head);
    if (route.kind !== "forward") {
      return { skip: `the proxy refused it: ${route.kind === "refuse" ? route.text : "a tunnel"}` };
    }
    const destination = this.#to ?? this.#named(asked, route.tls);
    if ("skip" in destination) return destination;
    const own = formatAuthority(route.to, route.tls ? DEFAULT_PORTS.tls : DEFAULT_PORTS.plain);
    const isElsewhere = this.#to !== undefined && !this.#options.keepHost;
    const added = rewritten?.filter((field) => !isHost(field) && field[0].toLowerCase() !== "connection");
    const { bytes } = forwardedHead(head, {
      target: route.path,
      host: isElsewhere ? defaultHostField(destination.target) : own,
      add: added ?? [],
    });
    return { destination, head: bytes, framing: requestFraming(head), isForwarded: true };
  }
}

function isHost([name]: Field): boolean {
  return name.length === 4 && name.toLowerCase() === "host";
}

/** The name of the host of a request in absolute-form that was asked of tcpmon itself, where it was. */
function askedOfProxy(head: RequestHead, name: string): string | undefined {
  const found = /^(https?|wss?):\/\/([^/?#]*)/i.exec(head.target);
  if (found === null) return undefined;
  const asked = withPort(found[2], /^(https|wss)$/i.test(found[1]));
  // Another name is that of a proxy which a relay led to: there it goes as it is.
  return isSameName(asked, name) || !isReachable(name) ? asked : undefined;
}

function withPort(authority: string, tls: boolean): string {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (/:\d+$/.test(host)) return host;
  return `${host.replace(/:$/, "")}:${tls ? DEFAULT_PORTS.tls : DEFAULT_PORTS.plain}`;
}

function isSameName(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

function isReachable(name: string): boolean {
  return !("skip" in readTarget(name, false));
}

function destinationOf(target: Target): Destination {
  const tls = target.kind === "tcp" && target.tls === true;
  const name = formatAddress(target);
  return { target, key: tls ? `tls:${name}` : name };
}

/** A target as records name it, which does not say whether TLS is spoken with it. */
function readTarget(name: string, tls: boolean): Destination | Skip {
  try {
    const target = parseTarget(name);
    return destinationOf(tls && target.kind === "tcp" ? { ...target, tls: true } : target);
  } catch (error) {
    if (error instanceof AddressError) return NO_TARGET;
    throw error;
  }
}
