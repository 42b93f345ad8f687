/** Runs `wrk`, the load generator, and reads what it prints. */

import type { Workshop } from "./workshop.ts";

/** How many connections wrk keeps open: what the wanted figures are given for. */
export const WRK_CONNECTIONS = 32;

/** What one run of wrk found. */
export interface WrkReport {
  /** Responses that came whole. */
  readonly requests: number;
  /** How long the load lasted. */
  readonly seconds: number;
  /** `requests / seconds`. */
  readonly requestsPerSecond: number;
  /** Median latency. */
  readonly p50Ms: number;
  /** Latency that one response in a hundred exceeds. */
  readonly p99Ms: number;
  /** Socket errors of every kind, plus responses that were neither 2xx nor 3xx. */
  readonly errors: number;
}

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time as wrk writes it (`435.00us`, `1.20ms`, `5.00s`, `1.00m`) in ms; `NaN` if it is none. */
export function parseWrkTime(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text);
  return parts === null ? NaN : Number(parts[1]) * UNIT_MS[parts[2]];
}

/**
 * Reads the output of `wrk --latency`.
 * @throws Error where it lacks the count of requests: wrk did not run its course.
 */
export function parseWrk(output: string): WrkReport {
  const total = /^\s*(\d+) requests in (\S+),/m.exec(output);
  if (total === null) throw new Error(`no result from wrk, it said: ${output.trim() || "nothing"}`);
  const requests = Number(total[1]);
  const seconds = parseWrkTime(total[2]) / 1000;
  const percentile = (name: string) =>
    parseWrkTime(new RegExp(`^\\s*${name}%\\s+(\\S+)`, "m").exec(output)?.[1] ?? "");
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output);
  const badStatus = /Non-2xx or 3xx responses: (\d+)/.exec(output);
  return {
    requests,
    seconds,
    requestsPerSecond: requests / seconds,
    p50Ms: percentile("50"),
    p99Ms: percentile("99"),
    errors: [...(socketErrors ?? []).slice(1), badStatus?.[1] ?? "0"].map(Number).reduce((a, b) => a + b, 0),
  };
}

/**
 * Loads the server on `port` for `seconds` with {@link WRK_CONNECTIONS} connections of one thread.
 *
 * @param more Further arguments of wrk.
 */
export async function runWrk(
  workshop: Workshop,
  port: number,
  seconds: number,
  more: readonly string[] = [],
): Promise<WrkReport> {
  const output = await workshop.run([
    "wrk",
    "-t1",
    `-c${WRK_CONNECTIONS}`,
    `-d${seconds}s`,
    "--latency",
    ...more,
    `http://127.0.0.1:${port}/`,
  ], "load");
  return parseWrk(output);
}
