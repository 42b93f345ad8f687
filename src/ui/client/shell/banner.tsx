/// <reference lib="dom" />
/** What stands above all where the program cannot be reached, and messages that go by themselves. */
import type { JSX } from "preact";
import { reconnect } from "../state/live.ts";
import { link, toasts } from "../state/store.ts";
import { dismiss } from "../state/toasting.ts";

/** The connection is lost, or another one is needed. */
export function Banner(): JSX.Element {
  const { kind } = link.value;
  return (
    <div role="alert" class="banner-place">
      {kind === "lost" && (
        <p class="banner">
          Connection lost: tcpmon does not answer. Trying again by itself …
          <button type="button" onClick={reconnect}>Try now</button>
        </p>
      )}
      {kind === "locked" && (
        <p class="banner">
          tcpmon was started again and does not know this page any more: open the new address that stands in
          its terminal.
          <button type="button" onClick={reconnect}>Try now</button>
        </p>
      )}
    </div>
  );
}

/** Messages, newest last. */
export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status">
      {toasts.value.map(({ id, text, action, isError }) => (
        <p key={id} class={isError ? "toast bad" : "toast"}>
          {text}
          {action !== undefined && (
            <button
              type="button"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button
            type="button"
            aria-label="Close this message"
            onClick={() =>
              dismiss(id)}
          >
            ✕
          </button>
        </p>
      ))}
    </div>
  );
}
