/// <reference lib="dom" />
/** The titles of the columns: a click sorts, dragging a title's edge (or Shift with an arrow key) changes its width. */
import type { JSX, TargetedPointerEvent } from "preact";
import { sortBy } from "../state/loading.ts";
import { sort, widths } from "../state/store.ts";
import { type Column, COLUMNS, DEFAULT_WIDTHS, fittingWidth } from "./columns.ts";

/** How much an arrow key changes a width, px. */
const STEP_PX = 16;

/** The row of titles. */
export function TableHeader(): JSX.Element {
  return (
    <div role="row" aria-rowindex={1} class="titles">
      {COLUMNS.map((column, at) => <Title key={column.key} column={column} index={at + 1} />)}
    </div>
  );
}

function Title({ column, index }: { readonly column: Column; readonly index: number }): JSX.Element {
  const { key, label, isNumber } = column;
  const isSorted = sort.value.column === key;
  const { isDescending } = sort.value;
  return (
    <div
      role="columnheader"
      aria-colindex={index}
      aria-sort={!isSorted ? "none" : isDescending ? "descending" : "ascending"}
      class={`cell c-${key}${isNumber ? " number" : ""}`}
    >
      <button
        type="button"
        class="title"
        title={`Sort by ${label}; Shift+← and Shift+→ change the width`}
        onClick={() => sortBy(key)}
        onKeyDown={(event) => {
          const sign = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
          if (!event.shiftKey || sign === 0) return;
          event.preventDefault();
          event.stopPropagation();
          setWidth(key, (widths.value[key] ?? column.widthPx) + sign * STEP_PX);
        }}
      >
        {label}
        {isSorted && <span class="arrow" aria-hidden="true">{isDescending ? "▾" : "▴"}</span>}
      </button>
      <span
        class="edge"
        aria-hidden="true"
        onPointerDown={(event) => drag(event, key)}
        onDblClick={() => setWidth(key, DEFAULT_WIDTHS[key])}
      />
    </div>
  );
}

function setWidth(key: string, widthPx: number): void {
  widths.value = { ...widths.value, [key]: fittingWidth(widthPx) };
}

function drag(down: TargetedPointerEvent<HTMLElement>, key: string): void {
  const edge = down.currentTarget;
  const startPx = edge.parentElement!.getBoundingClientRect().width;
  const fromX = down.clientX;
  down.preventDefault();
  edge.setPointerCapture(down.pointerId);
  const move = (event: PointerEvent) => setWidth(key, startPx + event.clientX - fromX);
  edge.addEventListener("pointermove", move);
  edge.addEventListener("lostpointercapture", () => edge.removeEventListener("pointermove", move), {
    once: true,
  });
}
