/// <reference lib="dom" />
/** Bytes as a hex dump, page by page, with a way to any offset. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { HEX_ROW_BYTES, hexRows, readOffset } from "../hex.ts";
import { numberText } from "../units.ts";
import type { ByteSource } from "./source.ts";

/** So many bytes a page shows. */
const HEX_PAGE_BYTES = 8192;

/** A page that was read. */
interface Page {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly error?: string;
}

/** The dump. */
export function HexView({ source }: { readonly source: ByteSource }): JSX.Element {
  const [at, setAt] = useState(0);
  const [page, setPage] = useState<Page>();
  useEffect(() => {
    setAt(0);
    setPage(undefined);
  }, [source]);
  useEffect(() => {
    let isWanted = true;
    const show = (page: Page) => void (isWanted && setPage(page));
    source.read(at, at + HEX_PAGE_BYTES).then(
      (bytes) => show({ at, bytes }),
      (error) =>
        show({ at, bytes: new Uint8Array(0), error: error instanceof Error ? error.message : `${error}` }),
    );
    return () => void (isWanted = false);
  }, [source, at]);
  if (page === undefined) return <p class="x-wait" role="status">Loading…</p>;
  const end = page.at + page.bytes.length;
  const isEnd = page.bytes.length < HEX_PAGE_BYTES || end >= source.bytes;
  const rows = hexRows(page.bytes, page.at);
  return (
    <div>
      {(page.at > 0 || !isEnd) && (
        <Pager at={page.at} end={end} bytes={source.bytes} isEnd={isEnd} onMove={setAt} />
      )}
      {page.error !== undefined && <p class="x-notice x-bad" role="alert">{page.error}</p>}
      {rows.length === 0 && page.error === undefined && (
        <p class="x-quiet">No bytes were kept from here on.</p>
      )}
      <div class="x-hex" role="region" aria-label="Hex dump" tabIndex={0}>
        {rows.map(({ offset, hex, text }) => (
          <div key={offset} class="x-hexrow">
            <span class="x-quiet">{offset}</span>
            {`  ${hex}  `}
            <span class="x-string">{text}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

interface PagerProps {
  readonly at: number;
  readonly end: number;
  readonly bytes: number;
  readonly isEnd: boolean;
  readonly onMove: (at: number) => void;
}

function Pager({ at, end, bytes, isEnd, onMove }: PagerProps): JSX.Element {
  const [wanted, setWanted] = useState("");
  const offset = readOffset(wanted);
  const isPlace = offset !== undefined && offset < bytes;
  const last = Number.isFinite(bytes) ? pageOf(bytes - 1) : undefined;
  const go = (event: Event) => {
    event.preventDefault();
    if (isPlace) onMove(offset - offset % HEX_ROW_BYTES);
  };
  return (
    <form class="x-row" onSubmit={go}>
      <button type="button" class="x-button" disabled={at === 0} onClick={() => onMove(0)}>First</button>
      <button
        type="button"
        class="x-button"
        disabled={at === 0}
        onClick={() => onMove(Math.max(at - HEX_PAGE_BYTES, 0))}
      >
        Previous
      </button>
      <button type="button" class="x-button" disabled={isEnd} onClick={() => onMove(at + HEX_PAGE_BYTES)}>
        Next
      </button>
      {last !== undefined && (
        <button
          type="button"
          class="x-button"
          disabled={isEnd}
          onClick={() => onMove(last)}
        >
          Last
        </button>
      )}
      <label>
        {"Offset "}
        <input
          class="x-offset"
          value={wanted}
          placeholder="0x0"
          aria-invalid={wanted !== "" && !isPlace}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="x-button" disabled={!isPlace}>Go</button>
      <span class="x-quiet" role="status">
        {end > at ? `${numberText(at)}–${numberText(end - 1)}` : numberText(at)}
        {Number.isFinite(bytes) && ` of ${numberText(bytes)}`}
      </span>
    </form>
  );
}

function pageOf(offset: number): number {
  return offset - offset % HEX_PAGE_BYTES;
}
