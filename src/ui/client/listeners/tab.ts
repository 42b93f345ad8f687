/** The tabs above the table: the listeners' own page, all rows, or those of one listener, as TCPMon's window had them. */
import type { ListenerView } from "../../api.ts";

/** A tab. */
export type Tab =
  | { readonly kind: "admin" }
  | { readonly kind: "all" }
  /** `id` of a {@link ListenerView}. */
  | { readonly kind: "listener"; readonly id: number };

/** The filter that leaves the rows of a tab; the empty string leaves all, also where the listener is gone. */
export function filterOfTab(tab: Tab, listeners: readonly ListenerView[]): string {
  if (tab.kind !== "listener") return "";
  const address = listeners.find(({ id }) => id === tab.id)?.address;
  return address === undefined ? "" : `listener:="${address.replace(/["\\]/g, "\\$&")}"`;
}

/** A filter that leaves what both leave; the empty string is none. */
export function bothFilters(first: string, second: string): string {
  if (first === "" || second === "") return first + second;
  return `(${first}) (${second})`;
}

/** Reads the part of an address from `#` on: `#/admin`, `#/listener/3`; undefined: it leads to no tab of its own. */
export function readTab(hash: string): Tab | undefined {
  if (hash === "#/admin") return { kind: "admin" };
  const id = /^#\/listener\/([1-9]\d{0,14})$/.exec(hash)?.[1];
  return id === undefined ? undefined : { kind: "listener", id: Number(id) };
}

/** Writes it; the empty string for all rows. */
export function writeTab(tab: Tab): string {
  if (tab.kind === "all") return "";
  return tab.kind === "admin" ? "#/admin" : `#/listener/${tab.id}`;
}

/** Whether two tabs are the same. */
export function isSameTab(one: Tab, other: Tab): boolean {
  return writeTab(one) === writeTab(other);
}

/** Id of the element of a tab. */
export function tabElementId(tab: Tab): string {
  return tab.kind === "listener" ? `tab-${tab.id}` : `tab-${tab.kind}`;
}
