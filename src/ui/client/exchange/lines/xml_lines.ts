/**
 * XML in indented lines, as TCPMon's "XML Format" did: names, attributes, references, CDATA sections, comments and
 * processing instructions stay as they were written (grammar: XML 1.0 §2–3).
 *
 * The text may come in pieces cut anywhere. An element that begins with text stays as it is inside, up to its end; white
 * space between tags is left out.
 */
import { type Line, type LineReader, LineWriter } from "./line.ts";
import { tagEnd, tagName, writeTag } from "./xml_tag.ts";

/** Deeper than this nothing is indented any more: no document for people nests so, hostile ones do. */
const MAX_DEPTH = 200;
/** A tag longer than this is none: it would be kept until its end comes. */
const MAX_TAG_CHARACTERS = 65_536;

const LEADING_SPACE = /^[ \t\r\n\ufeff]+/;
const TRAILING_SPACE = /(?<![ \t\r\n])[ \t\r\n]+$/;

const CDATA = "<![CDATA[";
/** Markup whose content is no markup, and what ends it. */
const SPANS: readonly (readonly [start: string, end: string])[] = [["<!--", "-->"], [CDATA, "]]>"], [
  "<?",
  "?>",
]];

/** Reads lines of XML. */
export class XmlLines implements LineReader {
  readonly #out = new LineWriter();
  /** The elements that are open, and the lines on which they began. */
  readonly #open: { readonly name: string; readonly line: number }[] = [];
  #problem: { readonly line: number; readonly reason: string } | undefined;
  /** What has come and was not read yet, and how far it was. */
  #text = "";
  #at = 0;
  /** What ends the comment, CDATA section or instruction that is open; empty: none is. */
  #until = "";
  /** Depth of the element that stays as it is inside; 0: none does. */
  #verbatimDepth = 0;
  /** White space: content, if its element has nothing else. */
  #space = "";
  /** What stood last. */
  #previous: "open" | "text" | "other" = "other";

  /** The lines so far. */
  get lines(): readonly Line[] {
    return this.#out.lines;
  }

  /** Where it stops to be XML. */
  get problem(): { readonly line: number; readonly reason: string } | undefined {
    return this.#problem;
  }

  /** Whether it takes no more. */
  get isFull(): boolean {
    return this.#out.isFull;
  }

  /** Takes the next piece. */
  push(text: string): void {
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
    while (this.#at < this.#text.length && !this.isFull) {
      if (this.#problem !== undefined) this.#flush();
      else if (!(this.#until === "" ? this.#step() : this.#span())) return;
    }
  }

  /** The text is over. */
  end(): void {
    this.#flush();
  }

  /** The rest stands as it was written. */
  #flush(): void {
    this.#out.addText("plain", this.#text.slice(this.#at), 0);
    this.#at = this.#text.length;
  }

  /** Reads a text or a tag. Gives whether it could: otherwise more must come first. */
  #step(): boolean {
    const text = this.#text;
    const at = this.#at;
    if (text[at] !== "<") {
      const end = text.indexOf("<", at);
      return this.#characters(text.slice(at, end < 0 ? undefined : end));
    }
    const head = text.slice(at, at + CDATA.length);
    for (const [start, end] of SPANS) {
      if (head.startsWith(start)) return this.#beginSpan(start, end);
      if (start.startsWith(head)) return false;
    }
    const end = tagEnd(text, at);
    if (end === undefined || (end < 0 && text.length - at > MAX_TAG_CHARACTERS)) {
      return this.#fail("found a < that begins no tag");
    }
    if (end < 0) return false;
    const tag = text.slice(at, end);
    return tag.startsWith("</") ? this.#close(tag) : this.#tag(tag);
  }

  #characters(text: string): boolean {
    if (this.#verbatimDepth > 0) return this.#content("plain", text);
    const start = text.length - text.replace(LEADING_SPACE, "").length;
    // Between tags it is dropped; else what follows tells whether it is content.
    if (this.#previous !== "other") this.#space += text.slice(0, start);
    this.#at += start;
    if (start === text.length) return true;
    if (this.#open.length === 0) return this.#fail("found text outside of all elements");
    const rest = text.slice(start);
    if (this.#previous === "open") {
      this.#verbatimDepth = this.#open.length;
      return this.#content("plain", rest);
    }
    if (this.#previous === "other") this.#out.newLine(this.#open.length);
    this.#previous = "text";
    const bare = rest.replace(TRAILING_SPACE, "");
    this.#content("plain", bare);
    this.#space = rest.slice(bare.length);
    this.#at += this.#space.length;
    return true;
  }

  #beginSpan(start: string, end: string): boolean {
    if (start === CDATA) {
      if (this.#open.length === 0) return this.#fail("found text outside of all elements");
      if (this.#previous === "open" && this.#verbatimDepth === 0) this.#verbatimDepth = this.#open.length;
    }
    this.#place();
    this.#until = end;
    return this.#content("comment", start);
  }

  /** Goes on in a comment, a CDATA section or an instruction. */
  #span(): boolean {
    const end = this.#text.indexOf(this.#until, this.#at);
    // Where its end has not come, the first characters of it may have.
    const to = end < 0 ? this.#text.length - this.#until.length + 1 : end + this.#until.length;
    if (to > this.#at) this.#content("comment", this.#text.slice(this.#at, to));
    if (end < 0) return false;
    this.#until = "";
    this.#previous = "other";
    return true;
  }

  #tag(tag: string): boolean {
    const isDeclaration = tag.startsWith("<!");
    const isOpening = !isDeclaration && !tag.endsWith("/>");
    if (isOpening && this.#open.length >= MAX_DEPTH) {
      return this.#fail(`nests deeper than ${MAX_DEPTH} levels`);
    }
    this.#place();
    if (isOpening) {
      this.#open.push({ name: tagName(tag), line: this.#out.openFold() });
      const isPreserved = /\sxml:space\s*=\s*["']preserve["']/.test(tag);
      if (isPreserved && this.#verbatimDepth === 0) this.#verbatimDepth = this.#open.length;
    }
    if (isDeclaration) this.#content("comment", tag);
    else this.#write(tag);
    this.#previous = isOpening ? "open" : "other";
    return true;
  }

  #close(tag: string): boolean {
    const opened = this.#open[this.#open.length - 1];
    const name = tagName(tag);
    if (opened?.name !== name) {
      const wanted = opened === undefined ? "which was not opened" : `wanted </${opened.name}>`;
      return this.#fail(`found </${name}>, ${wanted}`);
    }
    const isInline = this.#verbatimDepth > 0 || this.#previous === "open";
    this.#open.pop();
    if (isInline) this.#keepSpace();
    else this.#out.newLine(this.#open.length);
    this.#space = "";
    this.#write(tag);
    this.#out.closeFold(opened.line);
    if (this.#open.length < this.#verbatimDepth) this.#verbatimDepth = 0;
    this.#previous = "other";
    return true;
  }

  /** Goes to where the next tag is to stand. */
  #place(): void {
    if (this.#verbatimDepth > 0) return this.#keepSpace();
    this.#space = "";
    if (!this.#out.isEmptyLine) this.#out.newLine(this.#open.length);
  }

  #keepSpace(): void {
    this.#out.addText("plain", this.#space, 0);
    this.#space = "";
  }

  #content(kind: "plain" | "comment", text: string): true {
    this.#keepSpace();
    this.#out.addText(kind, text, 0);
    this.#at += text.length;
    return true;
  }

  #write(tag: string): void {
    writeTag(tag, this.#out);
    this.#at += tag.length;
  }

  /** From here on the text stands as it was written. */
  #fail(reason: string): boolean {
    if (!this.#out.isEmptyLine) this.#out.newLine(0);
    this.#problem = { line: this.#out.at, reason };
    return true;
  }
}
