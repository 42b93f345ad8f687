/// <reference lib="dom" />
/**
 * Lines with their numbers, some of which can be folded. They stand in the page as text, so that the browser finds,
 * selects and reads them; as many as it bears at a time, more on demand.
 */
import { Component, type JSX, type TargetedKeyboardEvent } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Line } from "../lines/line.ts";
import { type Marker, NO_MARKS } from "../marks.ts";
import { numberText } from "../units.ts";
import { wireText } from "../wire_text.tsx";
import { shownLines } from "./folding.ts";

/** So many lines are shown at first, and more with each step. */
const STEP_LINES = 2000;
/** So many lines are drawn, or left as they are, together. */
const BLOCK_LINES = 100;
/** So few lines are folded one by one. */
const FEW_LINES = 12;
/** Deeper than this lines are not indented further: they would leave the screen. */
const MAX_INDENTED = 30;

/** What a {@link LineView} shows. */
export interface LineViewProps {
  /** The lines; the last one may still grow. */
  readonly lines: readonly Line[];
  /** Finds the hits. */
  readonly marker: Marker;
  /** Spaces for each level. */
  readonly indent: number;
  /** Whether more lines can be had from where these came. */
  readonly hasMore: boolean;
  /** Gets them. */
  readonly onMore: () => void;
  /** What can be said of how much there is. */
  readonly progress: string;
}

/** The lines. */
export function LineView(props: LineViewProps): JSX.Element {
  const { lines, marker, indent, hasMore, onMore, progress } = props;
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const [limit, setLimit] = useState(STEP_LINES);
  const { shown, isAll } = shownLines(lines, folded, limit);
  const canFold = useMemo(() => lines.some(({ foldEnd }) => foldEnd !== undefined), [lines, lines.length]);
  const fold = (line: number, isFolded: boolean) => {
    const next = new Set(folded);
    if (isFolded) next.add(line);
    else next.delete(line);
    setFolded(next);
  };
  const foldAll = () =>
    setFolded(new Set(lines.flatMap(({ foldEnd }, i) => foldEnd === undefined ? [] : [i])));
  const more = () => {
    setLimit(limit + STEP_LINES);
    if (isAll) onMore();
  };
  const blocks: JSX.Element[] = [];
  for (let from = 0; from < shown.length; from += BLOCK_LINES) {
    blocks.push(
      <Block
        key={shown[from]}
        lines={lines}
        count={lines.length}
        shown={shown.slice(from, from + BLOCK_LINES)}
        folded={folded}
        onFold={fold}
        marker={marker}
        indent={indent}
      />,
    );
  }
  return (
    <div class="x-lines-box">
      {canFold && lines.length > FEW_LINES && (
        <div class="x-row">
          <button type="button" class="x-button" onClick={foldAll}>Fold all</button>
          <button type="button" class="x-button" onClick={() => setFolded(new Set())}>Unfold all</button>
        </div>
      )}
      <div class={`x-lines ${canFold ? "x-foldable" : ""}`} onKeyDown={moveBetweenFolds}>{blocks}</div>
      {(!isAll || hasMore) && (
        <div class="x-row">
          <button type="button" class="x-button" onClick={more}>Show more</button>
          <span class="x-quiet">
            {`${numberText(shown.length)} ${shown.length === 1 ? "line" : "lines"}; ${progress}`}
          </span>
        </div>
      )}
    </div>
  );
}

interface BlockProps {
  readonly lines: readonly Line[];
  /** How many lines there were when this was drawn: only the last one changes. */
  readonly count: number;
  readonly shown: readonly number[];
  readonly folded: ReadonlySet<number>;
  readonly onFold: (line: number, isFolded: boolean) => void;
  readonly marker: Marker;
  readonly indent: number;
}

/** Some lines, drawn again only where they changed. */
class Block extends Component<BlockProps> {
  override shouldComponentUpdate(next: BlockProps): boolean {
    const { lines, shown, marker, folded, count } = this.props;
    const last = shown[shown.length - 1];
    if (next.lines !== lines || next.marker !== marker || last >= count - 1) return true;
    if (next.shown.length !== shown.length) return true;
    // The buttons keep the handler of their drawing, which knows what was folded then.
    return next.folded !== folded || shown.some((line, i) => next.shown[i] !== line);
  }

  override render(): JSX.Element {
    return <div class="x-block">{this.props.shown.map((at) => lineRow(at, this.props))}</div>;
  }
}

/** A line. It is no component: there are thousands of them. */
function lineRow(at: number, { lines, folded, onFold, marker, indent }: BlockProps): JSX.Element {
  const { tokens, depth, foldEnd, isContinued } = lines[at];
  const isFolded = folded.has(at);
  const hits = marker === NO_MARKS ? [] : marker(tokens.map(({ text }) => text).join(""));
  let from = 0;
  return (
    <div key={at} class="x-line" data-line={isContinued ? "" : at + 1}>
      {foldEnd !== undefined && (
        <button
          type="button"
          class="x-fold"
          aria-expanded={!isFolded}
          aria-label={`Line ${at + 1}: ${isFolded ? "unfold" : "fold"}`}
          onClick={() => onFold(at, !isFolded)}
        />
      )}
      {!isContinued && depth > 0 && " ".repeat(Math.min(depth, MAX_INDENTED) * indent)}
      {tokens.map(({ kind, text }, i) => {
        const shown = wireText(text, from, hits);
        from += text.length;
        return kind === "plain" ? shown : <span key={i} class={`x-${kind}`}>{shown}</span>;
      })}
      {isFolded && <span class="x-folded">{` … ${foldedWords(at, foldEnd)}`}</span>}
    </div>
  );
}

function foldedWords(at: number, foldEnd: number | undefined): string {
  return foldEnd === undefined || foldEnd < 0 ? "" : `${numberText(foldEnd - at)} lines`;
}

/** Up and down go from fold to fold, right and left open and close one. */
function moveBetweenFolds(event: TargetedKeyboardEvent<HTMLElement>): void {
  const { target } = event;
  if (!(target instanceof HTMLButtonElement) || event.ctrlKey || event.altKey || event.metaKey) return;
  const isExpanded = target.getAttribute("aria-expanded") === "true";
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const folds = Array.from(event.currentTarget.querySelectorAll<HTMLButtonElement>(".x-fold"));
    folds[folds.indexOf(target) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  } else if (event.key === (isExpanded ? "ArrowLeft" : "ArrowRight")) {
    target.click();
  } else if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}
