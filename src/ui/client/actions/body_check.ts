/** Whether the body in the editor is well-formed, where it stops to be, and the same with its lines indented. */
import { JsonLines } from "../exchange/lines/json_lines.ts";
import type { LineReader } from "../exchange/lines/line.ts";
import { XmlLines } from "../exchange/lines/xml_lines.ts";
import { jsonFault } from "./json_fault.ts";
import { xmlFault } from "./xml_fault.ts";

/** What a body is. */
export type BodyLanguage = "json" | "xml";

/** What came of a look at a body. */
export type BodyCheck =
  | { readonly kind: "good"; readonly language: BodyLanguage }
  /** It is neither. */
  | { readonly kind: "other" }
  /** Where it stops to be well-formed: in UTF-16 units, and as people count, both from 1. */
  | {
    readonly kind: "fault";
    readonly language: BodyLanguage;
    readonly at: number;
    readonly line: number;
    readonly column: number;
    readonly reason: string;
  };

/** Spaces of a level: those of TCPMon's "XML Format", and what is usual for JSON. */
const INDENTS = { xml: 3, json: 2 } as const;

/** How the languages are called. */
export const LANGUAGES = { xml: "XML", json: "JSON" } as const;

/** What a body is, by its Content-Type or else by how it begins. */
export function languageOf(text: string, contentType: string | undefined): BodyLanguage | undefined {
  const type = contentType?.split(";")[0].trim().toLowerCase() ?? "";
  if (/[/+]xml$/.test(type)) return "xml";
  if (/[/+]json$/.test(type)) return "json";
  const first = text.trimStart()[0];
  return first === "<" ? "xml" : first === "{" || first === "[" ? "json" : undefined;
}

/** Looks whether a body is well-formed. */
export function checkBody(text: string, contentType: string | undefined): BodyCheck {
  const language = languageOf(text, contentType);
  if (language === undefined) return { kind: "other" };
  const fault = language === "json" ? jsonFault(text) : xmlFault(text);
  if (fault === undefined) return { kind: "good", language };
  const before = text.slice(0, fault.at);
  return {
    kind: "fault",
    language,
    ...fault,
    line: before.split("\n").length,
    column: fault.at - before.lastIndexOf("\n"),
  };
}

/** A well-formed body with its lines indented; undefined: it nests too deep, or is too long. */
export function formatted(text: string, language: BodyLanguage): string | undefined {
  const reader: LineReader = language === "json" ? new JsonLines() : new XmlLines();
  reader.push(text);
  reader.end();
  if (reader.problem !== undefined || reader.isFull) return undefined;
  let out = "";
  for (const { depth, tokens, isContinued } of reader.lines) {
    if (!isContinued) out += `${out === "" ? "" : "\n"}${" ".repeat(depth * INDENTS[language])}`;
    for (const token of tokens) out += token.text;
  }
  return out;
}
