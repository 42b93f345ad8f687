/** Where a text stops being JSON (RFC 8259): the runtime's parser does not say so of every fault. */

const SPACE = /[ \t\r\n]*/y;
const TOKEN =
  // deno-lint-ignore no-control-regex -- strings hold no control characters
  /[{}[\],:]|"(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Wanted = "value" | "value or ]" | "name" | "name or }" | "colon" | "comma or end";

/**
 * Where the first token stands that does not belong there.
 *
 * @returns The line and the column, both from 1, in UTF-16 code units; `undefined` where the text is JSON.
 */
export function jsonFault(text: string): { readonly line: number; readonly column: number } | undefined {
  const offset = faultOffset(text);
  if (offset === undefined) return undefined;
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

function faultOffset(text: string): number | undefined {
  const open: ("{" | "[")[] = [];
  let wanted: Wanted = "value";
  for (let at = 0;;) {
    at = skip(SPACE, text, at);
    if (at === text.length) return wanted === "comma or end" && open.length === 0 ? undefined : at;
    const end = skip(TOKEN, text, at);
    if (end === at) return at;
    const token = text[at];
    const inside: string | undefined = open[open.length - 1];
    if (token === "{" || token === "[") {
      if (!wanted.startsWith("value")) return at;
      open.push(token);
      wanted = token === "{" ? "name or }" : "value or ]";
    } else if (token === "}" || token === "]") {
      const isOpen: boolean = inside === (token === "}" ? "{" : "[");
      if (!isOpen || !(wanted === "comma or end" || wanted.endsWith(token))) return at;
      open.pop();
      wanted = "comma or end";
    } else if (token === ",") {
      if (wanted !== "comma or end" || inside === undefined) return at;
      wanted = inside === "{" ? "name" : "value";
    } else if (token === ":") {
      if (wanted !== "colon") return at;
      wanted = "value";
    } else if (wanted.startsWith("name") && token === '"') {
      wanted = "colon";
    } else {
      if (!wanted.startsWith("value")) return at;
      wanted = "comma or end";
    }
    at = end;
  }
}

/** Where the pattern ends that begins at `at`; `at` where there is none. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
