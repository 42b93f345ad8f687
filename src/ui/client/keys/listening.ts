/// <reference lib="dom" />
/** Listens to the keyboard. Where somebody writes, or a button has the focus, keys keep their own meaning. */
import { isHelpOpen } from "../state/store.ts";
import { BINDINGS, isAtHand, isUsable } from "./bindings.ts";
import { pressOf } from "./press.ts";

/** Keys that a focused control takes for itself. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  " ",
  "Enter",
  "ArrowUp",
  "ArrowDown",
  "Home",
  "End",
  "PageUp",
  "PageDown",
]);

/** Begins to listen; it never stops. */
export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || isHelpOpen.value || isWritable(event.target)) return;
    if (isControl(event.target) && OWN_KEYS.has(event.key)) return;
    const press = pressOf(event);
    const binding = BINDINGS.find(({ keys }) => keys.includes(press));
    if (binding === undefined || !isUsable(binding) || !isAtHand(binding)) return;
    event.preventDefault();
    binding.run();
  });
}

function isWritable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** Whether arrows, Enter and the like belong to what has the focus: all but the table and the page itself. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target !== document.body && target.id !== "table";
}
