/** The benchmark's own command line. */

import { parseArgs } from "node:util";

/** The parts of the benchmark, in the order they run. */
export const SECTIONS = [
  "small",
  "large",
  "memory",
  "connections",
  "start",
  "proxy",
  "tls",
  "intercept",
  "link",
  "resend",
  "export",
  "store",
  "viewer",
] as const;

/** The name of one part. */
export type SectionName = (typeof SECTIONS)[number];

/** What the command line asks for. */
export interface BenchOptions {
  /** The parts to run, in their own order. */
  readonly only: readonly SectionName[];
  /** How long each load of a round lasts. */
  readonly seconds: number;
  /** How many rounds the medians are taken of. */
  readonly rounds: number;
  /** `source`, `binary`, or the path of a program (run with Deno where it ends in `.ts`). */
  readonly subject: string;
  /** How many exchanges pass while memory is watched. */
  readonly exchanges: number;
  /** Whether processes are bound to cores. */
  readonly pin: boolean;
  /** Where the raw figures go, if anywhere. */
  readonly jsonFile: string | undefined;
}

/** What `--help` prints. */
export const HELP = `deno task bench [OPTIONS]

  --only NAMES     of ${SECTIONS.join(",")} (default: all)
  --seconds N      length of each load (default 5)
  --rounds N       rounds to take the median of (default 3)
  --subject WHAT   source (default), binary (dist/tcpmon), or a path
  --long           watch memory over 10,000,000 exchanges instead of 1,000,000 (the viewer's over 20 minutes instead
                   of 2), export 5 GB instead of 0.5
  --pin            bind load and backend to core 0, the relay to core 1
  --json FILE      write the raw figures to FILE
`;

function positiveInteger(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new TypeError(`--${name}: found '${text}', wanted a whole number from 1`);
  }
  return value;
}

function sectionNames(text: string): readonly SectionName[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!SECTIONS.some((known) => known === name)) {
      throw new TypeError(`--only: found '${name}', wanted some of ${SECTIONS.join(",")}`);
    }
  }
  return SECTIONS.filter((known) => names.includes(known));
}

/**
 * Reads the command line; `undefined` if it asks for help.
 * @throws TypeError with one line that says what is wrong.
 */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      only: { type: "string", default: SECTIONS.join(",") },
      seconds: { type: "string", default: "5" },
      rounds: { type: "string", default: "3" },
      subject: { type: "string", default: "source" },
      json: { type: "string" },
      long: { type: "boolean", default: false },
      pin: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    only: sectionNames(values.only),
    seconds: positiveInteger("seconds", values.seconds),
    rounds: positiveInteger("rounds", values.rounds),
    subject: values.subject,
    exchanges: values.long ? 10_000_000 : 1_000_000,
    pin: values.pin,
    jsonFile: values.json,
  };
}
