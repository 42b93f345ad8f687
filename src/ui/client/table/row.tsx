/** One row of the table. It is drawn anew only where what it shows has changed. */
import { Component, type JSX } from "preact";
import type { RowView } from "../../api.ts";
import { durationText, sizeText } from "../exchange/units.ts";
import { type ColumnKey, COLUMNS } from "./columns.ts";
import { Waterfall } from "./waterfall.tsx";
import { plainWireText, WireText } from "./wire_text.tsx";
import { fullTimeText, rowTimeText, stateOf, statusClass } from "./words.ts";

/** What a row shows. */
export interface TableRowProps {
  /** The row. */
  readonly row: RowView;
  /** Its place in the table, from 1; the header and "Most Recent" have the first two. */
  readonly rowIndex: number;
  /** Where it stands, px from the first row's top. */
  readonly topPx: number;
  /** What the whole width of a bar of timings stands for, ms. */
  readonly scaleMs: number;
  /** Whether it is selected. */
  readonly isSelected: boolean;
  /** Whether the keyboard stands at it. */
  readonly isCursor: boolean;
}

/** Id of a row's element. */
export function rowElementId(row: number): string {
  return `row-${row}`;
}

/** One row of the table. */
export class TableRow extends Component<TableRowProps> {
  /** Rows are never changed: another object is another row. */
  override shouldComponentUpdate(next: TableRowProps): boolean {
    const { row, rowIndex, topPx, scaleMs, isSelected, isCursor } = this.props;
    return row !== next.row || rowIndex !== next.rowIndex || topPx !== next.topPx ||
      scaleMs !== next.scaleMs ||
      isSelected !== next.isSelected || isCursor !== next.isCursor;
  }

  /** The row with its cells. */
  override render(): JSX.Element {
    const { row, rowIndex, topPx, scaleMs, isSelected, isCursor } = this.props;
    return (
      <div
        id={rowElementId(row.row)}
        data-row={row.row}
        role="row"
        aria-rowindex={rowIndex}
        aria-selected={isSelected}
        class={isCursor ? "row cursor" : "row"}
        style={{ transform: `translateY(${topPx}px)` }}
      >
        {COLUMNS.map(({ key, isNumber }, at) => (
          <div role="gridcell" aria-colindex={at + 1} class={cellClass(key, isNumber, row)}>
            {cell(key, row, scaleMs)}
          </div>
        ))}
      </div>
    );
  }
}

/** The tone stands at its cell: Chromium kept the colour of what a row showed before where the row as a whole had it. */
function cellClass(key: ColumnKey, isNumber: boolean, row: RowView): string {
  const tone = key === "state" ? ` tone-${stateOf(row).tone}` : "";
  return `cell c-${key}${isNumber ? " number" : ""}${tone}`;
}

function cell(key: ColumnKey, row: RowView, scaleMs: number): JSX.Element | string | undefined {
  switch (key) {
    case "row":
      // As the log has it: `#17`.
      return row.id === undefined ? undefined : String(row.id);
    case "state": {
      const { sign, words } = stateOf(row);
      return (
        <>
          <span class="sign" aria-hidden="true">{sign}</span>
          {words}
        </>
      );
    }
    case "time":
      return (
        <time dateTime={fullTimeText(row.at)} title={fullTimeText(row.at)}>
          {rowTimeText(row.at, Date.now())}
        </time>
      );
    case "client":
    case "target":
      return <WireText text={row[key]} />;
    case "method":
      return row.method === undefined ? undefined : <WireText text={row.method} />;
    case "url":
      return request(row);
    case "status":
      return row.status === undefined
        ? undefined
        : <span class={`status ${statusClass(row.status)}`}>{row.status}</span>;
    case "type":
      return row.mime === undefined ? undefined : <WireText text={row.mime} />;
    case "up":
    case "down":
      return row[key] === undefined ? undefined : sizeText(row[key]);
    case "elapsed":
      return row.ms?.total === undefined ? undefined : durationText(row.ms.total);
    case "timing":
      return row.ms === undefined ? undefined : <Waterfall ms={row.ms} scaleMs={scaleMs} />;
  }
}

function request({ type, url, host, operation, fault }: RowView): JSX.Element {
  if (type === "stream" && url === undefined) return <span class="faint">Stream</span>;
  return (
    <>
      {operation !== undefined && operation !== "" &&
        (
          <span class="operation" title="SOAP operation">
            <WireText text={operation} />
          </span>
        )}
      {fault !== undefined &&
        (
          <span class="fault" title="SOAP Fault">
            <WireText text={fault} />
          </span>
        )}
      {url !== undefined &&
        (
          <span title={plainWireText(host === undefined ? url : `${host} ${url}`)}>
            <WireText text={url} />
          </span>
        )}
    </>
  );
}
