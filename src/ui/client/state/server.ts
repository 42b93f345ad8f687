/// <reference lib="dom" />
/** Asks the program. Every failure is a {@link ServerError} with one line for people. */
import type { ActiveView, ExchangeView, MessagePage, RemoveResult, RowPage, ViewerState } from "../../api.ts";
import { RUN_FIELD, RUN_PARAMETER } from "../../run_name.ts";
import { viewer } from "./store.ts";

/** The program could not be asked, or refused. */
export class ServerError extends Error {
  /** The HTTP status; 0: it does not answer. */
  readonly status: number;
  /** Which setting cannot be used, where it is one. */
  readonly field?: string;

  /**
   * A failure.
   *
   * @param message One line for people.
   * @param status The HTTP status; 0: no answer.
   * @param field Which setting it is about.
   */
  constructor(message: string, status: number, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** What the program says of itself, whichever run of it is there now. */
export function askState(): Promise<ViewerState> {
  return askAnyRun("/api/state");
}

/** The fields that name the run whose numbers the page shows, so that another one refuses them. */
export function runFields(): { readonly [name: string]: string } {
  const run = viewer.peek()?.run;
  return run === undefined ? {} : { [RUN_FIELD]: run };
}

/** An address that names that run, for what cannot send fields. Who draws it follows the run. */
export function withRun(path: string): string {
  const run = viewer.value?.run;
  if (run === undefined) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${RUN_PARAMETER}=${encodeURIComponent(run)}`;
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

/** A page of rows in the order of a column; without `order` it is made anew. */
export function askOrder(
  query: {
    readonly sort: string;
    readonly offset: number;
    readonly limit: number;
    readonly filter: string;
    readonly order?: number;
  },
  signal?: AbortSignal,
): Promise<RowPage> {
  const { sort, offset, limit, filter, order } = query;
  const parameters = new URLSearchParams({ sort, offset: `${offset}`, limit: `${limit}` });
  if (order !== undefined) parameters.set("order", `${order}`);
  if (filter !== "") parameters.set("filter", filter);
  return ask(`/api/rows?${parameters}`, { signal });
}

/** Messages of what is under way, that stand behind row `after`, oldest first. */
export function askActiveMessages(
  { listener, client, connection, id }: Pick<ActiveView, "listener" | "client" | "connection" | "id">,
  after: number,
  limit: number,
): Promise<MessagePage> {
  const parameters = new URLSearchParams({ listener, client, connection: `${connection}` });
  if (id !== undefined) parameters.set("id", `${id}`);
  parameters.set("after", `${after}`);
  parameters.set("limit", `${limit}`);
  return ask(`/api/active/messages?${parameters}`);
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
 * Asks for JSON, of the run whose numbers the page shows.
 *
 * @throws {ServerError} where the program refuses, does not answer, or was started again.
 */
export function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(runFields())) headers.set(name, value);
  return askAnyRun(path, { ...init, headers });
}

async function askAnyRun<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ServerError("tcpmon does not answer", 0);
  }
  if (!response.ok) throw await refusal(response);
  return await response.json();
}

/** What a refusal says: the line of its JSON, or its status. */
async function refusal(response: Response): Promise<ServerError> {
  const { status, statusText } = response;
  const text = await response.text();
  try {
    const { error, field } = JSON.parse(text);
    if (typeof error === "string") {
      return new ServerError(error, status, typeof field === "string" ? field : undefined);
    }
  } catch {
    // It was no JSON: the status has to do.
  }
  return new ServerError(`tcpmon answered ${status} ${statusText}`.trimEnd(), status);
}
