/// <reference lib="dom" />
/** One message: its start line, and its fields, pairs and body behind tabs. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { BodyView } from "../body/body_view.tsx";
import { recordBytes } from "../body/source.ts";
import { CopyButton } from "../copy_button.tsx";
import type { RequestJson, ResponseJson } from "../record_json.ts";
import { chooseTab, chosenTab, marker, type MessageTab, type Part } from "../settings.ts";
import { type Tab, Tabs } from "../tabs.tsx";
import { WireText } from "../wire_text.tsx";
import { FieldTable } from "./field_table.tsx";
import { fieldRows } from "./field_rows.ts";
import { cookiePairs, formPairs, type Pair, queryPairs, setCookiePairs } from "./pairs.ts";
import { fieldOf, rawText } from "./raw_text.ts";

/** What a {@link MessagePane} shows. */
export interface MessagePaneProps {
  /** Which message it is. */
  readonly part: Part;
  /** The message. */
  readonly message: RequestJson | ResponseJson;
  /** Interim responses that came before it. */
  readonly interim?: readonly Omit<ResponseJson, "body">[];
  /** Whether the page has only the beginning of its body. */
  readonly isCut: boolean;
  /** Fetches bytes of its body as it was sent. */
  readonly fetchBytes: (from: number, to: number) => Promise<Uint8Array>;
  /** A name for a file of its body, without an extension. */
  readonly fileName: string;
}

/** A start line that may not fit into its place. */
const LONG_CHARACTERS = 100;
/** Longer forms are read in the body's tab. */
const MAX_FORM_BYTES = 256 * 1024;

/** The message. */
export function MessagePane({ part, message, interim = [], ...body }: MessagePaneProps): JSX.Element {
  const { headers, trailers = [] } = message;
  const pairs = useMemo(() => pairsOf(message), [message]);
  const tabs = tabsOf(message, pairs);
  const chosen = chosenTab(part);
  const selected = tabs.some(({ key }) => key === chosen)
    ? chosen!
    : pairs.form.length > 0
    ? "form"
    : message.body.bytes > 0
    ? "body"
    : "headers";
  const rewritten = "rewritten" in message ? message.rewritten : undefined;
  return (
    <section class="x-message" aria-label={part === "request" ? "Request" : "Response"}>
      <div class="x-startline">
        <h3>{part === "request" ? "Request" : "Response"}</h3>
        <StartLine message={message} />
        {interim.length > 0 && (
          <button
            type="button"
            class="x-button"
            title="Interim responses came before it: show them"
            onClick={() => chooseTab(part, "headers")}
          >
            <WireText text={`after ${interimText(interim)}`} marker={marker()} />
          </button>
        )}
        <CopyButton label="Copy raw" title={`Copy raw: the ${part} as text`} text={() => rawText(message)} />
      </div>
      {message.redacted === true && <p class="x-notice">Secrets in it were replaced (--redact).</p>}
      <Tabs
        label={part === "request" ? "Request" : "Response"}
        tabs={tabs}
        selected={selected}
        onSelect={(key) => chooseTab(part, key)}
      >
        {selected === "headers" && (
          <>
            {interim.map((head, i) => (
              <div key={i} class="x-interim">
                <h4>
                  Before it: <StartLine message={head} />
                </h4>
                <FieldTable label="Headers of an interim response" rows={fieldRows(head.headers)} />
              </div>
            ))}
            {headers.length === 0 && !rewritten?.length
              ? <p class="x-quiet">No headers.</p>
              : <FieldTable label="Headers" rows={fieldRows(headers, rewritten)} />}
            {trailers.length > 0 && (
              <>
                <h4>Trailers</h4>
                <FieldTable label="Trailers" rows={fieldRows(trailers)} />
              </>
            )}
          </>
        )}
        {selected === "query" && <FieldTable label="Query" rows={pairs.query} />}
        {selected === "cookies" && <FieldTable label="Cookies" rows={pairs.cookies} />}
        {selected === "form" && <FieldTable label="Form" rows={pairs.form} />}
        {selected === "body" && <BodyView message={message} {...body} />}
      </Tabs>
    </section>
  );
}

function StartLine({ message }: { readonly message: RequestJson | Omit<ResponseJson, "body"> }): JSX.Element {
  const text = "method" in message
    ? `${message.method} ${message.target} ${message.version}`
    : `${message.version} ${message.status} ${message.reason}`;
  // A long one scrolls, which the keyboard must be able to do as well.
  const isLong = text.length > LONG_CHARACTERS;
  return (
    <code class="x-start" {...isLong && { tabIndex: 0 }}>
      <WireText text={text.trimEnd()} marker={marker()} />
    </code>
  );
}

/** `103 Early Hints`, or how many there were. */
function interimText(interim: readonly Omit<ResponseJson, "body">[]): string {
  const [{ status, reason }] = interim;
  return interim.length === 1
    ? `${status} ${reason}`.trimEnd().slice(0, 60)
    : `${interim.length} interim responses`;
}

interface Pairs {
  readonly query: readonly Pair[];
  readonly cookies: readonly Pair[];
  readonly form: readonly Pair[];
}

function pairsOf(message: RequestJson | ResponseJson): Pairs {
  const { headers, body } = message;
  if (!("method" in message)) return { query: [], cookies: setCookiePairs(headers), form: [] };
  const type = fieldOf(headers, "content-type");
  const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type ?? "") &&
    body.bytes <= MAX_FORM_BYTES;
  const content = body.decoded ?? body;
  return {
    query: queryPairs(message.target),
    cookies: cookiePairs(headers),
    form: isForm ? formPairs(new TextDecoder().decode(recordBytes(content, type))) : [],
  };
}

function tabsOf(message: RequestJson | ResponseJson, pairs: Pairs): readonly Tab<MessageTab>[] {
  const { headers, trailers = [] } = message;
  const tabs: Tab<MessageTab>[] = [{
    key: "headers",
    label: trailers.length > 0 ? "Headers, trailers" : "Headers",
    count: headers.length + trailers.length,
  }];
  if (pairs.query.length > 0) tabs.push({ key: "query", label: "Query", count: pairs.query.length });
  if (pairs.cookies.length > 0) tabs.push({ key: "cookies", label: "Cookies", count: pairs.cookies.length });
  if (pairs.form.length > 0) tabs.push({ key: "form", label: "Form", count: pairs.form.length });
  return [...tabs, { key: "body", label: "Body" }];
}
