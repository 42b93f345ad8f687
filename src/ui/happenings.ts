/** All that browsers are told: what the history tells, that listeners changed, and what is under way. */
import { ActiveWatch, type ActiveWatchOptions, type Listener } from "./active_watch.ts";
import type { ListenerAdmin } from "./admin.ts";
import type { HistorySource } from "./source.ts";

/** Where it comes from. */
export interface HappeningsOptions extends Pick<ActiveWatchOptions, "wallNow" | "setTimer"> {
  /** The history. */
  readonly source: Pick<HistorySource, "subscribe">;
  /** Who knows the listeners; absent: nothing happens to them. */
  readonly admin?: Pick<ListenerAdmin, "active" | "subscribe">;
}

/** Joins them. @returns Tells a listener, until the function that it gives is called. */
export function whatHappens(
  { source, admin, wallNow, setTimer }: HappeningsOptions,
): (listener: Listener) => () => void {
  if (admin === undefined) return (listener) => source.subscribe(listener);
  const watch = new ActiveWatch({ active: (until, most) => admin.active(until, most), wallNow, setTimer });
  return (listener) => {
    const ends = [
      source.subscribe(listener),
      admin.subscribe(() => listener({ type: "state" })),
      watch.subscribe(listener),
    ];
    return () => ends.forEach((end) => end());
  };
}
