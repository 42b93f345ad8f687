/// <reference lib="dom" />
/** One line of the timeline, and what it holds once it is opened. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { ContentView } from "../body/content_view.tsx";
import { heldSource, recordBytes } from "../body/source.ts";
import type { TimelineJson } from "../record_json.ts";
import { marker } from "../settings.ts";
import { durationText, numberText, timeText } from "../units.ts";
import { WireText } from "../wire_text.tsx";
import { momentOf } from "./moment.ts";

/** What an {@link Entry} shows. */
export interface EntryProps {
  /** The message, the event or the read. */
  readonly record: TimelineJson;
  /** When what it belongs to began, ms since the epoch. */
  readonly began: number;
}

/** The line. */
export function Entry({ record, began }: EntryProps): JSX.Element {
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
