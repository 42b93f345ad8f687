/** What the captures of all connections share. */
import type { BodyMemory } from "./body_keeper.ts";
import type { Record } from "./record.ts";

/** What the captures of all connections share. */
export interface CaptureContext {
  /** Takes each record. The record's bytes hold until it returns. */
  readonly emit: (record: Record) => void;
  /** Turns a monotonic time (ms) into ms since the epoch. */
  readonly wall: (monotonicMs: number) => number;
  /** Gives the next exchange id. */
  readonly nextId: () => number;
  /** Where bodies in flight are kept. */
  readonly memory: BodyMemory;
}
