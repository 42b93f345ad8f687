/**
 * Text from the wire in pieces, so that what could hide, reorder or break a line is written out and can be told from
 * text that reads the same. These are C0 and C1 controls but TAB, DEL, the bidirectional controls and the line and
 * paragraph separators (src/log/steering.ts has the list and why).
 */

// deno-lint-ignore no-control-regex -- controls are what it looks for
const UNSAFE = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** A piece of a text. */
export interface Run {
  /** What to show. */
  readonly text: string;
  /** Whether it stands for characters that could not be shown as they are. */
  readonly isEscape: boolean;
}

/** Whether nothing in the text is to be written out. */
export function isVisible(text: string): boolean {
  return text.search(UNSAFE) < 0;
}

/** The text in pieces: ordinary ones, and those that are written out as `\x1b` or `\u{202e}`. */
export function visibleRuns(text: string): readonly Run[] {
  const runs: Run[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(UNSAFE)) {
    if (index > done) runs.push({ text: text.slice(done, index), isEscape: false });
    runs.push({ text: Array.from(found, escapeOf).join(""), isEscape: true });
    done = index + found.length;
  }
  if (done < text.length) runs.push({ text: text.slice(done), isEscape: false });
  return runs;
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 256) return `\\x${code.toString(16).padStart(2, "0")}`;
  return `\\u{${code.toString(16)}}`;
}
