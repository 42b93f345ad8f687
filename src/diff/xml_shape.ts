/**
 * What of an XML document counts when two are compared: names with their namespaces but not their prefixes, attributes
 * in any order, texts (CDATA or not), elements in order. Comments and processing instructions do not, nor does white
 * space beside elements where there is no other text, unless `xml:space` says "preserve".
 */
import { ATTRIBUTE, ELEMENT, TEXT, type XmlDocument, type XmlNode } from "../select/xml_node.ts";

/** A text, or an element with what counts of it. */
export interface Shape {
  /** The element, or the first node of the text. */
  readonly node: XmlNode;
  /** What only shapes have in common that may be compared with each other: a name, or that they are texts. */
  readonly group: string;
  /** Of a text: what it says. */
  readonly text: string;
  /** Attributes, sorted; `key` is the name with its namespace. */
  readonly attributes: readonly { readonly key: string; readonly node: XmlNode; readonly text: string }[];
  /** What an element holds. */
  readonly items: readonly Shape[];
  /** The same number for the same shape, in all documents that went through one {@link Shapes}. */
  readonly identity: number;
}

/** What is left out, and how texts are read. */
export interface ShapeView {
  /** Nodes that count as absent. */
  readonly ignored: ReadonlySet<XmlNode>;
  /** What is compared instead of a text or an attribute's value. */
  readonly shown: (text: string) => string;
}

const NO_ATTRIBUTES: Shape["attributes"] = [];
const NO_ITEMS: readonly Shape[] = [];
const TEXT_GROUP = "#text";

/** Gives out identities. */
export class Shapes {
  readonly #known = new Map<string, number>();

  /** The shape of a document's outermost element. */
  of({ elements, element }: XmlDocument, view: ShapeView): Shape {
    const shapes = new Map<XmlNode, Shape>();
    const preserved = preservedIn(elements);
    // From the last element to the first: what an element holds comes before it.
    for (let i = elements.length - 1; i >= 0; i--) {
      shapes.set(elements[i], this.#element(elements[i], shapes, preserved.has(elements[i]), view));
    }
    return shapes.get(element) as Shape;
  }

  #element(
    node: XmlNode,
    shapes: ReadonlyMap<XmlNode, Shape>,
    isPreserved: boolean,
    { ignored, shown }: ShapeView,
  ): Shape {
    const attributes = node.attributeList.length === 0 ? NO_ATTRIBUTES : attributesOf(node, ignored, shown);
    const items: Shape[] = [];
    for (const child of contentOf(node, isPreserved, ignored)) {
      if (child.node.nodeType === ELEMENT) items.push(shapes.get(child.node) as Shape);
      else items.push(this.#text(child.node, shown(child.text)));
    }
    const group = nameOf(node);
    const values = attributes.map(({ key, text }) => `${this.#identity(key)}=${this.#identity(`"${text}`)}`);
    const key = `<${group} ${values.join()}>${items.map(({ identity }) => identity).join()}`;
    return { node, group, text: "", attributes, items, identity: this.#identity(key) };
  }

  #text(node: XmlNode, text: string): Shape {
    return {
      node,
      group: TEXT_GROUP,
      text,
      attributes: NO_ATTRIBUTES,
      items: NO_ITEMS,
      identity: this.#identity(`"${text}`),
    };
  }

  #identity(key: string): number {
    let identity = this.#known.get(key);
    if (identity === undefined) {
      identity = this.#known.size;
      this.#known.set(key, identity);
    }
    return identity;
  }
}

function attributesOf(
  { attributeList }: XmlNode,
  ignored: ReadonlySet<XmlNode>,
  shown: ShapeView["shown"],
): Shape["attributes"] {
  return attributeList.filter((attribute) => !ignored.has(attribute))
    .map((attribute) => ({ key: nameOf(attribute), node: attribute, text: shown(attribute.nodeValue) }))
    .sort((a, b) => a.key < b.key ? -1 : 1);
}

/** Name and namespace as one text; a space is in neither a name nor, rightly, a namespace. */
function nameOf({ localName, namespaceURI, nodeType }: XmlNode): string {
  return `${nodeType === ATTRIBUTE ? "@" : ""}${localName} ${namespaceURI}`;
}

/** Elements where white space counts (XML 1.0 §2.10). */
function preservedIn(elements: readonly XmlNode[]): Set<XmlNode> {
  const preserved = new Set<XmlNode>();
  for (const element of elements) {
    const own = element.getAttribute("xml:space");
    if (own === "preserve" || own === null && element.parent !== null && preserved.has(element.parent)) {
      preserved.add(element);
    }
  }
  return preserved;
}

/** Elements and texts of an element; texts with only a comment or an instruction between them are one. */
function contentOf(
  element: XmlNode,
  isPreserved: boolean,
  ignored: ReadonlySet<XmlNode>,
): { readonly node: XmlNode; text: string }[] {
  const content: { readonly node: XmlNode; text: string }[] = [];
  let hasElements = false;
  let hasText = false;
  for (const node of element.children) {
    if (node.nodeType === ELEMENT) {
      hasElements = true;
      if (!ignored.has(node)) content.push({ node, text: "" });
    } else if (node.nodeType === TEXT && !ignored.has(node)) {
      hasText ||= isPreserved || /[^ \t\r\n]/.test(node.nodeValue);
      const before = content.at(-1);
      if (before?.node.nodeType === TEXT) before.text += node.nodeValue;
      else content.push({ node, text: node.nodeValue });
    }
  }
  if (!hasElements || hasText) return content;
  return content.filter(({ node }) => node.nodeType === ELEMENT);
}
