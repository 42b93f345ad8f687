/** The order of the table. Newest first is the order in which the program gives rows; others are made here. */
import type { RowView } from "../../api.ts";
import type { ColumnKey } from "../table/columns.ts";

/** An order: by which column, and which end first. */
export interface Sort {
  /** The column. */
  readonly column: ColumnKey;
  /** Whether the largest come first. */
  readonly isDescending: boolean;
}

/** The order in which the program gives rows. */
export const NEWEST_FIRST: Sort = { column: "time", isDescending: true };

type Value = string | number | undefined;

const VALUES: { readonly [key in ColumnKey]: (row: RowView) => Value } = {
  row: ({ row }) => row,
  state: ({ outcome }) => outcome,
  time: ({ row }) => row,
  client: ({ client }) => client,
  target: ({ target }) => target,
  method: ({ method }) => method,
  url: ({ url }) => url,
  status: ({ status }) => status,
  type: ({ mime }) => mime,
  up: ({ up }) => up,
  down: ({ down }) => down,
  elapsed: ({ ms }) => ms?.total,
  timing: ({ ms }) => ms?.wait,
};

const COLLATOR = new Intl.Collator("en", { numeric: true });

/** Whether an order is the one in which the program gives rows. */
export function isNewestFirst({ column, isDescending }: Sort): boolean {
  return isDescending && (column === "time" || column === "row");
}

/** The rows in an order; rows without a value come last, equal ones newest first. */
export function sorted(rows: readonly RowView[], sort: Sort): readonly RowView[] {
  if (isNewestFirst(sort)) return rows;
  const valueOf = VALUES[sort.column];
  const sign = sort.isDescending ? -1 : 1;
  return rows.map((row, at) => ({ row, at, value: valueOf(row) }))
    .sort((a, b) => compare(a.value, b.value, sign) || a.at - b.at)
    .map(({ row }) => row);
}

/** The order after a click on a column: its larger end first, then its smaller one, then newest first again. */
export function nextSort(sort: Sort, column: ColumnKey): Sort {
  if (sort.column !== column) return { column, isDescending: true };
  if (sort.isDescending) return { column, isDescending: false };
  return NEWEST_FIRST;
}

function compare(a: Value, b: Value, sign: number): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return sign * (typeof a === "number" && typeof b === "number" ? a - b : COLLATOR.compare(`${a}`, `${b}`));
}
