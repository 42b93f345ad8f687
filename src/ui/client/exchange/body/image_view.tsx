/// <reference lib="dom" />
/** A picture, from bytes that begin as one; the browser is told what they are and guesses nothing. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { sizeText } from "../units.ts";
import { type ImageKind, isDrawable, MAX_IMAGE_BYTES } from "./image_kind.ts";
import { readAll } from "./read_all.ts";
import type { ByteSource } from "./source.ts";

/** What an {@link ImageView} shows. */
export interface ImageViewProps {
  /** Where the bytes come from. */
  readonly source: ByteSource;
  /** What they are. */
  readonly image: ImageKind;
}

/** The picture. */
export function ImageView({ source, image }: ImageViewProps): JSX.Element {
  const [url, setUrl] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const { type, width, height } = image;
  const refusal = refusalOf(source, image);
  useEffect(() => {
    setUrl(undefined);
    setProblem(undefined);
    if (refusal !== undefined) return;
    let made: string | undefined;
    let isWanted = true;
    readAll(source, MAX_IMAGE_BYTES).then(({ bytes }) => {
      if (!isWanted) return;
      made = URL.createObjectURL(new Blob([bytes], { type }));
      setUrl(made);
    }, (error) => void (isWanted && setProblem(error instanceof Error ? error.message : `${error}`)));
    return () => {
      isWanted = false;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [source, type, refusal]);
  const words = `${type.slice(6).toUpperCase()}, ${width ?? "?"} × ${height ?? "?"} pixels`;
  if (refusal !== undefined) return <p class="x-notice">{`${words}: ${refusal}`}</p>;
  if (problem !== undefined) return <p class="x-notice x-bad" role="alert">{problem}</p>;
  return (
    <figure class="x-image">
      {url === undefined
        ? <p class="x-wait" role="status">Loading…</p>
        : <img src={url} alt={words} onError={() => setProblem(`${words}: the browser cannot draw it.`)} />}
      <figcaption class="x-quiet">{words}</figcaption>
    </figure>
  );
}

function refusalOf(source: ByteSource, image: ImageKind): string | undefined {
  if (source.bytes > MAX_IMAGE_BYTES) {
    return `${sizeText(source.bytes)} are too many to draw (at most ${sizeText(MAX_IMAGE_BYTES)}).`;
  }
  return isDrawable(image) ? undefined : "too large to draw, or of unknown size.";
}
