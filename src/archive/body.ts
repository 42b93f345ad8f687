/** Bodies as a log tells them, made into bytes when somebody first asks for them: most readers never do. */
import { Buffer } from "node:buffer";
import { encodeText } from "../capture/charset.ts";
import type { Body } from "../capture/record.ts";
import { type Field, fieldValue } from "../http/head.ts";
import { base64, count, type Fields, refuse, text } from "./shape.ts";

const NOTHING = new Uint8Array(0);
const NO_FIELDS: readonly Field[] = [];
const encoder = new TextEncoder();

/** A body from an archive. */
export class ArchivedBody implements Body {
  /** How many bytes there were. */
  readonly bytes: number;
  /**
   * The kept bytes as the text that the log has of them, in the charset of Content-Type; absent where it has base64.
   * Content codings are not undone.
   */
  readonly text?: string;
  /** Whether the log says that only the first bytes were kept. */
  readonly truncated: boolean;
  #base64: string;
  #fields: readonly Field[];
  #kept: Uint8Array | undefined;

  /**
   * Makes the body of what a log says of it.
   *
   * @param content Text, or base64 that has been checked.
   * @param fields The fields that tell the charset of a text.
   */
  constructor(
    bytes: number,
    truncated: boolean,
    content: { readonly text: string } | { readonly base64: string },
    fields: readonly Field[] = NO_FIELDS,
  ) {
    this.bytes = bytes;
    this.truncated = truncated;
    this.#fields = fields;
    if ("text" in content) {
      this.text = content.text;
      this.#base64 = "";
    } else {
      this.#base64 = content.base64;
    }
  }

  /** The kept bytes. A text that its charset has no bytes for is given as UTF-8: no log of tcpmon has one. */
  get kept(): Uint8Array {
    return this.#kept ??= this.#encode();
  }

  /**
   * Whether the kept bytes cannot be those that passed, since their number and {@link truncated} do not agree: it is how
   * redaction marks a body in which it replaced something.
   */
  get redacted(): true | undefined {
    const { length } = this.kept;
    return (this.truncated ? length >= this.bytes : length !== this.bytes) ? true : undefined;
  }

  #encode(): Uint8Array {
    if (this.text === undefined) {
      const bytes = decodeBase64(this.#base64);
      this.#base64 = "";
      return bytes;
    }
    if (this.text === "") return NOTHING;
    const contentType = fieldValue(this.#fields, "content-type");
    return encodeText(this.text, contentType) ?? encoder.encode(this.text);
  }
}

const EMPTY = new ArchivedBody(0, false, { text: "" });

/** Bytes of base64 that has been checked. */
export function decodeBase64(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, "base64");
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Reads `bytes`, `text` or `base64`, and `truncated`.
 *
 * @param source The object that has them.
 * @param name Where it stands, with a dot at its end, for messages.
 * @param fields The fields that tell the charset of a text; without them it is UTF-8.
 * @throws {Wrong} where one of them is not what it must be.
 */
export function readBody(source: Fields, name: string, fields?: readonly Field[]): Body {
  const bytes = count(source.bytes, `${name}bytes`);
  const truncated = source.truncated === true;
  if (source.truncated !== undefined && typeof source.truncated !== "boolean") {
    refuse(source.truncated, `${name}truncated`, "true or nothing");
  }
  if (source.base64 !== undefined) {
    if (source.text !== undefined) refuse(source.text, `${name}text`, `"${name}text" or "${name}base64"`);
    return new ArchivedBody(bytes, truncated, { base64: base64(source.base64, `${name}base64`) }, fields);
  }
  const content = text(source.text, `${name}text`);
  if (bytes === 0 && content === "" && !truncated) return EMPTY;
  return new ArchivedBody(bytes, truncated, { text: content }, fields);
}
