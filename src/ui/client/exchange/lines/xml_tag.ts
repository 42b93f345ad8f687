/** Tags of XML: where one ends, its name, and its pieces (grammar: XML 1.0 §2.3, §3.1). */
import type { LineWriter } from "./line.ts";

const NAME_START = /[A-Za-z_:\u0080-\uffff]/;

/**
 * Where the tag or declaration that begins at `start` ends.
 *
 * @returns The place after its `>`; -1 where that has not come; `undefined` where it is no tag.
 */
export function tagEnd(text: string, start: number): number | undefined {
  let at = start + 1;
  const isDeclaration = text[at] === "!";
  if (text[at] === "/" || isDeclaration) at++;
  if (at >= text.length) return -1;
  if (!NAME_START.test(text[at])) return undefined;
  let brackets = 0;
  for (; at < text.length; at++) {
    const char = text[at];
    if (char === '"' || char === "'") {
      at = text.indexOf(char, at + 1);
      if (at < 0) return -1;
    } else if (char === "<" && brackets === 0) {
      return undefined;
    } else if (isDeclaration && char === "[") {
      brackets++;
    } else if (isDeclaration && char === "]") {
      brackets--;
    } else if (char === ">" && brackets === 0) {
      return at + 1;
    }
  }
  return -1;
}

/** The name in a tag. */
export function tagName(tag: string): string {
  return /^<\/?([^\s/>]*)/.exec(tag)?.[1] ?? "";
}

/** White space, a name, a quoted value, or any other character. */
const PIECE = /(\s+)|("[^"]*"|'[^']*')|([^\s"'<>/=]+)|([^])/g;

/** Writes a tag piece by piece; line breaks in it stay. */
export function writeTag(tag: string, out: LineWriter): void {
  let isFirst = true;
  for (const [piece, space, value, name] of tag.matchAll(PIECE)) {
    if (space !== undefined) out.addText("plain", space, 0);
    else if (value !== undefined) out.addText("string", value, 0);
    else if (name === undefined) out.add("punctuation", piece);
    else {
      out.add(isFirst ? "name" : "number", name);
      isFirst = false;
    }
  }
}
