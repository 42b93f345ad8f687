/**
 * Rows of the table of options: slow and broken links. What their texts may be is known where links are
 * simulated; here they are passed on as written, as each may be a list with `up:` and `down:` before its
 * parts.
 */
import { CAPTURING } from "./commands.ts";
import type { Option, OptionBase } from "./option.ts";

const LINK = { group: "Slow and broken links", commands: CAPTURING } as const satisfies Partial<OptionBase>;

/** The options, in the order of help. */
export const LINK_OPTIONS: readonly Option[] = [
  {
    name: "link",
    kind: "text",
    value: "NAME",
    words: ["3g", "3gslow", "4g", "dsl", "edge", "satellite"],
    help: "behave like a kind of link: 3g, 3gslow, 4g, dsl, edge or satellite",
    ...LINK,
  },
  {
    name: "rate",
    kind: "text",
    value: "RATE",
    help: "let through so much a second, such as 1600kbit, 1mbit or 200kB",
    ...LINK,
  },
  {
    name: "latency",
    kind: "text",
    value: "TIME",
    numeric: true,
    help: "let bytes come so much later, each way",
    ...LINK,
  },
  {
    name: "jitter",
    kind: "text",
    value: "TIME",
    numeric: true,
    help: "vary the latency by up to so much",
    ...LINK,
  },
  {
    name: "bytes-per-pause",
    kind: "text",
    value: "N",
    numeric: true,
    help: "TCPMon's slow link: a pause of --delay for every N bytes of a connection and direction",
    ...LINK,
  },
  {
    name: "delay",
    kind: "text",
    value: "TIME",
    numeric: true,
    help: "how long each pause of --bytes-per-pause is",
    ...LINK,
  },
  {
    name: "drop-bytes",
    kind: "text",
    value: "N[/EVERY]",
    numeric: true,
    help: "lose the first N bytes each way, or N after every EVERY; the log says where",
    ...LINK,
  },
  {
    name: "fault",
    kind: "text",
    repeatable: true,
    value: "FAULT",
    help:
      "let things go wrong, several joined by commas or given one by one: reset, timeout[=TIME], slow-close=TIME, " +
      "slicer=SIZE, limit-data=SIZE, cut-after=SIZE, refuse, corrupt, status=CODE; @10% behind it: so often, @64k: " +
      "after so many bytes",
    ...LINK,
  },
  {
    name: "seed",
    kind: "integer",
    least: 0,
    value: "N",
    help: "make the chance in --fault and --jitter repeat exactly; else each run draws a seed of its own",
    ...LINK,
  },
];
