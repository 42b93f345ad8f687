/// <reference lib="dom" />
/**
 * Bytes in the way that says most: formatted, as text, as hex, as a picture, or as parts. What they are is told by
 * their type and their beginning; how they are shown can be chosen.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { CopyButton } from "../copy_button.tsx";
import { isFormatted, setFormatted } from "../settings.ts";
import { exactSizeText } from "../units.ts";
import { type ContentKind, contentKind, ENCODINGS, SNIFFED_BYTES } from "./content_kind.ts";
import { HexView } from "./hex_view.tsx";
import { ImageView } from "./image_view.tsx";
import { PartsView } from "./parts_view.tsx";
import { readAll } from "./read_all.ts";
import { SaveButton } from "./save_button.tsx";
import type { ByteSource } from "./source.ts";
import { TextView } from "./text_view.tsx";
import { UnfoldPanel } from "./unfold_panel.tsx";

/** A way to show bytes. */
type Mode = "formatted" | "text" | "hex" | "image" | "parts";

const LABELS: Readonly<Record<Exclude<Mode, "formatted">, string>> = {
  image: "Image",
  parts: "Parts",
  text: "Text",
  hex: "Hex",
};

/** What a {@link ContentView} shows. */
export interface ContentViewProps {
  /** Where the bytes come from. */
  readonly source: ByteSource;
  /** Value of Content-Type, where there is one. */
  readonly contentType: string | undefined;
  /** How many other contents this one stands in. */
  readonly depth?: number;
  /** A name for a file of it, without an extension; absent: it cannot be saved. */
  readonly fileName?: string;
  /** What stands among the buttons. */
  readonly beside?: ComponentChildren;
}

/** Contents in contents are taken apart so deep. */
const MAX_DEPTH = 4;
/** The clipboard is for texts that one would paste. */
const MAX_COPIED_BYTES = 8 * 1024 * 1024;

/** The bytes. */
export function ContentView(props: ContentViewProps): JSX.Element {
  const { source, contentType, depth = 0, fileName, beside } = props;
  const [kind, setKind] = useState<ContentKind>();
  const [problem, setProblem] = useState<string>();
  const [chosen, setChosen] = useState<Mode>();
  const [charset, setCharset] = useState("");
  const [unfolding, setUnfolding] = useState<string>();
  useEffect(() => {
    let isWanted = true;
    setKind(undefined);
    setProblem(undefined);
    setChosen(undefined);
    setCharset("");
    source.read(0, SNIFFED_BYTES).then(
      (head) => void (isWanted && setKind(contentKind(head, contentType, head.length >= source.bytes))),
      (error) => void (isWanted && setProblem(error instanceof Error ? error.message : `${error}`)),
    );
    return () => void (isWanted = false);
  }, [source, contentType]);
  if (problem !== undefined) return <p class="x-notice x-bad" role="alert">{problem}</p>;
  if (kind === undefined) return <p class="x-wait" role="status">Loading…</p>;
  const modes = modesOf(kind, depth);
  const mode = chosen !== undefined && modes.includes(chosen) ? chosen : bestMode(modes, kind);
  const encoding = charset || kind.encoding;
  const isText = mode === "text" || mode === "formatted";
  const choose = (next: Mode) => {
    setChosen(next);
    // Text in place of what cannot be formatted anyway says nothing about what can.
    if (kind.format !== undefined && (next === "formatted" || next === "text")) {
      setFormatted(next === "formatted");
    }
  };
  const copied = async () => {
    const { bytes, isWhole } = await readAll(source, MAX_COPIED_BYTES);
    const text = new TextDecoder(encoding).decode(bytes);
    return { text, ...!isWhole && { missing: `what follows its first ${exactSizeText(bytes.length)}` } };
  };
  return (
    <div class="x-content">
      <div class="x-row x-toolbar">
        <div class="x-modes" role="group" aria-label="View">
          {modes.map((key) => (
            <button
              type="button"
              key={key}
              aria-pressed={key === mode}
              onClick={() => choose(key)}
            >
              {key === "formatted" ? kind.format === "json" ? "JSON" : "XML" : LABELS[key]}
            </button>
          ))}
        </div>
        {isText && <CharsetSelect kind={kind} value={charset} onChange={setCharset} />}
        {beside}
        {kind.isText && <CopyButton label="Copy" title="Copy this text" text={copied} />}
        {fileName !== undefined && <SaveButton source={source} fileName={fileName} />}
        {isText && depth < MAX_DEPTH && (
          <button
            type="button"
            class="x-button"
            title="Take apart selected base64 or a selected JWT"
            onClick={() => setUnfolding(globalThis.getSelection()?.toString() ?? "")}
          >
            Unfold…
          </button>
        )}
      </div>
      {unfolding !== undefined && (
        <UnfoldPanel
          key={unfolding}
          text={unfolding}
          onClose={() => setUnfolding(undefined)}
        />
      )}
      {mode === "formatted" && <TextView source={source} encoding={encoding} format={kind.format!} />}
      {mode === "text" && <TextView source={source} encoding={encoding} format="raw" />}
      {mode === "hex" && <HexView source={source} />}
      {mode === "image" && <ImageView source={source} image={kind.image!} />}
      {mode === "parts" && <PartsView source={source} contentType={contentType} depth={depth} />}
    </div>
  );
}

/** The ways to show it. */
function modesOf({ format, image, isMultipart }: ContentKind, depth: number): readonly Mode[] {
  const modes: Mode[] = [];
  if (image !== undefined) modes.push("image");
  if (isMultipart && depth < MAX_DEPTH) modes.push("parts");
  if (format !== undefined) modes.push("formatted");
  return [...modes, "text", "hex"];
}

/** The way that says most. */
function bestMode(modes: readonly Mode[], { isText, format }: ContentKind): Mode {
  if (format !== undefined && !isFormatted()) return "text";
  return !isText && modes[0] === "text" ? "hex" : modes[0];
}

interface CharsetSelectProps {
  readonly kind: ContentKind;
  readonly value: string;
  readonly onChange: (charset: string) => void;
}

function CharsetSelect({ kind, value, onChange }: CharsetSelectProps): JSX.Element {
  return (
    <select aria-label="Charset" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{kind.encoding}</option>
      {ENCODINGS.filter((name) => name !== kind.encoding).map((name) => (
        <option key={name} value={name}>{name}</option>
      ))}
    </select>
  );
}
