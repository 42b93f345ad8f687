/// <reference lib="dom" />
/** Changes listeners: asks the program, and shows what it says without waiting for its event. Signals. */
import { batch, computed, signal } from "@preact/signals";
import type { LinkSettings, ListenerSettings, ListenerView } from "../../api.ts";
import { refreshState } from "../state/refreshing.ts";
import { ask, change, ServerError } from "../state/server.ts";
import { isReadonly, listeners, tab, viewer } from "../state/store.ts";
import { complain, say } from "../state/toasting.ts";
import type { Settable, Value } from "../state/value.ts";
import { draftOf, EMPTY_DRAFT, type ListenerDraft, missingIn, settingsOf } from "./draft.ts";
import type { Tab } from "./tab.ts";
import { openTab } from "./tabs.ts";
import { listenerTitle } from "./words.ts";

/** What stands in a form, and what became of it. */
export interface FormState {
  /** What stands in it. */
  readonly draft: ListenerDraft;
  /** Why the program refused; `field` as {@link ListenerSettings} names it, where it is about one. */
  readonly problem?: { readonly message: string; readonly field?: string };
  /** Whether the program was asked and has not answered. */
  readonly isBusy: boolean;
}

/** A listener whose form is open. */
export interface Edited {
  /** Which one. */
  readonly id: number;
  /** What it is called, also once it is gone. */
  readonly title: string;
  /** What the form was filled from: {@link ListenerView.revision}. */
  readonly revision: number;
  /** The tab to go back to. */
  readonly back: Tab;
}

/** Whether listeners can be changed from here. */
export const canAdmin: Value<boolean> = computed(() => viewer.value?.can.admin === true && !isReadonly.value);

/** The form of a new listener. */
export const adding: Settable<FormState> = signal({ draft: EMPTY_DRAFT, isBusy: false });
/** The form of the one that is edited. */
export const editing: Settable<FormState> = signal({ draft: EMPTY_DRAFT, isBusy: false });
/** Which one is edited; undefined: none. */
export const edited: Settable<Edited | undefined> = signal(undefined);
/** Whether the one that is edited was changed since its form was filled. */
export const isOutdated: Value<boolean> = computed(() => {
  const open = edited.value;
  const found = listeners.value.find(({ id }) => id === open?.id);
  return open !== undefined && found !== undefined && revisionOf(found) !== open.revision;
});

/** Adds the listener of the form, and opens its tab. */
export function addListener(): Promise<void> {
  return submit(adding, async (settings) => {
    const added = await askAdding(settings);
    adding.value = { draft: EMPTY_DRAFT, isBusy: false };
    openTab({ kind: "listener", id: added.id }, true);
  });
}

/** Opens the form of a listener, in its place on the Admin page. */
export function editListener(listener: ListenerView): void {
  const back = tab.value;
  batch(() => {
    fillForm(listener, back);
    openTab({ kind: "admin" });
  });
}

/** Fills the form with the listener as it is now; what was changed in it is gone. */
export function loadAnew(): void {
  const { id, back } = edited.value!;
  const found = listeners.value.find((each) => each.id === id);
  if (found !== undefined) batch(() => fillForm(found, back));
}

/** Keeps what stands in the form, to be saved over what was changed meanwhile. */
export function keepForm(): void {
  const open = edited.value!;
  const found = listeners.value.find(({ id }) => id === open.id);
  if (found === undefined) return;
  batch(() => {
    edited.value = { ...open, revision: revisionOf(found) };
    editing.value = { ...editing.value, problem: undefined };
  });
}

function fillForm(listener: ListenerView, back: Tab): void {
  const { id, settings } = listener;
  edited.value = { id, title: listenerTitle(listener), revision: revisionOf(listener), back };
  editing.value = { draft: draftOf(settings), isBusy: false };
}

/** Sets the listener as its form has it. */
export function saveEdited(): Promise<void> {
  const open = edited.value!;
  // Meanwhile it may have been closed, and that of another listener opened.
  const isStillOpen = () => edited.value === open;
  return submit(editing, async (settings) => {
    try {
      show(await askChange(open, settings));
      if (isStillOpen()) leaveEditing();
    } catch (error) {
      // Its event may be late: what it was changed to is to be shown with the refusal.
      if (error instanceof ServerError && error.status === 409) await refreshState();
      throw error;
    }
  }, isStillOpen);
}

/** Closes the form of a listener; what was changed in it is gone. */
export function leaveEditing(): void {
  const left = edited.value;
  if (left === undefined) return;
  edited.value = undefined;
  if (left.back.kind === "admin") {
    requestAnimationFrame(() => document.getElementById(`edit-${left.id}`)?.focus());
  } else openTab(left.back, true);
}

/** Stops one that listens, or lets one that does not listen again. */
export async function switchListener({ id, isListening }: ListenerView): Promise<void> {
  await attempt(async () => {
    show(await ask(`/api/listeners/${id}/${isListening ? "stop" : "start"}`, change("POST", {})));
  });
}

/** Gives a listener another link; it holds at once, also for the connections that there are. */
export async function setLink(listener: ListenerView, link: LinkSettings | undefined): Promise<void> {
  const { id, settings: { link: before } } = listener;
  const put = async (next: LinkSettings | undefined) => {
    // Whatever else was changed meanwhile stays.
    const now = listeners.value.find((each) => each.id === id) ?? listener;
    const { link: _, ...others } = now.settings;
    show(await askChange({ id, revision: revisionOf(now) }, { ...others, ...next && { link: next } }));
  };
  await attempt(async () => {
    await put(link);
    const now = listeners.value.find((each) => each.id === id)?.link;
    say(`${listener.address}: ${now === undefined ? "no slow link" : `link ${now}`}`, {
      label: "Undo",
      run: () => void attempt(() => put(before)),
    });
  });
}

/** Removes a listener. That can be undone: then it is another one with the same settings. */
export async function removeListener(listener: ListenerView): Promise<void> {
  const wasShown = tab.value.kind === "listener" && tab.value.id === listener.id;
  await attempt(async () => {
    await ask(`/api/listeners/${listener.id}`, change("DELETE", {}));
    batch(() => {
      if (edited.value?.id === listener.id) edited.value = undefined;
      showAll(listeners.value.filter(({ id }) => id !== listener.id));
    });
    say(`Removed ${listenerTitle(listener)}`, {
      label: "Undo",
      run: () => void bringBack(listener, wasShown),
    });
  });
}

/** A password is not known here: where there was one, or the address was taken meanwhile, the form has the rest. */
async function bringBack({ settings, address }: ListenerView, isToBeShown: boolean): Promise<void> {
  // Its clients know the port that it had.
  const again = { ...settings, listen: /(?:^|:)0$/.test(settings.listen) ? address : settings.listen };
  try {
    const { id } = await askAdding(again);
    if (isToBeShown) openTab({ kind: "listener", id });
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    adding.value = { draft: draftOf(again), problem: problemOf(error), isBusy: false };
    openTab({ kind: "admin" });
  }
}

async function askAdding(settings: ListenerSettings): Promise<ListenerView> {
  const added = await ask<ListenerView>("/api/listeners", change("POST", settings));
  show(added);
  return added;
}

/** Where it is another one by now than it is taken for, the program refuses. */
function askChange(
  { id, revision }: Pick<Edited, "id" | "revision">,
  settings: ListenerSettings,
): Promise<ListenerView> {
  return ask(`/api/listeners/${id}?revision=${revision}`, change("PUT", settings));
}

function revisionOf({ revision = 0 }: ListenerView): number {
  return revision;
}

async function submit(
  form: Settable<FormState>,
  act: (settings: ListenerSettings) => Promise<void>,
  isStillOpen = () => true,
): Promise<void> {
  const { draft, isBusy } = form.value;
  if (isBusy) return;
  const missing = missingIn(draft);
  if (missing !== undefined) {
    form.value = { draft, problem: missing, isBusy: false };
    return;
  }
  form.value = { draft, isBusy: true };
  try {
    await act(settingsOf(draft));
  } catch (error) {
    if (isStillOpen()) form.value = { draft: form.value.draft, problem: problemOf(error), isBusy: false };
    else complain(error);
  }
}

function problemOf(error: unknown): { readonly message: string; readonly field?: string } {
  if (!(error instanceof ServerError)) throw error;
  return { message: error.message, ...error.field !== undefined && { field: error.field } };
}

async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    complain(error);
  }
}

function show(view: ListenerView): void {
  const isKnown = listeners.value.some(({ id }) => id === view.id);
  showAll(
    isKnown ? listeners.value.map((each) => each.id === view.id ? view : each) : [...listeners.value, view],
  );
}

function showAll(all: readonly ListenerView[]): void {
  if (viewer.value !== undefined) viewer.value = { ...viewer.value, listeners: all };
}
