/// <reference lib="dom" />
/** A body as text, formatted or as it came. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { marker } from "../settings.ts";
import { numberText, sizeText } from "../units.ts";
import { LineView } from "./line_view.tsx";
import type { ByteSource } from "./source.ts";
import { type LineFormat, TextLoader } from "./text_loader.ts";

/** What a {@link TextView} shows. */
export interface TextViewProps {
  /** Where the bytes come from. */
  readonly source: ByteSource;
  /** Name of their encoding. */
  readonly encoding: string;
  /** How lines are made. */
  readonly format: LineFormat;
}

/** How far a text was read. */
interface Progress {
  readonly loader: TextLoader;
  /** What went wrong. */
  readonly error?: string;
}

/** The text. */
export function TextView({ source, encoding, format }: TextViewProps): JSX.Element {
  const [progress, setProgress] = useState<Progress>();
  const [isBusy, setBusy] = useState(true);
  const read = async (loader: TextLoader, isWanted: () => boolean) => {
    setBusy(true);
    let error: string | undefined;
    try {
      await loader.more();
    } catch (reason) {
      error = reason instanceof Error ? reason.message : String(reason);
    }
    if (!isWanted()) return;
    setProgress({ loader, ...error !== undefined && { error } });
    setBusy(false);
  };
  useEffect(() => {
    let isWanted = true;
    setProgress(undefined);
    read(new TextLoader({ source, encoding, format, breathe }), () => isWanted);
    return () => void (isWanted = false);
  }, [source, encoding, format]);
  if (progress === undefined) return <p class="x-wait" role="status">Loading…</p>;
  const { loader, error } = progress;
  const { lines } = loader;
  return (
    <div aria-busy={isBusy}>
      {error !== undefined && <p class="x-notice x-bad" role="alert">{error}</p>}
      {!loader.isValid && (
        <p class="x-notice">
          {`Some bytes are not valid ${encoding}: they are shown as \ufffd. The hex view has them as they are.`}
        </p>
      )}
      {lines.problem !== undefined && (
        <p class="x-notice">
          {`From line ${numberText(lines.problem.line + 1)} on this is not ${
            format === "json" ? "JSON" : "XML"
          } ` +
            `(${lines.problem.reason}): the rest is shown as it came.`}
        </p>
      )}
      {lines.lines.length === 0 ? <p class="x-quiet">Nothing but white space.</p> : (
        <LineView
          key={loader}
          lines={lines.lines}
          marker={marker()}
          indent={format === "xml" ? 3 : 2}
          hasMore={!loader.isDone}
          onMore={() => !isBusy && read(loader, () => true)}
          progress={`${sizeText(loader.bytesRead)} of ${totalText(source)} read`}
        />
      )}
      {lines.isFull && (
        <p class="x-notice">
          {`${
            numberText(lines.lines.length)
          } lines are as many as can be shown like this. The hex view shows any place.`}
        </p>
      )}
    </div>
  );
}

function totalText({ bytes }: ByteSource): string {
  return Number.isFinite(bytes) ? sizeText(bytes) : "an unknown length";
}

/** Lets the browser draw and take keys. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
