/**
 * Two exchanges compared in a worker: bodies of some megabytes take seconds, patterns of a user's even longer, and
 * nothing that passes traffic or waits for Ctrl-C may wait for that.
 */
import type { Difference } from "../diff/difference.ts";
import type { DiffRuleOptions } from "../diff/rules.ts";
import type { CompareView } from "../ui/api.ts";
import { TimedWorker } from "./timed_worker.ts";

/** Name of the worker: a program that is its own worker file tells by it what it is to be. */
export const COMPARE_WORKER = "tcpmon-compare";

/** What is compared: two lines of the JSON log. */
export interface CompareTask {
  /** The one that came first. */
  readonly before: string;
  /** The other one. */
  readonly after: string;
  /** What `--ignore` says, which is known to be readable; absent: nothing. */
  readonly ignore?: readonly string[];
  /** Further rules. */
  readonly options?: DiffRuleOptions;
}

/** What comparing gives. */
export type Comparison = Omit<CompareView, "before" | "after"> & {
  readonly differences: readonly Difference[];
};

/** What compares. It answers `undefined` where one of them is no exchange. */
export type Comparer = TimedWorker<CompareTask, Comparison | undefined>;

/** The worker's file; a program that was joined to one file is its own. */
const WORKER_URL: string = import.meta.url.endsWith("/src/program/compare.ts")
  ? new URL("./compare_worker.ts", import.meta.url).href
  : import.meta.url;

/**
 * Makes something that compares, started when it is first asked.
 *
 * @param signal Ends it.
 * @param limitMs How long a comparison may take, ms; absent: for ever.
 */
export function openComparer(signal: AbortSignal, limitMs?: number): Comparer {
  return new TimedWorker({ url: WORKER_URL, name: COMPARE_WORKER, limitMs, signal });
}

/**
 * Compares.
 *
 * @param signal Ends it.
 * @returns `undefined`: one of them is no exchange.
 * @throws {Error} One line for people, where it fails; what the signal says, where that ended it.
 */
export async function compareLines(task: CompareTask, signal: AbortSignal): Promise<Comparison | undefined> {
  using comparer = openComparer(signal);
  return await comparer.ask(task);
}
