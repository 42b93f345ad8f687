/** The lines of the table, whichever order they stand in: what table, keyboard and selection read. */
import type { RowView } from "../../api.ts";
import type { OrderedList } from "./order_list.ts";
import { lineCount, type RowList } from "./row_list.ts";
import type { Order } from "./selection.ts";

/** The lines. */
export interface Lines {
  /** How many there are, also those that are yet to be fetched. */
  readonly count: number;
  /** The row of a line; undefined: it is yet to be fetched, or gone. */
  readonly at: (line: number) => RowView | undefined;
  /** Numbers of the rows, for the keyboard: where there are gaps to be fetched, the whole length with them. */
  readonly order: Order;
}

/** The lines of a list, newest first. The keyboard goes as far as rows are held. */
export function linesOf(list: RowList): Lines {
  const { rows } = list;
  return linesFrom(rows, lineCount(list));
}

/** The lines of an order. The keyboard goes to its end. */
export function linesOfOrder({ lines }: OrderedList): Lines {
  return linesFrom(lines, lines.length);
}

function linesFrom(rows: readonly (RowView | undefined | null)[], count: number): Lines {
  return {
    count,
    at: (line) => rows[line] ?? undefined,
    order: {
      length: rows.length,
      at: (line) => rows[line]?.row,
      indexOf: (wanted) => rows.findIndex((row) => row?.row === wanted),
    },
  };
}
