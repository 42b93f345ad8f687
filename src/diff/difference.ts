/** What a comparison finds: differences, in order, bounded in number and length. */

/** One difference between two exchanges. */
export interface Difference {
  /** Which message it is in. An outcome belongs to the response. */
  readonly part: "request" | "response";
  /** Where in the message. */
  readonly where:
    | "method"
    | "target"
    | "version"
    | "status"
    | "reason"
    | "header"
    | "trailer"
    | "body"
    | "outcome";
  /**
   * Of a field: its name. Of a body: JSONPath, XPath, `line 12` or `byte 512`; of what was added the place in the body
   * after, else in the one before. Absent: the body as a whole.
   */
  readonly path?: string;
  /** What happened to it; `moved` says that it is the same in another place. */
  readonly kind: "changed" | "added" | "removed" | "moved";
  /** What it was: JSON as JSON, else text; long ones are excerpts. Of what was moved: its place. */
  readonly before?: string;
  /** What it is. */
  readonly after?: string;
}

/** How many differences of one message are told. */
const MAX_DIFFERENCES = 100;
/** How much of a value is told, in UTF-16 code units. */
const MAX_EXCERPT = 200;
/** How much of what two long values begin with in common is told. */
const COMMON_EXCERPT = 40;

/** Collects the differences of one message. */
export class DifferenceList {
  readonly #part: Difference["part"];
  readonly #found: Difference[];
  #left = MAX_DIFFERENCES;

  /** Adds to the differences found before, which count for themselves. */
  constructor(part: Difference["part"], found: Difference[]) {
    this.#part = part;
    this.#found = found;
  }

  /** Whether no more are taken: whoever compares may stop. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  /** Adds a difference; the last one that is taken says that there may be more. */
  add(difference: Omit<Difference, "part">): void {
    if (this.#left <= 0) return;
    this.#left--;
    const { where } = difference;
    if (this.#left > 0) this.#found.push({ part: this.#part, ...difference });
    else {
      const after = `more differences than the ${MAX_DIFFERENCES - 1} told`;
      this.#found.push({ part: this.#part, where, kind: "changed", after });
    }
  }

  /** Adds differences that another list has told already. */
  append(differences: readonly Difference[]): void {
    this.#found.push(...differences);
  }

  /** Adds that a value has changed, with excerpts from where it did. */
  changed(where: Difference["where"], path: string | undefined, before: string, after: string): void {
    const from = excerptStart(before, after);
    this.add({
      where,
      ...path !== undefined && { path },
      kind: "changed",
      before: excerpt(before, from),
      after: excerpt(after, from),
    });
  }

  /** Adds that something was added. */
  added(where: Difference["where"], path: string | undefined, after: string): void {
    this.add({ where, ...path !== undefined && { path }, kind: "added", after: excerpt(after) });
  }

  /** Adds that something was removed. */
  removed(where: Difference["where"], path: string | undefined, before: string): void {
    this.add({ where, ...path !== undefined && { path }, kind: "removed", before: excerpt(before) });
  }
}

/** A text of bounded length: its beginning, or what follows `from`. Never ends inside a character. */
export function excerpt(text: string, from = 0): string {
  if (from === 0 && text.length <= MAX_EXCERPT) return text;
  const end = from + MAX_EXCERPT;
  const shown = text.slice(from, end).toWellFormed();
  return `${from > 0 ? "…" : ""}${shown}${end < text.length ? `… (${text.length} characters)` : ""}`;
}

/** Where the excerpts of two texts begin, so that they show how they differ. */
function excerptStart(before: string, after: string): number {
  if (before.length <= MAX_EXCERPT && after.length <= MAX_EXCERPT) return 0;
  const length = Math.min(before.length, after.length);
  let same = 0;
  while (same < length && before[same] === after[same]) same++;
  return same > MAX_EXCERPT / 2 ? same - COMMON_EXCERPT : 0;
}
