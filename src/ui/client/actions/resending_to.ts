/// <reference lib="dom" />
/** Captured requests sent again elsewhere, or several of them one after the other. Signals. */
import { signal } from "@preact/signals";
import type { RowView, SentView } from "../../api.ts";
import type { ExchangeJson } from "../exchange/record_json.ts";
import { numberText } from "../exchange/units.ts";
import { list, selection } from "../state/store.ts";
import { say } from "../state/toasting.ts";
import type { Settable } from "../state/value.ts";
import { counted } from "../table/words.ts";
import { askResend } from "./asking.ts";
import { canResend, currentRow, resend } from "./resending.ts";
import { readTargets, withTarget } from "./targets.ts";
import { beginWork, report } from "./work.ts";

/** More at once are a load, which is not the page's job. */
export const MOST_RESENT = 100;

const KEY = "tcpmon-targets";

/** One of the rows that are to be sent again: only its number may be known. */
export type ResendRow = Pick<RowView, "row"> & Partial<RowView>;

/** The rows that somebody is about to send again; undefined: nobody is. */
export const resendRows: Settable<readonly ResendRow[] | undefined> = signal(undefined);
/** The targets that were named last. */
export const recentTargets: Settable<readonly string[]> = signal(readTargets(read()));

/** Asks where to send the row at which the keyboard stands; where several are selected, all of them. */
export function resendCurrentTo(): void {
  if (selection.value.rows.size > 1) return resendSelected();
  const row = currentRow();
  if (row !== undefined) resendRows.value = [row];
}

/** Asks where to send the selected rows, oldest first. */
export function resendSelected(): void {
  const { rows } = selection.value;
  const loaded = new Map(list.value.rows.map((row) => [row.row, row]));
  const chosen = [...rows].sort((a, b) => a - b).map((row): ResendRow => loaded.get(row) ?? { row });
  const sendable = chosen.filter((row) => !("type" in row) || canResend(row as RowView));
  if (sendable.length === 0) return say("There is no request that could be sent again");
  if (sendable.length > MOST_RESENT) {
    return say(`${counted(sendable.length, "request")} are too many at once: select at most ${MOST_RESENT}`);
  }
  resendRows.value = sendable;
}

/**
 * Sends rows again.
 *
 * @param rows Which, in this order; one at least.
 * @param to The target; empty: where each of them went.
 */
export async function resendTo(rows: readonly ResendRow[], to: string): Promise<void> {
  const [first] = rows;
  const isOne = rows.length === 1 && "type" in first;
  const isTaken = isOne ? await resend(first as RowView, to) : await resendAll(rows, to);
  if (isTaken && to !== "") remember(to);
}

async function resendAll(rows: readonly ResendRow[], to: string): Promise<boolean> {
  const leave = new AbortController();
  const work = beginWork(() => leave.abort());
  const statuses = new Map<string, number>();
  const problems: string[] = [];
  let done = 0;
  try {
    for (const row of rows) {
      const name = row.id === undefined ? `row ${row.row}` : `#${row.id}`;
      work.tell(`Resending ${counted(rows.length, "exchange")}${to === "" ? "" : ` to ${to}`}`, {
        detail: `${numberText(done + 1)} of ${numberText(rows.length)}: ${name}`,
        share: done / rows.length,
      });
      try {
        const sent = await askResend(row.row, to, leave.signal);
        const status = statusOf(sent);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (sent.error !== undefined) problems.push(`${name}: ${sent.error}`);
        done++;
      } catch (error) {
        if (leave.signal.aborted) break;
        problems.push(`${name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  } finally {
    work.end();
  }
  const text = resentText(done, rows.length, statuses, leave.signal.aborted);
  if (problems.length > 0) report(text, problems);
  else say(text);
  return done > 0;
}

/** What came of it, as a line: `Resent 12 exchanges: 11 × 200, 1 × no response`. */
export function resentText(
  done: number,
  wanted: number,
  statuses: ReadonlyMap<string, number>,
  isCancelled: boolean,
): string {
  const count = done === wanted
    ? counted(done, "exchange")
    : `${numberText(done)} of ${counted(wanted, "exchange")}`;
  const came = [...statuses].map(([status, times]) => `${numberText(times)} × ${status}`).join(", ");
  return `${isCancelled ? "Cancelled: resent" : "Resent"} ${count}${came === "" ? "" : `: ${came}`}`;
}

function statusOf({ record }: SentView): string {
  return `${(record as ExchangeJson | undefined)?.response?.status ?? "no response"}`;
}

function remember(target: string): void {
  recentTargets.value = withTarget(recentTargets.value, target);
  try {
    localStorage.setItem(KEY, JSON.stringify(recentTargets.value));
  } catch {
    // A browser may forbid it, or be full: then it is there until the page is left.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
