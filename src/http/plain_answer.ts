/** Responses that tcpmon gives itself: a status, and its reason as plain text (RFC 9110 §15). */
import type { Field, RequestHead } from "./head.ts";

/** Reason phrases of the statuses that it has, or is likely to be asked for. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [200, "OK"],
  [204, "No Content"],
  [205, "Reset Content"],
  [304, "Not Modified"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [407, "Proxy Authentication Required"],
  [408, "Request Timeout"],
  [413, "Content Too Large"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
]);

/**
 * The bytes of a response.
 *
 * @param status 200–999.
 * @param request What it answers: a response to HEAD has no body.
 * @param text One line for people.
 * @param fields What it has beside Content-Type and Content-Length.
 */
export function plainAnswer(
  status: number,
  request: RequestHead | undefined,
  text: string,
  fields: readonly Field[] = [],
): Uint8Array {
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  const body = new TextEncoder().encode(hasBody ? `tcpmon: ${text}\n` : "");
  const lines = [
    `HTTP/1.1 ${status} ${REASONS.get(status) ?? "Status"}`,
    ...status === 205
      ? ["Content-Length: 0"]
      : hasBody
      ? ["Content-Type: text/plain; charset=utf-8", `Content-Length: ${body.length}`]
      : [],
    ...fields.map(([name, value]) => `${name}: ${value}`),
  ];
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  if (request?.method === "HEAD" || !hasBody) return head;
  const answer = new Uint8Array(head.length + body.length);
  answer.set(head);
  answer.set(body, head.length);
  return answer;
}
