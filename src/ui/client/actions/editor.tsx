/// <reference lib="dom" />
/**
 * The editor of a request: a captured one that is sent again, or a new one, as TCPMon's Sender had it. What came back
 * stands beside it.
 */
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useState } from "preact/hooks";
import { timeText } from "../exchange/units.ts";
import { layout, list, listeners } from "../state/store.ts";
import { AnswerPane } from "./answer_pane.tsx";
import { BodyField } from "./body_field.tsx";
import { type Draft, EMPTY_DRAFT, type SoapChoice } from "./draft.ts";
import { Dropdown } from "./dropdown.tsx";
import { answer, clearSent, draft, edit, replaceDraft, send, sent } from "./editing.ts";
import { HiddenNote } from "./hidden_note.tsx";
import { recentTargets } from "./resending_to.ts";
import type { SentEntry } from "./sent_history.ts";
import { seenTargets } from "./targets.ts";
import { TASK_ID } from "./task.ts";
import { TEMPLATES } from "./templates.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** Fields that the program adds where they are not given, by the version of SOAP. */
const ADDED: { readonly [soap in SoapChoice]: string } = {
  "": "Host, User-Agent and Accept",
  "1.1": "Host, User-Agent, Accept, Content-Type and SOAPAction",
  "1.2": "Host, User-Agent, Accept and Content-Type",
};

/** The editor. */
export function Editor(): JSX.Element {
  const { from, notes } = draft.value;
  return (
    <form
      class="a-editor"
      aria-label="Request to be sent"
      // What is wrong is said in words by the page itself.
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={onKeyDown}
    >
      <header class="a-title">
        <h2>{from === undefined ? "Send a request" : `Edit and resend #${from.id ?? from.row}`}</h2>
        <Beginnings />
      </header>
      <Address />
      {notes.map((note) => <p key={note} class="x-notice">{note}</p>)}
      <div class={`a-columns x-${layout.value}`}>
        <section aria-label="Request">
          <Headers />
          <BodyField />
        </section>
        <section aria-label="Answer">
          <AnswerPane />
        </section>
      </div>
    </form>
  );
}

/** Ctrl+Enter sends. Esc leaves a field; only the next one closes the editor, so that nobody does so by accident. */
function onKeyDown(event: TargetedKeyboardEvent<HTMLFormElement>): void {
  const { key, ctrlKey, metaKey, target } = event;
  if (key === "Enter" && (ctrlKey || metaKey)) {
    event.preventDefault();
    send();
  } else if (key === "Escape" && target instanceof HTMLElement && target.matches("input, textarea, select")) {
    event.preventDefault();
    document.getElementById(TASK_ID)?.focus();
  }
}

function Address(): JSX.Element {
  const { method, url, to, soap, soapAction } = draft.value;
  const recent = recentTargets.value;
  const isSending = answer.value.kind === "sending";
  return (
    <>
      <div class="a-line">
        <label class="a-method">
          <span>Method</span>
          <input
            list="send-methods"
            value={method}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => edit({ method: event.currentTarget.value })}
          />
          <datalist id="send-methods">{METHODS.map((each) => <option key={each} value={each} />)}</datalist>
        </label>
        <label class="a-grow">
          <span>URL</span>
          <input
            id="send-url"
            type="url"
            value={url}
            placeholder="http://localhost:8080/"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => edit({ url: event.currentTarget.value })}
          />
        </label>
        <button type="submit" class="a-send" aria-disabled={isSending} title="Send (Ctrl+Enter)">
          {isSending ? "Sending…" : "Send"}
        </button>
      </div>
      <div class="a-line">
        <label>
          <span>SOAP</span>
          <select
            value={soap}
            onChange={(event) => edit({ soap: event.currentTarget.value as SoapChoice })}
          >
            <option value="">as it stands</option>
            <option value="1.1">1.1</option>
            <option value="1.2">1.2</option>
          </select>
        </label>
        {soap !== "" && (
          <label class="a-grow">
            <span>SOAP action</span>
            <input
              value={soapAction}
              placeholder="urn:GetQuote"
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => edit({ soapAction: event.currentTarget.value })}
            />
          </label>
        )}
        <label class="a-grow">
          <span>Connect to</span>
          <input
            list="send-targets"
            value={to}
            placeholder="the host of the URL, or another: HOST:PORT, https://HOST"
            autocomplete="off"
            spellcheck={false}
            aria-describedby="send-to-note"
            onInput={(event) => edit({ to: event.currentTarget.value })}
          />
          <datalist id="send-targets">
            {[...recent, ...seenTargets(list.value.rows, listeners.value, recent)].map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
        </label>
      </div>
      <p id="send-to-note" class="a-note">
        {to.trim() !== "" &&
          "The request stays the same, with the URL’s host in Host: it only goes to this target, for example " +
            "another instance behind the same name."}
      </p>
    </>
  );
}

function Headers(): JSX.Element {
  const { headers, soap } = draft.value;
  const lines = headers.split("\n").length;
  return (
    <div class="a-field">
      <label for="send-headers">Headers</label>
      <textarea
        id="send-headers"
        rows={Math.min(10, Math.max(3, lines))}
        spellcheck={false}
        aria-describedby="send-headers-note"
        placeholder="Name: value"
        value={headers}
        onInput={(event) => edit({ headers: event.currentTarget.value })}
      />
      <p id="send-headers-note" class="a-note">
        {`One Name: value a line. tcpmon adds ${ADDED[soap]} unless they stand here, and Content-Length.`}
      </p>
      <HiddenNote text={headers} />
    </div>
  );
}

/** What a request can begin with: a template, or one that was sent before. */
function Beginnings(): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const entries = sent.value;
  return (
    <span class="a-beginnings">
      <span class="a-group" role="group" aria-label="Begin with">
        {TEMPLATES.map(({ label, draft }) => (
          <button
            key={label}
            type="button"
            class="chip"
            onClick={() => beginWith(draft)}
          >
            {label}
          </button>
        ))}
      </span>
      {entries.length > 0 && (
        <Dropdown
          label={`Sent before (${entries.length})`}
          content="Requests that were sent from this browser"
          isOpen={isOpen}
          onToggle={setOpen}
        >
          {() => <SentBefore entries={entries} onDone={() => setOpen(false)} />}
        </Dropdown>
      )}
    </span>
  );
}

function SentBefore(
  { entries, onDone }: { readonly entries: readonly SentEntry[]; readonly onDone: () => void },
): JSX.Element {
  return (
    <>
      <ul>
        {entries.map(({ at, status, draft }) => (
          <li key={at}>
            <button
              type="button"
              onClick={() => {
                replaceDraft(draft);
                onDone();
                document.getElementById(TASK_ID)?.focus();
              }}
            >
              <time>{timeText(at).slice(0, 8)}</time>
              <code>{`${draft.method} ${draft.url}`.slice(0, 200)}</code>
              <span>{status ?? "–"}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="a-note">
        Kept in this browser only.{" "}
        <button
          type="button"
          onClick={() => {
            onDone();
            clearSent();
          }}
        >
          Clear
        </button>
      </p>
    </>
  );
}

/** A template changes what the request is, not where it goes. */
function beginWith(template: Draft): void {
  const { url, to } = draft.value;
  replaceDraft({ ...EMPTY_DRAFT, ...template, url, to });
}
