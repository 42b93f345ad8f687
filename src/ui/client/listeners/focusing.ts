/// <reference lib="dom" />
/** Where the keyboard goes once what had the focus is gone. */

/** Gives the focus to an element, unless something has it once the page is drawn anew. */
export function focusIfLost(id: string): void {
  requestAnimationFrame(() => {
    const { activeElement, body } = document;
    if (activeElement === null || activeElement === body) document.getElementById(id)?.focus();
  });
}
