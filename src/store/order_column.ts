/** Where rows have what they can be ordered by. */
import type { OrderKey } from "./ordering.ts";
import type { ShapeRow, SideRow } from "./shape.ts";

/** What rows are ordered by: a number or a text of their own, or what their shape or side says. */
export type OrderColumn =
  /** Nothing but the order in which they came. */
  | { readonly kind: "none" }
  /** SQL that gives a whole number from 0, or NULL. */
  | { readonly kind: "number"; readonly sql: string }
  /** SQL that gives a text, or NULL. */
  | { readonly kind: "text"; readonly sql: string }
  | { readonly kind: "shape"; readonly textOf: (shape: ShapeRow) => string }
  | { readonly kind: "side"; readonly textOf: (side: SideRow) => string };

/** From the year 0 to 1970, in ms: times of a file that was opened may be before that. */
const BEFORE_1970_MS = 62_167_219_200_000;

/** The columns of the keys. Durations are kept in ms, rounded to µs; times in whole ms. */
export const ORDER_COLUMNS: { readonly [key in OrderKey]: OrderColumn } = {
  id: { kind: "none" },
  at: { kind: "number", sql: `max(0, ${BEFORE_1970_MS} + CAST(at AS INTEGER))` },
  outcome: { kind: "shape", textOf: ({ outcome, end }) => `${outcome ?? end ?? ""}` },
  client: { kind: "side", textOf: ({ client }) => client },
  target: { kind: "side", textOf: ({ target }) => target },
  method: { kind: "shape", textOf: ({ method }) => `${method ?? ""}` },
  url: { kind: "text", sql: "ifnull(url, path || ifnull('?' || query, ''))" },
  status: { kind: "shape", textOf: ({ status }) => `${status ?? ""}` },
  mime: { kind: "shape", textOf: ({ response_mime }) => `${response_mime ?? ""}` },
  up: { kind: "number", sql: "request_size" },
  down: { kind: "number", sql: "size" },
  duration: { kind: "number", sql: "CAST(duration * 1000 + 0.5 AS INTEGER)" },
  wait: { kind: "number", sql: "CAST(wait * 1000 + 0.5 AS INTEGER)" },
};

/** What SQL has to give for a column. */
export function sqlOf(column: OrderColumn): string {
  switch (column.kind) {
    case "none":
      return "NULL";
    case "shape":
    case "side":
      return column.kind;
    case "number":
    case "text":
      return column.sql;
  }
}
