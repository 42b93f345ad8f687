/** JSON bodies compared by what they hold: members in any order, numbers by value, array elements wherever they are. */
import { IGNORED, JsonIdentities } from "../select/json_identity.ts";
import { jsonStep } from "../select/json_path.ts";
import { type JsonDocument, type JsonNode, readJson } from "../select/json_tree.ts";
import { SelectError } from "../select/select_error.ts";
import { align } from "./align.ts";
import type { DifferenceList } from "./difference.ts";
import { type DiffRules, masked } from "./rules.ts";

/** Where a value is: the way from the outermost one, innermost step first. */
interface Place {
  readonly outer: Place | undefined;
  readonly step: string | number;
}

/** Two values to compare, or one that has no counterpart. */
interface Task {
  readonly before?: JsonNode;
  readonly after?: JsonNode;
  readonly place: Place | undefined;
  /** Where it has gone, for what is only in another place. */
  readonly movedTo?: Place;
}

/**
 * Compares two JSON texts.
 *
 * @throws {SelectError} where one of them is not JSON.
 */
export function compareJson(before: string, after: string, rules: DiffRules, list: DifferenceList): void {
  const documents = [readJson(before), readJson(after)] as const;
  const shown = rules.patterns.length === 0 ? undefined : (text: string) => masked(text, rules.patterns);
  const identities = new JsonIdentities();
  for (const document of documents) {
    identities.assign(document, { ignored: ignoredIn(document, rules), ...shown && { shown } });
  }
  // An explicit stack: documents may be nested deeper than calls can be.
  const tasks: Task[] = [{ before: documents[0].root, after: documents[1].root, place: undefined }];
  for (let task = tasks.pop(); task !== undefined && !list.isFull; task = tasks.pop()) {
    const { before: was, after: is, place, movedTo } = task;
    if (movedTo !== undefined) {
      list.add({
        where: "body",
        path: textOf(place),
        kind: "moved",
        before: textOf(place),
        after: textOf(movedTo),
      });
    } else if (was === undefined || is === undefined) {
      if (was !== undefined) list.removed("body", textOf(place), before.slice(was.from, was.to));
      if (is !== undefined) list.added("body", textOf(place), after.slice(is.from, is.to));
    } else if (was.identity === is.identity) {
      continue;
    } else if (was.kind === "object" && is.kind === "object") {
      for (const inner of memberTasks(was, is, place).reverse()) tasks.push(inner);
    } else if (was.kind === "array" && is.kind === "array") {
      for (const inner of elementTasks(was, is, place).reverse()) tasks.push(inner);
    } else {
      list.changed("body", textOf(place), before.slice(was.from, was.to), after.slice(is.from, is.to));
    }
  }
}

function ignoredIn(document: JsonDocument, rules: DiffRules): Set<JsonNode> {
  const ignored = new Set<JsonNode>();
  for (const path of rules.jsonPaths) {
    try {
      for (const { node } of path.find(document)) ignored.add(node);
    } catch (error) {
      // Too deep for the path: then nothing is ignored, rather than everything.
      if (!(error instanceof SelectError)) throw error;
    }
  }
  return ignored;
}

/** Members by name; those with equal names in their order. */
function memberTasks(was: JsonNode, is: JsonNode, outer: Place | undefined): Task[] {
  const tasks: Task[] = [];
  const others = new Map<string, JsonNode[]>();
  for (let i = is.names.length - 1; i >= 0; i--) {
    if (is.items[i].identity === IGNORED) continue;
    const known = others.get(is.names[i]);
    if (known === undefined) others.set(is.names[i], [is.items[i]]);
    else known.push(is.items[i]);
  }
  was.names.forEach((name, i) => {
    const before = was.items[i];
    if (before.identity === IGNORED) return;
    const after = others.get(name)?.pop();
    if (after?.identity === before.identity) return;
    tasks.push({ before, ...after && { after }, place: { outer, step: name } });
  });
  for (const name of new Set(is.names)) {
    for (const after of others.get(name)?.reverse() ?? []) {
      tasks.push({ after, place: { outer, step: name } });
    }
  }
  return tasks;
}

function elementTasks(was: JsonNode, is: JsonNode, outer: Place | undefined): Task[] {
  const indexes = [was, is].map(({ items }) =>
    items.map((_, i) => i).filter((i) => items[i].identity !== IGNORED)
  );
  const identities = [was, is].map(({ items }, side) => indexes[side].map((i) => items[i].identity));
  return align(identities[0], identities[1]).map((found): Task => {
    if (found.kind === "added") {
      const step = indexes[1][found.after];
      return { after: is.items[step], place: { outer, step } };
    }
    const step = indexes[0][found.before];
    const place = { outer, step };
    if (found.kind === "removed") return { before: was.items[step], place };
    const to = indexes[1][found.after];
    if (found.kind === "moved") return { place, movedTo: { outer, step: to } };
    return { before: was.items[step], after: is.items[to], place };
  });
}

function textOf(place: Place | undefined): string {
  const steps: string[] = [];
  for (let at = place; at !== undefined; at = at.outer) steps.push(jsonStep(at.step));
  return `$${steps.reverse().join("")}`;
}
