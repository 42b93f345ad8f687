/** `--edit`: each request passes through the user's editor, as text: its head, an empty line, its body. */
import type { Archived } from "../archive/archive.ts";
import type { ExchangeRecord, RequestMessage } from "../capture/record.ts";
import { reasonOf } from "../log/destination.ts";
import { EditError } from "../resend/edit.ts";
import { requestOfText, textOfRequest } from "../resend/request_text.ts";
import { Failure } from "./failure.ts";

/** Records, of which those that are wanted are edited first; an emptied one is left out. */
export async function* inEditor(
  source: AsyncIterable<readonly Archived[]>,
  wants: (archived: Archived) => boolean,
): AsyncGenerator<readonly Archived[]> {
  for await (const batch of source) {
    for (const archived of batch) {
      const { record, place } = archived;
      if (record.type !== "exchange" || record.request === undefined || !wants(archived)) {
        yield [archived];
        continue;
      }
      const request = await edited(record, record.request);
      if (request !== undefined) yield [{ record: { ...record, request }, place }];
    }
  }
}

/** @returns `undefined` where nothing of it was left. */
async function edited({ id }: ExchangeRecord, request: RequestMessage): Promise<RequestMessage | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-" });
  const path = `${folder}/request-${id}.http`;
  try {
    const shown = textOfRequest(request);
    await Deno.writeTextFile(path, shown.text, { mode: 0o600 });
    await openEditor(path);
    const text = await Deno.readTextFile(path);
    if (text.trim() === "") return undefined;
    return requestOfText(text, request, shown);
  } catch (error) {
    throw error instanceof EditError ? new Failure(error.message) : error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Opens $VISUAL or $EDITOR, which may have arguments, and waits for its end. */
async function openEditor(path: string): Promise<void> {
  const isWindows = Deno.build.os === "windows";
  const editor = Deno.env.get("VISUAL") || Deno.env.get("EDITOR") || (isWindows ? "notepad" : "vi");
  const command = isWindows
    ? new Deno.Command("cmd", { args: ["/c", `${editor} "${path}"`], stdin: "inherit" })
    // As git does it: the shell takes the editor's arguments apart, and the path stays one word.
    : new Deno.Command("/bin/sh", { args: ["-c", `${editor} "$@"`, editor, path], stdin: "inherit" });
  let success: boolean;
  try {
    ({ success } = await command.spawn().status);
  } catch (error) {
    throw new Failure(`cannot start the editor ${JSON.stringify(editor)}: ${reasonOf(error)}`);
  }
  if (!success) {
    throw new Failure(`the editor ${JSON.stringify(editor)} ended with a failure, nothing more is sent`);
  }
}
