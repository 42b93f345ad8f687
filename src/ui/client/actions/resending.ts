/// <reference lib="dom" />
/** Actions on the rows that are selected: sent again as they were, edited, compared. */
import type { RowView } from "../../api.ts";
import { durationText } from "../exchange/units.ts";
import { clickRow, newestRow, shownLines } from "../state/selecting.ts";
import type { Selection } from "../state/selection.ts";
import { selectedRow, selection } from "../state/store.ts";
import { complain, say } from "../state/toasting.ts";
import { askResend, askRowOf } from "./asking.ts";
import { type Answer, answerOf, editCaptured } from "./editing.ts";
import { begin, TASK_ID } from "./task.ts";

/** Rows that are being sent again: a second press of the key is an accident. */
const underWay = new Set<string>();

/** Whether a row has a request that can be sent again. */
export function canResend({ type, method }: RowView): boolean {
  return type === "exchange" && method !== undefined && method !== "CONNECT";
}

/**
 * Sends the request of a row again as it was, byte for byte.
 *
 * @param row The row.
 * @param to Another target, which gets its own Host; empty: where it went.
 * @returns Whether it was sent, answered or not.
 */
export async function resend(row: RowView, to = ""): Promise<boolean> {
  const key = `${row.row} ${to}`;
  if (underWay.has(key)) return false;
  underWay.add(key);
  try {
    const answer = await answerOf(await askResend(row.row, to));
    const text = `Resent ${nameOf(row)}${to === "" ? "" : ` to ${to}`}: ${wordsOf(answer)}`;
    if (answer.kind !== "view") say(text);
    else {
      const { row: made } = answer.view;
      say(text, { label: `Show ${nameOf(made)}`, run: () => clickRow(made.row, false, false) });
    }
    return true;
  } catch (error) {
    complain(error);
    return false;
  } finally {
    underWay.delete(key);
  }
}

/** Sends the row at which the keyboard stands again as it was. */
export function resendCurrent(): void {
  const row = currentRow();
  if (row !== undefined) resend(row);
}

/** Puts the row at which the keyboard stands into the editor. */
export function editCurrent(): void {
  const row = currentRow();
  if (row !== undefined) editCaptured(row);
}

/** Compares the two rows that are selected, the older one first. */
export function compareSelected(): void {
  const rows = [...selection.value.rows].sort((a, b) => a - b);
  if (rows.length !== 2) {
    return say("Select the two exchanges to be compared: with Ctrl and a click, or with Space");
  }
  compare(rows[0], rows[1]);
}

/** Compares two rows. */
export function compare(before: number, after: number): void {
  begin({ kind: "compare", before, after });
  requestAnimationFrame(() => document.getElementById(TASK_ID)?.focus());
}

/** The id of the exchange that a row is sent again from; undefined: it is no such row. */
export function originOf({ listener }: RowView): number | undefined {
  const id = /^viewer, resend of #(\d{1,15})$/.exec(listener)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** Compares a row that was sent again with what it was sent again from. */
export async function compareWithOrigin(row: RowView): Promise<void> {
  await withOrigin(row, (origin) => compare(origin.row, row.row));
}

/** Shows what a row was sent again from. */
export async function showOrigin(row: RowView): Promise<void> {
  await withOrigin(row, (origin) => clickRow(origin.row, false, false));
}

async function withOrigin(row: RowView, then: (origin: RowView) => void): Promise<void> {
  try {
    const id = originOf(row);
    const origin = id === undefined ? undefined : await askRowOf(id, row.row);
    if (origin === undefined) say("What it was made of is not in the history any more");
    else then(origin);
  } catch (error) {
    complain(error);
  }
}

/** How a row is called: `#17`, as the log has it. */
export function nameOf({ id, row }: RowView): string {
  return id === undefined ? `row ${row}` : `#${id}`;
}

function wordsOf(answer: Answer): string {
  if (answer.kind === "failed") return answer.error;
  if (answer.kind !== "view" && answer.kind !== "record") return "";
  const response = answer.kind === "view"
    ? (answer.view.record as { readonly response?: { readonly reason: string } }).response
    : answer.record.response;
  const status = answer.kind === "view" ? answer.view.row.status : answer.record.response?.status;
  const totalMs = answer.kind === "view" ? answer.view.row.ms?.total : answer.record.ms.total;
  const said = status === undefined
    ? answer.error ?? "no response"
    : `${status} ${response?.reason.slice(0, 40) ?? ""}`.trimEnd();
  return totalMs === undefined ? said : `${said}, ${durationText(totalMs)}`;
}

/** The row at which the keyboard stands, or that is open; undefined: there is none, and somebody was told so. */
export function currentRow(): RowView | undefined {
  const { cursor } = selection.value;
  const row = cursor === "recent" ? selectedRow.value ?? newestRow.value : rowAt(cursor) ?? selectedRow.value;
  if (row !== undefined && canResend(row)) return row;
  say(row === undefined ? "Select an exchange first" : "There is no request that could be sent again");
}

/** A row of the table as it stands. */
function rowAt(cursor: Selection["cursor"]): RowView | undefined {
  const { order, at } = shownLines.value;
  return typeof cursor === "number" ? at(order.indexOf(cursor)) : undefined;
}
