/// <reference lib="dom" />
/** Listens to the program, and finds it again after it was gone. */
import type { LiveEvent } from "../../api.ts";
import { active, receiveActive, tickActive } from "../active/active_state.ts";
import { findRowIn } from "../active/finished.ts";
import { readTab } from "../listeners/tab.ts";
import { loadEarly, loadNewest, receiveRows, tick } from "./loading.ts";
import { refreshState } from "./refreshing.ts";
import { ServerError, withRun } from "./server.ts";
import { link, list, lost } from "./store.ts";
import { complain } from "./toasting.ts";

/** How long the first pause before another try is … */
const FIRST_PAUSE_MS = 500;
/** … and the longest. */
const LONGEST_PAUSE_MS = 8000;
/** How often the rate is looked at again. */
const TICK_MS = 500;

const EVENT_TYPES = ["rows", "state", "active", "lost"] as const;

/** Counts the attempts to listen: what comes of one that another has followed does not matter any more. */
let attempt = 0;
let source: EventSource | undefined;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let pauseMs = FIRST_PAUSE_MS;

/** Begins to listen; it never stops. */
export function goLive(): void {
  setInterval(() => {
    tick(performance.now());
    tickActive(Date.now());
  }, TICK_MS);
  connect();
  // Of a listener's tab it is not known yet which rows are in it.
  if (readTab(location.hash)?.kind !== "listener") loadEarly();
}

/** Tries now. */
export function reconnect(): void {
  connect();
}

/** The rows are asked for once it listens, so that none is missed between the two. */
async function connect(): Promise<void> {
  const mine = ++attempt;
  clearTimeout(retryTimer);
  source?.close();
  source = undefined;
  try {
    await refreshState();
  } catch (error) {
    if (mine !== attempt) return;
    if (error instanceof ServerError && (error.status === 401 || error.status === 403)) {
      link.value = { kind: "locked" };
    } else retryLater();
    return;
  }
  if (mine === attempt) listen(mine);
}

function listen(mine: number): void {
  const events = source = new EventSource(withRun("/api/events"));
  let hasOpened = false;
  events.onopen = () => {
    if (mine !== attempt) return;
    hasOpened = true;
    // The program tells anew what is under way, if anything is.
    active.value = { rows: [], total: 0 };
    pauseMs = FIRST_PAUSE_MS;
    link.value = { kind: "live" };
    loadNewest();
  };
  events.onerror = () => {
    if (mine !== attempt) return;
    events.close();
    retryLater();
    // Where too many pages are open, this one still shows what there is.
    if (!hasOpened && list.value.rows.length === 0) loadNewest();
  };
  const receive = ({ data }: MessageEvent<string>) => {
    if (mine !== attempt) return;
    try {
      take(JSON.parse(data));
    } catch (error) {
      complain(error);
    }
  };
  events.onmessage = receive;
  for (const type of EVENT_TYPES) events.addEventListener(type, receive);
}

function retryLater(): void {
  link.value = { kind: "lost", retryAt: Date.now() + pauseMs };
  clearTimeout(retryTimer);
  retryTimer = setTimeout(connect, pauseMs);
  pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
}

async function take(event: LiveEvent): Promise<void> {
  switch (event.type) {
    case "rows":
      receiveRows(event, performance.now());
      return findRowIn(event.rows);
    case "active":
      return receiveActive(event, Date.now());
    case "lost":
      lost.value = { count: event.count, reason: event.reason };
      return;
    case "state":
      try {
        await refreshState();
      } catch (error) {
        complain(error);
      }
  }
}
