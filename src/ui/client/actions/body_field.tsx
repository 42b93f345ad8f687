/// <reference lib="dom" />
/** The body in the editor: its text, how long it is in bytes, and whether it is well-formed JSON or XML. */
import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { exactSizeText, numberText } from "../exchange/units.ts";
import { type BodyCheck, checkBody, formatted, LANGUAGES } from "./body_check.ts";
import { bodyLength, type Draft, headerOf } from "./draft.ts";
import { draft, edit } from "./editing.ts";
import { HiddenNote } from "./hidden_note.tsx";

/** The field. */
export function BodyField(): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  const [last, setSaid] = useState<{ readonly text: string; readonly isBad: boolean; readonly of: string }>();
  const { body, kept, headers } = draft.value;
  // What was said holds for the text it was said of.
  const said = last?.of === body ? last : undefined;
  if (kept !== undefined && kept.text === undefined && body === "") return <BinaryBody bytes={kept.bytes} />;

  const validate = (): BodyCheck => {
    const check = checkBody(body, headerOf(headers, "content-type"));
    setSaid({ text: wordsOf(check), isBad: check.kind !== "good", of: body });
    if (check.kind === "fault") {
      area.current?.focus();
      area.current?.setSelectionRange(check.at, Math.min(body.length, check.at + 1));
    }
    return check;
  };
  const format = () => {
    const check = validate();
    if (check.kind !== "good") return;
    const text = formatted(body, check.language);
    if (text === undefined) {
      setSaid({ text: "It nests too deep, or is too long, to be formatted", isBad: true, of: body });
    } else if (text !== body) {
      edit({ body: text });
      setSaid({ text: wordsOf(check), isBad: false, of: text });
    }
  };
  return (
    <div class="a-field a-body">
      <div class="a-bodybar">
        <label for="send-body">Body</label>
        <button type="button" class="x-button" disabled={body === ""} onClick={format}>Format</button>
        <button type="button" class="x-button" disabled={body === ""} onClick={validate}>Validate</button>
        <Length of={draft.value} />
      </div>
      <textarea
        ref={area}
        id="send-body"
        rows={12}
        spellcheck={false}
        aria-describedby="send-body-said"
        aria-invalid={said?.isBad === true}
        value={body}
        onInput={(event) => edit({ body: event.currentTarget.value })}
      />
      <p id="send-body-said" role="status" class={said?.isBad === true ? "a-said bad" : "a-said"}>
        {said?.text}
      </p>
      {kept?.hasCrlf === true && (
        <p class="a-note">Its lines end with CRLF, and do so when they are edited.</p>
      )}
      <HiddenNote text={body} />
    </div>
  );
}

function BinaryBody({ bytes }: { readonly bytes: number }): JSX.Element {
  return (
    <div class="a-field">
      <p>
        {`The body is no text that can be edited here: it is sent as it was, ${exactSizeText(bytes)}. `}
        <button type="button" class="x-button" onClick={writeText}>Write a text instead</button>
      </p>
    </div>
  );
}

function writeText(): void {
  const { kept: _, ...rest } = draft.value;
  draft.value = rest;
}

function Length({ of }: { readonly of: Draft }): JSX.Element {
  const { body, kept, headers, soap } = of;
  const text = useMemo(() => {
    try {
      const bytes = bodyLength(of);
      if (bytes === undefined) return "Content-Length: known once it is coded";
      const isWrapped = soap !== "" && !/Envelope[\s>]/.test(body);
      return `Content-Length: ${numberText(bytes)} ${bytes === 1 ? "byte" : "bytes"}${
        isWrapped ? ", before it stands in an envelope" : ""
      }`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }, [body, kept, headers, soap]);
  return <span class="a-note a-length">{text}</span>;
}

function wordsOf(check: BodyCheck): string {
  switch (check.kind) {
    case "other":
      return "It is neither JSON nor XML, by its Content-Type and by how it begins";
    case "good":
      return `Well-formed ${LANGUAGES[check.language]}`;
    case "fault":
      return `No ${LANGUAGES[check.language]}: line ${check.line}, column ${check.column}: ${check.reason}`;
  }
}
