/// <reference lib="dom" />
/** Opens files, one after the other, as the program takes one at a time. */
import { computed } from "@preact/signals";
import { beginWork, report } from "../actions/work.ts";
import { follow } from "../state/loading.ts";
import { isReadonly, viewer } from "../state/store.ts";
import { complain, say } from "../state/toasting.ts";
import type { Value } from "../state/value.ts";
import { plainWireText } from "../table/wire_text.tsx";
import { type FileOutcome, problemsOf, progressOf, summaryOf } from "./outcome.ts";
import { uploadFile } from "./uploading.ts";

/** Whether files can be opened here. */
export const canOpen: Value<boolean> = computed(() => viewer.value?.can.open === true && !isReadonly.value);

/** What can be opened, in words. */
export const FORMATS =
  "JSON lines of tcpmon, HAR, pcap and pcapng, TCPMon’s saved text; any of them also as gzip or zstd";

/** Id of the field that files are chosen with. */
export const FILES_ID = "open-files";

/** Files that wait for the one that is being opened. */
const waiting: File[] = [];
let leave: AbortController | undefined;

/** Lets somebody choose files. */
export function chooseFiles(): void {
  document.getElementById(FILES_ID)?.click();
}

/** Opens files, after those that are being opened. */
export async function openFiles(files: readonly File[]): Promise<void> {
  if (!canOpen.value || files.length === 0) return;
  waiting.push(...files);
  if (leave !== undefined) return;
  leave = new AbortController();
  const { signal } = leave;
  const work = beginWork(() => cancel());
  const outcomes: FileOutcome[] = [];
  try {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const of = outcomes.length + waiting.length === 0
        ? ""
        : ` (${outcomes.length + 1} of ${outcomes.length + 1 + waiting.length})`;
      const title = `Opening ${file.name}${of}`;
      const { size } = file;
      const onProgress = (bytes: number) => work.tell(title, progressOf(bytes, size));
      onProgress(0);
      outcomes.push(await outcomeOf(file, signal, onProgress));
    }
  } finally {
    work.end();
    leave = undefined;
  }
  tell(outcomes);
}

function cancel(): void {
  waiting.length = 0;
  leave?.abort();
}

async function outcomeOf(
  file: File,
  signal: AbortSignal,
  onProgress: (sentBytes: number) => void,
): Promise<FileOutcome> {
  const name = plainWireText(file.name);
  try {
    return { kind: "opened", name, view: await uploadFile(file, { signal, onProgress }) };
  } catch (error) {
    if (signal.aborted) return { kind: "cancelled", name };
    return { kind: "failed", name, problem: error instanceof Error ? error.message : String(error) };
  }
}

function tell(outcomes: readonly FileOutcome[]): void {
  const problems = problemsOf(outcomes);
  if (outcomes.length === 1 && outcomes[0].kind === "failed") complain(new Error(problems[0]));
  else if (problems.length > 0) report(summaryOf(outcomes), problems);
  else say(summaryOf(outcomes), { label: "Show", run: follow });
}
