/** What is said of a filter that cannot be read: what was found, what was wanted, how to mend it, and the place. */

/** How many UTF-16 units of a filter are shown around the place of an error: what fits on a terminal's line. */
const SHOWN_UNITS = 72;

/** How much of what was found is quoted in a message, in UTF-16 units. */
const QUOTED_UNITS = 40;

/** Names longer than this are not compared with known ones: no key comes near. */
const COMPARED_UNITS = 32;

/** A filter that cannot be read. The message is one line without the place; {@link filterErrorPlace} shows that. */
export class FilterSyntaxError extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name: string = "FilterSyntaxError";
  /** The filter as it was written. */
  readonly source: string;
  /** Where the trouble begins, in UTF-16 units from 0 to the source's length. */
  readonly position: number;
  /** How far it goes, in UTF-16 units; 0 at the end of the source. */
  readonly length: number;

  /**
   * An error at a place in a filter.
   *
   * @param message What was found, what was wanted, how to mend it.
   * @param source The filter as it was written.
   * @param position Where the trouble begins, in UTF-16 units.
   * @param length How far it goes, in UTF-16 units.
   */
  constructor(message: string, source: string, position: number, length: number) {
    super(message);
    this.source = source;
    this.position = position;
    this.length = length;
  }
}

/**
 * Two lines for a terminal: the filter, and carets under the place of the error. A long filter is cut around the
 * place, and control and bidirectional characters show as `·`, so each line stays one line.
 */
export function filterErrorPlace(error: FilterSyntaxError): string {
  const { source, position } = error;
  let from = Math.max(0, Math.min(position - SHOWN_UNITS / 2, source.length - SHOWN_UNITS));
  let to = Math.min(source.length, from + SHOWN_UNITS);
  if (isLowSurrogate(source, from)) from--;
  if (isLowSurrogate(source, to)) to++;
  const before = (from > 0 ? "…" : "") + printable(source.slice(from, position));
  const marked = printable(source.slice(position, Math.min(to, position + error.length)));
  const after = printable(source.slice(position + error.length, to)) + (to < source.length ? "…" : "");
  return `${before}${marked}${after}\n${" ".repeat(columns(before))}${
    "^".repeat(Math.max(1, columns(marked)))
  }`;
}

/** What was found, in quotes, cut where it is long. */
export function quoted(found: string): string {
  let end = Math.min(found.length, QUOTED_UNITS);
  if (isLowSurrogate(found, end)) end--;
  return `"${printable(found.slice(0, end))}${end < found.length ? "…" : ""}"`;
}

/** The known name that is nearest to what was written, if one is near enough to be meant. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  if (written.length > COMPARED_UNITS) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const name of known) {
    const found = distance(written, name);
    if (found < bestDistance) {
      best = name;
      bestDistance = found;
    }
  }
  return best;
}

/** How many letters must be put in, left out, changed or swapped with their neighbour to get from one to the other. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/** The text with white space as spaces, and what could steer a terminal or break a line as `·`. */
function printable(text: string): string {
  return text.replace(/\s/g, " ").replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "·");
}

/** How many columns a terminal takes for a text: two for East Asian wide characters and emoji, none for marks. */
function columns(text: string): number {
  let count = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    count +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u
          .test(character)
        ? 2
        : 1;
  }
  return count;
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 0;
}
