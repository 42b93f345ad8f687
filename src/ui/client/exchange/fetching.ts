/** What the pane asks the program for: an exchange, bytes of its bodies, its messages. */
import type { ExchangeView, MessagePage } from "../../api.ts";
import { runFields, ServerError } from "../state/server.ts";

/** Everything about a row. */
export async function fetchExchange(row: number, signal: AbortSignal): Promise<ExchangeView> {
  return await (await get(`/api/rows/${row}`, signal)).json();
}

/** Bytes of a body as it was sent, from `from` to before `to`; fewer where it ends before. */
export async function fetchBody(
  row: number,
  part: "request" | "response",
  from: number,
  to: number,
): Promise<Uint8Array> {
  const response = await get(`/api/rows/${row}/body/${part}?from=${from}&to=${to}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Messages of a row that stand behind row `after`, oldest first. */
export async function fetchMessages(row: number, after: number, limit: number): Promise<MessagePage> {
  return await (await get(`/api/rows/${row}/messages?after=${after}&limit=${limit}`)).json();
}

/** The command of curl that sends the request of a row again. */
export async function fetchCurl(row: number): Promise<string> {
  return await (await get(`/api/export?as=curl&rows=${row}`)).text();
}

async function get(path: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      credentials: "same-origin",
      headers: runFields(),
      ...signal && { signal },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServerError("tcpmon does not answer", 0);
  }
  if (response.ok) return response;
  if (response.status === 404) throw new ServerError("This is not in the history any more.", 404);
  const answer: unknown = await response.json().catch(() => undefined);
  const reason = (answer as { readonly error?: unknown } | undefined)?.error;
  throw new ServerError(
    typeof reason === "string" ? reason : `tcpmon answered ${response.status}`,
    response.status,
  );
}
