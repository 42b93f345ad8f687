/** Which lines of a long list are drawn: those that are seen, and some above and below. */

/** How many lines are drawn beyond each edge, so that a short movement finds them there. */
const MARGIN_LINES = 8;

/** Lines from `first` to before `end`. */
export interface LineWindow {
  /** The first line that is drawn. */
  readonly first: number;
  /** The line behind the last one. */
  readonly end: number;
}

/**
 * The lines to draw.
 *
 * @param scrollPx How far the list is scrolled.
 * @param heightPx How much of it is seen.
 * @param linePx How high a line is.
 * @param count How many lines there are.
 */
export function windowOf(scrollPx: number, heightPx: number, linePx: number, count: number): LineWindow {
  const first = Math.floor(Math.max(0, scrollPx) / linePx) - MARGIN_LINES;
  const end = Math.ceil((Math.max(0, scrollPx) + heightPx) / linePx) + MARGIN_LINES;
  return { first: Math.max(0, Math.min(first, count)), end: Math.max(0, Math.min(end, count)) };
}

/** How many lines are drawn at most. */
export function slotsOf(heightPx: number, linePx: number): number {
  return Math.ceil(Math.max(0, heightPx) / linePx) + 2 * MARGIN_LINES + 1;
}

/** How far to scroll so that a line is seen; the same where it is. */
export function scrollTo(
  line: number,
  linePx: number,
  scrollPx: number,
  heightPx: number,
): number {
  if (line * linePx < scrollPx) return line * linePx;
  if ((line + 1) * linePx > scrollPx + heightPx) return Math.max(0, (line + 1) * linePx - heightPx);
  return scrollPx;
}
