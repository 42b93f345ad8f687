/// <reference lib="dom" />
/** What is done in place of looking at one exchange: writing a request, or comparing two. Signals. */
import { computed, signal } from "@preact/signals";
import { isNarrow, isReadonly, viewer } from "../state/store.ts";
import type { Settable, Value } from "../state/value.ts";

/** What is done. */
export type Task =
  | { readonly kind: "editor" }
  /** Two exchanges by their rows. */
  | { readonly kind: "compare"; readonly before: number; readonly after: number };

/** What is done; undefined: exchanges are looked at. */
export const task: Settable<Task | undefined> = signal(undefined);

/** Whether requests can be sent from here. */
export const canSend: Value<boolean> = computed(() => viewer.value?.can.send === true && !isReadonly.value);
/** Whether exchanges can be saved as files. */
export const canSave: Value<boolean> = computed(() => viewer.value?.can.export === true);
/** Whether exchanges can be compared. */
export const canCompare: Value<boolean> = computed(() => viewer.value?.can.compare === true);

/** Id of the element that a task is done in. */
export const TASK_ID = "task";

/** Begins a task. In a narrow window it is a page of its own, which the browser's Back leaves. */
export function begin(next: Task): void {
  if (isNarrow.value && task.value === undefined) history.pushState(null, "", location.href);
  task.value = next;
}

/** Looks at exchanges again. */
export function leaveTask(): void {
  task.value = undefined;
}
