/**
 * What is under way: as the program last told, as the table shows it, and what of it is open. It stands above the newest
 * row, where that is what somebody looks at; nobody's lines are moved while they read further down.
 */
import { computed, signal } from "@preact/signals";
import type { ActiveView, LiveEvent, RowView } from "../../api.ts";
import { isNewestFirst } from "../state/sort.ts";
import { filter, isAtTop, isFollowing, listeners, ordered, selection, sort, tab } from "../state/store.ts";
import type { ActiveName, Cursor } from "../state/selection.ts";
import type { Settable, Value } from "../state/value.ts";

/** How many lines the table has for it at most. */
export const SHOWN_LINES = 8;

/** What is under way, newest first: as many as the program told, and how many there are. */
export interface ActiveList {
  /** Those that were told. */
  readonly rows: readonly ActiveView[];
  /** How many there are, at least. */
  readonly total: number;
}

/** A line of the table. */
export interface ActiveLine {
  /** Its name. */
  readonly name: ActiveName;
  /** What is known of it. */
  readonly view: ActiveView;
  /** Whether it ended since: its line stays while somebody reads below it. */
  readonly hasEnded: boolean;
}

/** The lines of the table, and how many there is no line for. */
export interface ActiveLines {
  /** The lines. */
  readonly lines: readonly ActiveLine[];
  /** How many more are under way. */
  readonly more: number;
}

/** What is under way and open. */
export interface OpenActive {
  /** Its name. */
  readonly name: ActiveName;
  /** What was last known of it. */
  readonly view: ActiveView;
  /** Whether it ended. */
  readonly hasEnded: boolean;
  /** The row of the table that it became, or belongs to; undefined: none yet. */
  readonly row: RowView | undefined;
}

/** Tells connections apart, also those of captures that were opened. */
export type ConnectionKey = Pick<ActiveView, "listener" | "client" | "connection">;

const NO_LINES: ActiveLines = { lines: [], more: 0 };

/** What the program last told. */
export const active: Settable<ActiveList> = signal({ rows: [], total: 0 });
/** The time, ms since the epoch, as far as somebody has to see it go on. */
export const activeNow: Settable<number> = signal(0);
/** How many lines there is room for. */
export const activeRoom: Settable<number> = signal(SHOWN_LINES);
/** What is open; undefined: nothing that is under way. */
export const openActive: Settable<OpenActive | undefined> = signal(undefined);

/** The name of something that is under way: the same as long as it is. */
export function activeName({ listener, client, connection, id }: ActiveView): ActiveName {
  return `active ${JSON.stringify([listener, client, connection, id ?? null])}`;
}

/** Whether a row is what something under way became; of a stream also the exchange that it began with. */
export function isRowOf(view: ActiveView, row: RowView): boolean {
  const { listener, client, connection } = view;
  if (row.listener !== listener || row.client !== client || row.connection !== connection) return false;
  return view.type === "exchange" ? row.id === view.id : row.type === "stream" || row.outcome === "upgraded";
}

/**
 * A text that changes whenever more may have passed on a connection; undefined: nothing is under way on it.
 *
 * @param key Whose connection.
 */
export function pulseOf({ listener, client, connection }: ConnectionKey): string | undefined {
  const own = active.value.rows.filter((row) =>
    row.listener === listener && row.client === client && row.connection === connection
  );
  if (own.length > 0) return own.map(({ id, up, down }) => `${id} ${up} ${down}`).join();
  // Where only the newest was told, nobody knows: it is looked at with the time.
  return isWhole(active.value) ? undefined : `${activeNow.value}`;
}

/** Whether everything that is under way was told, and not only the newest of it. */
export function isWhole({ rows, total }: ActiveList): boolean {
  return rows.length >= total;
}

/** Whether something is not under way any more; where only the newest was told, older ones may be. */
export function hasEnded(view: ActiveView, list: ActiveList): boolean {
  const name = activeName(view);
  if (list.rows.some((row) => activeName(row) === name)) return false;
  return isWhole(list) || view.at > (list.rows.at(-1)?.at ?? 0);
}

/** What is under way on the tab that is open. */
export const activeOfTab: Value<ActiveList> = computed(() => {
  const wanted = tab.value;
  if (wanted.kind !== "listener") return active.value;
  const address = listeners.value.find(({ id }) => id === wanted.id)?.address;
  const rows = active.value.rows.filter(({ listener }) => listener === address);
  return { rows, total: rows.length };
});

/** The first lines of what is under way; the last one is what the keyboard stands at, if that is further down. */
export function linesOfActive({ rows, total }: ActiveList, room: number, cursor?: Cursor): ActiveLines {
  // A line that says that there is one more takes the place of that one.
  const shown = rows.slice(0, total === room + 1 ? total : room);
  const chosen = rows.findIndex((view) => activeName(view) === cursor);
  if (chosen >= shown.length) shown[shown.length - 1] = rows[chosen];
  const lines = shown.map((view) => ({ name: activeName(view), view, hasEnded: false }));
  return { lines, more: Math.max(0, total - lines.length) };
}

/** How many lines of the table they take: one more where there are more of them. */
export function blockLines({ lines, more }: ActiveLines): number {
  return lines.length + (lines.length > 0 && more > 0 ? 1 : 0);
}

/** How many lines there is room for: rows that ended have the other half of a small table, and most of a large one. */
export function roomFor(heightPx: number, linePx: number): number {
  return Math.max(2, Math.min(SHOWN_LINES, Math.floor(heightPx / linePx / 2)));
}

/** The same lines with what is known by now: none comes, none goes. */
export function heldLines(held: ActiveLines, list: ActiveList): ActiveLines {
  const known = new Map(list.rows.map((view) => [activeName(view), view]));
  return {
    ...held,
    lines: held.lines.map(({ name, view }) => {
      const now = known.get(name) ?? view;
      return { name, view: now, hasEnded: hasEnded(now, list) };
    }),
  };
}

let held: { readonly tab: string; readonly lines: ActiveLines } = { tab: "", lines: NO_LINES };

/** The lines of the table. */
export const activeLines: Value<ActiveLines> = computed(() => {
  const name = JSON.stringify(tab.value);
  const { cursor } = selection.value;
  let lines = NO_LINES;
  if (ordered.value === undefined && isNewestFirst(sort.value) && filter.value === "") {
    const isLive = isFollowing.value && isAtTop.value;
    if (isLive) lines = linesOfActive(activeOfTab.value, activeRoom.value, cursor);
    else if (held.tab === name) lines = heldLines(held.lines, activeOfTab.value);
  }
  held = { tab: name, lines };
  return lines;
});

/** Takes in what the program says of what is under way. */
export function receiveActive({ rows, total }: LiveEvent & { readonly type: "active" }, now: number): void {
  active.value = { rows, total };
  activeNow.value = now;
  const open = openActive.value;
  if (open === undefined || open.hasEnded) return;
  const view = rows.find((row) => activeName(row) === open.name) ?? open.view;
  openActive.value = { ...open, view, hasEnded: hasEnded(view, active.value) };
}

/** Lets the time go on, for as long as something is under way. */
export function tickActive(now: number): void {
  if (active.value.total > 0) activeNow.value = now;
}
