/** XML bodies compared by what they say; see xml_shape.ts for what that is. */
import { SelectError } from "../select/select_error.ts";
import { ELEMENT, type XmlDocument, type XmlNode } from "../select/xml_node.ts";
import { readXml } from "../select/xml_tree.ts";
import { xpathOf } from "../select/xpath.ts";
import { align } from "./align.ts";
import type { DifferenceList } from "./difference.ts";
import { type DiffRules, masked } from "./rules.ts";
import { type Shape, Shapes } from "./xml_shape.ts";

/** Two elements or texts to compare, or one that has no counterpart. */
interface Task {
  readonly before?: Shape;
  readonly after?: Shape;
  readonly isMoved?: boolean;
}

/**
 * Compares two XML texts.
 *
 * @throws {SelectError} where one of them is not well-formed.
 */
export function compareXml(before: string, after: string, rules: DiffRules, list: DifferenceList): void {
  const documents = [readXml(before), readXml(after)] as const;
  const shapes = new Shapes();
  const ignored = documents.map((document, side) =>
    ignoredIn(document, documents[1 - side].namespaces, rules)
  );
  if (documents.every(({ root, element }, side) => ignored[side].has(root) || ignored[side].has(element))) {
    return;
  }
  const shown = (text: string) => masked(text, rules.patterns);
  const [was, is] = documents.map((document, side) => shapes.of(document, { ignored: ignored[side], shown }));
  const source = { before, after };
  const tasks: Task[] = [{ before: was, after: is }];
  for (let task = tasks.pop(); task !== undefined && !list.isFull; task = tasks.pop()) {
    if (task.before === undefined || task.after === undefined || task.isMoved) tell(task, source, list);
    else if (task.before.identity === task.after.identity) continue;
    else if (task.before.group !== task.after.group || task.before.node.nodeType !== ELEMENT) {
      const [from, to] = [task.before, task.after].map((shape, side) =>
        sourceOf(shape, [before, after][side])
      );
      list.changed("body", pathOf(task.before), from, to);
    } else {
      compareAttributes(task.before, task.after, list);
      for (const inner of contentTasks(task.before, task.after).reverse()) tasks.push(inner);
    }
  }
}

function ignoredIn(
  document: XmlDocument,
  namespaces: ReadonlyMap<string, string>,
  rules: DiffRules,
): Set<XmlNode> {
  const ignored = new Set<XmlNode>();
  for (const path of rules.xpaths) {
    try {
      const found = path.find(document, namespaces);
      for (const node of found.kind === "nodes" ? found.nodes : []) ignored.add(node);
    } catch (error) {
      // A prefix that neither document declares selects nothing.
      if (!(error instanceof SelectError)) throw error;
    }
  }
  return ignored;
}

/** Tells what was moved, added or removed. */
function tell(
  { before, after, isMoved }: Task,
  source: { readonly before: string; readonly after: string },
  list: DifferenceList,
): void {
  if (isMoved && before !== undefined && after !== undefined) {
    const path = pathOf(before);
    list.add({ where: "body", path, kind: "moved", before: path, after: pathOf(after) });
    return;
  }
  if (before !== undefined) list.removed("body", pathOf(before), sourceOf(before, source.before));
  if (after !== undefined) list.added("body", pathOf(after), sourceOf(after, source.after));
}

function compareAttributes(was: Shape, is: Shape, list: DifferenceList): void {
  const others = new Map(is.attributes.map((attribute) => [attribute.key, attribute]));
  for (const { key, node, text } of was.attributes) {
    const other = others.get(key);
    others.delete(key);
    if (other === undefined) list.removed("body", xpathOf(node), node.nodeValue);
    else if (other.text !== text) list.changed("body", xpathOf(node), node.nodeValue, other.node.nodeValue);
  }
  for (const { node } of others.values()) list.added("body", xpathOf(node), node.nodeValue);
}

function contentTasks(was: Shape, is: Shape): Task[] {
  const [before, after] = [was, is].map(({ items }) => ({
    identities: items.map(({ identity }) => identity),
    groups: items.map(({ group }) => group),
  }));
  const groups = { before: before.groups, after: after.groups };
  return align(before.identities, after.identities, groups).map((found): Task => ({
    ...found.kind !== "added" && { before: was.items[found.before] },
    ...found.kind !== "removed" && { after: is.items[found.after] },
    isMoved: found.kind === "moved",
  }));
}

/** What is shown of an element or text: as it is written, a text without its markup. */
function sourceOf({ node, text }: Shape, source: string): string {
  return node.nodeType === ELEMENT ? source.slice(node.from, node.to) : text;
}

/** Where it is; a text that is all of its element is told by the element. */
function pathOf({ node }: Shape): string {
  const isAll = node.nodeType !== ELEMENT && node.parent?.children.length === 1;
  return xpathOf(isAll ? node.parent as XmlNode : node);
}
