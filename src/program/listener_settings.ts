/**
 * Settings of a listener: from text, by the same readers as the command line's, to what it takes to listen; and
 * from what the command line was given to that text.
 */
import { LINK_OPTION_NAMES, type OwnWay } from "../cli/own_options.ts";
import { type ForwardProxy, hostFieldOf, isTls, type Relay } from "../cli/relay_spec.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import {
  AddressError,
  formatAddress,
  type ListenAddress,
  parseListen,
  parseTarget,
  type Target,
} from "../net/address.ts";
import { HostPatterns } from "../net/host_patterns.ts";
import { type LinkRules, LinkSpecError, type LinkTexts, parseLink } from "../net/link/spec.ts";
import { parseUpstreamProxy } from "../net/upstream/proxy_address.ts";
import type { LinkSettings, ListenerSettings } from "../ui/api.ts";
import { Refused } from "../ui/requests.ts";

/** Settings that were read. */
export interface Configured {
  /** As text, passwords included. */
  readonly settings: ListenerSettings;
  /** Where to listen. */
  readonly listen: ListenAddress;
  /** Where a relay leads; absent: it is a proxy. */
  readonly target?: Target;
  /** Value to write into `Host`; absent: it stays as sent. */
  readonly hostField?: string;
  /** What its own link does; absent: it has the program's. */
  readonly link?: LinkRules;
}

/** What reading depends on. */
export interface ReadingSettings {
  /** The program's options. */
  readonly options: Pick<CaptureOptions, "host">;
  /** What the listener had before, passwords included; absent: it is a new one. */
  readonly before?: ListenerSettings;
  /** Whether they come from the user of this machine, who may name its Unix sockets. */
  readonly isTrusted?: boolean;
}

/** Stands for a password in what is shown. */
const MASK = "***";
const LOCALHOST = "127.0.0.1";
/** What a link's options are called in messages. */
const LINK_WORDS: Readonly<Record<keyof LinkSettings, string>> = {
  link: "the kind of link",
  bytesPerPause: "the bytes per pause",
  delay: "the delay",
  rate: "the rate",
  latency: "the latency",
  jitter: "the jitter",
  dropBytes: "the bytes to drop",
  fault: "the faults",
  seed: "the seed",
};

/**
 * Reads settings.
 *
 * @throws {Refused} 400 and the field, where one cannot be used.
 */
export function readSettings(
  given: ListenerSettings,
  { options, before, isTrusted }: ReadingSettings,
): Configured {
  const tidy = tidied(given);
  const settings = isTrusted ? tidy : { ...tidy, ...upstreamOf(tidy, before) };
  const listen = reading("listen", "where to listen", () => parseListen(settings.listen));
  const target = readTarget(settings);
  const mayBe = (text: string | undefined, known: string | undefined) => isTrusted || text === known;
  if (listen.kind === "unix" && !mayBe(settings.listen, before?.listen)) {
    throw refuseSocket("listen", "listen");
  }
  if (target?.kind === "unix" && !mayBe(settings.target, before?.target)) {
    throw refuseSocket("target", "relay");
  }
  if (settings.insecure === true && !(target !== undefined && isTls(target))) {
    throw new Refused(
      400,
      "cannot leave the certificate unverified: found a target without TLS, wanted https://… or tls://…",
      "insecure",
    );
  }
  reading("noProxy", "the exceptions from the HTTP proxy", () => HostPatterns.parse(settings.noProxy ?? ""));
  const hostField = target && hostFieldOf(target, settings.host ?? options.host);
  return {
    settings,
    listen,
    ...target !== undefined && { target },
    ...hostField !== undefined && { hostField },
    ...settings.link !== undefined && { link: readLink(settings.link) },
  };
}

/** Whether two settings ask for the same link. */
export function isSameLink(one: ListenerSettings, other: ListenerSettings): boolean {
  return JSON.stringify(one.link) === JSON.stringify(other.link);
}

/** Whether two settings, but for where they listen and for their links, are the same. */
export function isSameWay(one: ListenerSettings, other: ListenerSettings): boolean {
  const way = ({ kind, target, host, insecure, upstreamProxy, noProxy }: ListenerSettings) =>
    JSON.stringify([kind, target, host, insecure, upstreamProxy, noProxy]);
  return way(one) === way(other);
}

/** Settings as they are shown: without passwords. */
export function shownSettings(settings: ListenerSettings): ListenerSettings {
  const { upstreamProxy } = settings;
  return upstreamProxy === undefined ? settings : { ...settings, upstreamProxy: maskedUrl(upstreamProxy) };
}

/** The URL of a proxy with `***` in the place of its password, or with something else there. */
export function maskedUrl(url: string, mask = `:${MASK}`): string {
  const login = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0].length ?? 0;
  const end = url.lastIndexOf("@");
  const colon = url.indexOf(":", login);
  return colon < 0 || colon > end ? url : url.slice(0, colon) + mask + url.slice(end);
}

/** What the command line gave for a relay. */
export function settingsOfRelay(relay: Relay): ListenerSettings {
  const { listen, target, host, insecure } = relay;
  return {
    kind: "relay",
    listen: listenText(listen),
    target: targetText(target),
    ...host !== undefined && { host },
    ...insecure !== undefined && { insecure },
    ...ownSettings(relay),
  };
}

/** What the command line gave for a proxy. */
export function settingsOfProxy(proxy: ForwardProxy): ListenerSettings {
  return { kind: "proxy", listen: listenText(proxy.listen), ...ownSettings(proxy) };
}

/** The options of a link as settings. */
export function linkSettings(texts: OwnWay["link"] = {}): LinkSettings {
  const given = LINK_OPTION_NAMES.flatMap(([, key]) =>
    texts[key] === undefined ? [] : [[key, `${texts[key]}`]]
  );
  return Object.fromEntries(given);
}

function ownSettings({ link, upstreamProxy, noProxy }: OwnWay): Partial<ListenerSettings> {
  return {
    ...upstreamProxy !== undefined && { upstreamProxy },
    ...noProxy !== undefined && { noProxy },
    ...link !== undefined && { link: linkSettings(link) },
  };
}

/** A bare port where that means the same. */
function listenText(listen: ListenAddress): string {
  return listen.kind === "tcp" && listen.host === LOCALHOST ? `${listen.port}` : formatAddress(listen);
}

function targetText(target: Target): string {
  const address = formatAddress(target);
  if (target.kind === "unix") return address;
  if (target.http) return `${target.tls ? "https" : "http"}://${address}`;
  return target.tls ? `tls://${address}` : address;
}

/** Without what stands for nothing: white space around texts, empty parts of a link. */
function tidied(
  { listen, target, upstreamProxy, noProxy, link, ...others }: ListenerSettings,
): ListenerSettings {
  const parts = LINK_OPTION_NAMES.map(([, key]) => [key, link?.[key]?.trim()]);
  return {
    ...others,
    listen: listen.trim(),
    ...target !== undefined && { target: target.trim() },
    ...upstreamProxy !== undefined && { upstreamProxy: upstreamProxy.trim() },
    ...noProxy !== undefined && { noProxy: noProxy.trim() },
    ...link !== undefined && { link: Object.fromEntries(parts.filter(([, text]) => text)) },
  };
}

function readTarget({ kind, target, host, insecure }: ListenerSettings): Target | undefined {
  if (kind === "relay") {
    if (target === undefined || target === "") {
      throw new Refused(400, "cannot relay: found no target, wanted one such as localhost:8080", "target");
    }
    return reading("target", "the target", () => parseTarget(target));
  }
  const extra = Object.entries({ target, host, insecure }).find(([, value]) => value !== undefined);
  if (extra === undefined) return undefined;
  throw new Refused(
    400,
    `cannot set ${extra[0]} of a proxy: its clients name the targets, wanted none`,
    extra[0],
  );
}

/** The upstream proxy, whose password may stand there as shown. */
function upstreamOf(
  { upstreamProxy }: ListenerSettings,
  before: ListenerSettings | undefined,
): Partial<ListenerSettings> {
  if (upstreamProxy === undefined || upstreamProxy === "" || upstreamProxy === "env") return {};
  const known = before?.upstreamProxy;
  if (known !== undefined && upstreamProxy === maskedUrl(known)) return { upstreamProxy: known };
  const { password } = reading("upstreamProxy", "the HTTP proxy", () => parseUpstreamProxy(upstreamProxy));
  if (password !== MASK) return {};
  throw new Refused(
    400,
    "cannot use the HTTP proxy: found *** for its password, wanted the password, as the rest is not as it was",
    "upstreamProxy",
  );
}

function readLink(settings: LinkSettings): LinkRules {
  const { seed, bytesPerPause, delay, ...texts } = settings;
  if ((bytesPerPause === undefined) !== (delay === undefined)) {
    const missing = delay === undefined ? "delay" : "bytesPerPause";
    throw new Refused(
      400,
      `cannot slow the link: found no ${
        missing === "delay" ? "delay" : "bytes per pause"
      }, wanted both, such as ` +
        "1000 bytes and 100ms",
      `link.${missing}`,
    );
  }
  if (seed !== undefined && !/^[0-9]{1,16}$/.test(seed)) {
    throw refuseLink("seed", "wanted a whole number from 0");
  }
  const given: LinkTexts = {
    ...texts,
    ...bytesPerPause !== undefined && { bytesPerPause, delay },
    ...seed !== undefined && { seed: Number(seed) },
  };
  try {
    return parseLink(given);
  } catch (error) {
    if (!(error instanceof LinkSpecError)) throw error;
    throw refuseLink(error.option as keyof LinkSettings, error.message);
  }
}

function refuseLink(option: keyof LinkSettings, message: string): Refused {
  return new Refused(400, `cannot read ${LINK_WORDS[option]}: ${message}`, `link.${option}`);
}

function refuseSocket(field: string, deed: string): Refused {
  return new Refused(
    400,
    `cannot ${deed} there: found a Unix socket, wanted a port: only the command line may name sockets of the machine`,
    field,
  );
}

function reading<T>(field: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new Refused(400, `cannot read ${what}: ${error.message}`, field);
  }
}
