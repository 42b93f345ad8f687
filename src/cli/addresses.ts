/** Addresses on the command line: what is left once options and the name of the command are taken out. */
import { quoted } from "../net/address.ts";
import {
  parseProxy,
  parseRelay,
  parseThree,
  type ProxySpec,
  readListen,
  type RelaySpec,
} from "./relay_spec.ts";
import { UsageError } from "./usage_error.ts";

/** What is to be started. */
export interface Addresses {
  /** The relays, in order. */
  readonly relays: readonly RelaySpec[];
  /** The proxies, in order. */
  readonly proxies: readonly ProxySpec[];
}

/**
 * Whether it may be a LISTEN, right or wrong: each begins with a digit or a bracket, or has a colon; no
 * command does.
 */
export function looksLikeListen(text: string): boolean {
  return /^[0-9[]|:/.test(text);
}

/**
 * Addresses without a command before them: TCPMon's one argument, which is a proxy, or its three, which are a
 * relay.
 *
 * @throws {UsageError} for any other number of them, and where one cannot be read.
 */
export function readUnnamed(positionals: readonly string[]): Addresses {
  const [first, second, third, more] = positionals;
  if (first === undefined) return { relays: [], proxies: [] };
  if (second === undefined) {
    return { relays: [], proxies: [{ listen: readListen({ text: first, origin: "LISTEN" }) }] };
  }
  if (third === undefined) {
    throw new UsageError(
      `found no PORT after ${quoted(second)}, wanted LISTEN HOST PORT, such as 8081 localhost 8080`,
    );
  }
  if (more !== undefined) throw extra(more, "LISTEN HOST PORT");
  return { relays: [parseThree(first, second, third)], proxies: [] };
}

/**
 * The arguments of `relay`.
 *
 * @throws {UsageError} where one cannot be read.
 */
export function readRelays(positionals: readonly string[]): Addresses {
  if (positionals.length === 3 && !positionals.some((text) => text.includes("="))) {
    throw new UsageError(
      `cannot read relay ${quoted(positionals[0])}: found no "=", wanted LISTEN=TARGET...\n` +
        `LISTEN HOST PORT stands without "relay": tcpmon 8081 localhost 8080`,
    );
  }
  return { relays: positionals.map(parseRelay), proxies: [] };
}

/**
 * The arguments of `proxy`.
 *
 * @throws {UsageError} where one cannot be read.
 */
export function readProxies(positionals: readonly string[]): Addresses {
  return { relays: [], proxies: positionals.map(parseProxy) };
}

/** One argument too many. */
export function extra(argument: string, wanted: string): UsageError {
  return new UsageError(`found one argument too many, ${quoted(argument)}, wanted tcpmon ${wanted}`);
}
