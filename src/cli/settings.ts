/** What holds for one run: arguments win over the environment, the environment over the config file, that over defaults. */
import type { CommandName } from "./commands.ts";
import type { Option, OptionName, OptionValues } from "./option.ts";
import { OPTIONS, optionsOf, variableOf } from "./options.ts";
import { outputFile } from "./standard_stream.ts";
import { type Given, type GivenOptions, parseFlag, readValue } from "./values.ts";

/** The options of a capturing command, as its parts need them. */
export interface CaptureOptions {
  /** What the log looks like. */
  readonly format: "text" | "short" | "json" | "none";
  /** File to append the log to, `/dev/stderr` for stderr; undefined: stdout. */
  readonly output?: string;
  /** When to colour; `auto`: on a terminal, unless NO_COLOR is set. */
  readonly color: "auto" | "always" | "never";
  /** Show XML and JSON indented. */
  readonly pretty: boolean;
  /** Show bodies as hex dumps. */
  readonly hex: boolean;
  /** How much of each body is kept. */
  readonly maxBodyBytes: number;
  /** Filter expression; undefined: everything is logged. */
  readonly filter?: string;
  /** Names whose values are replaced, as `--redact` takes them; "" is the default list; undefined: nothing is. */
  readonly redact?: string;
  /** Key of the tags; undefined: a new one for each run. */
  readonly redactKey?: string;
  /** How much of the log may wait for its reader. */
  readonly logQueueBytes: number;
  /** End when the reader of stdout is gone. */
  readonly exitOnBrokenPipe: boolean;
  /** What was asked about the Host field of requests; undefined: each target's own rule. */
  readonly host?: "keep" | "target";
  /** How long connecting to a target may take; 0: as long as the system waits. */
  readonly connectTimeoutMs: number;
  /** How long a connection may carry nothing; 0: forever. */
  readonly idleTimeoutMs: number;
  /** How many connections at once; undefined: from the limit of open files. */
  readonly maxConnections?: number;
  /** How long exchanges may take to end once the program is told to stop. */
  readonly drainMs: number;
  /** No status lines on stderr, only errors. */
  readonly quiet: boolean;
  /** How TLS is spoken with targets. */
  readonly targetTls: TargetTls;
  /** How TLS is spoken with clients; undefined: it is not. */
  readonly listenTls?: ListenTls;
  /** Folder of our own CA; undefined: in the user's data folder. */
  readonly caDir?: string;
  /** URL of the proxy to reach targets through, which may hold a password, or `env`; undefined: none. */
  readonly upstreamProxy?: string;
  /** Targets to reach without it: host patterns, joined by commas. */
  readonly noProxy?: string;
  /** Tunnels of proxies to look into: host patterns, joined by commas; "" is all; undefined: none. */
  readonly intercept?: string;
  /** Tunnels to leave alone all the same: host patterns, joined by commas. */
  readonly noIntercept?: string;
  /** Whom proxies let in: `USER:PASSWORD`, or `@` and a file that holds them; undefined: everybody. */
  readonly proxyAuth?: string;
  /** Whether proxies add Via. */
  readonly via: boolean;
  /** The simulated link, as its options were written; empty: none. */
  readonly link: LinkTexts;
  /** The history; undefined: none is kept. */
  readonly history?: HistoryOptions;
  /** The viewer; undefined: none. */
  readonly viewer?: ViewerOptions;
  /** The flight recorder; undefined: none. */
  readonly recorder?: RecorderOptions;
}

/** The history on disk. */
export interface HistoryOptions {
  /** Its file; undefined: a temporary one. */
  readonly path?: string;
  /** How much is kept, as written: joined by commas; `""`: all. */
  readonly keep: string;
}

/** The viewer. */
export interface ViewerOptions {
  /** Where it listens, as written; undefined: where it usually does. */
  readonly listen?: string;
  /** The secret of its address; undefined: a new one for each run. */
  readonly token?: string;
  /** Other names, or addresses, by which it is opened. */
  readonly names: readonly string[];
  /** Whether it changes nothing. */
  readonly isReadonly: boolean;
}

/** What the flight recorder keeps. */
export interface RecorderOptions {
  /** Its folder. */
  readonly folder: string;
  /** How much it may take on disk, dumps aside. */
  readonly limitBytes: number;
  /** How all but its newest part is compressed. */
  readonly compression: "none" | "gzip" | "zstd";
  /** Filter expression of what makes it dump; undefined: only a signal does. */
  readonly dumpOn?: string;
  /** How far back a dump goes. */
  readonly dumpWindowMs: number;
}

/** How TLS is spoken with targets. */
export interface TargetTls {
  /** File of CA certificates to trust beside the usual ones. */
  readonly caFile?: string;
  /** Whose certificate is not verified: host patterns, joined by commas; "" is every target. */
  readonly insecure?: string;
  /** File of the certificate to show to targets that ask. */
  readonly clientCertFile?: string;
  /** File of its key, the same one unless another was given. */
  readonly clientKeyFile?: string;
}

/** How TLS is spoken with clients: with leaves of our own CA, or with one certificate. */
export type ListenTls =
  | { readonly kind: "authority" }
  /** The key's file is the certificate's unless another was given. */
  | { readonly kind: "files"; readonly certFile: string; readonly keyFile: string };

/** The options of the simulated link as they were written; undefined: not given. */
export interface LinkTexts {
  /** Bytes between two pauses. */
  readonly bytesPerPause?: string;
  /** How long a pause lasts. */
  readonly delay?: string;
  /** Bytes that vanish. */
  readonly dropBytes?: string;
  /** How fast bytes pass. */
  readonly rate?: string;
  /** How late bytes come. */
  readonly latency?: string;
  /** How much that varies. */
  readonly jitter?: string;
  /** Name of a kind of link. */
  readonly link?: string;
  /** What goes wrong, joined by commas. */
  readonly fault?: string;
  /** Makes chance repeat. */
  readonly seed?: number;
}

/** Reads environment variables; `undefined` where one is not set. */
export type Environment = (name: string) => string | undefined;

/**
 * The options of a command that the environment sets. An empty variable counts as not set.
 *
 * @throws {UsageError} where a value cannot be read.
 */
export function readEnvironment(env: Environment, command: CommandName): GivenOptions {
  const options = new Map<OptionName, Given>();
  for (const option of optionsOf(command)) {
    if (option.only === "arguments") continue;
    const origin = variableOf(option.name);
    const text = env(origin);
    if (text === undefined || text === "") continue;
    const flag = option.kind === "optional-text" ? parseFlag(text) : undefined;
    const value = flag === undefined ? readValue(option, text, origin) : flag ? "" : undefined;
    options.set(option.name, { value, origin });
  }
  return options;
}

/**
 * The value of every option, from the sources in falling order of precedence, else its default.
 *
 * @param sources What arguments, environment and config file gave, in that order.
 */
export function settle(sources: readonly GivenOptions[]): OptionValues {
  const values: Partial<Record<OptionName, Given["value"]>> = {};
  for (const option of OPTIONS) {
    values[option.name] = settled(option.name, sources)?.value ?? defaultOf(option);
  }
  return values as OptionValues;
}

/** The winning value of an option and its origin, or `undefined` where no source gives it. */
export function settled(name: OptionName, sources: readonly GivenOptions[]): Given | undefined {
  return sources.find((source) => source.has(name))?.get(name);
}

function defaultOf(option: Option): Given["value"] {
  if (option.kind === "flag") return false;
  return option.default === undefined ? undefined : readValue(option, option.default, `--${option.name}`);
}

/** The settled values under the names by which the program's parts know them. */
export function captureOptions(values: OptionValues): CaptureOptions {
  return {
    format: values.format,
    output: outputFile(values.output),
    color: values.color,
    pretty: values.pretty,
    hex: values.hex,
    maxBodyBytes: values["max-body"],
    filter: values.filter,
    redact: values.redact,
    redactKey: values["redact-key"],
    logQueueBytes: values["log-queue"],
    exitOnBrokenPipe: values["exit-on-broken-pipe"],
    host: values.host,
    connectTimeoutMs: values["connect-timeout"],
    idleTimeoutMs: values["idle-timeout"],
    maxConnections: values["max-connections"],
    drainMs: values.drain,
    quiet: values.quiet,
    targetTls: {
      caFile: values.ca,
      insecure: values.insecure,
      clientCertFile: values["client-cert"],
      clientKeyFile: values["client-key"] ?? values["client-cert"],
    },
    listenTls: listenTlsOf(values),
    caDir: values["ca-dir"],
    upstreamProxy: values["upstream-proxy"],
    noProxy: values["no-proxy"],
    intercept: values.intercept,
    noIntercept: values["no-intercept"],
    proxyAuth: values["proxy-auth"],
    via: values.via,
    link: {
      bytesPerPause: values["bytes-per-pause"],
      delay: values.delay,
      dropBytes: values["drop-bytes"],
      rate: values.rate,
      latency: values.latency,
      jitter: values.jitter,
      link: values.link,
      fault: values.fault,
      seed: values.seed,
    },
    history: values.store === undefined && values.view === undefined
      ? undefined
      : { path: values.store, keep: values.keep },
    viewer: values.view === undefined ? undefined : viewerOptions(values),
    recorder: values.record === undefined ? undefined : {
      folder: values.record,
      limitBytes: values["record-size"],
      compression: values["record-compress"],
      dumpOn: values["dump-on"],
      dumpWindowMs: values["dump-window"],
    },
  };
}

/** What the viewer is told. */
export function viewerOptions(values: OptionValues): ViewerOptions {
  return {
    listen: values.view === "" ? undefined : values.view,
    token: values["view-token"],
    names: values["view-name"]?.split(",").map((name) => name.trim()) ?? [],
    isReadonly: values["view-readonly"],
  };
}

function listenTlsOf(values: OptionValues): ListenTls | undefined {
  const certFile = values["tls-cert"];
  if (certFile !== undefined) return { kind: "files", certFile, keyFile: values["tls-key"] ?? certFile };
  return values.tls ? { kind: "authority" } : undefined;
}
