/// <reference lib="dom" />
/** The Admin page: the form of a new listener, and the listeners that there are. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { ListenerView } from "../../api.ts";
import { listeners, viewer } from "../state/store.ts";
import {
  adding,
  addListener,
  edited,
  editing,
  editListener,
  isOutdated,
  keepForm,
  leaveEditing,
  loadAnew,
  saveEdited,
} from "./changing.ts";
import { LinkSelect } from "./link_select.tsx";
import { RemoveButton, SwitchButton } from "./listener_buttons.tsx";
import { ListenerForm } from "./listener_form.tsx";
import { ADMIN_PANEL } from "./tab_bar.tsx";
import { openTab } from "./tabs.ts";
import { linkChoice, listenerState, listenerTitle } from "./words.ts";

/** The page. */
export function AdminPage(): JSX.Element {
  const found = listeners.value;
  return (
    <section id={ADMIN_PANEL} class="l-admin" role="tabpanel" aria-labelledby="tab-admin">
      <div class="l-add">
        <h2>Add a listener</h2>
        <p class="faint">
          {found.length > 0
            ? "Point a client at it instead of at its target: what passes is shown here."
            : `tcpmon shows what passes between a client and a server. Add a listener${
              viewer.value?.can.open === true ? ", or drop a saved capture here" : ""
            }.`}
        </p>
        <ListenerForm form={{ prefix: "add", state: adding }} action="Add" onSubmit={addListener} />
      </div>
      <div class="l-listeners">
        <h2>Listeners</h2>
        {found.length === 0 ? <p class="faint">There are none yet.</p> : (
          <ul aria-label="Listeners">
            {found.map((listener) => (
              <li key={listener.id}>
                {edited.value?.id === listener.id
                  ? <Edited listener={listener} />
                  : <Card listener={listener} />}
              </li>
            ))}
          </ul>
        )}
        {found.length > 0 && <SaveConfig />}
      </div>
    </section>
  );
}

function Card({ listener }: { readonly listener: ListenerView }): JSX.Element {
  const { id, address, target, settings, error, link, upstreamProxy, notes } = listener;
  const { sign, words, tone } = listenerState(listener);
  const facts = [
    // A kind of link stands in the choice already.
    link !== undefined && link !== linkChoice(settings.link) && `Link: ${link}`,
    upstreamProxy !== undefined && `Through ${upstreamProxy}`,
    settings.host === "keep" && "Host as the client sends it",
    settings.host === "target" && "Host of the target",
    settings.insecure === true && "Certificate not verified",
  ].filter((fact) => fact !== false);
  return (
    <article class="l-card" aria-label={listenerTitle(listener)}>
      <div class="l-head">
        <button
          type="button"
          class="l-open"
          title="Show its rows"
          onClick={() => openTab({ kind: "listener", id }, true)}
        >
          {address}
        </button>
        <span class="l-target">{target === undefined ? "proxy" : `→ ${target}`}</span>
        <span class={`l-state l-${tone}`}>
          <span aria-hidden="true">{sign}</span> {words}
        </span>
      </div>
      {error !== undefined && <p class="l-bad">{error}</p>}
      {facts.length > 0 && <p class="faint">{facts.join(" · ")}</p>}
      {notes.map((note) => <p key={note} class="l-odd">{note}</p>)}
      <div class="l-buttons">
        <LinkSelect listener={listener} />
        <span class="tools">
          <SwitchButton listener={listener} />
          <button
            type="button"
            id={`edit-${id}`}
            aria-label={`Edit ${listenerTitle(listener)}`}
            onClick={() => editListener(listener)}
          >
            Edit…
          </button>
          <RemoveButton listener={listener} />
        </span>
      </div>
    </article>
  );
}

function Edited({ listener }: { readonly listener: ListenerView }): JSX.Element {
  useEffect(() => document.getElementById("edited-listen")?.focus(), []);
  return (
    <article class="l-card l-edited" aria-label={`Edit ${listenerTitle(listener)}`}>
      <h3>{`Edit ${listenerTitle(listener)}`}</h3>
      {isOutdated.value && !editing.value.isBusy && <Outdated />}
      <ListenerForm
        form={{ prefix: "edited", state: editing }}
        action="Save"
        onSubmit={saveEdited}
        onCancel={leaveEditing}
      />
    </article>
  );
}

/** Both of what could be meant; the button that is pressed goes, so the form has the focus then. */
function Outdated(): JSX.Element {
  const choose = (act: () => void) => () => {
    act();
    document.getElementById("edited-listen")?.focus();
  };
  return (
    <div class="l-outdated" role="alert">
      <p class="l-error">It was changed meanwhile: this form has the values from before.</p>
      <div class="l-buttons">
        <button type="button" onClick={choose(loadAnew)}>Load the new values</button>
        <button type="button" onClick={choose(keepForm)}>Keep mine</button>
      </div>
    </div>
  );
}

function SaveConfig(): JSX.Element {
  return (
    <p class="l-config">
      <a href="/api/config" download="tcpmon.json">Save as config file</a>
      <span class="faint">
        To start with these again: <code>tcpmon --config tcpmon.json</code>
      </span>
    </p>
  );
}
