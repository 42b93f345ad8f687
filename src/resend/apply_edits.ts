/**
 * Edits applied to a captured request: what its head and body become.
 *
 * A body is taken out of its content codings, edited in its charset, and coded again; Content-Length is counted in bytes
 * anew (RFC 9110 §8.6), chunked stays chunked. A field that was set by an edit is not corrected.
 */
import { charsetOf, decodeText, encodeText } from "../capture/charset.ts";
import type { RequestMessage } from "../capture/record.ts";
import { contentCodings, decodeContent } from "../http/coding.ts";
import { type Field, fieldValue, type RequestHead } from "../http/head.ts";
import { requestFraming } from "../http/framing.ts";
import { type Edit, EditError, nameOfEdit } from "./edit.ts";
import { editedHead, hasField, withField, withPath, withQuery } from "./edit_head.ts";
import { recode } from "./recode.ts";
import type { Selector } from "../select/selector.ts";

/** The largest content that is edited, in bytes, once its codings are taken off: no bomb fits in. */
const CONTENT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Within so much of a document its XML declaration is looked for. */
const XML_DECLARATION_BYTES = 200;

/** What JSONPath and XPath are read and applied with: the room `select`, which is loaded only where it is needed. */
export interface Selecting {
  /** Reads a path, or throws what is wrong with it, in one line. */
  readonly parseSelector: (text: string) => Selector;
  /** Puts a value in the place of all that is selected. */
  readonly replaceSelected: (
    document: string,
    selector: Selector,
    replacement: string,
  ) => { readonly text: string; readonly count: number };
}

/** What edits need from outside. */
export interface EditTools {
  /** Reads a file that an edit names. */
  readonly readFile: (name: string) => Promise<Uint8Array>;
  /** Loads what paths are read with; asked only where an edit has one. */
  readonly loadSelecting: () => Promise<Selecting>;
}

/** A change of the text of a body. */
export interface TextEdit {
  /** How messages call it. */
  readonly name: string;
  /** Whether the text is XML, which may say its charset itself. */
  readonly isXml: boolean;
  /** Gives the changed text, or throws an {@link EditError}. */
  readonly apply: (text: string) => string;
}

/** Edits that can be applied at once, any number of times. */
export interface ReadyEdits {
  /** Changes of method, target and fields, in their order. */
  readonly head: readonly Edit[];
  /** What replaces the whole body. */
  readonly body?: string | Uint8Array;
  /** Changes inside it, in their order. */
  readonly text: readonly TextEdit[];
}

/** What a request has become. */
export interface Edited {
  /** Its head, as it is to be sent. */
  readonly head: RequestHead;
  /** Its body, content codings applied, transfer coding not. */
  readonly body: Uint8Array;
  /** Whether the body is another one than was recorded. */
  readonly editsBody: boolean;
  /** What could not be kept, in words. */
  readonly notes: readonly string[];
}

/**
 * Reads what edits name: files, and paths into bodies.
 *
 * @throws {EditError} where a path cannot be read.
 * @throws What reading a file throws.
 */
export async function readyEdits(edits: readonly Edit[], tools: EditTools): Promise<ReadyEdits> {
  const needsPaths = edits.some(({ kind }) => kind === "json" || kind === "xml");
  const selecting = needsPaths ? await tools.loadSelecting() : undefined;
  const head: Edit[] = [];
  let text: TextEdit[] = [];
  let body: string | Uint8Array | undefined;
  for (const edit of edits) {
    if (edit.kind === "json" || edit.kind === "xml") {
      text.push(textEdit(edit, selecting!));
    } else if (edit.kind === "body" || edit.kind === "body-file") {
      body = edit.kind === "body" ? edit.text : await tools.readFile(edit.file);
      // What was changed inside the old body is gone with it.
      text = [];
    } else {
      head.push(edit);
    }
  }
  return { head, text, ...body !== undefined && { body } };
}

function textEdit(edit: Edit & { readonly kind: "json" | "xml" }, selecting: Selecting): TextEdit {
  const name = nameOfEdit(edit);
  let selector: Selector;
  try {
    selector = selecting.parseSelector(edit.path);
  } catch (error) {
    throw new EditError(`cannot read the edit ${name}: ${messageOf(error)}`);
  }
  const wanted = edit.kind === "json" ? "jsonpath" : "xpath";
  if (selector.kind !== wanted) {
    throw new EditError(
      `cannot read the edit ${name}: found no XPath, wanted one, such as xml://id=5 (json: takes $…)`,
    );
  }
  return {
    name,
    isXml: edit.kind === "xml",
    apply(document) {
      let replaced;
      try {
        replaced = selecting.replaceSelected(document, selector, edit.value);
      } catch (error) {
        throw new EditError(`cannot apply ${name}: ${messageOf(error)}`);
      }
      if (replaced.count === 0) {
        throw new EditError(
          `cannot apply ${name}: found nothing there in the body, wanted at least one match`,
        );
      }
      return replaced.text;
    },
  };
}

/**
 * The request with the edits made.
 *
 * @param request A whole request; only where the body is replaced may parts of its own be missing.
 * @throws {EditError} where an edit cannot be made: the body is no text of its charset, or holds nothing at the path.
 */
export function applyEdits(request: RequestMessage, edits: ReadyEdits): Edited {
  const { head } = request;
  let { method, target, fields } = head;
  const setFields = new Set<string>();
  for (const edit of edits.head) {
    if (edit.kind === "method") method = edit.method;
    else if (edit.kind === "target") target = edit.target;
    else if (edit.kind === "path") target = withPath(target, edit.path);
    else if (edit.kind === "query") target = withQuery(target, edit.name, edit.value);
    else if (edit.kind === "header") {
      fields = withField(fields, edit.name, edit.value);
      setFields.add(edit.name.toLowerCase());
    }
  }
  if (edits.body === undefined && edits.text.length === 0) {
    return {
      head: editedHead(head, { method, target, fields }),
      body: request.body.kept,
      editsBody: false,
      notes: [],
    };
  }
  const content = editedContent(request, fields, edits);
  // Codings that an edit names are those that the new content gets.
  const codings = contentCodings(fields);
  const recoded = recode(content, codings, request.body.kept);
  const notes: string[] = [];
  if (recoded.leftOff !== undefined) {
    notes.push(`the content coding ${recoded.leftOff} cannot be applied here: the body is sent without it`);
    fields = withField(fields, "Content-Encoding", recoded.codings.join(", ") || undefined);
  }
  if (!setFields.has("content-length") && !setFields.has("transfer-encoding")) {
    fields = withLength(head, fields, recoded.bytes.length);
  }
  return {
    head: editedHead(head, { method, target, fields }),
    body: recoded.bytes,
    editsBody: true,
    notes,
  };
}

/** Chunked stays chunked; else Content-Length, which an empty body needs only where there was one. */
function withLength(head: RequestHead, fields: readonly Field[], bytes: number): readonly Field[] {
  if (requestFraming(head).kind === "chunked") return fields;
  if (bytes === 0 && !hasField(fields, "content-length")) return fields;
  return withField(fields, "Content-Length", String(bytes));
}

/** The new content: bytes without codings, in the charset that the edited head declares. */
function editedContent(
  { head, body }: RequestMessage,
  fields: readonly Field[],
  { body: replacement, text: changes }: ReadyEdits,
): Uint8Array {
  if (changes.length === 0 && replacement instanceof Uint8Array) return replacement;
  const newType = fieldValue(fields, "content-type");
  const isXml = changes.some((change) => change.isXml);
  let text = replacement;
  if (typeof text !== "string") {
    const bytes = text ?? decodedContent(head, body.kept);
    const type = text === undefined ? fieldValue(head.fields, "content-type") : newType;
    const start = String.fromCharCode(...bytes.subarray(0, XML_DECLARATION_BYTES));
    text = decodeText(bytes, withXmlCharset(type, isXml, start));
    if (text === undefined) {
      throw new EditError(
        `cannot apply ${changes[0].name}: the body is no text in the charset ${charsetOf(type)}`,
      );
    }
  }
  // A byte order mark is no part of the document.
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  let document = text.slice(mark.length);
  for (const change of changes) document = change.apply(document);
  const type = withXmlCharset(newType, isXml, document.slice(0, XML_DECLARATION_BYTES));
  const encoded = encodeText(mark + document, type);
  if (encoded === undefined) {
    const name = changes[0]?.name ?? "body";
    throw new EditError(
      `cannot apply ${name}: the charset ${charsetOf(type)} lacks a character of the new body`,
    );
  }
  return encoded;
}

function decodedContent(head: RequestHead, kept: Uint8Array): Uint8Array {
  const codings = contentCodings(head.fields);
  if (codings.length === 0) return kept;
  const { bytes, truncated, error } = decodeContent(codings, kept, CONTENT_LIMIT_BYTES);
  if (error !== undefined) throw new EditError(`cannot edit the body: ${error}`);
  if (truncated) {
    throw new EditError(
      `cannot edit the body: found more than ${CONTENT_LIMIT_BYTES} bytes once it is decoded`,
    );
  }
  return bytes;
}

/**
 * The type whose charset applies: where Content-Type names none, an XML document says it itself (XML 1.0 §4.3.3).
 *
 * @param start How the document begins, as text or with one character per byte.
 */
function withXmlCharset(type: string | undefined, isXml: boolean, start: string): string | undefined {
  if (!isXml || (type !== undefined && /;\s*charset\s*=/i.test(type))) return type;
  const named = /^[^<]{0,3}<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(start);
  return named === null ? type : `text/xml; charset=${named[1]}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
