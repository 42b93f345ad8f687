/// <reference lib="dom" />
/** Tokens and base64, taken apart on demand: what was selected, or what is put in by hand. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { JsonLines } from "../lines/json_lines.ts";
import { type Marker, NO_MARKS } from "../marks.ts";
import { exactSizeText, spanText } from "../units.ts";
import { WireText } from "../wire_text.tsx";
import { ContentView } from "./content_view.tsx";
import { LineView } from "./line_view.tsx";
import { heldSource } from "./source.ts";
import { unfold, type UnfoldedToken } from "./unfold.ts";

/** What an {@link UnfoldPanel} begins with. */
export interface UnfoldPanelProps {
  /** The text to take apart. */
  readonly text: string;
  /** Closes the panel. */
  readonly onClose: () => void;
}

const TIME_WORDS = { iat: "Issued", nbf: "Not valid before", exp: "Expires" } as const;

/** The panel. */
export function UnfoldPanel({ text, onClose }: UnfoldPanelProps): JSX.Element {
  const [input, setInput] = useState(text);
  return (
    <section class="x-unfold" aria-label="Unfolded">
      <div class="x-row">
        <label class="x-grow">
          {"Base64 or JWT "}
          <textarea
            rows={2}
            value={input}
            spellcheck={false}
            placeholder="Select it in the body, or paste it here"
            onInput={(event) => setInput(event.currentTarget.value)}
          />
        </label>
        <button type="button" class="x-button" onClick={onClose}>Close</button>
      </div>
      {input.trim() !== "" && <UnfoldedView text={input} />}
    </section>
  );
}

/** What a text holds. */
export function UnfoldedView({ text }: { readonly text: string }): JSX.Element {
  const found = useMemo(() => unfold(text), [text]);
  const source = useMemo(() => found?.kind === "base64" ? heldSource(found.bytes) : undefined, [found]);
  if (found === undefined) {
    return <p class="x-notice">This is neither a JSON Web Token nor base64.</p>;
  }
  if (found.kind === "jwt") return <TokenView token={found} />;
  return (
    <div>
      <p class="x-quiet">{`Base64 of ${exactSizeText(found.bytes.length)}:`}</p>
      <ContentView source={source!} contentType={undefined} depth={1} />
    </div>
  );
}

function TokenView({ token }: { readonly token: UnfoldedToken }): JSX.Element {
  const { header, payload, signatureBytes, times } = token;
  return (
    <div>
      <h4>Header</h4>
      <JsonText text={header} marker={NO_MARKS} />
      <h4>Claims</h4>
      <JsonText text={payload} marker={NO_MARKS} />
      {times.length > 0 && (
        <ul>
          {times.map(({ claim, at }) => (
            <li key={claim}>{`${TIME_WORDS[claim]} ${dateText(at)}, ${agoText(at, Date.now() / 1000)}.`}</li>
          ))}
        </ul>
      )}
      <p class="x-quiet">
        {signatureBytes === 0
          ? "There is no signature."
          : `The signature (${signatureBytes} bytes) was not verified: that takes the issuer’s key.`}
      </p>
    </div>
  );
}

function JsonText({ text, marker }: { readonly text: string; readonly marker: Marker }): JSX.Element {
  const reader = useMemo(() => {
    const made = new JsonLines();
    made.push(text);
    made.end();
    return made;
  }, [text]);
  if (reader.problem !== undefined) {
    return (
      <p class="x-lines">
        <WireText text={text} marker={marker} />
      </p>
    );
  }
  return (
    <LineView lines={reader.lines} indent={2} hasMore={false} onMore={() => {}} progress="" marker={marker} />
  );
}

function dateText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().replace("T", " ").replace(/\.000Z$|Z$/, "")} UTC`;
}

function agoText(seconds: number, now: number): string {
  return seconds <= now ? `${spanText(now - seconds)} ago` : `in ${spanText(seconds - now)}`;
}
