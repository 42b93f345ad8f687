/// <reference lib="dom" />
/** Text from the wire as text nodes: hits of the filter marked, controls written out. */
import type { ComponentChildren, JSX } from "preact";
import { markedPieces, type Marker, type Span } from "./marks.ts";
import { isVisible, visibleRuns } from "./runs.ts";

/** What is shown. */
export interface WireTextProps {
  /** The text. */
  readonly text: string;
  /** Finds the hits in it. */
  readonly marker: Marker;
}

/** A text. */
export function WireText({ text, marker }: WireTextProps): JSX.Element {
  return <>{wireText(text, 0, marker(text))}</>;
}

/**
 * A part of a text, as children: bodies have many thousands of them, so that a component for each would be too dear.
 *
 * @param text The part.
 * @param at Where it begins in the whole.
 * @param hits The hits in the whole, in order.
 */
export function wireText(text: string, at: number, hits: readonly Span[]): ComponentChildren {
  if (hits.length === 0) return runsOf(text);
  return markedPieces(text, at, hits).map(({ text, isHit }, i) =>
    isHit ? <mark key={i}>{runsOf(text)}</mark> : runsOf(text)
  );
}

function runsOf(text: string): ComponentChildren {
  if (isVisible(text)) return text;
  return visibleRuns(text).map(({ text, isEscape }, i) =>
    isEscape ? <span key={i} class="x-escape">{text}</span> : text
  );
}
