/// <reference lib="dom" />
/**
 * WebSocket messages, server-sent events and reads of a stream, one under the other in the order of time. While they
 * still come, they are shown as they come; whoever stands at the end stays there.
 */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { pulseOf } from "../../active/active_state.ts";
import { selectedRow } from "../../state/store.ts";
import { fetchMessages } from "../fetching.ts";
import { numberText } from "../units.ts";
import { Entry } from "./entry.tsx";
import { type Loaded, type ReadMessages, TimelineReader } from "./reader.ts";

/** How far from its end somebody still stands at it, px. */
const END_PX = 40;

/** What a {@link Timeline} shows. */
export interface TimelineProps {
  /** The row that the messages belong to. */
  readonly row: number;
  /** When that began, ms since the epoch. */
  readonly began: number;
  /** How many there were when the row was asked for. */
  readonly count: number;
}

/** The timeline of a row. */
export function Timeline({ row, began, count }: TimelineProps): JSX.Element {
  const view = selectedRow.value;
  // Other exchanges are over once they have a row.
  const mayGoOn = view?.row === row && (view.type === "stream" || view.outcome === "upgraded");
  const pulse = mayGoOn ? pulseOf(view) : undefined;
  return (
    <MessageTimeline
      name={`row ${row}`}
      read={(after, limit) => fetchMessages(row, after, limit)}
      began={began}
      count={count}
      {...pulse !== undefined && { pulse }}
    />
  );
}

/** What a {@link MessageTimeline} shows. */
export interface MessageTimelineProps {
  /** Tells timelines apart: with another one it begins anew. */
  readonly name: string;
  /** Where the messages come from. */
  readonly read: ReadMessages;
  /** When it began, ms since the epoch. */
  readonly began: number;
  /** How many there are known to be. */
  readonly count: number;
  /** Changes whenever more may have passed; absent: nothing comes any more. */
  readonly pulse?: string;
}

/** A timeline of whatever has messages. */
export function MessageTimeline({ name, read, began, count, pulse }: MessageTimelineProps): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  const reader = useMemo(() => new TimelineReader(read), [name]);
  const wasLive = useRef(false);
  const isLive = pulse !== undefined;
  useEffect(() => {
    reader.more();
    return () => reader.stop();
  }, [reader]);
  useEffect(() => {
    // Once nothing comes any more, it is looked at a last time.
    if (isLive || wasLive.current) reader.follow();
    wasLive.current = isLive;
  }, [reader, pulse]);
  const loaded = reader.loaded.value;
  // Where somebody stands is read before what is new moves it.
  const place = scrollerOf(root.current);
  const isAtEnd = place !== undefined && place.scrollHeight - place.scrollTop - place.clientHeight < END_PX;
  const newest = loaded?.messages.at(-1)?.row;
  useLayoutEffect(() => {
    if (isLive && isAtEnd) scrollerOf(root.current)?.scrollTo(0, 1e9);
  }, [newest]);
  if (loaded === undefined) return <p class="x-wait" role="status">Loading…</p>;
  const { messages, dropped, error } = loaded;
  return (
    <div ref={root} class="x-timeline" aria-busy={reader.isBusy.value}>
      {isLive && (
        <div class="x-row">
          <span class="x-live">
            <span class="pulse" aria-hidden="true">●</span>
            {" Under way: new messages appear below"}
          </span>
          {messages.length > 0 && (
            <button
              type="button"
              class="x-button"
              onClick={() => place?.scrollTo(0, 1e9)}
            >
              Go to the end
            </button>
          )}
        </div>
      )}
      {dropped > 0 && (
        <p class="x-notice">
          {`${numberText(dropped)} earlier ones are left out here; they are in the history.`}
        </p>
      )}
      {messages.length === 0 && error === undefined && <p class="x-quiet">Nothing came yet.</p>}
      <ol>{messages.map(({ row, record }) => <Entry key={row} record={record} began={began} />)}</ol>
      {error !== undefined && <p class="x-notice x-bad" role="alert">{error}</p>}
      <Foot reader={reader} loaded={loaded} count={count} isLive={isLive} />
    </div>
  );
}

interface FootProps {
  readonly reader: TimelineReader;
  readonly loaded: Loaded;
  readonly count: number;
  readonly isLive: boolean;
}

function Foot(
  { reader, loaded: { messages, dropped, hasMore, error }, count, isLive }: FootProps,
): JSX.Element {
  const known = messages.length + dropped;
  const isByHand = !isLive || error !== undefined;
  return (
    <div class="x-row">
      {isByHand && (
        <button
          type="button"
          class="x-button"
          disabled={reader.isBusy.value}
          onClick={() => reader.more()}
        >
          {hasMore ? "Show more" : "Look for newer ones"}
        </button>
      )}
      <span class="x-quiet" role="status">
        {isLive
          ? `${numberText(known)} so far`
          : `${numberText(known)} of ${numberText(Math.max(count, known))}`}
      </span>
    </div>
  );
}

/** What scrolls an element: the nearest that has more than it shows, or the place of the exchange. */
function scrollerOf(element: Element | null): Element | undefined {
  return element?.closest(".exchange-place") ?? undefined;
}
