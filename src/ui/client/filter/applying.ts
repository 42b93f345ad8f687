/// <reference lib="dom" />
/** Puts the filter in the box to work: once it can be read, and nobody types any more. */
import { loadNewest } from "../state/loading.ts";
import { filter, filterReading, filterText } from "../state/store.ts";
import { toggleTerm } from "./chips.ts";

/** How long nobody has to type. */
const REST_MS = 300;

let restTimer: ReturnType<typeof setTimeout> | undefined;

/** The box has another text: applied when typing rests. */
export function typeFilter(text: string): void {
  filterText.value = text;
  clearTimeout(restTimer);
  restTimer = setTimeout(applyFilter, REST_MS);
}

/** Applies what stands in the box, if it can be read. */
export function applyFilter(): void {
  clearTimeout(restTimer);
  const wanted = filterText.value.trim();
  if (filterReading.value.kind === "wrong" || wanted === filter.value) return;
  filter.value = wanted;
  loadNewest();
}

/** Puts another filter in the box, and applies it. */
export function setFilter(text: string): void {
  filterText.value = text;
  applyFilter();
}

/** Puts a quick filter in, or takes it out. */
export function toggleChip(term: string): void {
  setFilter(toggleTerm(filterText.value, term));
}
