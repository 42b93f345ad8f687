/// <reference lib="dom" />
/** Messages that go by themselves. */
import { type Toast, toasts } from "./store.ts";
import { ServerError } from "./server.ts";

/** How long a message stands. */
const SHOWN_MS = 8000;
/** How many stand at once. */
const SHOWN_LIMIT = 3;

let lastId = 0;

/** Shows a message, if need be with something that can be done about it. */
export function say(text: string, action?: Toast["action"]): void {
  show({ id: ++lastId, text, isError: false, ...action && { action } });
}

/** Shows what went wrong. A cancelled request is no failure; a program that does not answer has its own banner. */
export function complain(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (error instanceof ServerError && (error.status === 0 || error.status === 401)) return;
  show({ id: ++lastId, text: error instanceof Error ? error.message : String(error), isError: true });
}

/** Takes a message away. */
export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Leaves the messages, without what cannot be done any more once the program was started again. */
export function withdrawOffers(): void {
  toasts.value = toasts.value.map(({ action, ...toast }) => ({
    ...toast,
    ...action?.isLasting === true && { action },
  }));
}

function show(toast: Toast): void {
  toasts.value = [...toasts.value.slice(1 - SHOWN_LIMIT), toast];
  setTimeout(() => dismiss(toast.id), SHOWN_MS);
}
