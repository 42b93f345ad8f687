/** What is said of something that is under way. */
import type { ActiveView } from "../../api.ts";

/** What it asks for; of what asks for nothing, what it is. */
export function askedText({ type, url, up, down }: ActiveView): string {
  if (url !== undefined) return url;
  if (type === "exchange") return "a request that has not come yet";
  return up + down === 0 ? "a connection, nothing passed yet" : "bytes that are not HTTP";
}

/**
 * For how long it has been under way: tenths of a second, then minutes and hours.
 *
 * @param at When it began, ms since the epoch.
 * @param now ms since the epoch; the browser's clock may be another one than the program's.
 */
export function elapsedText(at: number, now: number): string {
  const tenths = Math.floor(Math.max(0, now - at) / 100);
  if (tenths < 600) return `${Math.floor(tenths / 10)}.${tenths % 10} s`;
  const minutes = Math.floor(tenths / 600);
  if (minutes < 60) return `${minutes}m ${two(Math.floor(tenths / 10) % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}

function two(number: number): string {
  return `${number}`.padStart(2, "0");
}
