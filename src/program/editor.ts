/** `--edit`: each request passes through the user's editor, as text: its head, an empty line, its body. */
import type { Archived } from "../archive/archive.ts";
import { displayText, encodeText } from "../capture/charset.ts";
import { contentOf } from "../capture/content.ts";
import type { ExchangeRecord, RequestMessage } from "../capture/record.ts";
import { composeRequestHead } from "../http/compose_head.ts";
import { contentCodings } from "../http/coding.ts";
import { type Field, fieldValue } from "../http/head.ts";
import { parseRequestHead } from "../http/head_parser.ts";
import { reasonOf } from "../log/destination.ts";
import { recode } from "../resend/recode.ts";
import { Failure } from "./failure.ts";

/** How much of a body that a content coding holds is shown. */
const DECODED_LIMIT_BYTES = 16 * 1024 * 1024;

/** Records, of which those that are wanted are edited first; an emptied one is left out. */
export async function* inEditor(
  source: AsyncIterable<readonly Archived[]>,
  wants: (archived: Archived) => boolean,
): AsyncGenerator<readonly Archived[]> {
  for await (const batch of source) {
    for (const archived of batch) {
      const { record, place } = archived;
      if (record.type !== "exchange" || record.request === undefined || !wants(archived)) {
        yield [archived];
        continue;
      }
      const request = await edited(record, record.request);
      if (request !== undefined) yield [{ record: { ...record, request }, place }];
    }
  }
}

/** @returns `undefined` where nothing of it was left. */
async function edited({ id }: ExchangeRecord, request: RequestMessage): Promise<RequestMessage | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-" });
  const path = `${folder}/request-${id}.http`;
  try {
    const shown = textOf(request);
    await Deno.writeTextFile(path, shown.text, { mode: 0o600 });
    await openEditor(path);
    const text = await Deno.readTextFile(path);
    if (text.trim() === "") return undefined;
    return text === shown.text ? request : requestOf(text, request, shown);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the editor shows. */
interface Shown {
  readonly text: string;
  /** Whether the body is in it; one that is no text, or was not kept whole, is not. */
  readonly hasBody: boolean;
}

function textOf(request: RequestMessage): Shown {
  const { head, body } = request;
  const lines = [`${head.method} ${head.target} ${head.version}`];
  for (const [name, value] of head.fields) lines.push(`${name}: ${value}`);
  const content = contentOf(request, DECODED_LIMIT_BYTES);
  const isWhole = body.kept.length === body.bytes && content?.error === undefined && !content?.truncated;
  const bytes = content?.bytes ?? body.kept;
  const text = isWhole ? displayText(bytes, fieldValue(head.fields, "content-type")) : undefined;
  return { text: `${lines.join("\n")}\n\n${text ?? ""}`, hasBody: text !== undefined };
}

/** The request that a text is: lengths and codings made anew. */
function requestOf(text: string, before: RequestMessage, { text: shown, hasBody }: Shown): RequestMessage {
  const plain = text.replaceAll("\r\n", "\n");
  const end = plain.indexOf("\n\n");
  const headText = end < 0 ? plain.trimEnd() : plain.slice(0, end);
  const head = parseRequestHead(new TextEncoder().encode(`${headText.replaceAll("\n", "\r\n")}\r\n\r\n`));
  if (typeof head === "string") {
    throw new Failure(
      `cannot send what was edited: found ${
        JSON.stringify(headText.split("\n", 1)[0])
      }, wanted a request line ` +
        "such as GET /path HTTP/1.1, fields, an empty line and the body",
    );
  }
  let bodyText = end < 0 ? "" : plain.slice(end + 2);
  // Editors end the last line, whether it was ended or not.
  if (bodyText.endsWith("\n") && !shown.endsWith("\n")) bodyText = bodyText.slice(0, -1);
  const contentType = fieldValue(head.fields, "content-type");
  const body = hasBody
    ? coded(encodeText(bodyText, contentType) ?? new TextEncoder().encode(bodyText), head.fields, before)
    : before.body.kept;
  const fields = withLength(head.fields, body.length);
  const { method, target, version } = head;
  return {
    head: composeRequestHead({ method, target, version, fields }),
    body: { bytes: body.length, kept: body },
    trailers: before.trailers,
  };
}

function coded(bytes: Uint8Array, fields: readonly Field[], before: RequestMessage): Uint8Array {
  const codings = contentCodings(fields);
  if (codings.length === 0) return bytes;
  const made = recode(bytes, codings, before.body.kept);
  if (made.leftOff === undefined) return made.bytes;
  throw new Failure(`cannot send what was edited: tcpmon cannot apply the content coding ${made.leftOff}`);
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

/** Opens $VISUAL or $EDITOR, which may have arguments, and waits for its end. */
async function openEditor(path: string): Promise<void> {
  const isWindows = Deno.build.os === "windows";
  const editor = Deno.env.get("VISUAL") || Deno.env.get("EDITOR") || (isWindows ? "notepad" : "vi");
  const command = isWindows
    ? new Deno.Command("cmd", { args: ["/c", `${editor} "${path}"`], stdin: "inherit" })
    // As git does it: the shell takes the editor's arguments apart, and the path stays one word.
    : new Deno.Command("sh", { args: ["-c", `${editor} "$@"`, editor, path], stdin: "inherit" });
  let success: boolean;
  try {
    ({ success } = await command.spawn().status);
  } catch (error) {
    throw new Failure(`cannot start the editor ${JSON.stringify(editor)}: ${reasonOf(error)}`);
  }
  if (!success) {
    throw new Failure(`the editor ${JSON.stringify(editor)} ended with a failure, nothing more is sent`);
  }
}
