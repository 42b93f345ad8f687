/// <reference lib="dom" />
/**
 * The table of exchanges. Only the lines that are seen are in the document; what is behind the rows that are held is
 * fetched as somebody comes near. For the keyboard it is one stop: `aria-activedescendant` tells where it stands.
 */
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { loadOlder, setAtTop } from "../state/loading.ts";
import { lineCount } from "../state/row_list.ts";
import { clickRow, openCursor, shownRows } from "../state/selecting.ts";
import { isNarrow, list, selection, widths } from "../state/store.ts";
import { COLUMNS, gridTemplate } from "./columns.ts";
import { TableHeader } from "./header.tsx";
import { RecentRow } from "./recent_row.tsx";
import { rowElementId, TableRow } from "./row.tsx";
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
  const rows = shownRows.value;
  const linePx = isNarrow.value ? NARROW_LINE_PX : LINE_PX;
  const count = lineCount(list.value);
  const { first, end } = windowOf(scrollPx, heightPx, linePx, count);
  const visible = rows.slice(first, end);
  const slots = slotsOf(heightPx, linePx);
  const scaleMs = useMemo(() => scaleOf(visible), [first, end, rows]);
  const { cursor, rows: selected } = selection.value;

  const measure = () => {
    const { scrollTop, clientHeight } = viewport.current!;
    const next = { scrollPx: scrollTop, heightPx: clientHeight - head.current!.offsetHeight };
    setPlace((old) => old.scrollPx === next.scrollPx && old.heightPx === next.heightPx ? old : next);
    setAtTop(scrollTop < linePx / 2);
  };
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(viewport.current!);
    return () => observer.disconnect();
  }, [linePx]);
  useLayoutEffect(() => {
    if (end > list.value.rows.length && list.value.hasMore) loadOlder(end);
  }, [end, list.value]);
  // The keyboard takes the view along.
  useLayoutEffect(() => {
    const { current } = viewport;
    if (current === null || cursor === undefined) return;
    if (cursor === "recent") {
      current.scrollTop = 0;
      return;
    }
    const line = rows.findIndex(({ row }) => row === cursor);
    if (line === -1) return;
    const seenPx = current.clientHeight - head.current!.offsetHeight;
    current.scrollTop = scrollTo(line, linePx, current.scrollTop, seenPx);
  }, [cursor]);

  const active = cursor === "recent"
    ? "row-recent"
    : cursor !== undefined && visible.some(({ row }) => row === cursor)
    ? rowElementId(cursor)
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
      aria-rowcount={rowCount()}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={active}
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
        style={{ height: `${count * linePx}px` }}
        onClick={(event) => {
          const row = rowAt(event.target);
          if (row !== undefined) clickRow(row, event.ctrlKey || event.metaKey, event.shiftKey);
        }}
        onDblClick={openCursor}
      >
        {visible.map((row, at) => (
          <TableRow
            // Elements are used again for rows that come into view. Counted from the last row, a row keeps its own
            // when others come on top.
            key={(rows.length - first - at) % slots}
            row={row}
            rowIndex={first + at + 1 + HEAD_LINES}
            topPx={(first + at) * linePx}
            scaleMs={scaleMs}
            isSelected={selected.has(row.row)}
            isCursor={cursor === row.row}
          />
        ))}
      </div>
      {end > rows.length && list.value.hasMore && (
        <div class="fetching" aria-hidden="true">fetching older rows …</div>
      )}
    </div>
  );
}

/** Rows in all, titles included; -1: not known. */
function rowCount(): number {
  const { rows, hasMore, total } = list.value;
  if (!hasMore) return rows.length + HEAD_LINES;
  return total === undefined ? -1 : total + HEAD_LINES;
}

function rowAt(target: EventTarget | null): number | undefined {
  const row = (target as Element | null)?.closest<HTMLElement>("[data-row]")?.dataset.row;
  return row === undefined ? undefined : Number(row);
}
