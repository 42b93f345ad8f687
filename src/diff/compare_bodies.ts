/**
 * Bodies compared: as JSON, XML or text where they are such, content codings undone and in their charsets, else byte by
 * byte. Equal bytes are equal without another look.
 */
import { displayText } from "../capture/charset.ts";
import { contentOf } from "../capture/content.ts";
import type { Body, RequestMessage, ResponseMessage } from "../capture/record.ts";
import { contentCodings } from "../http/coding.ts";
import { fieldValue } from "../http/head.ts";
import { SelectError, TooLargeError } from "../select/select_error.ts";
import { compareJson } from "./compare_json.ts";
import { compareBytes, compareText, isSame } from "./compare_text.ts";
import { compareXml } from "./compare_xml.ts";
import { type DifferenceList, excerpt } from "./difference.ts";
import type { DiffRules } from "./rules.ts";

type Message = RequestMessage | ResponseMessage;

/** Up to which size bodies are compared by structure or lines, in bytes: below a few seconds, a few 100 MB. */
const MAX_STRUCTURE_BYTES = 16 * 1024 * 1024;

/** Up to how many lines texts are compared by them. */
const MAX_LINES = 1_000_000;

const TOO_LARGE = "too large to compare by structure";

/** What a message carries. */
interface Content {
  readonly bytes: Uint8Array;
  /** Whether there was more. */
  readonly isCut: boolean;
  /** How many bytes there were, where that is known. */
  readonly total: number | undefined;
  readonly contentType: string | undefined;
  /** Why it could not be decoded. */
  readonly error?: string;
}

/** Compares the bodies of two messages. */
export function compareBodies(
  before: RequestMessage | ResponseMessage,
  after: RequestMessage | ResponseMessage,
  rules: DiffRules,
  list: DifferenceList,
): void {
  if (isSameBody(before, after)) return;
  const was = contentFor(before, rules);
  const is = contentFor(after, rules);
  if (was.isCut || is.isCut) return compareCut(was, is, rules, list);
  if (isSame(was.bytes, is.bytes)) return;
  const texts = [was, is].map(({ bytes, contentType }) => displayText(bytes, contentType));
  if (texts[0] === undefined || texts[1] === undefined || was.error !== undefined || is.error !== undefined) {
    return compareBytes(was.bytes, is.bytes, list);
  }
  if (texts[0] === texts[1]) return;
  if (was.bytes.length === 0) return list.added("body", undefined, texts[1]);
  if (is.bytes.length === 0) return list.removed("body", undefined, texts[0]);
  if (Math.max(was.bytes.length, is.bytes.length) > MAX_STRUCTURE_BYTES) {
    return compareBytes(was.bytes, is.bytes, list, TOO_LARGE);
  }
  const kind = kindOf(texts[0], was.contentType);
  try {
    if (kind === kindOf(texts[1], is.contentType)) {
      if (kind === "json") return compareJson(texts[0], texts[1], rules, list);
      if (kind === "xml") return compareXml(texts[0], texts[1], rules, list);
    }
  } catch (error) {
    if (error instanceof TooLargeError) return compareBytes(was.bytes, is.bytes, list, TOO_LARGE);
    // Not what it claims to be.
    if (!(error instanceof SelectError)) throw error;
  }
  if (hasManyLines(texts[0]) || hasManyLines(texts[1])) {
    return compareBytes(was.bytes, is.bytes, list, TOO_LARGE);
  }
  compareText(texts[0], texts[1], rules, list);
}

/** Whether two bodies are the same as they were transferred, as far as they were kept. */
export function isSameKept(before: Body, after: Body): boolean {
  return before.bytes === after.bytes && isSame(before.kept, after.kept);
}

/** Whether two bodies are the same without decoding them. */
function isSameBody(before: Message, after: Message): boolean {
  if (!isSameKept(before.body, after.body)) return false;
  const codings = contentCodings(before.head.fields);
  const others = contentCodings(after.head.fields);
  return codings.length === others.length && codings.every((coding, i) => coding === others[i]);
}

/**
 * What was not compared of the bodies of two messages, each on one line; nothing where all was.
 *
 * @param part What the messages are, for the line.
 */
export function bodyNotes(
  part: string,
  before: RequestMessage | ResponseMessage,
  after: RequestMessage | ResponseMessage,
  rules: DiffRules,
): string[] {
  const contents = [contentFor(before, rules), contentFor(after, rules)];
  const notes: string[] = [];
  if (contents.some(({ isCut }) => isCut)) {
    const compared = Math.min(...contents.map(({ bytes }) => bytes.length));
    notes.push(`${part} body: only the first ${compared} bytes were kept of both, and compared`);
  }
  for (const error of new Set(contents.map((content) => content.error))) {
    if (error !== undefined) {
      notes.push(`${part} body: could not be decoded, compared byte by byte: ${error}`);
    }
  }
  return notes;
}

function contentFor(message: Message, rules: DiffRules): Content {
  const { body, head } = message;
  const contentType = fieldValue(head.fields, "content-type");
  const isCut = body.kept.length < body.bytes;
  const content = contentOf(message, rules.decodedLimitBytes);
  if (content === undefined) return { bytes: body.kept, isCut, total: body.bytes, contentType };
  if (content.error !== undefined) {
    return { bytes: body.kept, isCut, total: body.bytes, contentType, error: content.error };
  }
  const total = content.truncated ? undefined : content.bytes.length;
  return { bytes: content.bytes, isCut: content.truncated, total, contentType };
}

/** Bodies of which not all was kept: what there is of both is compared, and their sizes. */
function compareCut(was: Content, is: Content, rules: DiffRules, list: DifferenceList): void {
  const length = Math.min(was.bytes.length, is.bytes.length);
  const [before, after] = [was, is].map(({ bytes }) => bytes.subarray(0, length));
  if (!isSame(before, after)) {
    const [beforeText, afterText] = [
      displayText(before, was.contentType, true),
      displayText(after, is.contentType, true),
    ];
    if (beforeText === undefined || afterText === undefined || length > MAX_STRUCTURE_BYTES) {
      compareBytes(before, after, list);
    } else compareText(beforeText, afterText, rules, list);
    return;
  }
  const isLonger = (a: Content, b: Content) => b.total !== undefined && (a.total ?? a.bytes.length) > b.total;
  if (isLonger(was, is) || isLonger(is, was)) {
    list.changed("body", undefined, sizeOf(was), sizeOf(is));
  }
}

function sizeOf({ total, bytes }: Content): string {
  return excerpt(total === undefined ? `more than ${bytes.length} bytes` : `${total} bytes`);
}

function hasManyLines(text: string): boolean {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0 && lines <= MAX_LINES; at = text.indexOf("\n", at + 1)) lines++;
  return lines > MAX_LINES;
}

/** By the Content-Type, else by the first character. */
function kindOf(text: string, contentType: string | undefined): "json" | "xml" | "text" {
  const type = (contentType ?? "").split(";", 1)[0].toLowerCase();
  if (type.includes("json")) return "json";
  if (type.includes("xml")) return "xml";
  const first = /\S/.exec(text)?.[0];
  if (first === "{" || first === "[") return "json";
  return first === "<" && !type.includes("html") ? "xml" : "text";
}
