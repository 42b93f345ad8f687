/** Replaces values in a JSON text, and adds members, with everything around them left as it was written. */
import type { JsonPath } from "./json_path.ts";
import type { JsonDocument, JsonNode } from "./json_tree.ts";
import { type Replacement, splice } from "./splice.ts";

/** Replaces what the path selects, or adds the member that it names; see `replaceSelected`. */
export function replaceJson(
  document: JsonDocument,
  path: JsonPath,
  replacement: string,
): { readonly text: string; readonly count: number } {
  const written = jsonOf(replacement);
  const ranges: Replacement[] = path.find(document).map(({ node }) => ({
    from: node.from,
    to: node.to,
    text: written,
  }));
  if (ranges.length === 0) {
    const added = path.newMember(document);
    if (added !== undefined) ranges.push(insertion(document.text, added.parent, added.name, written));
  }
  return splice(document.text, ranges);
}

/** The replacement as JSON: as it is where it can be read, else as a string. */
function jsonOf(replacement: string): string {
  try {
    JSON.parse(replacement);
    return replacement.trim();
  } catch {
    return JSON.stringify(replacement);
  }
}

/** A new last member, written as the one before it is: white space before its name and around its colon. */
function insertion(text: string, { from, items }: JsonNode, name: string, value: string): Replacement {
  const last = items.at(-1);
  const quoted = JSON.stringify(name);
  if (last === undefined) return { from: from + 1, to: from + 1, text: `${quoted}:${value}` };
  const beforeLast = text.slice(items.at(-2)?.to ?? from + 1, last.from);
  const space = /^(?:\s*,)?(\s*)/.exec(beforeLast)?.[1] ?? "";
  // Behind the name's quotation mark.
  const colon = /[^"]*$/.exec(beforeLast)?.[0] ?? ":";
  return { from: last.to, to: last.to, text: `,${space}${quoted}${colon}${value}` };
}
