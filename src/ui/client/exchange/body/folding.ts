/** Which lines are to be seen, when some of them are folded. */
import type { Line } from "../lines/line.ts";

/** Lines to show. */
export interface ShownLines {
  /** Their indexes. */
  readonly shown: readonly number[];
  /** Whether there are no others to be seen. */
  readonly isAll: boolean;
}

/**
 * The lines to be seen: all but those inside of folded ones. The line that closes a fold goes with it.
 *
 * @param limit How many at most.
 */
export function shownLines(lines: readonly Line[], folded: ReadonlySet<number>, limit: number): ShownLines {
  const shown: number[] = [];
  let at = 0;
  while (at < lines.length && shown.length < limit) {
    shown.push(at);
    const end = folded.has(at) ? lines[at].foldEnd : undefined;
    if (end === undefined) at++;
    else at = end < 0 ? lines.length : end + 1;
  }
  return { shown, isAll: at >= lines.length };
}
