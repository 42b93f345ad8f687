/// <reference lib="dom" />
/**
 * What is known of something that is under way: what it asks for, between whom, since when, how much has passed, and of
 * streams what that was. Once it has ended, its row takes the place, or is offered where somebody reads here.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { ActiveView } from "../../api.ts";
import { marker } from "../exchange/settings.ts";
import { MessageTimeline } from "../exchange/timeline/timeline.tsx";
import { exactSizeText, timeText } from "../exchange/units.ts";
import { WireText } from "../exchange/wire_text.tsx";
import { closeExchange } from "../state/selecting.ts";
import { askActiveMessages } from "../state/server.ts";
import { isNarrow, selection } from "../state/store.ts";
import { activeNow, type OpenActive, openActive, pulseOf } from "./active_state.ts";
import { lookForRow, showFinished } from "./finished.ts";
import { askedText, elapsedText } from "./words.ts";

/** Media type of a stream of events. */
const EVENTS = "text/event-stream";

/** The place of what is open and under way; nothing where that is nothing. */
export function ActivePlace(): JSX.Element | null {
  const open = openActive.value;
  if (open === undefined) return null;
  return (
    <div
      id="exchange"
      class="exchange-place"
      tabIndex={-1}
      role="region"
      aria-label={`Active ${open.view.type}`}
    >
      <button type="button" class="back" title="Close (Esc)" onClick={closeExchange}>
        {isNarrow.value ? "← Back to the list" : "✕"}
        {!isNarrow.value && <span class="unseen">Close what is under way</span>}
      </button>
      <ActivePane key={open.name} open={open} />
    </div>
  );
}

function ActivePane({ open }: { readonly open: OpenActive }): JSX.Element {
  const { name, view, hasEnded, row } = open;
  const hasMessages = view.type === "stream" || view.mime === EVENTS;
  useEffect(() => {
    if (row !== undefined || (!hasEnded && view.type === "exchange")) return;
    const leave = new AbortController();
    lookForRow(view, leave.signal);
    return () => leave.abort();
  }, [hasEnded, row === undefined]);
  useEffect(() => {
    const isHere = selection.peek().cursor === name;
    if (hasEnded && row !== undefined && !hasMessages && isHere) showFinished(row);
  }, [hasEnded, row]);
  const pulse = hasEnded ? undefined : pulseOf(view);
  return (
    <div class="x-exchange">
      <header class="x-title">
        <h2>
          {view.id !== undefined && <span class="x-quiet">{`#${view.id} `}</span>}
          <Name view={view} />
        </h2>
        {row !== undefined && (
          <button type="button" class="x-button" onClick={() => showFinished(row)}>
            {row.type === "stream" ? "Show its row" : `Show exchange #${row.id}`}
          </button>
        )}
      </header>
      <p role="status" class="x-live">
        <span class={hasEnded ? "" : "pulse"} aria-hidden="true">{hasEnded ? "○" : "●"}</span>
        {hasEnded ? " Ended" : " Active"}
        {hasEnded && row === undefined && ": its row comes once it is stored"}
      </p>
      <Facts view={view} hasEnded={hasEnded} />
      {!hasMessages && (
        <p class="x-quiet">{hasEnded ? "" : "Its headers and bodies are shown once it has ended."}</p>
      )}
      {hasMessages && (
        <MessageTimeline
          name={name}
          read={(after, limit) => askActiveMessages(view, after, limit)}
          began={view.at}
          count={0}
          {...pulse !== undefined && { pulse }}
        />
      )}
    </div>
  );
}

function Name({ view }: { readonly view: ActiveView }): JSX.Element {
  const text = view.method === undefined ? askedText(view) : `${view.method} ${view.url ?? ""}`;
  return <WireText text={text.length > 300 ? `${text.slice(0, 300)}…` : text} marker={marker()} />;
}

function Facts({ view, hasEnded }: { readonly view: ActiveView; readonly hasEnded: boolean }): JSX.Element {
  const { host, client, target, listener, at, status, mime, up, down } = view;
  const since = `${timeText(at)}${hasEnded ? "" : `, ${elapsedText(at, activeNow.value)} ago`}`;
  const facts: readonly (readonly [name: string, text: string | undefined])[] = [
    ["Since", since],
    ["Host", host],
    ["From", client],
    ["To", target],
    ["Through", listener],
    [
      "Status",
      status === undefined ? "no response yet" : `${status}${mime === undefined ? "" : `, ${mime}`}`,
    ],
    ["To the target so far", exactSizeText(up)],
    ["To the client so far", exactSizeText(down)],
  ];
  const shown = view.type === "stream" && status === undefined
    ? facts.filter(([name]) => name !== "Status")
    : facts;
  return (
    <dl class="x-facts" aria-label="What is known">
      {shown.map(([name, text]) =>
        text !== undefined && (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <WireText text={text} marker={marker()} />
            </dd>
          </div>
        )
      )}
    </dl>
  );
}
