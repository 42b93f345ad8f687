/** Differences as text for people, and as JSON for scripts. */
import type { Difference } from "./difference.ts";

/** How differences are to be shown. */
export interface FormatOptions {
  /** Makes a text from the wire safe to show on one line. */
  readonly escape: (text: string) => string;
  /** Puts colour around what was and what is; the texts are escaped already. Absent: no colour. */
  readonly paint?: {
    /** What was. */
    readonly before: (text: string) => string;
    /** What is. */
    readonly after: (text: string) => string;
    /** Where it is. */
    readonly place: (text: string) => string;
  };
}

const PLAIN = {
  before: (text: string) => text,
  after: (text: string) => text,
  place: (text: string) => text,
};

/**
 * The differences as lines, each ended by LF: where, then `- ` and what was, `+ ` and what is.
 *
 *     response body $.items[0].price
 *       - 34.5
 *       + 35
 */
export function formatDifferences(differences: readonly Difference[], options: FormatOptions): string {
  const { escape, paint = PLAIN } = options;
  let text = "";
  for (const { part, where, path, kind, before, after } of differences) {
    const place = path === undefined ? `${part} ${where}` : `${part} ${where} ${escape(path)}`;
    if (kind === "moved") {
      const moved = where === "body" ? ` moved to ${escape(after ?? "")}` : " in another order";
      text += `${paint.place(place + moved)}\n`;
      if (where === "body") continue;
    } else text += `${paint.place(place + (kind === "changed" ? "" : ` ${kind}`))}\n`;
    if (before !== undefined) text += `  ${paint.before(`- ${escape(before)}`)}\n`;
    if (after !== undefined) text += `  ${paint.after(`+ ${escape(after)}`)}\n`;
  }
  return text;
}

/** The differences as data for `JSON.stringify`: fields in a fixed order, absent ones left out. */
export function differencesJson(differences: readonly Difference[]): unknown {
  return differences.map(({ part, where, path, kind, before, after }) => ({
    part,
    where,
    path,
    kind,
    before,
    after,
  }));
}
