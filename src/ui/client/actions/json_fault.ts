/**
 * Where a text stops to be JSON (RFC 8259), and why: browsers say it each in their own way, or not at all. Nothing nests
 * in here, so that no text is too deep.
 */
import { matchEnd, type TextFault } from "./text_fault.ts";

type Wanted = "value" | "first-value" | "name" | "first-name" | "colon" | "comma" | "nothing";

const SPACE = /[ \t\r\n]*/y;
// deno-lint-ignore no-control-regex -- strings hold no control characters
const STRING_START = /"(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const NUMBER_OR_WORD = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y;

const WORDS: { readonly [wanted in Wanted]: string } = {
  value: "a value",
  "first-value": "a value or ]",
  name: "a name in quotes",
  "first-name": "a name in quotes or }",
  colon: "a colon",
  comma: "a comma or what closes",
  nothing: "nothing more",
};

/** What keeps a text from being JSON; undefined: nothing. */
export function jsonFault(text: string): TextFault | undefined {
  const closers: ("}" | "]")[] = [];
  let wanted: Wanted = "value";
  // What may follow once a value is whole.
  const next = (): Wanted => closers.length === 0 ? "nothing" : "comma";
  for (let at = skip(text, 0);; at = skip(text, at)) {
    const char = text[at];
    if (char === undefined) {
      if (wanted === "nothing") return undefined;
      return { at, reason: `it ends here, wanted ${WORDS[wanted]}` };
    }
    const closer: string | undefined = closers[closers.length - 1];
    const mayClose: boolean = wanted === "comma" ||
      wanted === (closer === "}" ? "first-name" : "first-value");
    const isValue: boolean = wanted === "value" || wanted === "first-value";
    if (char === closer && mayClose) {
      closers.pop();
      wanted = next();
      at++;
    } else if (char === "," && wanted === "comma") {
      wanted = closer === "}" ? "name" : "value";
      at++;
    } else if (char === ":" && wanted === "colon") {
      wanted = "value";
      at++;
    } else if ((char === "{" || char === "[") && isValue) {
      closers.push(char === "{" ? "}" : "]");
      wanted = char === "{" ? "first-name" : "first-value";
      at++;
    } else if (char === '"' && (isValue || wanted === "name" || wanted === "first-name")) {
      const end = matchEnd(STRING_START, text, at)!;
      if (text[end] !== '"') return stringFault(text, at, end);
      wanted = isValue ? next() : "colon";
      at = end + 1;
    } else {
      const end = isValue ? matchEnd(NUMBER_OR_WORD, text, at) : undefined;
      if (end === undefined) return { at, reason: `found ${shown(text, at)}, wanted ${WORDS[wanted]}` };
      wanted = next();
      at = end;
    }
  }
}

/** Why a string has no end: a character that cannot stand in it, or that there is none. */
function stringFault(text: string, from: number, at: number): TextFault {
  if (at >= text.length) return { at: from, reason: "a string begins here that does not end" };
  if (text[at] === "\\") {
    return { at, reason: `found ${shown(text, at)}, wanted an escape such as \\n or \\u0041` };
  }
  return { at, reason: "found a line break or a control character in a string, wanted it escaped" };
}

function shown(text: string, at: number): string {
  const word = /[\w.+-]{1,20}|[^]/uy;
  word.lastIndex = at;
  return JSON.stringify(word.exec(text)?.[0] ?? "");
}

function skip(text: string, at: number): number {
  return matchEnd(SPACE, text, at) ?? at;
}
