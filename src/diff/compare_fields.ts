/**
 * Fields compared: names whatever their case, values exactly. The order of fields with different names does not matter,
 * that of fields with equal names does (RFC 9110 §5.3).
 */
import type { Field } from "../http/head.ts";
import type { DifferenceList } from "./difference.ts";
import { type DiffRules, masked } from "./rules.ts";

/** Whether two lists of fields are the same line by line, but for fields that are left out: the common case, quickly. */
export function areSameFields(before: readonly Field[], after: readonly Field[], rules: DiffRules): boolean {
  if (before === after) return true;
  if (before.length !== after.length) return false;
  for (let i = 0; i < before.length; i++) {
    if (before[i][0] !== after[i][0]) return false;
    if (before[i][1] !== after[i][1] && !rules.fields.has(before[i][0].toLowerCase())) return false;
  }
  return true;
}

/**
 * Compares two lists of fields.
 *
 * @param alsoIgnored Names of further fields to leave out, in lower case.
 */
export function compareFields(
  where: "header" | "trailer",
  before: readonly Field[],
  after: readonly Field[],
  alsoIgnored: ReadonlySet<string>,
  rules: DiffRules,
  list: DifferenceList,
): void {
  const others = byName(after);
  for (const [key, { name, values }] of byName(before)) {
    const found = others.get(key)?.values ?? [];
    others.delete(key);
    if (rules.fields.has(key) || alsoIgnored.has(key)) continue;
    compareValues(where, name, values, found, rules, list);
  }
  for (const [key, { name, values }] of others) {
    if (rules.fields.has(key) || alsoIgnored.has(key)) continue;
    compareValues(where, name, [], values, rules, list);
  }
}

interface Named {
  readonly name: string;
  readonly values: string[];
}

function byName(fields: readonly Field[]): Map<string, Named> {
  const named = new Map<string, Named>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const known = named.get(key);
    if (known === undefined) named.set(key, { name, values: [value] });
    else known.values.push(value);
  }
  return named;
}

function compareValues(
  where: "header" | "trailer",
  name: string,
  before: readonly string[],
  after: readonly string[],
  rules: DiffRules,
  list: DifferenceList,
): void {
  const [was, is] = [before, after].map((values) => values.map((value) => masked(value, rules.patterns)));
  const common = Math.min(was.length, is.length);
  const isReordered = was.length === is.length && was.some((value, i) => value !== is[i]) &&
    was.toSorted().join("\n") === is.toSorted().join("\n");
  if (isReordered) {
    list.add({ where, path: name, kind: "moved", before: before.join(" | "), after: after.join(" | ") });
    return;
  }
  for (let i = 0; i < common; i++) {
    if (was[i] !== is[i]) list.changed(where, name, before[i], after[i]);
  }
  for (const value of before.slice(common)) list.removed(where, name, value);
  for (const value of after.slice(common)) list.added(where, name, value);
}
