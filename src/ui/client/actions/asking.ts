/// <reference lib="dom" />
/** What the actions ask the program for. Every failure is a {@link ServerError} with one line for people. */
import type { CompareView, ExportFormat, RowView, SendRequest, SentView } from "../../api.ts";
import { ask, askRows, change, withRun } from "../state/server.ts";

/** Which exchanges are saved: these rows, those that a filter lets through, or all. */
export type SaveChoice =
  | { readonly kind: "rows"; readonly rows: readonly number[] }
  | { readonly kind: "filter"; readonly filter: string }
  | { readonly kind: "all" };

/**
 * Sends a captured request again as it was.
 *
 * @param row Its row.
 * @param to Another target, which gets its own Host; empty: where it went.
 * @param signal Ends the waiting for its answer.
 */
export function askResend(row: number, to = "", signal?: AbortSignal): Promise<SentView> {
  return ask("/api/resend", { ...change("POST", { row, ...to !== "" && { to } }), ...signal && { signal } });
}

/** Sends a request. */
export function askSend(request: SendRequest): Promise<SentView> {
  return ask("/api/send", change("POST", request));
}

/** How two exchanges differ. */
export function askComparison(before: number, after: number, signal: AbortSignal): Promise<CompareView> {
  return ask(`/api/compare?before=${before}&after=${after}`, { signal });
}

/**
 * The newest row of an exchange that stands before another row.
 *
 * @param id Id of the exchange, as the log has it.
 * @param before The other row.
 */
export async function askRowOf(id: number, before: number): Promise<RowView | undefined> {
  const { rows } = await askRows({ before, limit: 1, filter: `id:${id}` });
  return rows[0];
}

/** Where exchanges can be had as a file, of the run whose rows the page shows. */
export function exportAddress(format: ExportFormat, choice: SaveChoice): string {
  const parameters = new URLSearchParams({ as: format });
  if (choice.kind === "filter") parameters.set("filter", choice.filter);
  // Commas may stand in a query as they are: encoded, many rows would make too long an address.
  const rows = choice.kind === "rows" ? `&rows=${choice.rows.join(",")}` : "";
  return withRun(`/api/export?${parameters}${rows}`);
}
