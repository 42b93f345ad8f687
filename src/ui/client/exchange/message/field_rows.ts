/** The fields of a message as rows, with what became of those that tcpmon changed. */
import type { FieldJson } from "../record_json.ts";

/** One row of the table. */
export interface FieldRow {
  /** The name. */
  readonly name: string;
  /** The value. Absent: the client sent no such field. */
  readonly value?: string;
  /** What was sent on instead; empty: nothing was. Absent: it was sent on as it came. */
  readonly sentOn?: readonly string[];
  /** What else is to be said. */
  readonly note?: string;
}

/**
 * The rows.
 *
 * @param fields The fields as they came.
 * @param rewritten Fields that were sent on instead of those of their names.
 */
export function fieldRows(
  fields: readonly FieldJson[],
  rewritten: readonly FieldJson[] = [],
): readonly FieldRow[] {
  const sent = new Map<string, string[]>();
  for (const [name, value] of rewritten) {
    const key = name.toLowerCase();
    sent.set(key, [...sent.get(key) ?? [], value]);
  }
  const seen = new Set<string>();
  const rows = fields.map(([name, value]): FieldRow => {
    const key = name.toLowerCase();
    const values = sent.get(key);
    if (values === undefined) return { name, value };
    // Of several fields of one name the first tells what all of them became.
    const isFirst = !seen.has(key);
    seen.add(key);
    return { name, value, sentOn: isFirst ? values : [] };
  });
  const added = rewritten.filter(([name]) => !seen.has(name.toLowerCase()));
  return [...rows, ...added.map(([name, value]): FieldRow => ({ name, sentOn: [value] }))];
}
