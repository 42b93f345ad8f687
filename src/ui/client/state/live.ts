/// <reference lib="dom" />
/** Listens to the program, and finds it again after it was gone. */
import type { LiveEvent } from "../../api.ts";
import { active, receiveActive, tickActive } from "../active/active_state.ts";
import { findRowIn } from "../active/finished.ts";
import { loadNewest, receiveRows, tick } from "./loading.ts";
import { askState, ServerError } from "./server.ts";
import { link, list, lost, viewer } from "./store.ts";
import { complain } from "./toasting.ts";

/** How long the first pause before another try is … */
const FIRST_PAUSE_MS = 500;
/** … and the longest. */
const LONGEST_PAUSE_MS = 8000;
/** How often the rate is looked at again. */
const TICK_MS = 500;

const EVENT_TYPES = ["rows", "state", "active", "lost"] as const;

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
}

/** Tries now. */
export function reconnect(): void {
  clearTimeout(retryTimer);
  connect();
}

/** The rows are asked for once it listens, so that none is missed between the two. */
async function connect(): Promise<void> {
  source?.close();
  source = undefined;
  try {
    viewer.value = await askState();
  } catch (error) {
    if (error instanceof ServerError && (error.status === 401 || error.status === 403)) {
      link.value = { kind: "locked" };
    } else retryLater();
    return;
  }
  const mine = source = new EventSource("/api/events");
  let hasOpened = false;
  mine.onopen = () => {
    hasOpened = true;
    // The program tells anew what is under way, if anything is.
    active.value = { rows: [], total: 0 };
    pauseMs = FIRST_PAUSE_MS;
    link.value = { kind: "live" };
    loadNewest();
  };
  mine.onerror = () => {
    if (mine !== source) return;
    mine.close();
    retryLater();
    // Where too many pages are open, this one still shows what there is.
    if (!hasOpened && list.value.rows.length === 0) loadNewest();
  };
  const receive = ({ data }: MessageEvent<string>) => {
    try {
      take(JSON.parse(data));
    } catch (error) {
      complain(error);
    }
  };
  mine.onmessage = receive;
  for (const type of EVENT_TYPES) mine.addEventListener(type, receive);
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
        viewer.value = await askState();
      } catch (error) {
        complain(error);
      }
  }
}
