/// <reference lib="dom" />
/** The parts of a multipart body, each with a view of its own. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Part, partsOf } from "../../../../capture/multipart.ts";
import { NO_MARKS } from "../marks.ts";
import { exactSizeText } from "../units.ts";
import { WireText } from "../wire_text.tsx";
import { ContentView } from "./content_view.tsx";
import { readAll } from "./read_all.ts";
import { type ByteSource, heldSource } from "./source.ts";

/** Longer bodies are not taken apart: it takes all of their bytes. */
const MAX_PARTS_BYTES = 64 * 1024 * 1024;

/** What a {@link PartsView} shows. */
export interface PartsViewProps {
  /** Where the bytes come from. */
  readonly source: ByteSource;
  /** Value of Content-Type: it names the boundary. */
  readonly contentType: string | undefined;
  /** How many multipart bodies this one stands in. */
  readonly depth: number;
}

/** A part that was found, and its bytes as a source, which stays the same. */
interface FoundPart {
  readonly part: Part;
  readonly source: ByteSource;
}

/** The parts. */
export function PartsView({ source, contentType, depth }: PartsViewProps): JSX.Element {
  const [parts, setParts] = useState<readonly FoundPart[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let isWanted = true;
    setParts(undefined);
    setProblem(undefined);
    readAll(source, MAX_PARTS_BYTES).then(({ bytes }) => {
      if (!isWanted) return;
      const found = partsOf(bytes, contentType);
      if (found === undefined) setProblem("No part begins in this body: its boundary is not in it.");
      else setParts(found.map((part) => ({ part, source: heldSource(part.bytes) })));
    }, (error) => void (isWanted && setProblem(error instanceof Error ? error.message : `${error}`)));
    return () => void (isWanted = false);
  }, [source, contentType]);
  if (problem !== undefined) return <p class="x-notice">{problem}</p>;
  if (parts === undefined) return <p class="x-wait" role="status">Loading…</p>;
  return (
    <ol class="x-parts">
      {parts.map((found, i) => <PartView key={i} number={i + 1} found={found} depth={depth} />)}
    </ol>
  );
}

interface PartViewProps {
  readonly number: number;
  readonly found: FoundPart;
  readonly depth: number;
}

function PartView({ number, found: { part, source }, depth }: PartViewProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { name, contentId, contentType, bytes } = part;
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <strong>
            <WireText text={name ?? contentId ?? `Part ${number}`} marker={NO_MARKS} />
          </strong>{" "}
          <span class="x-quiet">
            <WireText text={contentType ?? "no type given"} marker={NO_MARKS} />
            {`, ${exactSizeText(bytes.length)}`}
          </span>
        </summary>
        {isOpen && (
          <ContentView
            source={source}
            contentType={contentType ?? "text/plain"}
            depth={depth + 1}
          />
        )}
      </details>
    </li>
  );
}
