/** What the reader of exchanges has chosen; it holds from one exchange to the next. Signals, read through functions. */
import { computed, signal } from "@preact/signals";
import { hits } from "../state/store.ts";
import { type Marker, markerOf } from "./marks.ts";

/** A tab of a message. */
export type MessageTab = "headers" | "query" | "cookies" | "form" | "body";

/** Whose tab. */
export type Part = "request" | "response";

const tabs = { request: signal<MessageTab>(), response: signal<MessageTab>() };
const formatted = signal(true);
const marks = computed(() => markerOf(hits.value));

/** The tab that was chosen; undefined: the one that says most. */
export function chosenTab(part: Part): MessageTab | undefined {
  return tabs[part].value;
}

/** Chooses a tab. */
export function chooseTab(part: Part, tab: MessageTab): void {
  tabs[part].value = tab;
}

/** Whether XML and JSON are shown formatted (TCPMon's "XML Format"). */
export function isFormatted(): boolean {
  return formatted.value;
}

/** Shows XML and JSON formatted, or as they came. */
export function setFormatted(isWanted: boolean): void {
  formatted.value = isWanted;
}

/** Finds what the filter looks for. */
export function marker(): Marker {
  return marks.value;
}
