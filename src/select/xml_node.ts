/**
 * The nodes of an XML document, each with its place in the text, and with those properties of the DOM that the XPath
 * library asks for. Namespace declarations are not among the attributes, as XPath 1.0 §5.3 has it; text and CDATA
 * sections side by side are one text node (§5.7).
 */
import { SelectError } from "./select_error.ts";

/** What a node is, by the numbers of the DOM. */
export const ELEMENT = 1;
/** An attribute. */
export const ATTRIBUTE = 2;
/** A text node, CDATA sections included. */
export const TEXT = 3;
/** A processing instruction. */
export const INSTRUCTION = 7;
/** A comment. */
export const COMMENT = 8;
/** The document itself. */
export const DOCUMENT = 9;

/** The kinds of node that there are. */
export type XmlKind = 1 | 2 | 3 | 7 | 8 | 9;

/** What a node holds that can hold nothing; nobody adds to it. */
const NONE: XmlNode[] = [];

/** Counts the steps from node to node, so that an expression on a large document can be stopped. */
export class StepBudget {
  /** How many steps are left. */
  left: number = Infinity;

  /** Takes one step. Throws where none is left. */
  step(): void {
    if (--this.left < 0) throw new SelectError("cannot apply the XPath: too many steps on this document");
  }
}

/** One node of a document. */
export class XmlNode {
  /** Which kind of node it is. */
  readonly nodeType: XmlKind;
  /** Name as written, with its prefix; of an instruction, its target. */
  readonly nodeName: string;
  /** The name without its prefix. */
  readonly localName: string;
  /** The namespace, or an empty text. */
  readonly namespaceURI: string;
  /** Text of a text node, comment or instruction, value of an attribute; references undone. */
  nodeValue: string;
  /** The element or document that it belongs to. */
  readonly parent: XmlNode | null;
  /** Its number in document order, attributes after their element. */
  readonly order: number;
  /** Where it begins in the text; of an attribute, where its value does. */
  readonly from: number;
  /** Where it ends; of an attribute, where its value does. */
  to = 0;
  /** Of an element: where its start tag ends. */
  tagEnd = 0;
  /** Of an element: where its end tag begins; {@link tagEnd} where it is written `<a/>`. */
  contentEnd = 0;
  /** What it holds, in order. */
  readonly children: XmlNode[];
  /** The attributes of an element, in order. */
  readonly attributeList: XmlNode[];
  /** The document. */
  readonly ownerDocument: XmlNode | null;
  readonly #budget: StepBudget;
  readonly #index: number;

  /** Makes a node and puts it below its parent. */
  constructor(
    nodeType: XmlKind,
    name: { readonly name: string; readonly local: string; readonly uri: string },
    nodeValue: string,
    parent: XmlNode | null,
    place: { readonly from: number; readonly order: number; readonly budget: StepBudget },
  ) {
    this.nodeType = nodeType;
    this.nodeName = name.name;
    this.localName = name.local;
    this.namespaceURI = name.uri;
    this.nodeValue = nodeValue;
    this.parent = parent;
    this.order = place.order;
    this.from = place.from;
    this.#budget = place.budget;
    this.ownerDocument = parent === null ? null : parent.ownerDocument ?? parent;
    const holds = nodeType === ELEMENT || nodeType === DOCUMENT;
    this.children = holds ? [] : NONE;
    this.attributeList = holds ? [] : NONE;
    const siblings = nodeType === ATTRIBUTE ? parent?.attributeList : parent?.children;
    this.#index = siblings === undefined ? 0 : siblings.push(this) - 1;
  }

  /** The parent in the tree; an attribute has none. */
  get parentNode(): XmlNode | null {
    this.#budget.step();
    return this.nodeType === ATTRIBUTE ? null : this.parent;
  }

  /** Of an attribute: its element. */
  get ownerElement(): XmlNode | null {
    return this.nodeType === ATTRIBUTE ? this.parent : null;
  }

  /** The first node that it holds. */
  get firstChild(): XmlNode | null {
    this.#budget.step();
    return this.children[0] ?? null;
  }

  /** The next node beside it. */
  get nextSibling(): XmlNode | null {
    this.#budget.step();
    return this.nodeType === ATTRIBUTE ? null : this.parent?.children[this.#index + 1] ?? null;
  }

  /** The node beside it, before it. */
  get previousSibling(): XmlNode | null {
    this.#budget.step();
    return this.nodeType === ATTRIBUTE ? null : this.parent?.children[this.#index - 1] ?? null;
  }

  /** Of an element: its attributes, in the manner of the DOM. */
  get attributes(): { readonly length: number; item(index: number): XmlNode } | null {
    if (this.nodeType !== ELEMENT) return null;
    const list = this.attributeList;
    return { length: list.length, item: (index) => list[index] };
  }

  /** The value of the attribute of that name, as written. */
  getAttribute(name: string): string | null {
    return this.attributeList.find(({ nodeName }) => nodeName === name)?.nodeValue ?? null;
  }

  /** No attribute is known to be an ID: only a document type could say so. */
  getElementById(): null {
    return null;
  }

  /** Tells the library which of two nodes comes first: 2 where `other` precedes, 4 where it follows. */
  compareDocumentPosition(other: XmlNode): number {
    this.#budget.step();
    if (other.order === this.order) return 0;
    return other.order < this.order ? 2 : 4;
  }
}

/** An XML text that was read. */
export interface XmlDocument {
  /** The text. */
  readonly text: string;
  /** The node above all others. */
  readonly root: XmlNode;
  /** The outermost element. */
  readonly element: XmlNode;
  /** Every element, each before what it holds. */
  readonly elements: readonly XmlNode[];
  /** The namespaces of all prefixes that are declared anywhere; of equal ones the first counts. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** How many nodes there are. */
  readonly size: number;
  /** How far an expression may go on this document. */
  readonly budget: StepBudget;
}
