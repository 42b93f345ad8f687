/** The summary of a load in text, for people. */
import { escaped } from "../net/address.ts";
import type { LoadSummary } from "./load.ts";

/** A few lines: how many, how fast, which statuses, how long, and what failed. Ends with a line feed. */
export function formatSummary(summary: LoadSummary): string {
  const { wanted, count, succeeded, statuses, failures, bytes, latencyMs } = summary;
  const { elapsedMs, perSecond, ratePerSecond, concurrency, connections, stopped } = summary;
  const lines = [
    `${counted(count, "request")}${stopped ? ` of ${wanted} (stopped)` : ""} in ${seconds(elapsedMs)}, ` +
    `${decimals(perSecond)} answered a second, ${concurrency} at once, ` +
    `${counted(connections, "connection")}`,
    `succeeded ${succeeded}, failed ${count - succeeded}`,
    `statuses  ${listed(statuses) || "none"}`,
    `bytes     ${bytes.up} sent, ${bytes.down} received`,
  ];
  if (latencyMs !== undefined) {
    const { min, mean, p50, p90, p95, p99, max } = latencyMs;
    lines.push(
      `latency   min ${ms(min)}  mean ${ms(mean)}  p50 ${ms(p50)}  p90 ${ms(p90)}  p95 ${ms(p95)}  ` +
        `p99 ${ms(p99)}  max ${ms(max)} ms`,
    );
    if (ratePerSecond !== undefined) {
      lines.push(
        `          ${
          decimals(ratePerSecond)
        } were due a second; a request that had to wait is measured from when ` +
          "it was due",
      );
    }
  }
  for (const [reason, times] of Object.entries(failures)) {
    lines.push(`failed    ${times} × ${escaped(reason)}`);
  }
  return `${lines.join("\n")}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function listed(counts: { readonly [name: string]: number }): string {
  return Object.entries(counts).map(([name, count]) => `${name} × ${count}`).join(", ");
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(durationMs < 10_000 ? 3 : 1)} s`;
}

/** Three digits that count. */
function ms(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function decimals(value: number): string {
  return value < 100 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
