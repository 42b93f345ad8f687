/**
 * Where a text stops to be well-formed XML (XML 1.0 §2–4), and why. Browsers could tell, too, but each in its own words,
 * and through a document with styles that the page's policy complains of. What a DOCTYPE declares is not looked into, so
 * with one every reference counts as good.
 */
import { matchEnd, type TextFault } from "./text_fault.ts";

const NAME = "[A-Za-z_:\\u0080-\\uffff][-A-Za-z0-9._:\\u0080-\\uffff]*";
const TAG_NAME = new RegExp(`</?(${NAME})?`, "y");
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*(?:"[^"<]*"|'[^'<]*')`, "y");
const TAG_END = /\s*(\/?)>/y;
const REFERENCE = new RegExp(`&(?:(#\\d{1,7}|#x[0-9a-fA-F]{1,6}|lt|gt|amp|quot|apos)|${NAME});`, "y");
const DOCTYPE = /<!DOCTYPE(?:[^<>"'[\]]|"[^"]*"|'[^']*'|\[(?:[^\]"']|"[^"]*"|'[^']*')*\])*>/y;
/** Markup whose content is no markup: what it is called, how it begins, and how it ends. */
const SPANS: readonly (readonly [what: string, start: string, end: string])[] = [
  ["comment", "<!--", "-->"],
  ["CDATA section", "<![CDATA[", "]]>"],
  ["processing instruction", "<?", "?>"],
];

/** What keeps a text from being well-formed XML; undefined: nothing. */
export function xmlFault(text: string): TextFault | undefined {
  const open: { readonly name: string; readonly at: number }[] = [];
  let [hasRoot, hasDoctype] = [false, false];
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length;) {
    if (text[at] !== "<") {
      const next = text.indexOf("<", at);
      const end = next < 0 ? text.length : next;
      const found = open.length === 0 ? outside(text, at, end) : content(text, at, end, hasDoctype);
      if (found !== undefined) return found;
      at = end;
      continue;
    }
    const span = SPANS.find(([, start]) => text.startsWith(start, at));
    if (span !== undefined) {
      const [what, start, stop] = span;
      const end = text.indexOf(stop, at + start.length);
      if (end < 0) return { at, reason: `a ${what} begins here that does not end` };
      if (what === "CDATA section" && open.length === 0) {
        return { at, reason: "a CDATA section outside of all elements" };
      }
      if (what === "comment" && text.slice(at + start.length, end + 1).includes("--")) {
        return { at, reason: "a comment begins here that holds --" };
      }
      at = end + stop.length;
      continue;
    }
    const doctype = hasRoot ? undefined : matchEnd(DOCTYPE, text, at);
    if (doctype !== undefined) {
      hasDoctype = true;
      at = doctype;
      continue;
    }
    TAG_NAME.lastIndex = at;
    const name = TAG_NAME.exec(text)?.[1];
    if (name === undefined) return { at, reason: "found < that begins no tag, wanted it as &lt;" };
    if (text[at + 1] === "/") {
      const end = matchEnd(/\s*>/y, text, TAG_NAME.lastIndex);
      const opened = open.pop();
      if (opened === undefined) return { at, reason: `found </${name}>, which was not opened` };
      if (opened.name !== name) return { at, reason: `found </${name}>, wanted </${opened.name}>` };
      if (end === undefined) return { at: TAG_NAME.lastIndex, reason: `wanted > behind </${name}` };
      at = end;
      continue;
    }
    if (open.length === 0 && hasRoot) return { at, reason: `found <${name}> behind the end of the document` };
    hasRoot = true;
    const tag = openTag(text, TAG_NAME.lastIndex, name, hasDoctype);
    if ("reason" in tag) return tag;
    if (!tag.isEmpty) open.push({ name, at });
    at = tag.end;
  }
  const unclosed = open.pop();
  if (unclosed !== undefined) return { at: unclosed.at, reason: `<${unclosed.name}> is not closed` };
  return hasRoot ? undefined : { at: text.length, reason: "there is no element" };
}

function openTag(
  text: string,
  from: number,
  name: string,
  hasDoctype: boolean,
): TextFault | { readonly end: number; readonly isEmpty: boolean } {
  const names = new Set<string>();
  for (let at = from;;) {
    TAG_END.lastIndex = at;
    const ended = TAG_END.exec(text);
    if (ended !== null) return { end: TAG_END.lastIndex, isEmpty: ended[1] === "/" };
    ATTRIBUTE.lastIndex = at;
    const attribute = ATTRIBUTE.exec(text)?.[1];
    if (attribute === undefined) {
      const place = matchEnd(/\s*/y, text, at) ?? at;
      return { at: place, reason: `in <${name}>: wanted an attribute such as name="value", or >` };
    }
    if (names.has(attribute)) return { at, reason: `in <${name}>: ${attribute} stands there twice` };
    names.add(attribute);
    const bad = content(text, at, ATTRIBUTE.lastIndex, hasDoctype);
    if (bad !== undefined) return bad;
    at = ATTRIBUTE.lastIndex;
  }
}

/** What is wrong with text between tags, or with the value of an attribute. */
function content(text: string, from: number, end: number, hasDoctype: boolean): TextFault | undefined {
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  const bad = /[&\x00-\x08\x0b\x0c\x0e-\x1f]|\]\]>/g;
  bad.lastIndex = from;
  for (let found = bad.exec(text); found !== null && found.index < end; found = bad.exec(text)) {
    const at = found.index;
    if (found[0] === "]]>") return { at, reason: "found ]]> in text, wanted ]]&gt;" };
    if (found[0] !== "&") return { at, reason: "found a control character, which XML does not know" };
    REFERENCE.lastIndex = at;
    const reference = REFERENCE.exec(text);
    if (reference === null) return { at, reason: "found & that begins no reference, wanted it as &amp;" };
    if (reference[1] === undefined && !hasDoctype) return { at, reason: `${reference[0]} is not declared` };
  }
  return undefined;
}

function outside(text: string, from: number, end: number): TextFault | undefined {
  const at = matchEnd(/[ \t\r\n]*/y, text, from)!;
  return at < end ? { at, reason: "found text outside of all elements" } : undefined;
}
