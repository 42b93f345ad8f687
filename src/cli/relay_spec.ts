/** One relay as configured, from its two addresses and the rule for the `Host` field. */
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
import { UsageError } from "./usage_error.ts";

/** What becomes of the `Host` field of requests: it stays as sent, or becomes the target's. */
export type HostRule = "keep" | "target";

/** Addresses of a relay, and its own rule for `Host` where it has one. */
export interface RelaySpec {
  /** Where it listens. */
  readonly listen: ListenAddress;
  /** Where it connects to. */
  readonly target: Target;
  /** Its own rule. */
  readonly host?: HostRule;
}

/** One relay, ready to be started. */
export interface Relay {
  /** Where it listens. */
  readonly listen: ListenAddress;
  /** Where it connects to. */
  readonly target: Target;
  /** Value to write into the `Host` field of every request; undefined: it stays as sent. */
  readonly hostField?: string;
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
export function relaySpec(listen: AddressText, target: AddressText, host?: HostRule): RelaySpec {
  return {
    listen: reading(listen.origin, () => parseListen(listen.text)),
    target: reading(target.origin, () => parseTarget(target.text)),
    host,
  };
}

/**
 * Reads `LISTEN=TARGET`.
 *
 * @throws {UsageError} where it cannot be read.
 */
export function parseRelay(text: string): RelaySpec {
  const equals = text.indexOf("=");
  if (equals < 0) {
    throw new UsageError(
      `cannot read relay ${quoted(text)}: found no "=", wanted LISTEN=TARGET, such as 8081=localhost:8080`,
    );
  }
  return relaySpec(
    { text: text.slice(0, equals), origin: `LISTEN of relay ${quoted(text)}` },
    { text: text.slice(equals + 1), origin: `TARGET of relay ${quoted(text)}` },
  );
}

/**
 * Reads LISTEN where it is an argument of its own.
 *
 * @throws {UsageError} where it cannot be read.
 */
export function readListen(text: string): ListenAddress {
  return reading("LISTEN", () => parseListen(text));
}

/**
 * Reads TCPMon's own three arguments. The target's host goes into `Host` unless told otherwise.
 *
 * @throws {UsageError} where one cannot be read.
 */
export function parseThree(listen: string, host: string, port: string): RelaySpec {
  return {
    listen: readListen(listen),
    target: reading("HOST PORT", () => targetOf(host, port)),
  };
}

/**
 * Settles the `Host` rule of each relay and holds that no two listen at one address.
 *
 * @param override The rule of arguments or environment, which wins over a relay's own.
 * @param fallback The rule of the config file, which holds where a relay has none.
 * @throws {UsageError} where two relays listen at one address.
 */
export function settleRelays(
  specs: readonly RelaySpec[],
  override: HostRule | undefined,
  fallback: HostRule | undefined,
): readonly Relay[] {
  const seen = new Set<string>();
  return specs.map(({ listen, target, host }) => {
    const address = formatAddress(listen);
    const free = listen.kind === "tcp" && listen.port === 0;
    if (seen.has(address) && !free) {
      throw new UsageError(`two relays listen at ${quoted(address)}, wanted another LISTEN for one of them`);
    }
    seen.add(address);
    const byTarget = target.kind === "tcp" && target.http ? "target" : "keep";
    const rule = override ?? host ?? fallback ?? byTarget;
    return rule === "keep" ? { listen, target } : { listen, target, hostField: defaultHostField(target) };
  });
}

function reading<T>(origin: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new UsageError(`cannot read ${origin}: ${error.message}`);
  }
}
