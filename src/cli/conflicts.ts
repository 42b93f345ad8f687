/** Options that need each other, exclude each other, or need something to act on. */
import type { Option, OptionName, OptionNeed } from "./option.ts";
import { findOption, written } from "./options.ts";
import { LINK_OPTIONS } from "./options_link.ts";
import { type Addresses } from "./addresses.ts";
import { isTls } from "./relay_spec.ts";
import { settled } from "./settings.ts";
import { UsageError } from "./usage_error.ts";
import type { Given, GivenOptions } from "./values.ts";

/** Keys, and the certificates that they belong to. */
const KEYS: readonly (readonly [key: OptionName, certificate: OptionName])[] = [
  ["client-key", "client-cert"],
  ["tls-key", "tls-cert"],
];

/** Options that mean nothing without another, wherever they come from: half a pair is a mistake. */
const HALVES: typeof KEYS = [
  ...KEYS,
  ["bytes-per-pause", "delay"],
  ["delay", "bytes-per-pause"],
];

/**
 * Options that except from another: without it as an argument a mistake, in environment or file only ready
 * for use.
 */
const EXCEPTIONS: typeof KEYS = [
  ["no-intercept", "intercept"],
  ["no-proxy", "upstream-proxy"],
  ["view-token", "view"],
  ["view-name", "view"],
  ["view-readonly", "view"],
  ["dump-on", "record"],
  ["dump-window", "record"],
  ["record-size", "record"],
  ["record-compress", "record"],
];

/** Ways to have the same thing, of which one source may give one only. */
const TLS_WAYS: readonly (readonly OptionName[])[] = [["tls"], ["tls-cert", "tls-key"]];

const NEEDS: Readonly<Record<OptionNeed, { readonly purpose: string; readonly wanted: string }>> = {
  relay: { purpose: "relays", wanted: 'LISTEN HOST PORT, relay LISTEN=TARGET, or "relays" in --config' },
  proxy: { purpose: "proxies", wanted: 'proxy LISTEN, or "proxies" in --config' },
  "TLS target": {
    purpose: "targets with TLS",
    wanted: "https://HOST[:PORT] or tls://HOST:PORT, such as relay 8081=https://localhost",
  },
};

/**
 * Takes from each source what a source before it has decided in another way: `--tls` wins over the `tls-cert`
 * of a config file, as every argument does; `--tls-cert` over that file's `tls-key` too, which belongs to
 * another certificate.
 *
 * @param sources What arguments, environment and config file gave, in that order.
 * @throws {UsageError} where one source gives two ways at once.
 */
export function resolveTls(sources: readonly GivenOptions[]): readonly GivenOptions[] {
  return withoutForeignKeys(withOneWay(sources));
}

function withOneWay(sources: readonly GivenOptions[]): readonly GivenOptions[] {
  const deciding = sources.findIndex((source) => TLS_WAYS.flat().some((name) => source.has(name)));
  if (deciding < 0) return sources;
  const [own, file] = TLS_WAYS.map((names) =>
    names.map((name) => sources[deciding].get(name)).find((given) => isOn(given))
  );
  if (own !== undefined && file !== undefined) {
    throw new UsageError(
      `found both ${own.origin} and ${file.origin}, wanted ${own.origin} for a certificate of our own CA, or ` +
        "--tls-cert FILE",
    );
  }
  const dropped = file === undefined ? TLS_WAYS[1] : TLS_WAYS[0];
  return sources.map((source, index) => index > deciding ? without(source, dropped) : source);
}

function withoutForeignKeys(sources: readonly GivenOptions[]): readonly GivenOptions[] {
  return sources.map((source, index) =>
    without(
      source,
      KEYS.filter(([, certificate]) => {
        const winner = sources.findIndex((other) => other.has(certificate));
        const own = sources.findIndex((other, place) => place >= index && other.has(certificate));
        return own > winner;
      }).map(([key]) => key),
    )
  );
}

function without(source: GivenOptions, names: readonly OptionName[]): GivenOptions {
  if (!names.some((name) => source.has(name))) return source;
  return new Map([...source].filter(([name]) => !names.includes(name)));
}

/**
 * Holds that no option is without the other that it goes with.
 *
 * @param sources What arguments, environment and config file gave, in that order.
 * @throws {UsageError} where one is.
 */
export function checkPairs(sources: readonly GivenOptions[]): void {
  const check = (name: OptionName, other: OptionName, isWrong: (given: Given) => boolean) => {
    const given = settled(name, sources);
    if (given === undefined || !isOn(given) || !isWrong(given) || isOn(settled(other, sources))) return;
    const option = findOption(other);
    throw new UsageError(
      `found ${given.origin} without --${other}, wanted ${option && written(option)} with it`,
    );
  };
  for (const [half, other] of HALVES) check(half, other, () => true);
  for (const [exception, rule] of EXCEPTIONS) {
    check(exception, rule, (given) => given === sources[0].get(exception));
  }
}

/**
 * Holds that a seed that was given as an argument has a simulated link to decide about.
 *
 * @param sources What arguments, environment and config file gave, in that order.
 * @param own What listeners of the config file have of their own.
 * @throws {UsageError} where there is none.
 */
export function checkSeed(
  sources: readonly GivenOptions[],
  own: readonly (GivenOptions | undefined)[] = [],
): void {
  const seed = sources[0].get("seed");
  const hasLink = LINK_OPTIONS.some(({ name }) =>
    name !== "seed" && (isOn(settled(name, sources)) || own.some((options) => options?.has(name)))
  );
  if (seed === undefined || hasLink) return;
  throw new UsageError(
    `found ${seed.origin} without a simulated link, wanted one with it, such as --fault status=503@20%`,
  );
}

/**
 * Holds that each option that was given as an argument has something to act on. Environment and config file
 * may hold options for other runs.
 *
 * @throws {UsageError} where one has not.
 */
export function checkNeeds(args: GivenOptions, run: Addresses): void {
  const isMet: Readonly<Record<OptionNeed, boolean>> = {
    relay: run.relays.length > 0,
    proxy: run.proxies.length > 0,
    // A proxy's clients may name TLS targets; and TLS may be spoken with the proxy upstream.
    "TLS target": run.proxies.length > 0 || run.relays.some(({ target }) => isTls(target)) ||
      isOn(args.get("upstream-proxy")),
  };
  for (const [name, given] of args) {
    const needs: Option["needs"] = findOption(name)?.needs;
    if (needs === undefined || isMet[needs] || !isOn(given)) continue;
    const { purpose, wanted } = NEEDS[needs];
    throw new UsageError(`${given.origin} is for ${purpose}: found none, wanted ${wanted}`);
  }
}

function isOn(given: Given | undefined): boolean {
  return given !== undefined && given.value !== undefined && given.value !== false;
}
