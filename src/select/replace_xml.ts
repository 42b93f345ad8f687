/** Replaces texts and attribute values in an XML text, with everything around them left as it was written. */
import { quote, SelectError } from "./select_error.ts";
import { type Replacement, splice } from "./splice.ts";
import { ATTRIBUTE, ELEMENT, TEXT, type XmlDocument, type XmlNode } from "./xml_node.ts";
import { type XPath, xpathOf } from "./xpath.ts";

/** Replaces what the path selects by a text; see `replaceSelected`. */
export function replaceXml(
  document: XmlDocument,
  path: XPath,
  replacement: string,
): { readonly text: string; readonly count: number } {
  const result = path.find(document);
  if (result.kind !== "nodes") {
    throw new SelectError(
      `cannot replace what ${
        quote(path.source)
      } selects: found a value, wanted elements, attributes or texts`,
    );
  }
  // Char (XML 1.0 §2.2): no reference can stand for the others either.
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(replacement)) {
    throw new SelectError(
      `cannot put ${quote(replacement)} into XML: found a control character, wanted those that XML allows`,
    );
  }
  return splice(document.text, result.nodes.map((node) => replaced(document.text, node, replacement)));
}

function replaced(text: string, node: XmlNode, replacement: string): Replacement {
  const { from, to, tagEnd, contentEnd } = node;
  switch (node.nodeType) {
    case ATTRIBUTE:
      return { from, to, text: attributeValue(replacement, text[to]) };
    case TEXT:
      return { from, to, text: content(replacement) };
    case ELEMENT: {
      if (to !== tagEnd) return { from: tagEnd, to: contentEnd, text: content(replacement) };
      // <a/> has no place for a text.
      const tag = text.slice(from, to - 2).trimEnd();
      return { from, to, text: `${tag}>${content(replacement)}</${node.nodeName}>` };
    }
    default:
      throw new SelectError(
        `cannot replace ${xpathOf(node)}: found a comment, an instruction or the document, ` +
          "wanted an element, an attribute or a text",
      );
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&apos;"],
]);

/** White space that a parser would change is written as references (XML 1.0 §2.11, §3.3.3). */
const escape = (char: string) => ESCAPES.get(char) ?? `&#${char.charCodeAt(0)};`;

function content(text: string): string {
  return text.replace(/[&<>\r]/g, escape);
}

function attributeValue(text: string, quotationMark: string): string {
  return text.replace(quotationMark === '"' ? /[&<"\t\n\r]/g : /[&<'\t\n\r]/g, escape);
}
