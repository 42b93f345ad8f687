/// <reference lib="dom" />
/**
 * The table of exchanges. Only the lines that are seen are in the document; what is behind the rows that are held is
 * fetched as somebody comes near. For the keyboard it is one stop: `aria-activedescendant` tells where it stands.
 */
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ActiveBlock } from "../active/active_block.tsx";
import { activeElementId } from "../active/active_row.tsx";
import { activeLines, activeRoom, blockLines, roomFor } from "../active/active_state.ts";
import { see, setAtTop, topWanted } from "../state/loading.ts";
import { HELD_LIMIT } from "../state/row_list.ts";
import { clickActive, clickRow, openCursor, shownLines } from "../state/selecting.ts";
import type { ActiveName } from "../state/selection.ts";
import { isNewestFirst } from "../state/sort.ts";
import { isLoading, isNarrow, list, ordered, selection, sort, widths } from "../state/store.ts";
import { COLUMNS, gridTemplate } from "./columns.ts";
import { TableHeader } from "./header.tsx";
import { RecentRow } from "./recent_row.tsx";
import { rowElementId, TableRow } from "./row.tsx";
import { numberText } from "../exchange/units.ts";
import { scaleOf } from "./steps.ts";
import { scrollTo, slotsOf, windowOf } from "./window.ts";

/** Height of a line, px; style.css has the same. */
const LINE_PX = 26;
/** In a narrow window a row has two lines of text. */
const NARROW_LINE_PX = 52;
/** Titles, and "Most Recent". */
const HEAD_LINES = 2;

/** The table. */
export function Table(): JSX.Element {
  const viewport = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [{ scrollPx, heightPx }, setPlace] = useState({ scrollPx: 0, heightPx: 0 });
  const lines = shownLines.value;
  const { count, order } = lines;
  const linePx = isNarrow.value ? NARROW_LINE_PX : LINE_PX;
  // What is under way stands above the rows.
  const above = blockLines(activeLines.value);
  const { first, end } = windowOf(scrollPx - above * linePx, heightPx, linePx, count);
  const visible = Array.from({ length: end - first }, (_, at) => lines.at(first + at));
  const slots = slotsOf(heightPx, linePx);
  const scaleMs = useMemo(() => scaleOf(visible.filter((row) => row !== undefined)), [first, end, lines]);
  const { cursor, rows: selected } = selection.value;

  const measure = () => {
    const { scrollTop, clientHeight } = viewport.current!;
    const next = { scrollPx: scrollTop, heightPx: clientHeight - head.current!.offsetHeight };
    setPlace((old) => old.scrollPx === next.scrollPx && old.heightPx === next.heightPx ? old : next);
    activeRoom.value = roomFor(next.heightPx, linePx);
    setAtTop(scrollTop < linePx / 2);
  };
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(viewport.current!);
    return () => observer.disconnect();
  }, [linePx]);
  useLayoutEffect(() => see(first, end), [first, end, lines]);
  useLayoutEffect(() => viewport.current!.scrollTo({ top: 0 }), [topWanted.value]);
  // The keyboard takes the view along.
  useLayoutEffect(() => {
    const { current } = viewport;
    if (current === null || cursor === undefined) return;
    if (cursor === "recent") {
      current.scrollTop = 0;
      return;
    }
    const at = typeof cursor === "number"
      ? order.indexOf(cursor)
      : activeLines.value.lines.findIndex(({ name }) => name === cursor);
    if (at === -1) return;
    const line = typeof cursor === "number" ? above + at : at;
    const seenPx = current.clientHeight - head.current!.offsetHeight;
    current.scrollTop = scrollTo(line, linePx, current.scrollTop, seenPx);
  }, [cursor]);

  const descendant = cursor === "recent"
    ? "row-recent"
    : typeof cursor === "string"
    ? activeElementId(cursor)
    : visible.some((row) => row !== undefined && row.row === cursor)
    ? rowElementId(cursor!)
    : undefined;
  return (
    <div
      ref={viewport}
      id="table"
      role="grid"
      class="table"
      tabIndex={0}
      aria-label="Exchanges"
      aria-multiselectable
      aria-rowcount={rowCount(count, above)}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={descendant}
      style={{ "--columns": gridTemplate(widths.value) }}
      onScroll={measure}
    >
      <div ref={head} role="rowgroup" class="head">
        <TableHeader />
        <RecentRow />
      </div>
      <div
        role="rowgroup"
        class="lines"
        style={{ height: `${(above + count) * linePx}px` }}
        onClick={(event) => {
          const { row, active } = lineAt(event.target);
          if (row !== undefined) clickRow(row, event.ctrlKey || event.metaKey, event.shiftKey);
          if (active !== undefined) clickActive(active);
        }}
        onDblClick={openCursor}
      >
        <ActiveBlock firstIndex={1 + HEAD_LINES} linePx={linePx} />
        {visible.map((row, at) => {
          const line = first + at;
          const topPx = (above + line) * linePx;
          // Elements are used again for rows that come into view. Counted from the last row, a row keeps its own when
          // others come on top.
          const key = (slots + (order.length - line) % slots) % slots;
          return row === undefined ? <Hole key={key} topPx={topPx} /> : (
            <TableRow
              key={key}
              row={row}
              rowIndex={above + line + 1 + HEAD_LINES}
              topPx={topPx}
              scaleMs={scaleMs}
              isSelected={selected.has(row.row)}
              isCursor={cursor === row.row}
            />
          );
        })}
      </div>
      <Foot end={end} count={count} isMissing={visible.includes(undefined)} />
    </div>
  );
}

/** The line of a row that is yet to be fetched. */
function Hole({ topPx }: { readonly topPx: number }): JSX.Element {
  return <div aria-hidden="true" class="row hole" style={{ transform: `translateY(${topPx}px)` }} />;
}

interface FootProps {
  readonly end: number;
  readonly count: number;
  readonly isMissing: boolean;
}

/** What is to be said below the lines. */
function Foot({ end, count, isMissing }: FootProps): JSX.Element | null {
  const isLast = end === count && count === HELD_LIMIT;
  const text = isLoading.value && !isNewestFirst(sort.value)
    ? "sorting …"
    : isMissing
    ? "fetching rows …"
    : isLast
    ? `only ${numberText(HELD_LIMIT)} rows are shown at once: filter for others`
    : undefined;
  return text === undefined ? null : <div class="fetching" aria-hidden="true">{text}</div>;
}

/** Rows in all, titles and what is under way included; -1: not known. */
function rowCount(count: number, above: number): number {
  const { rows, hasMore, total } = list.value;
  if (ordered.value !== undefined) return count + HEAD_LINES;
  if (!hasMore) return rows.length + above + HEAD_LINES;
  return total === undefined ? -1 : total + above + HEAD_LINES;
}

function lineAt(target: EventTarget | null): { readonly row?: number; readonly active?: ActiveName } {
  const { row, active } = (target as Element | null)?.closest<HTMLElement>("[data-row], [data-active]")
    ?.dataset ?? {};
  return {
    ...row !== undefined && { row: Number(row) },
    ...active !== undefined && { active: active as ActiveName },
  };
}
