/** Relays and proxies as configured: from their addresses and the rule for the `Host` field. */
import {
  AddressError,
  defaultHostField,
  formatAddress,
  type ListenAddress,
  parseListen,
  parseTarget,
  quoted,
  type Target,
  targetOf,
} from "../net/address.ts";
import type { OwnWay } from "./own_options.ts";
import { UsageError } from "./usage_error.ts";
import type { GivenOptions } from "./values.ts";

/** What becomes of the `Host` field of requests: it stays as sent, or becomes the target's. */
export type HostRule = "keep" | "target";

/** Addresses of a relay, and what it has of its own. */
export interface RelaySpec {
  /** Where it listens. */
  readonly listen: ListenAddress;
  /** Where it connects to. */
  readonly target: Target;
  /** Its own rule. */
  readonly host?: HostRule;
  /** Whether any certificate of the target will do. */
  readonly insecure?: boolean;
  /** Options of its own. */
  readonly own?: GivenOptions;
}

/** Address of a proxy, and what it has of its own. */
export interface ProxySpec {
  /** Where it listens. */
  readonly listen: ListenAddress;
  /** Options of its own. */
  readonly own?: GivenOptions;
}

/** One proxy, ready to be started. */
export interface ForwardProxy extends OwnWay {
  /** Where it listens. */
  readonly listen: ListenAddress;
}

/** One relay, ready to be started. */
export interface Relay extends OwnWay {
  /** Where it listens. */
  readonly listen: ListenAddress;
  /** Where it connects to. */
  readonly target: Target;
  /** What becomes of `Host`; undefined: as the options have it. */
  readonly host?: HostRule;
  /** Whether any certificate of this target will do; undefined: as the options have it. */
  readonly insecure?: boolean;
}

/** Text of an address and what messages call it. */
export interface AddressText {
  /** As the user wrote it. */
  readonly text: string;
  /** What messages call it. */
  readonly origin: string;
}

/**
 * Reads the two addresses of a relay.
 *
 * @throws {UsageError} where one cannot be read.
 */
export function relaySpec(listen: AddressText, target: AddressText): RelaySpec {
  return {
    listen: readListen(listen),
    target: reading(target.origin, () => parseTarget(target.text)),
  };
}

/** Whether TLS is spoken with a target. */
export function isTls(target: Target): boolean {
  return target.kind === "tcp" && target.tls === true;
}

/**
 * Reads `LISTEN=TARGET`.
 *
 * @throws {UsageError} where it cannot be read.
 */
export function parseRelay(text: string): RelaySpec {
  return readRelay({ text, origin: `relay ${quoted(text)}` });
}

/**
 * As {@link parseRelay}, of a text that messages call by a name of its own.
 *
 * @throws {UsageError} where it cannot be read.
 */
export function readRelay({ text, origin }: AddressText): RelaySpec {
  const equals = text.indexOf("=");
  if (equals < 0) {
    throw new UsageError(
      `cannot read ${origin}: found no "=", wanted LISTEN=TARGET, such as 8081=localhost:8080`,
    );
  }
  return relaySpec(
    { text: text.slice(0, equals), origin: `LISTEN of ${origin}` },
    { text: text.slice(equals + 1), origin: `TARGET of ${origin}` },
  );
}

/**
 * Reads LISTEN of a proxy, where it is an argument of its own.
 *
 * @throws {UsageError} where it cannot be read.
 */
export function parseProxy(text: string): ProxySpec {
  if (text.includes("=") && !text.startsWith("unix:")) {
    throw new UsageError(
      `cannot read proxy ${quoted(text)}: found a target, wanted LISTEN alone; relays follow "relay": ` +
        "tcpmon relay LISTEN=TARGET",
    );
  }
  return { listen: readListen({ text, origin: `LISTEN of proxy ${quoted(text)}` }) };
}

/**
 * Reads LISTEN.
 *
 * @throws {UsageError} where it cannot be read.
 */
export function readListen({ text, origin }: AddressText): ListenAddress {
  return reading(origin, () => parseListen(text));
}

/**
 * Reads TCPMon's own three arguments. The target's host goes into `Host` unless told otherwise.
 *
 * @throws {UsageError} where one cannot be read.
 */
export function parseThree(listen: string, host: string, port: string): RelaySpec {
  return {
    listen: readListen({ text: listen, origin: "LISTEN" }),
    target: reading("HOST PORT", () => targetOf(host, port)),
  };
}

/**
 * Value to write into the `Host` field of every request; undefined: it stays as sent.
 *
 * @param rule What was asked for; undefined: a web server gets its own name, all else what the client sent.
 */
export function hostFieldOf(target: Target, rule: HostRule | undefined): string | undefined {
  const byTarget = target.kind === "tcp" && target.http ? "target" : "keep";
  return (rule ?? byTarget) === "keep" ? undefined : defaultHostField(target);
}

/**
 * Holds that no two of a run listen at one address.
 *
 * @throws {UsageError} where two do.
 */
export function checkListens(relays: readonly RelaySpec[], proxies: readonly ProxySpec[]): void {
  const seen = new Map<string, string>();
  const all = [
    ...relays.map(({ listen }) => ["relay", listen] as const),
    ...proxies.map(({ listen }) => ["proxy", listen] as const),
  ];
  for (const [kind, listen] of all) {
    if (listen.kind === "tcp" && listen.port === 0) continue;
    const address = formatAddress(listen);
    const other = seen.get(address);
    seen.set(address, kind);
    if (other === undefined) continue;
    const both = other !== kind ? "a relay and a proxy" : kind === "relay" ? "two relays" : "two proxies";
    throw new UsageError(`${both} listen at ${quoted(address)}, wanted another LISTEN for one of them`);
  }
}

function reading<T>(origin: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new UsageError(`cannot read ${origin}: ${error.message}`);
  }
}
