/** A message as text: its start line, its fields and its body, to be copied. */
import { base64Bytes } from "../body/source.ts";
import type { FieldJson, RequestJson, ResponseJson } from "../record_json.ts";

/** A message as text, and what of it is missing there. */
export interface RawText {
  /** The text. */
  readonly text: string;
  /** What is missing, in words. */
  readonly missing?: string;
}

/** The value of the first field of a name. */
export function fieldOf(fields: readonly FieldJson[], name: string): string | undefined {
  return fields.find(([found]) => found.toLowerCase() === name)?.[1];
}

/** The text of a message, with the body that the page has; transfer coding is taken off. */
export function rawText(message: RequestJson | ResponseJson): RawText {
  const { body } = message;
  const head = headText(message);
  const { text } = body;
  if (text === undefined && body.bytes > 0) {
    return { text: head, missing: "the body, which is no text" };
  }
  const isCut = body.truncated === true;
  return { text: head + (text ?? ""), ...isCut && { missing: "what the page does not have of the body" } };
}

/** The head as it came. */
function headText(message: RequestJson | ResponseJson): string {
  const raw = message.head === undefined ? undefined : base64Bytes(message.head);
  if (raw !== undefined) return new TextDecoder().decode(raw);
  const start = "method" in message
    ? `${message.method} ${message.target} ${message.version}`
    : `${message.version} ${String(message.status).padStart(3, "0")} ${message.reason}`;
  const fields = message.headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${start}\r\n${fields}\r\n`;
}
