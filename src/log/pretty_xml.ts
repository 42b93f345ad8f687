/**
 * XML indented for display, as TCPMon's "XML Format" did with three spaces a level, token by token: names, attributes,
 * references, CDATA sections, comments and processing instructions stay as they were written (grammar: XML 1.0 §2–3).
 *
 * Two passes without recursion: the first finds the tokens and which elements have text of their own, the second
 * writes. Only white space between tags is changed, and only in elements that hold nothing but elements.
 */

const INDENT = "   ";

/** As for JSON: past this many times the input's length, and a start, the rest stands as it is. */
const MAX_GROWTH = 8;
const FREE_GROWTH = 65536;

/** One token: `open` and `close` are tags; `other` is a comment, a processing instruction, a declaration, `<x/>`. */
type Kind = "open" | "close" | "other" | "text" | "space";

interface Token {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  /** Of an opening tag: whether its content is to stay as it is. */
  verbatim: boolean;
}

/**
 * The text with each element on its own line, indented by three spaces a level.
 *
 * An element with text in it, alone or between other elements (mixed content), or with `xml:space="preserve"`, stays
 * as it is inside. From the first place that is not well-formed XML the text stands as it was written.
 */
export function prettyXml(text: string): string {
  const { tokens, end } = scan(text);
  const limit = text.length * MAX_GROWTH + FREE_GROWTH;
  let out = "";
  let depth = 0;
  /** How many of the open elements stay as they are. */
  let verbatim = 0;
  let previous: Kind | undefined;
  for (const token of tokens) {
    if (out.length > limit) return out + text.slice(token.start);
    const written = text.slice(token.start, token.end);
    if (verbatim > 0) {
      out += written;
      if (token.kind === "open") verbatim++;
      else if (token.kind === "close") verbatim--;
    } else if (token.kind === "space") {
      continue;
    } else {
      if (token.kind === "close") depth--;
      const isEmptyElement = token.kind === "close" && previous === "open";
      if (out !== "" && !isEmptyElement) out += "\n" + INDENT.repeat(depth);
      out += written;
      if (token.kind === "open") {
        if (token.verbatim) verbatim = 1;
        else depth++;
      }
    }
    previous = token.kind;
  }
  if (end === text.length) return out;
  return out + (verbatim === 0 && out !== "" ? "\n" : "") + text.slice(end);
}

/** The tokens up to the first place that is not well-formed, and where that is. */
function scan(text: string): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  const open: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    if (text[at] !== "<") {
      at = text.indexOf("<", at);
      if (at < 0) at = text.length;
      const kind = isSpace(text, start, at) ? "space" : "text";
      tokens.push({ kind, start, end: at, verbatim: false });
      const parent = open[open.length - 1];
      // White space alone is content only where there is nothing beside it.
      const isWhole = tokens[tokens.length - 2]?.kind === "open" && text.startsWith("</", at);
      if (parent !== undefined && (kind === "text" || isWhole)) parent.verbatim = true;
      if (parent === undefined && kind === "text") return { tokens: tokens.slice(0, -1), end: start };
      continue;
    }
    at = tokenEnd(text, start);
    if (at < 0) return { tokens, end: start };
    if (text[start + 1] === "/") {
      const opened = open.pop();
      if (
        opened === undefined || nameOf(text, opened.start + 1, opened.end) !== nameOf(text, start + 2, at)
      ) {
        return { tokens, end: start };
      }
      tokens.push({ kind: "close", start, end: at, verbatim: false });
    } else if (text[start + 1] === "!" || text[start + 1] === "?" || text[at - 2] === "/") {
      const parent = open[open.length - 1];
      if (parent !== undefined && text.startsWith("<![CDATA[", start)) parent.verbatim = true;
      tokens.push({ kind: "other", start, end: at, verbatim: false });
    } else {
      const tag = text.slice(start, at);
      const verbatim = tag.includes("xml:space") && tag.includes("preserve");
      const token: Token = { kind: "open", start, end: at, verbatim };
      tokens.push(token);
      open.push(token);
    }
  }
  return { tokens, end: at };
}

/** Where the markup that begins at `start` ends, or -1 where it does not end or is none. */
function tokenEnd(text: string, start: number): number {
  if (text.startsWith("<!--", start)) return after(text, "-->", start + 4);
  if (text.startsWith("<![CDATA[", start)) return after(text, "]]>", start + 9);
  if (text.startsWith("<?", start)) return after(text, "?>", start + 2);
  const isDeclaration = text[start + 1] === "!";
  if (!isDeclaration && nameOf(text, start + (text[start + 1] === "/" ? 2 : 1), text.length) === "") {
    return -1;
  }
  let brackets = 0;
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === '"' || char === "'") {
      at = text.indexOf(char, at + 1);
      if (at < 0) return -1;
    } else if (char === "<" && brackets === 0) {
      return -1;
    } else if (isDeclaration && (char === "[" || char === "]")) {
      brackets += char === "[" ? 1 : -1;
    } else if (char === ">" && brackets <= 0) {
      return at + 1;
    }
  }
  return -1;
}

function after(text: string, terminator: string, from: number): number {
  const at = text.indexOf(terminator, from);
  return at < 0 ? -1 : at + terminator.length;
}

/** The element name at `start`: up to white space, `/`, `>` or another character that ends it. */
function nameOf(text: string, start: number, end: number): string {
  let at = start;
  while (at < end && !" \t\r\n/><=\"'".includes(text[at])) at++;
  return text.slice(start, at);
}

function isSpace(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (!" \t\r\n".includes(text[at])) return false;
  }
  return true;
}
