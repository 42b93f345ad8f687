/** A line of the table for something that is under way. */
import type { JSX } from "preact";
import type { ActiveView } from "../../api.ts";
import { sizeText } from "../exchange/units.ts";
import type { ActiveName } from "../state/selection.ts";
import { type ColumnKey, COLUMNS } from "../table/columns.ts";
import { plainWireText, WireText } from "../table/wire_text.tsx";
import { fullTimeText, rowTimeText, statusClass } from "../table/words.ts";
import { type ActiveLine, activeNow } from "./active_state.ts";
import { askedText, elapsedText } from "./words.ts";

/** What it shows. */
export interface ActiveRowProps {
  /** The line. */
  readonly line: ActiveLine;
  /** Its place in the table, from 1. */
  readonly rowIndex: number;
  /** Where it stands, px from the top of the lines. */
  readonly topPx: number;
  /** Whether the keyboard stands at it. */
  readonly isCursor: boolean;
}

/** Id of the element of a line. */
export function activeElementId(name: ActiveName): string {
  return name.replace(/[^\w.:-]+/g, "-");
}

/** The line. */
export function ActiveRow({ line, rowIndex, topPx, isCursor }: ActiveRowProps): JSX.Element {
  const { name, view, hasEnded } = line;
  return (
    <div
      id={activeElementId(name)}
      data-active={name}
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={isCursor}
      class={`row active${hasEnded ? " ended" : ""}${isCursor ? " cursor" : ""}`}
      style={{ transform: `translateY(${topPx}px)` }}
    >
      {COLUMNS.map(({ key, isNumber }, at) => (
        <div
          key={key}
          role="gridcell"
          aria-colindex={at + 1}
          class={`cell c-${key}${isNumber ? " number" : ""}`}
        >
          {cell(key, view, hasEnded)}
        </div>
      ))}
    </div>
  );
}

function cell(key: ColumnKey, view: ActiveView, hasEnded: boolean): JSX.Element | string | undefined {
  switch (key) {
    case "row":
      return view.id === undefined ? undefined : String(view.id);
    case "state":
      return (
        <>
          <span class={hasEnded ? "sign" : "sign pulse"} aria-hidden="true">{hasEnded ? "○" : "●"}</span>
          {hasEnded ? "Ended" : "Active"}
        </>
      );
    case "time":
      return (
        <time dateTime={fullTimeText(view.at)} title={fullTimeText(view.at)}>
          {rowTimeText(view.at, activeNow.value)}
        </time>
      );
    case "client":
    case "target":
      return <WireText text={view[key]} />;
    case "method":
      return view.method === undefined ? undefined : <WireText text={view.method} />;
    case "url":
      return <Asked view={view} />;
    case "status":
      return view.status === undefined
        ? undefined
        : <span class={`status ${statusClass(view.status)}`}>{view.status}</span>;
    case "type":
      return view.mime === undefined ? undefined : <WireText text={view.mime} />;
    case "up":
    case "down":
      return view[key] === 0 ? undefined : sizeText(view[key]);
    case "elapsed":
      return hasEnded ? undefined : elapsedText(view.at, activeNow.value);
    case "timing":
      return undefined;
  }
}

function Asked({ view }: { readonly view: ActiveView }): JSX.Element {
  const { url, host } = view;
  if (url === undefined) return <span class="faint">{askedText(view)}</span>;
  return (
    <span title={plainWireText(host === undefined ? url : `${host} ${url}`)}>
      <WireText text={url} />
    </span>
  );
}
