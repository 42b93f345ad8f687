/** Where the words that the filter looks for stand in a text, and the text in pieces. */

/** A place in a text: from the first character to before the last. */
export type Span = readonly [from: number, to: number];

/** Finds the places of words; none where nothing is looked for. */
export type Marker = (text: string) => readonly Span[];

const NOTHING: Marker = () => [];

/**
 * Makes a marker.
 *
 * @param words What is looked for, in any case.
 */
export function markerOf(words: readonly string[]): Marker {
  const wanted = words.filter((word) => word !== "").sort((a, b) => b.length - a.length);
  if (wanted.length === 0) return NOTHING;
  // The longest first, so that of two that begin at one place the whole is marked.
  const expression = new RegExp(wanted.map(escapePattern).join("|"), "giu");
  return (text) =>
    Array.from(text.matchAll(expression), ({ 0: found, index }) => [index, index + found.length]);
}

/** A marker that finds nothing. */
export const NO_MARKS: Marker = NOTHING;

function escapePattern(word: string): string {
  return word.toWellFormed().replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** A piece of a text, and whether it is a hit. */
export interface MarkedPiece {
  /** The piece. */
  readonly text: string;
  /** Whether it is a hit. */
  readonly isHit: boolean;
}

/**
 * A part of a text in pieces, hits apart.
 *
 * @param text The part.
 * @param at Where it begins in the text in which the hits were found.
 * @param hits The hits, in order.
 */
export function markedPieces(text: string, at: number, hits: readonly Span[]): readonly MarkedPiece[] {
  const pieces: MarkedPiece[] = [];
  let done = 0;
  for (const [from, to] of hits) {
    const start = Math.max(from - at, done);
    const end = Math.min(to - at, text.length);
    if (start >= end) continue;
    if (start > done) pieces.push({ text: text.slice(done, start), isHit: false });
    pieces.push({ text: text.slice(start, end), isHit: true });
    done = end;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), isHit: false });
  return pieces;
}
