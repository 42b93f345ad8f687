/// <reference lib="dom" />
/** A quick choice of the link of a listener, which holds at once. */
import type { JSX } from "preact";
import type { LinkSettings, ListenerView } from "../../api.ts";
import { listeners, viewer } from "../state/store.ts";
import { setLink } from "./changing.ts";
import { linkChoice, listenerTitle } from "./words.ts";

/** The choice. */
export function LinkSelect({ listener }: { readonly listener: ListenerView }): JSX.Element {
  const now = linkChoice(listener.settings.link);
  const presets = viewer.value?.linkPresets ?? [];
  return (
    <label class="l-select">
      <span>Link</span>
      <select
        aria-label={`Link of ${listenerTitle(listener)}`}
        value={now}
        title={presets.find(({ name }) => name === now)?.help ?? listener.link}
        onChange={async (event) => {
          const select = event.currentTarget;
          await setLink(listener, linkOf(select.value));
          // What was refused did not change: nothing is drawn anew.
          const { settings } = listeners.value.find(({ id }) => id === listener.id) ?? listener;
          select.value = linkChoice(settings.link);
        }}
      >
        <option value="started">as tcpmon was started</option>
        <option value="none">fast: nothing is slowed</option>
        {presets.map(({ name, help }) => <option key={name} value={name} title={help}>{name}</option>)}
        {now === "own" && <option value="own">figures of its own</option>}
      </select>
    </label>
  );
}

function linkOf(choice: string): LinkSettings | undefined {
  if (choice === "started") return undefined;
  return choice === "none" ? {} : { link: choice };
}
