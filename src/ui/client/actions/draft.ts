/** A request as it stands in the editor, and what it becomes when it is sent. */
import { charsetOf, encodeText, encodingOf } from "../../../capture/charset.ts";
import type { SendRequest } from "../../api.ts";

/** Versions of SOAP; empty: the body is no SOAP message, or one that is sent as it stands. */
export type SoapChoice = "" | "1.1" | "1.2";

/** The bytes that a body had, which are sent as long as nobody changes its text. */
export interface KeptBody {
  /** The bytes, in base64. */
  readonly base64: string;
  /** How many they are. */
  readonly bytes: number;
  /** Their text as the editor shows it; absent: they are no text that could be edited. */
  readonly text?: string;
  /** Whether lines of that text end with CRLF. */
  readonly hasCrlf: boolean;
}

/** A request as it stands in the editor. */
export interface Draft {
  /** Method. */
  readonly method: string;
  /** Where to. */
  readonly url: string;
  /** Fields, one `Name: value` a line. */
  readonly headers: string;
  /** The body. */
  readonly body: string;
  /** The bytes that the body was read from. */
  readonly kept?: KeptBody;
  /** The target that it goes to instead of the URL's; empty: to that. */
  readonly to: string;
  /** Whether it is a SOAP message that the program completes. */
  readonly soap: SoapChoice;
  /** What a SOAP message asks for. */
  readonly soapAction: string;
  /** The exchange that it was made of. */
  readonly from?: { readonly row: number; readonly id?: number };
  /** What has to be known of it: what is missing, or what was changed on the way into the editor. */
  readonly notes: readonly string[];
}

/** A request that says nothing yet. */
export const EMPTY_DRAFT: Draft = {
  method: "GET",
  url: "",
  headers: "",
  body: "",
  to: "",
  soap: "",
  soapAction: "",
  notes: [],
};

/** A request that cannot be sent as it stands. The message is one line for people. */
export class DraftProblem extends Error {
  /** The name of the class. */
  override readonly name = "DraftProblem";
}

/** A body as it is sent, and how long it is. */
interface Content {
  readonly body: SendRequest["body"];
  /** Absent: the program codes it, so nobody knows yet. */
  readonly bytes?: number;
}

/**
 * The request.
 *
 * @throws {DraftProblem} where it cannot be sent.
 */
export function requestOf(draft: Draft): SendRequest {
  const { to, soap, soapAction, from } = draft;
  const method = draft.method.trim();
  const url = draft.url.trim();
  if (method === "") throw new DraftProblem("Wanted a method, such as GET or POST");
  if (url === "") throw new DraftProblem("Wanted a URL, such as http://localhost:8080/");
  return {
    method,
    // What people leave out most.
    url: /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`,
    headers: readHeaders(draft.headers),
    body: contentOf(draft).body,
    ...to.trim() !== "" && { to: to.trim() },
    ...soap !== "" && { soap },
    ...soap !== "" && soapAction.trim() !== "" && { soapAction: soapAction.trim() },
    ...from !== undefined && { from: from.row },
  };
}

/**
 * The length of the body in bytes; undefined: it is not known before it is coded.
 *
 * @throws {DraftProblem} where there are no bytes for it.
 */
export function bodyLength(draft: Draft): number | undefined {
  return contentOf(draft).bytes;
}

/**
 * Reads fields. Empty lines are left out.
 *
 * @throws {DraftProblem} where a line is none.
 */
export function readHeaders(text: string): readonly (readonly [name: string, value: string])[] {
  const fields: [string, string][] = [];
  for (const [at, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon < 0 || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
      throw new DraftProblem(
        `Headers, line ${at + 1}: found ${JSON.stringify(line.slice(0, 60))}, wanted Name: value`,
      );
    }
    fields.push([name, line.slice(colon + 1).trim()]);
  }
  return fields;
}

/** The value of the first field of a name in the headers of a draft; lines that are none do not matter. */
export function headerOf(headers: string, name: string): string | undefined {
  for (const line of headers.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return undefined;
}

function contentOf({ body, kept, headers, soap }: Draft): Content {
  const isUntouched = kept !== undefined && (kept.text === undefined || kept.text === body);
  if (isUntouched) return { body: { base64: kept.base64 }, bytes: kept.bytes };
  if (body === "") return { body: {}, bytes: 0 };
  const text = kept?.hasCrlf === true ? body.replaceAll("\n", "\r\n") : body;
  if (!text.isWellFormed()) throw new DraftProblem("The body holds half a character (a lone surrogate)");
  const type = headerOf(headers, "content-type");
  const charset = charsetOf(type);
  const coding = headerOf(headers, "content-encoding");
  const isCoded = coding !== undefined && coding.toLowerCase() !== "identity" && coding !== "";
  const encoded = encodeText(text, type);
  if (encoded === undefined) {
    throw new DraftProblem(
      `The body cannot be written in ${charset}: choose another charset in Content-Type, such as utf-8`,
    );
  }
  // The program writes text in UTF-8; a SOAP message is completed as text.
  if (encodingOf(type) === "utf-8" || soap !== "") {
    return { body: { text }, ...!isCoded && { bytes: encoded.length } };
  }
  if (isCoded) {
    throw new DraftProblem(
      `The body cannot be in ${charset} and coded with ${coding}: remove Content-Encoding, or take utf-8`,
    );
  }
  return { body: { base64: base64Of(encoded) }, bytes: encoded.length };
}

/** Bytes in base64. */
export function base64Of(bytes: Uint8Array): string {
  const step = 0x8000;
  let binary = "";
  for (let at = 0; at < bytes.length; at += step) {
    binary += String.fromCharCode(...bytes.subarray(at, at + step));
  }
  return btoa(binary);
}
