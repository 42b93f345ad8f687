/** What stands where there are no rows: why, and what to do. */
import type { JSX } from "preact";
import { setFilter } from "../filter/applying.ts";
import { canAdmin } from "../listeners/changing.ts";
import { openAdmin } from "../listeners/tabs.ts";
import { filter, isLoading, isReadonly, link, list, listeners, tab, viewer } from "../state/store.ts";
import type { ListenerView } from "../../api.ts";

/** For how many listeners it is said how to begin: more help nobody. */
const SHOWN_LISTENERS = 4;

/** The hint in place of rows. */
export function Empty(): JSX.Element | null {
  if (
    list.value.rows.length > 0 || viewer.value === undefined || isLoading.value ||
    link.value.kind === "connecting"
  ) return null;
  return <div class="empty">{hint()}</div>;
}

function hint(): JSX.Element {
  if (filter.value !== "") {
    return (
      <>
        <h2>Nothing fits this filter</h2>
        <p>
          <button type="button" onClick={() => setFilter("")}>Clear the filter</button>
        </p>
      </>
    );
  }
  const shown = tab.value;
  const found = shown.kind === "listener"
    ? listeners.value.filter(({ id }) => id === shown.id)
    : listeners.value.filter(({ isListening }) => isListening);
  if (found.length === 0) return <Nothing />;
  const [first] = found;
  return (
    <>
      <h2>Waiting for the first exchange</h2>
      {shown.kind === "listener" && !first.isListening
        ? (
          <p>
            {`Nothing comes in: ${first.address} ${
              first.error === undefined ? "is stopped" : "does not listen"
            }.`}
          </p>
        )
        : found.slice(0, SHOWN_LISTENERS).map((listener) => (
          <p key={listener.id}>
            Point your client at <strong>{listener.address}</strong>, for example:
            <code class="command">{commandFor(listener)}</code>
          </p>
        ))}
    </>
  );
}

/** Nothing listens, and no rows are left. */
function Nothing(): JSX.Element {
  const files = viewer.value?.files ?? [];
  const canOpen = viewer.value?.can.open === true && !isReadonly.value;
  return (
    <>
      <h2>No exchanges</h2>
      <p>{files.length === 0 ? "Nothing listens." : `There are none in ${files.join(", ")}.`}</p>
      {canAdmin.value && (
        <p>
          <button type="button" onClick={openAdmin}>Add a listener</button>
          {canOpen && " or drop a saved capture here."}
        </p>
      )}
    </>
  );
}

/** What to type in a terminal for a first exchange through a listener. */
export function commandFor({ address, target }: Pick<ListenerView, "address" | "target">): string {
  if (address.startsWith("unix:")) {
    return `curl --unix-socket ${address.slice("unix:".length)} http://localhost/`;
  }
  const reached = address.replace(/^(?:0\.0\.0\.0|\[::\])(?=:)/, "localhost");
  return target === undefined
    ? `curl --proxy http://${reached} http://example.com/`
    : `curl http://${reached}/`;
}
