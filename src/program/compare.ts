/**
 * Two exchanges compared in a worker: bodies of some megabytes take seconds, in which nothing that passes traffic may
 * wait. The worker is started for each comparison, so that one without end can be ended.
 */
import type { CompareView } from "../ui/api.ts";

/** Name of the worker: a program that is its own worker file tells by it what it is to be. */
export const COMPARE_WORKER = "tcpmon-compare";

/** What is compared: two lines of the JSON log. */
export interface CompareTask {
  /** The one that came first. */
  readonly before: string;
  /** The other one. */
  readonly after: string;
}

/** What comparing gives. */
export type Comparison = Omit<CompareView, "before" | "after">;

/** What the worker says. */
export type CompareReply =
  | { readonly kind: "ready" }
  | { readonly kind: "compared"; readonly comparison: Comparison }
  /** One of them is no exchange. */
  | { readonly kind: "no-exchange" }
  | { readonly kind: "failed"; readonly error: string };

/** The worker's file; a program that was joined to one file is its own. */
const WORKER_URL: string = import.meta.url.endsWith("/src/program/compare.ts")
  ? new URL("./compare_worker.ts", import.meta.url).href
  : import.meta.url;

/**
 * Compares.
 *
 * @param signal Ends it.
 * @returns `undefined`: one of them is no exchange.
 * @throws {Error} One line for people, where it fails; what the signal says, where that ended it.
 */
export async function compareLines(task: CompareTask, signal: AbortSignal): Promise<Comparison | undefined> {
  signal.throwIfAborted();
  const worker = new Worker(WORKER_URL, { type: "module", name: COMPARE_WORKER });
  const { promise, resolve, reject } = Promise.withResolvers<Comparison | undefined>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`the comparison ended: ${event.message}`));
  };
  worker.onmessage = ({ data }: MessageEvent<CompareReply>) => {
    if (data.kind === "ready") worker.postMessage(task);
    else if (data.kind === "failed") reject(new Error(data.error));
    else resolve(data.kind === "compared" ? data.comparison : undefined);
  };
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    worker.terminate();
  }
}
