/// <reference lib="dom" />
/** Asks the program. Every failure is a {@link ServerError} with one line for people. */
import type { RemoveResult, RowPage, ViewerState } from "../../api.ts";
import type { ExchangeView } from "../../api.ts";

/** The program could not be asked, or refused. */
export class ServerError extends Error {
  /** The HTTP status; 0: it does not answer. */
  readonly status: number;

  /**
   * A failure.
   *
   * @param message One line for people.
   * @param status The HTTP status; 0: no answer.
   */
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** What the program says of itself. */
export function askState(): Promise<ViewerState> {
  return ask("/api/state");
}

/** A page of rows. */
export function askRows(
  query: { readonly before?: number; readonly limit: number; readonly filter: string },
  signal?: AbortSignal,
): Promise<RowPage> {
  const parameters = new URLSearchParams({ limit: `${query.limit}` });
  if (query.before !== undefined) parameters.set("before", `${query.before}`);
  if (query.filter !== "") parameters.set("filter", query.filter);
  return ask(`/api/rows?${parameters}`, { signal });
}

/** One exchange. */
export function askExchange(row: number): Promise<ExchangeView> {
  return ask(`/api/rows/${row}`);
}

/** Removes these rows, or all of them (undefined). */
export function askRemoval(rows: readonly number[] | undefined): Promise<RemoveResult> {
  return ask("/api/rows", change("DELETE", rows === undefined ? {} : { rows }));
}

/** Brings back what was removed last. */
export function askUndo(): Promise<RemoveResult> {
  return ask("/api/rows/undo", change("POST", {}));
}

/** How a request that changes something, or makes something happen, is written. */
export function change(method: string, body: unknown): RequestInit {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/**
 * Asks for JSON.
 *
 * @throws {ServerError} where the program refuses, or does not answer.
 */
export async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ServerError("tcpmon does not answer", 0);
  }
  if (!response.ok) throw new ServerError(await refusal(response), response.status);
  return await response.json();
}

/** What a refusal says: the line of its JSON, or its status. */
async function refusal(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text);
    if (typeof error === "string") return error;
  } catch {
    // It was no JSON: the status has to do.
  }
  return `tcpmon answered ${response.status} ${response.statusText}`.trimEnd();
}
