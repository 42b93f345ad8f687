/**
 * Paths into bodies: JSONPath (RFC 9535) where a path begins with `$`, XPath 1.0 else.
 *
 * This room is loaded only where a path was given: its parsers take time to start.
 */
import { type JsonMatch, JsonPath, jsonPathText } from "./json_path.ts";
import { readJson, scalarOf } from "./json_tree.ts";
import { replaceJson } from "./replace_json.ts";
import { replaceXml } from "./replace_xml.ts";
import { SelectError } from "./select_error.ts";
import type { XmlNode } from "./xml_node.ts";
import { readXml } from "./xml_tree.ts";
import { stringOf, XPath, xpathOf } from "./xpath.ts";

/** One value that a path selects. */
export interface Selected {
  /** A JSON string's characters, any other JSON value as it is written; the text of an XML node as `string()` has it. */
  readonly text: string;
  /** The JSON value; of an XPath that gives no nodes, its number, text or truth value. */
  readonly value?: unknown;
  /** Where it is: a path that selects it alone. Of an XPath that gives no nodes: the expression. */
  readonly path: string;
  /** Where its text stands in the document: `[from, to)`, in UTF-16 code units; of an attribute, its value's. */
  readonly range?: readonly [from: number, to: number];
}

/** A path, ready to be applied to documents. */
export interface Selector {
  /** The path as it was written. */
  readonly source: string;
  /** Which language it is. */
  readonly kind: "jsonpath" | "xpath";
  /**
   * What it selects, in order; nothing is no error.
   *
   * @throws {SelectError} where the document cannot be read, or the path not be applied to it.
   */
  select(document: string): readonly Selected[];
}

/** A selector, and how it replaces. */
interface ReplacingSelector extends Selector {
  replace(document: string, replacement: string): Replaced;
}

/** A document in which something was replaced. */
export interface Replaced {
  /** The document; but for what was replaced as it was. */
  readonly text: string;
  /** How many values were replaced or added; 0: the path selects nothing. */
  readonly count: number;
}

/**
 * Reads a path: `$…` is JSONPath, anything else XPath.
 *
 * @throws {SelectError} where it cannot be read.
 */
export function parseSelector(text: string): Selector {
  const source = text.trim();
  if (source === "") {
    throw new SelectError("cannot read the path: found nothing, wanted a JSONPath ($.id) or an XPath (//id)");
  }
  return source.startsWith("$") ? jsonSelector(source) : xmlSelector(source);
}

/**
 * Replaces what a path selects; everything else stays as it was, character by character.
 *
 * JSON: the replacement is JSON where it can be read as such, else a string. Where the path names a member that an
 * existing object has not (`$.new`), it is added. Of values that lie one within the other the outer one is replaced.
 *
 * XML: the replacement is text, escaped; it becomes all of an element's content, or an attribute's value.
 *
 * @throws {SelectError} where the document cannot be read or the path selects what cannot be replaced.
 */
export function replaceSelected(document: string, selector: Selector, replacement: string): Replaced {
  const known = selector as ReplacingSelector;
  return (known.replace === undefined ? parseSelector(selector.source) as ReplacingSelector : known)
    .replace(document, replacement);
}

function jsonSelector(source: string): ReplacingSelector {
  const path = new JsonPath(source);
  return {
    source,
    kind: "jsonpath",
    select: (document) => path.find(readJson(document)).map((match) => selectedJson(document, match)),
    replace: (document, replacement) => replaceJson(readJson(document), path, replacement),
  };
}

function selectedJson(document: string, { node, value, location }: JsonMatch): Selected {
  return { text: scalarOf(node, document), value, path: jsonPathText(location), range: [node.from, node.to] };
}

function xmlSelector(source: string): ReplacingSelector {
  const path = new XPath(source);
  return {
    source,
    kind: "xpath",
    select: (document) => {
      const result = path.find(readXml(document));
      if (result.kind === "nodes") return result.nodes.map(selectedXml);
      return [{ text: result.text, value: result.value, path: source }];
    },
    replace: (document, replacement) => replaceXml(readXml(document), path, replacement),
  };
}

/** Text and path are made when they are asked for: of many nodes, nested or side by side, they cost the square. */
function selectedXml(node: XmlNode): Selected {
  return {
    get text() {
      return stringOf(node);
    },
    get path() {
      return xpathOf(node);
    },
    range: [node.from, node.to],
  };
}
