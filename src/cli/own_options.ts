/**
 * Options that a relay or a proxy of the config file may have of its own: the simulated link, and the proxy that lies
 * between it and its targets. Arguments and environment win over them, they over the file's top level, key by key.
 */
import { checkPairs } from "./conflicts.ts";
import type { OptionName } from "./option.ts";
import { findOption } from "./options.ts";
import type { ForwardProxy, ProxySpec, Relay, RelaySpec } from "./relay_spec.ts";
import { captureOptions, type LinkTexts, settle, settled } from "./settings.ts";
import type { Checks } from "./sources.ts";
import { UsageError } from "./usage_error.ts";
import type { GivenOptions } from "./values.ts";

/** What lies between a listener and its targets, where that is its own; absent: as the options have it. */
export interface OwnWay {
  /** The simulated link, as its options are written; none of them: none. */
  readonly link?: LinkTexts;
  /** URL of the proxy to reach targets through, or `env`; "": none. */
  readonly upstreamProxy?: string;
  /** Targets to reach without it, as host patterns; "": none. */
  readonly noProxy?: string;
}

/** Options of a link by their names, and as the program's parts know them. */
export const LINK_OPTION_NAMES = [
  ["link", "link"],
  ["bytes-per-pause", "bytesPerPause"],
  ["delay", "delay"],
  ["rate", "rate"],
  ["latency", "latency"],
  ["jitter", "jitter"],
  ["drop-bytes", "dropBytes"],
  ["fault", "fault"],
  ["seed", "seed"],
] as const satisfies readonly (readonly [OptionName, keyof LinkTexts])[];

/** Names of the options that a relay or a proxy may have of its own. */
export const OWN_OPTIONS: readonly OptionName[] = [
  ...LINK_OPTION_NAMES.map(([name]) => name),
  "upstream-proxy",
  "no-proxy",
];

/** Whether an empty text switches off what the file's top level has. */
export function mayBeNone(name: OptionName): boolean {
  return name === "upstream-proxy" || name === "no-proxy";
}

/** What options come from: arguments, environment and config file. */
export type GivenSources = readonly [args: GivenOptions, env: GivenOptions, file: GivenOptions];

/**
 * Settles what each relay has of its own.
 *
 * @param checks What is wrong with texts whose meaning the command line does not know.
 * @throws {UsageError} where an option of its own cannot be read, or is half a pair.
 */
export function settleRelays(
  specs: readonly RelaySpec[],
  given: GivenSources,
  checks: Checks = {},
): readonly Relay[] {
  const [args, env] = given;
  const override = settle([args, env]).host;
  const overridesInsecure = settled("insecure", [args, env]) !== undefined;
  return specs.map(({ own, host: ownRule, insecure, ...addresses }) => {
    const host = override ?? ownRule;
    const holds = insecure !== undefined && (insecure || !overridesInsecure);
    return {
      ...addresses,
      ...host !== undefined && { host },
      ...holds && { insecure },
      ...ownWay(own, given, checks),
    };
  });
}

/** Settles what each proxy has of its own, as {@link settleRelays}. */
export function settleProxies(
  specs: readonly ProxySpec[],
  given: GivenSources,
  checks: Checks = {},
): readonly ForwardProxy[] {
  return specs.map(({ own, listen }) => ({ listen, ...ownWay(own, given, checks) }));
}

function ownWay(own: GivenOptions | undefined, [args, env, file]: GivenSources, checks: Checks): OwnWay {
  if (own === undefined) return {};
  check(own, checks);
  const sources = [args, env, own, file];
  checkPairs(sources);
  const { link, upstreamProxy, noProxy } = captureOptions(settle(sources));
  return {
    ...LINK_OPTION_NAMES.some(([name]) => own.has(name)) && { link: given(link) },
    ...own.has("upstream-proxy") && { upstreamProxy: upstreamProxy ?? "" },
    ...own.has("no-proxy") && { noProxy: noProxy ?? "" },
  };
}

function check(own: GivenOptions, checks: Checks): void {
  for (const [name, { value, origin }] of own) {
    if (value === undefined || value === "") continue;
    for (const complain of [findOption(name)?.check, checks[name]]) {
      const complaint = complain?.(String(value));
      if (complaint !== undefined) throw new UsageError(`cannot read ${origin}: ${complaint}`);
    }
  }
}

/** The options of a link that were given. */
function given(link: LinkTexts): LinkTexts {
  return Object.fromEntries(Object.entries(link).filter(([, value]) => value !== undefined));
}
