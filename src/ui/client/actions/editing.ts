/// <reference lib="dom" />
/** The request in the editor: how it comes there, how it is sent, and what came back. Signals. */
import { signal } from "@preact/signals";
import type { ExchangeView, RowView, SentView } from "../../api.ts";
import { recordBytes } from "../exchange/body/source.ts";
import { fetchBody, fetchExchange } from "../exchange/fetching.ts";
import { fieldOf } from "../exchange/message/raw_text.ts";
import type { ExchangeJson } from "../exchange/record_json.ts";
import { askRows } from "../state/server.ts";
import { viewer } from "../state/store.ts";
import { complain, say } from "../state/toasting.ts";
import type { Settable } from "../state/value.ts";
import { askSend } from "./asking.ts";
import { draftOf, MAX_BODY_BYTES, speaksTls } from "./captured_draft.ts";
import { type Draft, DraftProblem, EMPTY_DRAFT, requestOf } from "./draft.ts";
import { readSent, type SentEntry, withSent } from "./sent_history.ts";
import { begin, task, TASK_ID } from "./task.ts";

/** What came of sending. */
export type Answer =
  | { readonly kind: "none" }
  | { readonly kind: "sending" }
  /** It was not sent, or nobody answered. */
  | { readonly kind: "failed"; readonly error: string }
  /** What was recorded, and its row where it has one. */
  | { readonly kind: "record"; readonly record: ExchangeJson; readonly error?: string }
  | { readonly kind: "view"; readonly view: ExchangeView; readonly error?: string };

const KEY = "tcpmon-sent";

/** The request. */
export const draft: Settable<Draft> = signal(EMPTY_DRAFT);
/** What came of sending it. */
export const answer: Settable<Answer> = signal<Answer>({ kind: "none" });
/** What was sent from this browser. */
export const sent: Settable<readonly SentEntry[]> = signal(readSent(read()));

/** The request as it came into the editor: somebody's work is what differs from it. */
let begun: Draft = EMPTY_DRAFT;

/** Opens the editor with the request that stands in it. */
export function openEditor(): void {
  begin({ kind: "editor" });
  focusSoon();
}

/** Its request and its answer stay; the rows that they were made of, or became, are those of another run. */
export function forgetOrigin(): void {
  const isUntouched = draft.value === begun;
  begun = withoutOrigin(begun);
  draft.value = isUntouched ? begun : withoutOrigin(draft.value);
  const found = answer.value;
  if (found.kind === "view") {
    const { view: { record }, error } = found;
    answer.value = { kind: "record", record: record as ExchangeJson, ...error !== undefined && { error } };
  }
}

/** Changes the request in a few of its parts. */
export function edit(parts: Partial<Draft>): void {
  draft.value = { ...draft.value, ...parts };
}

/** Puts another request into the editor. What somebody wrote there can be had back. */
export function replaceDraft(next: Draft): void {
  const before = draft.value;
  const hadBegun = begun;
  const run = viewer.value?.run;
  if (before !== begun && before !== next) {
    const bringBack = () => {
      const isOfRun = run === viewer.value?.run;
      draft.value = isOfRun ? before : withoutOrigin(before);
      begun = isOfRun ? hadBegun : withoutOrigin(hadBegun);
      openEditor();
    };
    say("Another request is in the editor now", {
      label: "Bring back mine",
      run: bringBack,
      isLasting: true,
    });
  }
  draft.value = begun = next;
  answer.value = { kind: "none" };
}

/** Puts a captured request into the editor and opens it. */
export async function editCaptured(row: RowView): Promise<void> {
  const run = viewer.value?.run;
  try {
    const record = await recordOf(row.row);
    const { type, request } = record;
    if (type !== "exchange" || request === undefined) return say("There is no request to be edited");
    if (request.body.bytes > MAX_BODY_BYTES) {
      return say("Its body is too long to be edited: Resend sends it as it was");
    }
    const isTls = speaksTls(record) ?? await didConnectWithTls(record, row.row);
    const found = draftOf(record, row.row, await wholeBody(row.row, record), isTls);
    if (run !== viewer.value?.run) return;
    replaceDraft(found);
    openEditor();
  } catch (error) {
    complain(error);
  }
}

/** Sends the request in the editor. */
export async function send(): Promise<void> {
  if (answer.value.kind === "sending") return;
  const mine = draft.value;
  const began = begun;
  let found: Answer;
  try {
    const request = requestOf(mine);
    answer.value = { kind: "sending" };
    found = await answerOf(await askSend(request));
    remember(mine, found);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    found = { kind: "failed", error: error instanceof DraftProblem ? `Not sent: ${words}` : words };
  }
  // Meanwhile another request may have come into the editor, beside which this answer would mislead.
  if (began !== begun) {
    return say(`${mine.method} ${mine.url.slice(0, 100)} has its answer: it is in the table`);
  }
  answer.value = found;
  if (found.kind !== "failed") begun = mine;
}

/** Forgets what was sent from this browser. */
export function clearSent(): void {
  const before = sent.value;
  store([]);
  say("Cleared what was sent from this browser", {
    label: "Undo",
    run: () => store(before),
    isLasting: true,
  });
}

/** What was recorded of a request that was sent, as the history has it where it is there already. */
export async function answerOf({ row, record, error }: SentView): Promise<Answer> {
  const problem = { ...error !== undefined && { error } };
  if (row !== undefined) {
    try {
      return { kind: "view", view: await fetchExchange(row, new AbortController().signal), ...problem };
    } catch {
      // It may have been evicted already: then what came with the answer has to do.
    }
  }
  if (record !== undefined) return { kind: "record", record: record as ExchangeJson, ...problem };
  return { kind: "failed", error: error ?? "It was sent, and nothing was recorded of it" };
}

async function recordOf(row: number): Promise<ExchangeJson> {
  const { record } = await fetchExchange(row, new AbortController().signal);
  return record as ExchangeJson;
}

/** What the first exchange of the connection tells of TLS. */
async function didConnectWithTls({ connection }: ExchangeJson, row: number): Promise<boolean> {
  const filter = `type:exchange connection:${connection} connect:>=0ms`;
  const { rows: [first] } = await askRows({ before: row, limit: 1, filter });
  return first !== undefined && speaksTls(await recordOf(first.row)) === true;
}

/** The body of a request as it was sent: the page may have only its beginning. */
async function wholeBody(row: number, { request }: ExchangeJson): Promise<Uint8Array> {
  const { body, headers } = request!;
  const held = recordBytes(body, fieldOf(headers, "content-type"));
  return held.length >= body.bytes ? held : await fetchBody(row, "request", 0, body.bytes);
}

function withoutOrigin({ from: _, ...draft }: Draft): Draft {
  return draft;
}

function remember(mine: Draft, found: Answer): void {
  const status = statusOf(found);
  store(withSent(sent.value, { at: Date.now(), draft: mine, ...status !== undefined && { status } }));
}

function statusOf(found: Answer): number | undefined {
  if (found.kind === "record") return found.record.response?.status;
  return found.kind === "view" ? found.view.row.status : undefined;
}

function store(entries: readonly SentEntry[]): void {
  sent.value = entries;
  try {
    if (entries.length === 0) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(entries));
  } catch {
    // A browser may forbid it, or be full: then it is there until the page is left.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The URL is what is wanted first; where there is one, the whole editor. */
function focusSoon(): void {
  requestAnimationFrame(() => {
    if (task.value?.kind !== "editor") return;
    const url = document.getElementById("send-url");
    if (draft.value.url === "") url?.focus();
    else document.getElementById(TASK_ID)?.focus();
  });
}
