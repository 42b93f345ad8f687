/**
 * The one table of options. Reading of arguments, environment and config file, help, completion and suggestions all
 * come from it, so that they cannot disagree.
 */
import type { CommandName } from "./commands.ts";
import type { Option, OptionName } from "./option.ts";

const CAPTURE: readonly CommandName[] = ["relay", "demo"];
const EVERY: readonly CommandName[] = ["relay", "demo", "completion", "help"];
/** Below this the log could not hold one batch of lines, and everything would count as lost. */
const LEAST_LOG_QUEUE_BYTES = 65536;
/** Longest delay of a timer: 2^31 - 1 ms; a longer one would fire at once. */
const MOST_TIMER_MS = 2147483647;

/** Every option, in the order of help. */
export const OPTIONS: readonly Option[] = [
  {
    name: "format",
    kind: "choice",
    choices: ["text", "short", "json", "none"],
    default: "text",
    value: "FORMAT",
    help: "what the log looks like: blocks to read, one line an exchange, JSON lines, or no log",
    group: "Log",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "output",
    short: "o",
    kind: "file",
    value: "FILE",
    help: "append the log to a file instead of stdout; SIGHUP reopens it; - is stdout",
    group: "Log",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "filter",
    kind: "text",
    value: "EXPR",
    help: 'log only what matches, for example "method:POST status:5xx"',
    group: "Log",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "pretty",
    kind: "flag",
    help: "show XML and JSON indented; the traffic stays as it is",
    group: "Log",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "hex",
    kind: "flag",
    help: "show bodies as hex dumps",
    group: "Log",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "max-body",
    kind: "size",
    default: "1M",
    value: "SIZE",
    help: "keep this much of each body in the log; the relay never shortens anything",
    group: "Log",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "color",
    kind: "choice",
    choices: ["auto", "always", "never"],
    default: "auto",
    value: "WHEN",
    help: "colour the log; auto: on a terminal, unless NO_COLOR is set",
    group: "Log",
    commands: CAPTURE,
  },
  {
    name: "redact",
    kind: "optional-text",
    repeatable: true,
    value: "NAMES",
    help:
      "replace secrets in the log by tags, the same tag for the same secret; NAMES: header fields, JSON keys, XML " +
      "elements and parameters, joined by commas, instead of the default list (credentials, cookies, tokens, " +
      "passwords, card numbers), or +NAME,+NAME to add to it",
    group: "Secrets",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "redact-key",
    kind: "text",
    value: "TEXT",
    help: "key of the tags, so that they match between runs; better set as TCPMON_REDACT_KEY",
    group: "Secrets",
    commands: CAPTURE,
  },
  {
    name: "host",
    kind: "choice",
    choices: ["keep", "target"],
    value: "WHICH",
    help:
      "Host field of requests: as the client sent it, or the target's; unless given, the target's for http:// " +
      "targets and LISTEN HOST PORT, else as sent",
    group: "Relay",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "connect-timeout",
    kind: "duration",
    default: "10s",
    most: MOST_TIMER_MS,
    value: "TIME",
    help: "give up connecting to the target; 0: leave it to the system",
    group: "Relay",
    commands: CAPTURE,
  },
  {
    name: "idle-timeout",
    kind: "duration",
    default: "0",
    most: MOST_TIMER_MS,
    value: "TIME",
    help: "close connections on which nothing passes for so long; 0: never",
    group: "Relay",
    commands: CAPTURE,
  },
  {
    name: "max-connections",
    kind: "integer",
    least: 1,
    value: "N",
    help: "relay at most N connections at once; default: from the limit of open files",
    group: "Relay",
    commands: CAPTURE,
  },
  {
    name: "drain",
    kind: "duration",
    default: "3s",
    most: MOST_TIMER_MS,
    value: "TIME",
    help: "let exchanges finish for so long, on SIGINT or SIGTERM",
    group: "Relay",
    commands: CAPTURE,
  },
  {
    name: "log-queue",
    kind: "size",
    default: "64M",
    least: LEAST_LOG_QUEUE_BYTES,
    value: "SIZE",
    help: "hold this much of the log while its reader stalls; what is more is counted as lost",
    group: "Safety",
    commands: CAPTURE,
  },
  {
    name: "exit-on-broken-pipe",
    kind: "flag",
    help: "end when the reader of stdout is gone, instead of relaying on without a log",
    group: "Safety",
    commands: CAPTURE,
  },
  { name: "once", kind: "flag", help: "exit after the exchanges", group: "Demo", commands: ["demo"] },
  {
    name: "port",
    kind: "integer",
    default: "0",
    least: 0,
    most: 65535,
    value: "N",
    help: "port of the relay; 0: any free one, which the status line names",
    group: "Demo",
    commands: ["demo"],
  },
  {
    name: "quiet",
    short: "q",
    kind: "flag",
    help: "no status lines on stderr, only errors",
    group: "General",
    commands: CAPTURE,
    common: true,
  },
  {
    name: "config",
    kind: "file",
    value: "FILE",
    help: "read options and relays from a JSON file, comments allowed",
    group: "General",
    commands: CAPTURE,
    common: true,
    only: "arguments-and-environment",
  },
  {
    name: "help",
    short: "h",
    kind: "flag",
    help: "show help, of a command where one is given",
    group: "General",
    commands: EVERY,
    common: true,
    only: "arguments",
  },
  {
    name: "version",
    short: "V",
    kind: "flag",
    help: "show the version",
    group: "General",
    commands: EVERY,
    common: true,
    only: "arguments",
  },
];

/** The options of a command, in the order of help. */
export function optionsOf(command: CommandName): readonly Option[] {
  return OPTIONS.filter((option) => option.commands.includes(command));
}

/** The option of that name, if there is one. */
export function findOption(name: string): Option | undefined {
  return OPTIONS.find((option) => option.name === name);
}

/** The environment variable of an option, for example `TCPMON_MAX_BODY`. */
export function variableOf(name: OptionName): string {
  return `TCPMON_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** The first clause of an option's help, for where there is little room. */
export function briefly(option: Option): string {
  return option.help.replace(/[;:,].*$/s, "");
}

/** An option as it is written on the command line, with the name of its value: `--max-body SIZE`, `--redact[=NAMES]`. */
export function written(option: Option): string {
  if (option.kind === "flag") return `--${option.name}`;
  if (option.kind === "optional-text") return `--${option.name}[=${option.value}]`;
  return `--${option.name} ${option.value}`;
}
