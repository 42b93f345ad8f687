/** Rows in the order of a column, for histories of tests: orders are made once, and the last few of them are known. */
import type { RowPage, RowView, SortKey } from "../../src/ui/api.ts";
import type { OrderQuery } from "../../src/ui/source.ts";

/** How many orders are known at a time. */
const MOST_ORDERS = 4;

type Value = string | number | undefined;

const VALUES: { readonly [key in SortKey]: (row: RowView) => Value } = {
  row: ({ row }) => row,
  state: ({ outcome }) => outcome,
  time: ({ at }) => at,
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

interface Order {
  readonly number: number;
  /** What it is an order of. */
  readonly name: string;
  readonly rows: readonly RowView[];
}

/** The orders of one history. */
export class Orders {
  #orders: readonly Order[] = [];
  #made = 0;

  /** How many were made. */
  get made(): number {
    return this.#made;
  }

  /**
   * A page of an order.
   *
   * @param newestFirst The rows that match, for an order that is not known.
   * @param isThere Whether a row is still in the history.
   */
  page(
    query: OrderQuery,
    newestFirst: () => readonly RowView[],
    isThere: (row: RowView) => boolean = () => true,
  ): RowPage {
    const { key, isFalling, offset, limit, filter = "" } = query;
    const name = JSON.stringify([key, isFalling, filter]);
    const known = this.#orders.find((order) => order.number === query.order && order.name === name);
    const order = known ?? { number: ++this.#made, name, rows: sorted(newestFirst(), key, isFalling) };
    this.#orders = [order, ...this.#orders.filter((other) => other !== order)].slice(0, MOST_ORDERS);
    return {
      rows: order.rows.slice(offset, offset + limit).filter(isThere),
      hasMore: order.rows.length > offset + limit,
      total: order.rows.length,
      order: order.number,
    };
  }

  /** Knows none any more. */
  forget(): void {
    this.#orders = [];
  }
}

function sorted(newestFirst: readonly RowView[], key: SortKey, isFalling: boolean): readonly RowView[] {
  const sign = isFalling ? -1 : 1;
  return newestFirst.map((row) => ({ row, value: VALUES[key](row) }))
    .sort((a, b) => compare(a.value, b.value, sign))
    .map(({ row }) => row);
}

function compare(a: Value, b: Value, sign: number): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return sign * (typeof a === "number" && typeof b === "number" ? a - b : COLLATOR.compare(`${a}`, `${b}`));
}
