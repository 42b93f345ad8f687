/** What the bytes of a body are, by what its message says of them and by how they begin. */
import { displayText, encodingOf } from "../../../../capture/charset.ts";
import { type ImageKind, imageOf } from "./image_kind.ts";

/** What a body is. */
export interface ContentKind {
  /** Whether it is text. */
  readonly isText: boolean;
  /** How text can be formatted, if it can. */
  readonly format?: "json" | "xml";
  /** The picture that it is, if it is one. */
  readonly image?: ImageKind;
  /** Whether it consists of parts. */
  readonly isMultipart: boolean;
  /** The encoding of its text, by the byte order mark, else as declared, else UTF-8. */
  readonly encoding: string;
}

/** How much of a body is looked at. */
export const SNIFFED_BYTES = 64 * 1024;

/** Encodings to choose from by hand: what is met in practice, by the names of the Encoding Standard. */
export const ENCODINGS: readonly string[] = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1252",
  "iso-8859-2",
  "iso-8859-15",
  "windows-1250",
  "windows-1251",
  "koi8-r",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "iso-2022-jp",
  "euc-kr",
  "macintosh",
  "ibm866",
];

/**
 * Looks at the beginning of a body.
 *
 * @param head Its first bytes, up to {@link SNIFFED_BYTES}.
 * @param contentType Value of Content-Type.
 * @param isWhole Whether that is all of it.
 */
export function contentKind(
  head: Uint8Array,
  contentType: string | undefined,
  isWhole: boolean,
): ContentKind {
  const type = contentType?.split(";")[0].trim().toLowerCase() ?? "";
  const text = displayText(head, contentType, !isWhole);
  const image = imageOf(head);
  const format = text === undefined ? undefined : formatOf(text, type);
  return {
    isText: text !== undefined && image === undefined,
    ...format !== undefined && { format },
    ...image !== undefined && { image },
    isMultipart: type.startsWith("multipart/"),
    encoding: markedEncoding(head) ?? encodingOf(contentType) ?? "utf-8",
  };
}

/** How a text can be formatted: as its type says, unless it begins quite differently. */
function formatOf(text: string, type: string): "json" | "xml" | undefined {
  const start = text.slice(0, 200).trimStart();
  if (/[/+](?:json|ndjson|jsonl|jsonlines)$/.test(type) && !start.startsWith("<")) return "json";
  if (/[/+](?:xml|dtd)$/.test(type) && start.startsWith("<")) return "xml";
  if (type === "text/html" || type === "text/event-stream" || /javascript$/.test(type)) return undefined;
  if (/^(?:\{\s*["}]|\[\s*[[{"\]\d])/.test(start)) return "json";
  if (/^<(?:\?xml\s|[\w.-]+:Envelope[\s>])/.test(start)) return "xml";
  return undefined;
}

/** The encoding that a byte order mark names. */
function markedEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return undefined;
}
