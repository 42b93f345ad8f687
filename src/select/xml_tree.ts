/**
 * An XML text (XML 1.0, Namespaces in XML 1.0) as a tree that knows where each node stands.
 *
 * The parser is saxes: strict and without recursion. It reads no external entities and expands none that a document
 * declares (a reference to one is an error), so no document grows while it is read.
 */
import { SaxesParser } from "saxes";
import { placeOf, SelectError, TooLargeError } from "./select_error.ts";
import {
  ATTRIBUTE,
  COMMENT,
  DOCUMENT,
  ELEMENT,
  INSTRUCTION,
  StepBudget,
  TEXT,
  type XmlDocument,
  type XmlKind,
  XmlNode,
} from "./xml_node.ts";

/** How many nodes a text may have: each takes some 300 bytes, and again as much to be compared. */
const MAX_NODES = 500_000;
/**
 * How far the parser may go for the namespaces of all names together: for each it looks from the innermost element to the
 * outermost, so that the cost of deep nesting is its square. Some seconds, or 14,000 levels.
 */
const MAX_LOOKUPS = 100_000_000;

const NO_NAME = { name: "", local: "", uri: "" };

/** A start tag that is not over yet. */
interface Begun {
  readonly from: number;
  readonly values: { readonly from: number; readonly to: number }[];
}

/**
 * Reads an XML text.
 *
 * @throws {SelectError} where it is not well-formed, with line and column.
 * @throws {TooLargeError} where it has more than half a million nodes, or many that are nested very deeply.
 */
export function readXml(text: string): XmlDocument {
  return new TreeBuilder().read(text);
}

class TreeBuilder {
  readonly #parser = new SaxesParser({ xmlns: true });
  readonly #budget = new StepBudget();
  readonly #root: XmlNode;
  readonly #elements: XmlNode[] = [];
  readonly #namespaces = new Map<string, string>();
  #order = 0;
  #depth = 0;
  #lookups = 0;
  #parent: XmlNode;
  #begun: Begun = { from: 0, values: [] };
  /** Where the markup or text begins that comes next. */
  #markupFrom = 0;

  constructor() {
    this.#root = this.#node(DOCUMENT, NO_NAME, "", null, 0);
    this.#parent = this.#root;
  }

  read(text: string): XmlDocument {
    const parser = this.#parser;
    parser.on("error", (error) => {
      const what = error.message.replace(/^\d+:\d+: /, "").replace(/\s+/g, " ").replace(/\.$/, "");
      const place = placeOf(text, parser.position);
      throw new SelectError(`cannot read the document as XML: ${printable(what)} at ${place}`);
    });
    const passOver = () => {
      this.#markupFrom = parser.position;
    };
    parser.on("xmldecl", passOver);
    parser.on("doctype", passOver);
    parser.on("opentagstart", () => {
      this.#lookUp();
      this.#begun = { from: this.#markupFrom, values: [] };
    });
    parser.on("attribute", ({ prefix }) => {
      if (prefix !== "") this.#lookUp();
      const to = parser.position - 1;
      this.#begun.values.push({ from: text.lastIndexOf(text[to], to - 1) + 1, to });
    });
    parser.on("opentag", ({ name, local, uri, attributes, isSelfClosing }) => {
      const element = this.#node(ELEMENT, { name, local, uri }, "", this.#parent, this.#begun.from);
      element.tagEnd = parser.position;
      this.#elements.push(element);
      const values = Object.values(attributes);
      for (let i = 0; i < values.length; i++) {
        const { from, to } = this.#begun.values[i];
        if (values[i].prefix === "xmlns") this.#declare(values[i].local, values[i].value);
        else if (values[i].name !== "xmlns") {
          this.#node(ATTRIBUTE, values[i], values[i].value, element, from).to = to;
        }
      }
      if (!isSelfClosing) {
        this.#parent = element;
        this.#depth++;
      }
      this.#markupFrom = element.tagEnd;
    });
    parser.on("closetag", ({ isSelfClosing }) => {
      const to = parser.position;
      const element = isSelfClosing ? this.#elements[this.#elements.length - 1] : this.#parent;
      if (!isSelfClosing) this.#depth--;
      element.to = to;
      element.contentEnd = isSelfClosing ? to : text.lastIndexOf("</", to - 1);
      this.#parent = element.parent as XmlNode;
      this.#markupFrom = to;
    });
    parser.on("text", (value) => this.#text(value, parser.position - 1));
    parser.on("cdata", (value) => {
      const to = parser.position;
      this.#text(value, to);
    });
    parser.on("comment", (value) => {
      // The parser tells it before the `>`.
      const to = text.indexOf(">", parser.position - 1) + 1;
      this.#node(COMMENT, NO_NAME, value, this.#parent, this.#markupFrom).to = to;
      this.#markupFrom = to;
    });
    parser.on("processinginstruction", ({ target, body }) => {
      const to = parser.position;
      const name = { name: target, local: target, uri: "" };
      this.#node(INSTRUCTION, name, body, this.#parent, this.#markupFrom).to = to;
      this.#markupFrom = to;
    });
    parser.write(text).close();
    const [element] = this.#elements;
    this.#root.to = text.length;
    return {
      text,
      root: this.#root,
      element,
      elements: this.#elements,
      namespaces: this.#namespaces,
      size: this.#order,
      budget: this.#budget,
    };
  }

  /** Counts what the parser does for one name. */
  #lookUp(): void {
    this.#lookups += this.#depth;
    if (this.#lookups <= MAX_LOOKUPS) return;
    throw new TooLargeError("cannot read the document: its XML elements are nested too deeply");
  }

  #declare(prefix: string, uri: string): void {
    if (!this.#namespaces.has(prefix)) this.#namespaces.set(prefix, uri);
  }

  #text(value: string, to: number): void {
    const from = this.#markupFrom;
    this.#markupFrom = to;
    if (this.#parent === this.#root || value === "") return;
    const before = this.#parent.children.at(-1);
    if (before?.nodeType === TEXT) {
      before.nodeValue += value;
      before.to = to;
    } else {
      this.#node(TEXT, NO_NAME, value, this.#parent, from).to = to;
    }
  }

  #node(
    kind: XmlKind,
    name: { readonly name: string; readonly local: string; readonly uri: string },
    value: string,
    parent: XmlNode | null,
    from: number,
  ): XmlNode {
    if (this.#order >= MAX_NODES) {
      throw new TooLargeError(`cannot read the document: found more than ${MAX_NODES} XML nodes`);
    }
    return new XmlNode(kind, name, value, parent, { from, order: this.#order++, budget: this.#budget });
  }
}

/** What the parser quotes of a document, without what could steer a terminal. */
function printable(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]/g, "?");
}
