/** Rows of the table of options: the flight recorder, which keeps the last of what passed on disk. */
import { CAPTURING } from "./commands.ts";
import type { Option, OptionBase } from "./option.ts";

const RECORDER = { group: "Flight recorder", commands: CAPTURING } as const satisfies Partial<OptionBase>;
/** Below this a segment would hold hardly an exchange. */
const LEAST_BYTES = 1024 * 1024;
/** Shorter than that a dump would lack what led up to its reason. */
const LEAST_WINDOW_MS = 1_000;
/** Longest window: a day. */
const MOST_WINDOW_MS = 24 * 3_600_000;

/** The options, in the order of help. */
export const RECORDER_OPTIONS: readonly Option[] = [
  {
    name: "record",
    kind: "folder",
    value: "DIR",
    help:
      "keep the last of the traffic in this folder, as JSON lines, whatever the log shows; SIGUSR2 dumps it",
    ...RECORDER,
  },
  {
    name: "record-size",
    kind: "size",
    default: "1G",
    least: LEAST_BYTES,
    value: "SIZE",
    help: "how much --record may take on disk, beside its dumps",
    ...RECORDER,
  },
  {
    name: "record-compress",
    kind: "choice",
    choices: ["none", "gzip", "zstd"],
    default: "none",
    value: "HOW",
    help: "compress what --record keeps, but for the newest part",
    ...RECORDER,
  },
  {
    name: "dump-on",
    kind: "text",
    value: "EXPR",
    help: 'write a dump when this matches, such as "status:5xx|fault:*"',
    ...RECORDER,
  },
  {
    name: "dump-window",
    kind: "duration",
    default: "60s",
    least: LEAST_WINDOW_MS,
    most: MOST_WINDOW_MS,
    value: "TIME",
    help: "how far back a dump goes, which is a file of its own in --record",
    ...RECORDER,
  },
];
