/**
 * A captured request as text that people edit, and back: its head, an empty line, its body without content codings. What
 * they leave alone stays as it was; lengths and codings are made anew.
 */
import { displayText, encodeText } from "../capture/charset.ts";
import { contentOf } from "../capture/content.ts";
import type { RequestMessage } from "../capture/record.ts";
import { composeRequestHead } from "../http/compose_head.ts";
import { contentCodings } from "../http/coding.ts";
import { type Field, fieldValue } from "../http/head.ts";
import { parseRequestHead } from "../http/head_parser.ts";
import { EditError } from "./edit.ts";
import { recode } from "./recode.ts";

/** How much of a body that a content coding holds is shown. */
const DECODED_LIMIT_BYTES = 16 * 1024 * 1024;

const encoder = new TextEncoder();

/** A request as text. */
export interface RequestText {
  /** Start line and fields, an empty line, and the body where it is text and was kept whole. */
  readonly text: string;
  /** The body as it stands in the text; `undefined`: it does not. */
  readonly body: string | undefined;
}

/** Shows a request. */
export function textOfRequest(request: RequestMessage): RequestText {
  const { head, body } = request;
  const lines = [`${head.method} ${head.target} ${head.version}`];
  for (const [name, value] of head.fields) lines.push(`${name}: ${value}`);
  const content = contentOf(request, DECODED_LIMIT_BYTES);
  const isWhole = body.kept.length === body.bytes && content?.error === undefined && !content?.truncated;
  const shown = isWhole
    ? displayText(content?.bytes ?? body.kept, fieldValue(head.fields, "content-type"))
    : undefined;
  return { text: `${lines.join("\n")}\n\n${shown ?? ""}`, body: shown };
}

/**
 * The request that a text has become. Where nothing was changed it is the one that was shown, byte for byte; a body that
 * was not shown stays, unless another one was written.
 *
 * @throws {EditError} where it is no request any more, or its content coding cannot be applied.
 */
export function requestOfText(text: string, before: RequestMessage, shown: RequestText): RequestMessage {
  // Editors end the last line, whether it was ended or not.
  if (text === shown.text || text === `${shown.text}\n`) return before;
  const [separator] = /\r?\n\r?\n/.exec(text) ?? [""];
  const end = separator === "" ? text.length : text.indexOf(separator);
  const head = readHead(text.slice(0, end));
  const written = bodyOf(text.slice(end + separator.length), separator.includes("\r"), shown);
  const body = written === undefined ? undefined : coded(written, head.fields, before);
  const fields = withLength(head.fields, body?.length ?? before.body.bytes);
  const { method, target, version } = head;
  const rewritten = before.rewritten?.filter(([name]) => areSame(name, before.head.fields, fields));
  return {
    // What it is marked with, such as that it was redacted, holds as before.
    ...before,
    head: composeRequestHead({ method, target, version, fields }),
    ...body !== undefined && { body: { bytes: body.length, kept: body } },
    ...rewritten !== undefined && { rewritten },
  };
}

function readHead(text: string) {
  const lines = text.trimEnd().split(/\r?\n/);
  const head = parseRequestHead(encoder.encode(`${lines.join("\r\n")}\r\n\r\n`));
  if (typeof head !== "string") return head;
  throw new EditError(
    `cannot send what was edited: found ${JSON.stringify(lines[0])}, wanted a request line such as ` +
      "GET /path HTTP/1.1, fields, an empty line and the body",
  );
}

/**
 * The body that was written; `undefined` where none was shown and none was written.
 *
 * @param hasCrlf Whether the editor ends lines by CR LF: those of the head were shown without CR.
 */
function bodyOf(text: string, hasCrlf: boolean, { body: shown }: RequestText): string | undefined {
  const isEnded = shown?.endsWith("\n") === true;
  const ended = isEnded ? text : text.replace(hasCrlf ? /\r?\n$/ : /\n$/, "");
  if (shown === undefined && ended === "") return undefined;
  return hasCrlf && shown?.includes("\r\n") !== true ? ended.replaceAll("\r\n", "\n") : ended;
}

/** The bytes of a body, with the content codings that the head declares. */
function coded(text: string, fields: readonly Field[], before: RequestMessage): Uint8Array {
  const bytes = encodeText(text, fieldValue(fields, "content-type")) ?? encoder.encode(text);
  const codings = contentCodings(fields);
  if (codings.length === 0) return bytes;
  const made = recode(bytes, codings, before.body.kept);
  if (made.leftOff === undefined) return made.bytes;
  throw new EditError(`cannot send what was edited: tcpmon cannot apply the content coding ${made.leftOff}`);
}

/** Content-Length in bytes, where the request has one or needs one. */
function withLength(fields: readonly Field[], bytes: number): readonly Field[] {
  if (fieldValue(fields, "transfer-encoding") !== undefined) return fields;
  const isLength = ([name]: Field) => name.toLowerCase() === "content-length";
  if (fields.some(isLength)) {
    return fields.map((field) => isLength(field) ? [field[0], String(bytes)] as const : field);
  }
  return bytes === 0 ? fields : [...fields, ["Content-Length", String(bytes)]];
}

/** Whether the fields of a name are the same: then what tcpmon had made of them on the way is made of them again. */
function areSame(name: string, before: readonly Field[], after: readonly Field[]): boolean {
  const [was, is] = [before, after].map((fields) =>
    fields.filter((field) => field[0].toLowerCase() === name.toLowerCase()).map(([, value]) => value)
  );
  return was.length === is.length && was.every((value, i) => value === is[i]);
}
