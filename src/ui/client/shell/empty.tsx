/** What stands where there are no rows: why, and what to do. */
import type { JSX } from "preact";
import { setFilter } from "../filter/applying.ts";
import { filter, isLoading, link, list, listeners, viewer } from "../state/store.ts";
import type { ListenerView } from "../../api.ts";

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
  const found = listeners.value;
  if (found.length === 0) {
    const files = viewer.value?.files ?? [];
    return (
      <>
        <h2>No exchanges</h2>
        <p>{files.length === 0 ? "Nothing listens." : `There are none in ${files.join(", ")}.`}</p>
      </>
    );
  }
  return (
    <>
      <h2>Waiting for the first exchange</h2>
      {found.map((listener) => (
        <p key={listener.address}>
          Point your client at <strong>{listener.address}</strong>, for example:
          <code class="command">{commandFor(listener)}</code>
        </p>
      ))}
    </>
  );
}

/** What to type in a terminal for a first exchange through a listener. */
export function commandFor({ address, target }: ListenerView): string {
  if (address.startsWith("unix:")) {
    return `curl --unix-socket ${address.slice("unix:".length)} http://localhost/`;
  }
  const reached = address.replace(/^(?:0\.0\.0\.0|\[::\])(?=:)/, "localhost");
  return target === undefined
    ? `curl --proxy http://${reached} http://example.com/`
    : `curl http://${reached}/`;
}
