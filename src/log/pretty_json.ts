/**
 * JSON indented for display (grammar: RFC 8259), token by token: strings and numbers stay as they were written, in
 * their order. One pass, no recursion.
 */

const INDENT = "  ";

/**
 * Deep nesting makes indentation grow with the square of the input: past this many times its length (and a start
 * that any input may use) the rest stands as it is.
 */
const MAX_GROWTH = 8;
const FREE_GROWTH = 65536;

/** What ends a number or a literal. */
const DELIMITERS = new Set(' \t\r\n,:{}[]"');

/**
 * The text with each member and element on its own line, indented by two spaces a level.
 *
 * Several values one after the other (JSON lines) are each shown so. Text that is not JSON, or stops being JSON
 * somewhere, stands as it was written from there on.
 */
export function prettyJson(text: string): string {
  const limit = text.length * MAX_GROWTH + FREE_GROWTH;
  const closers: string[] = [];
  let out = "";
  let at = 0;
  /** Whether a value may stand here; otherwise a comma, a colon or a closing bracket. */
  let wantsValue = true;
  let justOpened = false;

  const lineBreak = () => "\n" + INDENT.repeat(closers.length);

  while (out.length <= limit) {
    const tokenStart = at = skipSpace(text, at);
    if (at >= text.length) return out;
    const char = text[at];
    let token = char;
    at++;
    if (char === "," || char === ":") {
      if (wantsValue || closers.length === 0) return out + text.slice(tokenStart);
      out += char === "," ? "," + lineBreak() : ": ";
      wantsValue = true;
      justOpened = false;
      continue;
    }
    if (char === "}" || char === "]") {
      const isExpected = closers[closers.length - 1] === char && (justOpened || !wantsValue);
      if (!isExpected) return out + text.slice(tokenStart);
      closers.pop();
      out += justOpened ? char : lineBreak() + char;
      wantsValue = justOpened = false;
      continue;
    }
    if (!wantsValue && closers.length > 0) return out + text.slice(tokenStart);
    // A further value at the top level begins on its own line.
    out += justOpened || (!wantsValue && out !== "") ? lineBreak() : "";
    if (char === "{" || char === "[") {
      closers.push(char === "{" ? "}" : "]");
      wantsValue = justOpened = true;
    } else {
      at = char === '"' ? stringEnd(text, at) : literalEnd(text, at);
      token = text.slice(tokenStart, at);
      wantsValue = justOpened = false;
    }
    out += token;
  }
  return out + text.slice(at);
}

function skipSpace(text: string, at: number): number {
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return at;
}

/** The place after a string's closing quote, or the end of the text. */
function stringEnd(text: string, at: number): number {
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function literalEnd(text: string, at: number): number {
  while (at < text.length && !DELIMITERS.has(text[at])) at++;
  return at;
}
