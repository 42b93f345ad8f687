/// <reference lib="dom" />
/** The line between table and exchange, moved by pointer or by arrow keys. */
import type { JSX, TargetedPointerEvent } from "preact";
import { fittingShare } from "../state/preferences.ts";
import { tableShare } from "../state/store.ts";

/** How much an arrow key moves it, as a part of the height. */
const STEP = 0.03;

/** The line. */
export function Splitter(): JSX.Element {
  const percent = Math.round(tableShare.value * 100);
  return (
    <div
      role="separator"
      class="splitter"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label="Height of the table"
      aria-valuenow={percent}
      aria-valuemin={12}
      aria-valuemax={85}
      onKeyDown={(event) => {
        const sign = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
        if (sign === 0) return;
        event.preventDefault();
        tableShare.value = fittingShare(tableShare.value + sign * STEP);
      }}
      onPointerDown={drag}
    />
  );
}

function drag(down: TargetedPointerEvent<HTMLElement>): void {
  const line = down.currentTarget;
  const area = line.parentElement!.getBoundingClientRect();
  down.preventDefault();
  line.setPointerCapture(down.pointerId);
  const move = (event: PointerEvent) => {
    tableShare.value = fittingShare((event.clientY - area.top) / area.height);
  };
  line.addEventListener("pointermove", move);
  line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", move), {
    once: true,
  });
}
