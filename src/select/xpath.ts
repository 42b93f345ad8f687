/**
 * XPath 1.0 over XML texts: which nodes an expression selects, and where in the text they stand.
 *
 * Namespaces: a prefix stands for what the document declares it for, anywhere (of several declarations the first
 * counts). A name without a prefix stands for that name in any namespace, so that `//GetQuoteResponse/price` finds
 * what it says in SOAP too.
 */
import { quote, SelectError } from "./select_error.ts";
import { ATTRIBUTE, DOCUMENT, ELEMENT, TEXT, type XmlDocument, type XmlNode } from "./xml_node.ts";
import { readXml } from "./xml_tree.ts";
import xpath from "./xpath_library.ts";

/** What an expression gives: nodes in document order, or a text, number or truth value. */
export type XPathResult =
  | { readonly kind: "nodes"; readonly nodes: readonly XmlNode[] }
  | { readonly kind: "value"; readonly text: string; readonly value: string | number | boolean };

/**
 * How many steps from node to node an expression may take, comparisons of places included: for each node of the
 * document (`//item[v=77]` takes nine), and on top of that. It is a few seconds at worst.
 */
const STEPS_PER_NODE = 20;
const FREE_STEPS = 2_000_000;

type Expression = ReturnType<typeof xpath.parse>;
type Value = ReturnType<Expression["evaluate"]>;

/** An XPath, ready to be applied. */
export class XPath {
  /** The expression as it was written. */
  readonly source: string;
  readonly #expression: Expression;

  /**
   * Reads an expression.
   *
   * @throws {SelectError} where it is not XPath 1.0.
   */
  constructor(source: string) {
    this.source = source;
    try {
      this.#expression = xpath.parse(source);
      // Unknown functions show only now.
      this.#evaluate(readXml("<a/>"), () => "urn:any");
    } catch (error) {
      throw new SelectError(`cannot read the XPath ${quote(source)}: ${xpathFault(error)}`);
    }
  }

  /**
   * What the expression gives.
   *
   * @param alsoDeclared Further prefixes, for those that the document does not declare.
   * @throws {SelectError} for a prefix that is not declared, and where the document is too large or too deep for it.
   */
  find(document: XmlDocument, alsoDeclared?: ReadonlyMap<string, string>): XPathResult {
    const result = this.#guarded(document, alsoDeclared);
    if (result.nodes !== undefined) {
      const nodes = result.nodes as XmlNode[];
      return { kind: "nodes", nodes: nodes.toSorted((a, b) => a.order - b.order) };
    }
    const text = result.stringValue();
    if (isOf(xpath.XNumber, result)) return { kind: "value", text, value: Number(text) };
    if (isOf(xpath.XBoolean, result)) return { kind: "value", text, value: text === "true" };
    return { kind: "value", text, value: text };
  }

  #guarded(document: XmlDocument, alsoDeclared?: ReadonlyMap<string, string>): Value {
    document.budget.left = FREE_STEPS + STEPS_PER_NODE * document.size;
    try {
      return this.#evaluate(document, (prefix) => {
        const uri = document.namespaces.get(prefix) ?? alsoDeclared?.get(prefix) ?? ALWAYS.get(prefix);
        if (uri !== undefined) return uri;
        throw new SelectError(
          `cannot apply ${quote(this.source)}: the document does not declare the prefix ${quote(prefix)}`,
        );
      });
    } catch (error) {
      if (error instanceof SelectError) throw error;
      const what = error instanceof RangeError ? "the document is nested too deeply" : xpathFault(error);
      throw new SelectError(`cannot apply ${quote(this.source)}: ${what}`);
    } finally {
      document.budget.left = Infinity;
    }
  }

  #evaluate(document: XmlDocument, namespaces: (prefix: string) => string): Value {
    return this.#expression.evaluate({
      node: document.root,
      namespaces,
      allowAnyNamespaceForNoPrefix: true,
      isHtml: false,
    });
  }
}

function isOf(type: { readonly prototype: object }, value: Value): boolean {
  return Object.prototype.isPrototypeOf.call(type.prototype, value);
}

const ALWAYS = new Map([["xml", "http://www.w3.org/XML/1998/namespace"]]);

/** The text of a node as `string()` gives it, without recursion. */
export function stringOf(node: XmlNode): string {
  if (node.nodeType !== ELEMENT && node.nodeType !== DOCUMENT) return node.nodeValue;
  let text = "";
  const waiting = [...node.children].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.nodeType === TEXT) text += next.nodeValue;
    for (let i = next.children.length - 1; i >= 0; i--) waiting.push(next.children[i]);
  }
  return text;
}

/** Where a node is, as an XPath by names without prefixes: `/Envelope/Body/item[2]/@id`. */
export function xpathOf(node: XmlNode): string {
  const steps: string[] = [];
  for (let at: XmlNode | null = node; at !== null && at.nodeType !== DOCUMENT; at = at.parent) {
    steps.push(stepOf(at));
  }
  return `/${steps.reverse().join("/")}`;
}

function stepOf(node: XmlNode): string {
  if (node.nodeType === ATTRIBUTE) return `@${node.nodeName}`;
  const alike = node.parent?.children.filter((sibling) =>
    sibling.nodeType === node.nodeType && sibling.localName === node.localName
  );
  const test = node.nodeType === ELEMENT ? node.localName : NODE_TESTS.get(node.nodeType);
  return `${test}${alike === undefined || alike.length < 2 ? "" : `[${alike.indexOf(node) + 1}]`}`;
}

const NODE_TESTS = new Map([[3, "text()"], [7, "processing-instruction()"], [8, "comment()"]]);

function xpathFault(error: unknown): string {
  if (!(error instanceof Error)) return "it cannot be evaluated";
  if (error instanceof SelectError) return error.message;
  const text = error.message.replace(/\s+/g, " ").replace(/^Invalid expression: /, "");
  if (/^Cannot read|is not a function|undefined/.test(text)) return "wanted an expression of XPath 1.0";
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
