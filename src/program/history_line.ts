/** Lines of the JSON log as the viewer reads and shows them: with bodies that are no longer than a page shows at once. */
import type { HistoryReader } from "../store/history_reader.ts";

/** A line of the JSON log, as far as it is looked into here. */
export interface Line {
  /** What else it has. */
  readonly [name: string]: unknown;
  /** Of a closed connection: bytes from client to target. */
  readonly up?: number;
  /** The other way. */
  readonly down?: number;
  /** Of lost records: how many. */
  readonly count?: number;
  /** Of an exchange: its request. */
  readonly request?: LineMessage;
  /** Its response. */
  readonly response?: LineMessage;
  /** What it is about as SOAP. */
  readonly soap?: { readonly fault?: { readonly code?: string; readonly string?: string } };
}

/** A request or a response in a line. */
export interface LineMessage {
  /** Its body. */
  readonly body?: LineBody;
}

/** A body in a line. */
export interface LineBody {
  /** How many bytes there were. */
  readonly bytes: number;
  /** What was kept of it, where that is text. */
  readonly text?: string;
  /** Where it is not. */
  readonly base64?: string;
  /** Whether it is not all of it. */
  readonly truncated?: boolean;
  /** The body without its content codings. */
  readonly decoded?: LineBody;
}

/**
 * Lines of records that are still there, by their ids: a few MiB at a time, the order kept.
 *
 * @param ids Of the records; fast where they rise or fall.
 */
export async function* linesOf(
  reader: HistoryReader,
  ids: readonly number[],
): AsyncGenerator<readonly (readonly [id: number, line: string])[]> {
  for (let at = 0; at < ids.length;) {
    const lines = await reader.lines(at === 0 ? ids : ids.slice(at));
    const from = at;
    at += lines.length;
    yield lines.flatMap((line, i) => line === undefined ? [] : [[ids[from + i], line] as const]);
  }
}

/**
 * The line with bodies cut to so many bytes.
 *
 * @returns The line, and which of its bodies were cut.
 */
export function cutLine(
  line: Line,
  limitBytes: number,
): { readonly record: Line; readonly request: boolean; readonly response: boolean } {
  const cut = (part: "request" | "response") => {
    const message = line[part];
    const body = message?.body;
    if (message === undefined || body === undefined) return { message, isCut: false };
    const kept = cutBody(body, limitBytes);
    return { message: { ...message, body: kept }, isCut: kept !== body };
  };
  const [request, response] = [cut("request"), cut("response")];
  return {
    record: {
      ...line,
      ...request.message && { request: request.message },
      ...response.message && { response: response.message },
    },
    request: request.isCut,
    response: response.isCut,
  };
}

/** The same body where it is short enough. */
function cutBody(body: LineBody, limitBytes: number): LineBody {
  const decoded = body.decoded && cutBody(body.decoded, limitBytes);
  const { text, base64 } = body;
  // Four characters of base64 are three bytes: what is cut stays whole ones.
  const base64Limit = Math.floor(limitBytes / 3) * 4;
  const isLong = (text?.length ?? 0) > limitBytes || (base64?.length ?? 0) > base64Limit;
  if (!isLong && decoded === body.decoded) return body;
  return {
    ...body,
    ...text !== undefined && { text: text.slice(0, limitBytes) },
    ...base64 !== undefined && { base64: base64.slice(0, base64Limit) },
    ...isLong && { truncated: true },
    ...decoded && { decoded },
  };
}
