/// <reference lib="dom" />
/** WebSocket messages, server-sent events and reads of a stream, one under the other in the order of time. */
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ContentView } from "../body/content_view.tsx";
import { heldSource, recordBytes } from "../body/source.ts";
import { fetchMessages } from "../fetching.ts";
import type { TimelineJson } from "../record_json.ts";
import { marker } from "../settings.ts";
import { durationText, numberText, timeText } from "../units.ts";
import { WireText } from "../wire_text.tsx";
import { momentOf } from "./moment.ts";

/** So many messages are fetched at a time. */
const PAGE_MESSAGES = 100;

/** What a {@link Timeline} shows. */
export interface TimelineProps {
  /** The row that the messages belong to. */
  readonly row: number;
  /** When that began, ms since the epoch. */
  readonly began: number;
  /** How many there were when the row was asked for. */
  readonly count: number;
}

interface Loaded {
  readonly messages: readonly { readonly row: number; readonly record: TimelineJson }[];
  readonly hasMore: boolean;
  readonly error?: string;
}

/** The timeline. */
export function Timeline({ row, began, count }: TimelineProps): JSX.Element {
  const [loaded, setLoaded] = useState<Loaded>();
  const [isBusy, setBusy] = useState(false);
  const read = async (known: Loaded["messages"], isWanted: () => boolean) => {
    setBusy(true);
    let next: Loaded;
    try {
      const page = await fetchMessages(row, known[known.length - 1]?.row ?? 0, PAGE_MESSAGES);
      const messages = page.messages.map(({ row, record }) => ({ row, record: record as TimelineJson }));
      next = { messages: [...known, ...messages], hasMore: page.hasMore };
    } catch (error) {
      next = { messages: known, hasMore: true, error: error instanceof Error ? error.message : `${error}` };
    }
    if (!isWanted()) return;
    setLoaded(next);
    setBusy(false);
  };
  useEffect(() => {
    let isWanted = true;
    setLoaded(undefined);
    read([], () => isWanted);
    return () => void (isWanted = false);
  }, [row]);
  if (loaded === undefined) return <p class="x-wait" role="status">Loading…</p>;
  const { messages, hasMore, error } = loaded;
  const total = Math.max(count, messages.length);
  return (
    <div class="x-timeline" aria-busy={isBusy}>
      {messages.length === 0 && error === undefined && <p class="x-quiet">Nothing came yet.</p>}
      <ol>{messages.map(({ row, record }) => <Entry key={row} record={record} began={began} />)}</ol>
      {error !== undefined && <p class="x-notice x-bad" role="alert">{error}</p>}
      <div class="x-row">
        <button type="button" class="x-button" disabled={isBusy} onClick={() => read(messages, () => true)}>
          {hasMore ? "Show more" : "Look for newer ones"}
        </button>
        <span class="x-quiet" role="status">{`${numberText(messages.length)} of ${numberText(total)}`}</span>
      </div>
    </div>
  );
}

function Entry({ record, began }: { readonly record: TimelineJson; readonly began: number }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const moment = useMemo(() => momentOf(record), [record]);
  const { direction, kind, details, at, preview, contentType } = moment;
  const source = useMemo(
    () => record.type === "connection" ? undefined : heldSource(recordBytes(record, undefined)),
    [record],
  );
  const line = (
    <>
      <span class={`x-arrow x-${direction ?? "none"}`} aria-hidden="true">
        {direction === "up" ? "↑" : direction === "down" ? "↓" : "·"}
      </span>
      {direction !== undefined && (
        <span class="unseen">{direction === "up" ? "to the target" : "to the client"}</span>
      )}
      <time dateTime={new Date(at).toISOString()} title={timeText(at)}>{`+${durationText(at - began)}`}</time>
      <strong>
        <WireText text={kind} marker={marker()} />
      </strong>
      <span class="x-quiet">
        <WireText text={details.join(", ")} marker={marker()} />
      </span>
      <span class="x-preview">
        <WireText text={preview} marker={marker()} />
      </span>
    </>
  );
  if (source === undefined || (record.type !== "connection" && record.bytes === 0)) {
    return (
      <li>
        <div class="x-moment">{line}</div>
      </li>
    );
  }
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary class="x-moment">{line}</summary>
        {isOpen && record.type !== "connection" && (
          <>
            {record.truncated === true && (
              <p class="x-notice">
                {`Only the beginning is here; there were ${numberText(record.bytes)} bytes.`}
              </p>
            )}
            <ContentView source={source} contentType={contentType} depth={1} />
          </>
        )}
      </details>
    </li>
  );
}
