/**
 * Bodies in the `text` format: as text where they are text, multipart ones else by their parts, others as a hex dump,
 * every line indented. Lines in square brackets, which are not indented, are tcpmon's notes on the body: its content
 * coding, its parts, what is not shown and why.
 */
import { displayText } from "../capture/charset.ts";
import { contentOf } from "../capture/content.ts";
import type { Body, RequestMessage, ResponseMessage } from "../capture/record.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { escapeLines, INDENT, writePlainLines } from "./escape.ts";
import type { BodyHints } from "./head_lines.ts";
import { HEX_LINE_BYTES, writeHexDump } from "./hex_dump.ts";
import { type PartLines, partLines } from "./part_lines.ts";
import { type Paint, writeStyled } from "./paint.ts";
import { prettyJson } from "./pretty_json.ts";
import { prettyXml } from "./pretty_xml.ts";
import { isCut, isRedacted } from "./redacted.ts";
import { sizeText } from "./units.ts";

/** How much of binary content is shown: enough to know a format by its header. */
const HEX_PREVIEW_BYTES = 16 * HEX_LINE_BYTES;

const LF = 10;

/** How bodies are to be shown. */
export interface BodyOptions {
  /** Indent XML and JSON. */
  readonly pretty: boolean;
  /** Show every body whole as hex, as it was transferred: not decoded. */
  readonly hex: boolean;
  /** How much of a decoded content coding to show, in bytes. */
  readonly limitBytes: number;
}

/** Writes the bodies of one log. */
export class BodyWriter {
  readonly #paint: Paint;
  readonly #options: BodyOptions;

  /**
   * Makes the writer of one log.
   *
   * @param paint The colours of the log.
   * @param options How bodies are to be shown.
   */
  constructor(paint: Paint, options: BodyOptions) {
    this.#paint = paint;
    this.#options = options;
  }

  /** The body of an HTTP message, content coding undone where it can be. */
  message(message: RequestMessage | ResponseMessage, hints: BodyHints, out: ByteWriter): void {
    const { body } = message;
    if (body.bytes === 0) return;
    const content = hints.coded && !this.#options.hex
      ? contentOf(message, this.#options.limitBytes)
      : undefined;
    if (content === undefined) return this.body(body, hints.contentType, 0, out, hints.asciiBased);
    const codings = content.codings.join(", ");
    const size = sizeText(body.bytes);
    const hasContent = content.error === undefined || content.bytes.length > 0;
    const became = `${content.truncated ? "first " : ""}${sizeText(content.bytes.length)}`;
    const error = content.error === undefined ? "" : `: ${content.error}`;
    this.#note(`${codings}, ${size}${hasContent ? ` → ${became}` : ""}${error}`, out);
    if (!hasContent) return this.body(body, hints.contentType, 0, out, hints.asciiBased);
    const cut = content.truncated || content.error !== undefined || isCut(body);
    this.#content(content.bytes, hints.contentType, cut, 0, out, hints.asciiBased);
    this.#missing(body, out);
  }

  /**
   * A body or a part of a stream, as it is.
   *
   * @param offset Where its first byte stands in its stream.
   * @param asciiBased Whether bytes below 0x80 stand for themselves in the declared charset.
   */
  body(
    body: Body,
    contentType: string | undefined,
    offset: number,
    out: ByteWriter,
    asciiBased = true,
  ): void {
    this.#content(body.kept, contentType, isCut(body), offset, out, asciiBased);
    this.#missing(body, out);
  }

  #content(
    bytes: Uint8Array,
    contentType: string | undefined,
    cut: boolean,
    offset: number,
    out: ByteWriter,
    asciiBased: boolean,
  ): void {
    if (this.#options.hex) return writeHexDump(bytes, offset, INDENT.length, out);
    if (asciiBased && !this.#options.pretty && writePlainLines(bytes, out)) return;
    const text = displayText(bytes, contentType, cut);
    if (text !== undefined) {
      return out.text(escapeLines(this.#options.pretty ? pretty(text, contentType) : text));
    }
    const parts = partLines(bytes, contentType, cut);
    if (parts !== undefined) return this.#parts(parts, out);
    writeHexDump(bytes.subarray(0, HEX_PREVIEW_BYTES), offset, INDENT.length, out);
    const left = bytes.length - HEX_PREVIEW_BYTES;
    if (left > 0) this.#note(`${left} B more, --hex shows them`, out);
  }

  /** The parts of a multipart body that is not text as a whole: what each is, and its content where that is text. */
  #parts(parts: readonly PartLines[], out: ByteWriter): void {
    for (const { note, text, cut } of parts) {
      this.#note(note, out);
      if (text !== undefined) this.#content(text.bytes, text.contentType, cut, 0, out, false);
    }
  }

  /** Says how much of a body was not kept. */
  #missing(body: Body, out: ByteWriter): void {
    if (!isCut(body)) return;
    if (isRedacted(body)) return this.#note(`not all of ${body.bytes} B shown, redacted`, out);
    this.#note(`${body.bytes - body.kept.length} of ${body.bytes} B not kept, --max-body is the limit`, out);
  }

  #note(note: string, out: ByteWriter): void {
    writeStyled(`[${note}]`, this.#paint.dim, out);
    out.byte(LF);
  }
}

/** The text indented if it is JSON or XML: by its Content-Type, else by its first character. */
function pretty(text: string, contentType: string | undefined): string {
  const type = (contentType ?? "").split(";", 1)[0].toLowerCase();
  if (type.includes("json")) return prettyJson(text);
  if (type.includes("xml")) return prettyXml(text);
  if (type.includes("html")) return text;
  const first = text.trimStart()[0];
  if (first === "{" || first === "[") return prettyJson(text);
  return first === "<" ? prettyXml(text) : text;
}
