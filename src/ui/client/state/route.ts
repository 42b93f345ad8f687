/** The address of an exchange within the page: `#/row/17`, and `#/recent` for whatever is newest. */

/** What an address leads to; undefined: the table alone. */
export type Route = number | "recent" | undefined;

/** Reads the part of an address from `#` on. */
export function readRoute(hash: string): Route {
  if (hash === "#/recent") return "recent";
  const row = /^#\/row\/([1-9]\d{0,15})$/.exec(hash)?.[1];
  return row === undefined ? undefined : Number(row);
}

/** Writes it; the empty string for the table alone. */
export function writeRoute(route: Route): string {
  if (route === undefined) return "";
  return route === "recent" ? "#/recent" : `#/row/${route}`;
}
