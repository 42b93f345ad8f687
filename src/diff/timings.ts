/** The times of two exchanges side by side, in ms. */
import type { ExchangeRecord, Timings } from "../capture/record.ts";

/** One step of both exchanges. */
export interface TimingRow {
  /** Which step, by its name in the log. */
  readonly step: keyof Timings;
  /** How long it took before, in ms. Absent: it did not take place. */
  readonly beforeMs?: number;
  /** How long it took after, in ms. */
  readonly afterMs?: number;
  /** By how much longer it took after, in ms, to the µs; negative: it was faster. Absent unless both took place. */
  readonly differenceMs?: number;
}

const STEPS: readonly (keyof Timings)[] = ["connect", "tls", "send", "wait", "receive", "total", "relay"];

/** The steps that took place in either exchange, in order. */
export function timingsTable(before: ExchangeRecord, after: ExchangeRecord): readonly TimingRow[] {
  return STEPS.map((step): TimingRow => {
    const [was, is] = [before.ms[step], after.ms[step]];
    return {
      step,
      ...was !== undefined && { beforeMs: was },
      ...is !== undefined && { afterMs: is },
      ...was !== undefined && is !== undefined && { differenceMs: Math.round((is - was) * 1000) / 1000 },
    };
  }).filter(({ beforeMs, afterMs }) => beforeMs !== undefined || afterMs !== undefined);
}
