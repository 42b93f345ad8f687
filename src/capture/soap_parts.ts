/**
 * SOAP with parts beside its envelope: multipart/related (RFC 2387), as MTOM sends it (XOP 1.0 §4, MTOM §3)
 * and SOAP with Attachments. Which part holds the envelope, and which parts it includes.
 */
import { fieldValue } from "../http/head.ts";
import { contentOf } from "./content.ts";
import { parametersOf, type Part, partsOf, withoutBrackets } from "./multipart.ts";
import type { RequestMessage, ResponseMessage } from "./record.ts";
import { xmlAsUtf8 } from "./soap_text.ts";
import { XmlTags } from "./soap_xml.ts";

/** A part beside the envelope. */
export interface XopPart extends Part {
  /** Whether the envelope includes it: by an `xop:Include` whose `href` is `cid:` and its Content-ID. */
  readonly included: boolean;
}

/** What the parts of a multipart/related body are to each other. */
export interface Related {
  /** The part that holds the envelope: the one that `start` names, else the first. */
  readonly root: Part;
  /** The parts that it includes. */
  readonly included: ReadonlySet<Part>;
  /** Content-IDs that it includes and no part has. */
  readonly missing: readonly string[];
}

/** How much of an envelope is searched for what it includes, in bytes. */
const SEARCHED_BYTES = 1024 * 1024;
/** How many includes are looked at. */
const MAX_INCLUDES = 1000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const INCLUDE = encoder.encode("Include");

/**
 * The root among the parts of a multipart/related body (RFC 2387 §3.2): the one that `start` names, else the
 * first.
 *
 * @param contentType Value of Content-Type.
 */
export function rootOf(parts: readonly Part[], contentType: string): Part {
  const start = parametersOf(contentType).get("start");
  const id = start === undefined ? undefined : withoutBrackets(start);
  return parts.find(({ contentId }) => contentId !== undefined && contentId === id) ?? parts[0];
}

/**
 * What the parts of a multipart/related body are to each other.
 *
 * @param parts The parts of the body, one or more.
 * @param contentType Value of its Content-Type.
 * @returns `undefined` where it is no multipart/related.
 */
export function relatedOf(parts: readonly Part[], contentType: string | undefined): Related | undefined {
  if (contentType === undefined || !/^\s*multipart\/related\b/i.test(contentType)) return undefined;
  const root = rootOf(parts, contentType);
  const ids = includesOf(xmlAsUtf8(root.bytes.subarray(0, SEARCHED_BYTES), root.contentType));
  const included = new Set(
    parts.filter((part) => part !== root && part.contentId !== undefined && ids.has(part.contentId)),
  );
  const found = new Set([...included].map(({ contentId }) => contentId));
  return { root, included, missing: [...ids].filter((id) => !found.has(id)) };
}

/**
 * The parts that a message carries beside its envelope.
 *
 * @param limitBytes How many bytes of a message with a content coding are decoded.
 * @returns None where it is not multipart/related.
 */
export function xopParts(message: RequestMessage | ResponseMessage, limitBytes: number): readonly XopPart[] {
  const contentType = fieldValue(message.head.fields, "content-type");
  const bytes = contentOf(message, limitBytes)?.bytes ?? message.body.kept;
  const parts = partsOf(bytes, contentType) ?? [];
  const related = parts.length === 0 ? undefined : relatedOf(parts, contentType);
  if (related === undefined) return [];
  return parts.filter((part) => part !== related.root)
    .map((part) => ({ ...part, included: related.included.has(part) }));
}

/** The Content-IDs that an envelope includes (XOP 1.0 §2.1; RFC 2392 §2). */
function includesOf(envelope: Uint8Array): ReadonlySet<string> {
  const ids = new Set<string>();
  const tags = new XmlTags(envelope);
  for (let tag = tags.next(); tag !== "none" && ids.size < MAX_INCLUDES; tag = tags.next()) {
    if (tag === "close" || !tags.isLocal(INCLUDE)) continue;
    tags.attributes((nameStart, nameEnd, start, end) => {
      if (decoder.decode(envelope.subarray(nameStart, nameEnd)) !== "href") return;
      const id = idOf(decoder.decode(envelope.subarray(start, end)));
      if (id !== undefined) ids.add(id);
    });
  }
  return ids;
}

/** The Content-ID that a `cid:` URL names. */
function idOf(url: string): string | undefined {
  if (!/^cid:/i.test(url)) return undefined;
  const id = url.slice("cid:".length).replaceAll("&amp;", "&");
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
