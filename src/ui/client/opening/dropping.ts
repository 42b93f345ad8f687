/// <reference lib="dom" />
/** Files that are dragged onto the page, anywhere; what else is dropped here gets told what is wanted. Signals. */
import { signal } from "@preact/signals";
import { isReadonly, viewer } from "../state/store.ts";
import { say } from "../state/toasting.ts";
import type { Settable } from "../state/value.ts";
import { canOpen, FORMATS, openFiles } from "./opening.ts";

/** Whether files are being dragged over the page. */
export const isDropNear: Settable<boolean> = signal(false);

/** Begins to listen. @returns Ends it. */
export function listenToDrops(): () => void {
  const leave = new AbortController();
  const { signal } = leave;
  // What is dragged out of the page itself, such as a picture, looks like a file from elsewhere.
  let isOwn = false;
  addEventListener("dragstart", () => isOwn = true, { signal });
  addEventListener("dragend", () => isOwn = false, { signal });
  const isOurs = (event: DragEvent) => !isOwn && (hasFiles(event) || !isWritable(event.target));
  const over = (event: DragEvent) => {
    if (!isOurs(event)) return;
    // Else the browser would leave the page for what is dropped.
    event.preventDefault();
    if (event.dataTransfer === null || !hasFiles(event)) return;
    event.dataTransfer.dropEffect = canOpen.value ? "copy" : "none";
    isDropNear.value = canOpen.value;
  };
  // Whoever goes from one element to the next enters that before leaving this.
  let entered: EventTarget | null = null;
  addEventListener("dragenter", (event) => {
    entered = event.target;
    over(event);
  }, { signal });
  addEventListener("dragover", over, { signal });
  addEventListener("dragleave", ({ target }) => {
    if (target === entered) isDropNear.value = false;
  }, { signal });
  addEventListener("drop", (event) => {
    isDropNear.value = false;
    if (!isOurs(event)) return;
    event.preventDefault();
    take(event.dataTransfer);
  }, { signal });
  return () => leave.abort();
}

function take(dropped: DataTransfer | null): void {
  if (!canOpen.value) {
    return say(
      viewer.value !== undefined && isReadonly.value
        ? "This viewer is for reading only: it opens no files"
        : "This viewer opens no files",
    );
  }
  const items = [...dropped?.items ?? []].filter(({ kind }) => kind === "file");
  if (items.some((item) => item.webkitGetAsEntry()?.isDirectory === true)) {
    return say("A folder cannot be opened: drop the files that are in it");
  }
  const files = [...dropped?.files ?? []];
  if (files.length === 0) return say(`Only files can be opened by dropping them here: ${FORMATS}`);
  openFiles(files);
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") === true;
}

function isWritable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, [contenteditable]");
}
