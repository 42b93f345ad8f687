/** What every part of the benchmark works with. */

import type { BenchOptions } from "./options.ts";
import type { Peers } from "./peers.ts";
import type { RelayStarter } from "./relays.ts";
import type { Workshop } from "./workshop.ts";

/** Handed to every part by the main module. */
export interface BenchContext {
  /** Owns the processes and the temporary folder. */
  readonly workshop: Workshop;
  /** What the command line asks for. */
  readonly options: BenchOptions;
  /** What is on this machine to compare with. */
  readonly peers: Peers;
  /** Starts what is measured. */
  readonly relays: RelayStarter;
  /** The backend's port on 127.0.0.1. */
  readonly backendPort: number;
  /** Says on stderr what is going on. */
  readonly say: (text: string) => void;
}

/** How long a process gets to finish what a load left it to do (write its log, collect garbage) before it is read. */
const SETTLE_MS = 400;

/** How often a log that still grows is waited for. */
const SETTLE_TURNS = 25;

/** Waits for a relay to come to rest: a moment, and on until `logFile`, if it writes one, no longer grows. */
export async function settle(logFile?: string): Promise<void> {
  let size = -1;
  for (let turn = 0; turn < SETTLE_TURNS; turn++) {
    await new Promise((resume) => setTimeout(resume, SETTLE_MS));
    const before = size;
    size = logFile === undefined ? 0 : (await Deno.stat(logFile)).size;
    if (logFile === undefined || size === before) return;
  }
}
