/**
 * Multipart bodies in the `text` format: what their parts are, where a body is not text as a whole (MTOM,
 * SOAP with Attachments, forms with files), so that the envelope among them can be read.
 */
import { displayText } from "../capture/charset.ts";
import { type Part, partsOf } from "../capture/multipart.ts";
import { relatedOf } from "../capture/soap_parts.ts";
import { sizeText } from "./units.ts";

/** What is told of a part. */
export interface PartLines {
  /** Which part it is, in words; not escaped. */
  readonly note: string;
  /** The part, where its content is text. */
  readonly text?: Part;
  /** Whether the end of its content is missing. */
  readonly cut: boolean;
}

/**
 * What is told of the parts of a body, in order; of what an envelope includes and no part has, behind them.
 *
 * @param bytes The body, content coding undone.
 * @param contentType Value of Content-Type.
 * @param cut Whether the end of the body is missing.
 * @returns `undefined` where it is no multipart body.
 */
export function partLines(
  bytes: Uint8Array,
  contentType: string | undefined,
  cut: boolean,
): readonly PartLines[] | undefined {
  const parts = partsOf(bytes, contentType);
  if (parts === undefined) return undefined;
  const related = relatedOf(parts, contentType);
  const lines = parts.map((part, i): PartLines => {
    const isCut = cut && i === parts.length - 1;
    const isText = displayText(part.bytes, part.contentType, isCut) !== undefined;
    const use = part === related?.root ? "root" : related?.included.has(part) ? "included" : undefined;
    return { note: noteOf(part, i + 1, isCut, use), cut: isCut, ...isText && { text: part } };
  });
  if (related === undefined || cut) return lines;
  return [...lines, ...related.missing.map((id) => ({ note: `no part ${id}, which is included`, cut }))];
}

/** `part 2: photo@example.org, image/jpeg, 12.3 KiB, included`. */
function noteOf(part: Part, number: number, cut: boolean, use: string | undefined): string {
  const type = part.contentType?.split(";", 1)[0].trim();
  const size = `${cut ? "first " : ""}${sizeText(part.bytes.length)}`;
  const facts = [part.contentId, part.name, type, size, use].filter((fact) =>
    fact !== undefined && fact !== ""
  );
  return `part ${number}: ${facts.join(", ")}`;
}
