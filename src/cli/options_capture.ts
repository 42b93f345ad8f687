/**
 * Rows of the table of options: the log, its secrets, what holds for every connection, and what keeps it all
 * bounded.
 */
import { CAPTURING, LISTENING, LOGGING } from "./commands.ts";
import type { Option } from "./option.ts";

/** Below this the log could not hold one batch of lines, and everything would count as lost. */
const LEAST_LOG_QUEUE_BYTES = 65536;
/** Longest delay of a timer: 2^31 - 1 ms; a longer one would fire at once. */
export const MOST_TIMER_MS = 2147483647;

/** The options, in the order of help. */
export const CAPTURE_OPTIONS: readonly Option[] = [
  {
    name: "format",
    kind: "choice",
    choices: ["text", "short", "json", "none"],
    default: "text",
    value: "FORMAT",
    help: "what the log looks like: blocks to read, one line an exchange, JSON lines, or no log",
    group: "Log",
    commands: LOGGING,
    common: true,
  },
  {
    name: "output",
    short: "o",
    kind: "file",
    value: "FILE",
    help:
      "append the log to a file instead of stdout; SIGHUP reopens it (without a file it ends tcpmon, as SIGTERM " +
      "does); - is stdout",
    group: "Log",
    commands: LOGGING,
    common: true,
  },
  {
    name: "filter",
    kind: "text",
    value: "EXPR",
    help: 'leave out what does not match, for example "method:POST status:5xx"',
    group: "Log",
    commands: [...CAPTURING, "resend", "export"],
    common: true,
  },
  {
    name: "pretty",
    kind: "flag",
    help: "show XML and JSON indented; the traffic stays as it is",
    group: "Log",
    commands: LOGGING,
  },
  {
    name: "hex",
    kind: "flag",
    help: "show bodies as hex dumps",
    group: "Log",
    commands: LOGGING,
  },
  {
    name: "max-body",
    kind: "size",
    default: "1M",
    value: "SIZE",
    help:
      "keep this much of each body in the log; the relay never shortens anything; streams that are no HTTP are " +
      "logged whole (--filter=-type:data leaves them out)",
    group: "Log",
    commands: LOGGING,
  },
  {
    name: "color",
    kind: "choice",
    choices: ["auto", "always", "never"],
    default: "auto",
    value: "WHEN",
    help: "colour the log; auto: on a terminal, unless NO_COLOR is set",
    group: "Log",
    commands: [...LOGGING, "diff"],
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
    commands: [...LOGGING, "export"],
    common: true,
  },
  {
    name: "redact-key",
    kind: "text",
    value: "TEXT",
    help: "key of the tags, so that they match between runs; better set as TCPMON_REDACT_KEY",
    group: "Secrets",
    commands: [...LOGGING, "export"],
  },
  {
    name: "host",
    kind: "choice",
    choices: ["keep", "target"],
    value: "WHICH",
    help:
      "Host field of requests: as the client sent it, or the target's; unless given, the target's for http:// " +
      "and https:// targets and LISTEN HOST PORT, else as sent",
    group: "Connections",
    commands: [...LISTENING, "resend"],
    needs: "relay",
  },
  {
    name: "connect-timeout",
    kind: "duration",
    default: "10s",
    most: MOST_TIMER_MS,
    value: "TIME",
    help: "give up connecting to the target; 0: leave it to the system",
    group: "Connections",
    commands: LOGGING,
  },
  {
    name: "idle-timeout",
    kind: "duration",
    default: "0",
    most: MOST_TIMER_MS,
    value: "TIME",
    help: "close connections on which nothing passes for so long; 0: never",
    group: "Connections",
    commands: CAPTURING,
  },
  {
    name: "max-connections",
    kind: "integer",
    least: 1,
    value: "N",
    help: "serve at most N connections at once; default: from the limit of open files",
    group: "Connections",
    commands: CAPTURING,
  },
  {
    name: "drain",
    kind: "duration",
    default: "3s",
    most: MOST_TIMER_MS,
    value: "TIME",
    help: "let exchanges finish for so long, on SIGINT or SIGTERM",
    group: "Connections",
    commands: CAPTURING,
  },
  {
    name: "log-queue",
    kind: "size",
    default: "64M",
    least: LEAST_LOG_QUEUE_BYTES,
    value: "SIZE",
    help: "hold this much of the log while its reader stalls; what is more is counted as lost",
    group: "Safety",
    commands: CAPTURING,
  },
  {
    name: "exit-on-broken-pipe",
    kind: "flag",
    help: "end when the reader of stdout is gone, instead of relaying on without a log",
    group: "Safety",
    commands: CAPTURING,
  },
];
