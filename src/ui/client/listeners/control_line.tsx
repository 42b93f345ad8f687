/// <reference lib="dom" />
/** The line above the rows of a listener: what it is, how it is, and what can be done with it. */
import type { JSX } from "preact";
import type { ListenerView } from "../../api.ts";
import { CopyButton } from "../exchange/copy_button.tsx";
import { listeners, tab } from "../state/store.ts";
import { canAdmin, editListener } from "./changing.ts";
import { LinkSelect } from "./link_select.tsx";
import { RemoveButton, SwitchButton } from "./listener_buttons.tsx";
import { linkChoice, listenerState } from "./words.ts";

/** The line; nothing where all rows are shown. */
export function ControlLine(): JSX.Element | null {
  const shown = tab.value;
  if (shown.kind !== "listener") return null;
  const listener = listeners.value.find(({ id }) => id === shown.id);
  return listener === undefined ? null : <Line key={listener.id} listener={listener} />;
}

function Line({ listener }: { readonly listener: ListenerView }): JSX.Element {
  const { address, target, settings, error, link, upstreamProxy, notes } = listener;
  const { sign, words, tone } = listenerState(listener);
  // A kind of link stands in the choice already.
  const isLinkSaid = link !== undefined && !(canAdmin.value && link === linkChoice(settings.link));
  return (
    <section class="l-line" aria-label="Listener">
      <span class={`l-state l-${tone}`}>
        <span aria-hidden="true">{sign}</span> {words}
      </span>
      <span class="l-what">
        <code>{address}</code>
        <CopyButton label="Copy" title={`Copy ${address}`} text={() => ({ text: address })} />
        {target === undefined ? "proxy" : (
          <>
            → <code>{target}</code>
          </>
        )}
        {upstreamProxy !== undefined && <span class="faint">{`through ${upstreamProxy}`}</span>}
      </span>
      {canAdmin.value && (
        <span class="tools">
          <LinkSelect listener={listener} />
          <SwitchButton listener={listener} />
          <button type="button" onClick={() => editListener(listener)}>Edit…</button>
          <RemoveButton listener={listener} />
        </span>
      )}
      {(error !== undefined || isLinkSaid || notes.length > 0) && (
        <span class="l-notes">
          {error !== undefined && <span class="l-bad">{error}</span>}
          {isLinkSaid && <span class="l-odd">{`Link: ${link}`}</span>}
          {notes.map((note) => <span key={note} class="l-odd">{note}</span>)}
        </span>
      )}
    </section>
  );
}
