/** `tcpmon view`: saved captures in a browser. */
import type { ViewCommand } from "../cli/tool_commands.ts";
import type { Status } from "../log/status.ts";
import { openHistory } from "../store/history.ts";
import { readCapture } from "./captures.ts";
import { WORKER_URL } from "./history.ts";
import { StoredSource } from "./history_source.ts";
import { openViewer, viewerLines } from "./viewer.ts";

/** How much may wait to be stored while captures are read: reading waits for it. */
const QUEUE_BYTES = 64 * 1024 * 1024;
/** How many records are taken before it is waited for what is stored. */
const RECORDS_AT_ONCE = 10_000;
const CLOSE_MS = 3_000;

/**
 * Runs the command until it is told to stop.
 *
 * @param version Version of the program.
 * @throws {UsageError} and {Failure} where a capture cannot be read, or the address cannot be had.
 */
export async function runView(
  { files, viewer: options, maxBodyBytes, quiet }: ViewCommand,
  status: Status,
  version: string,
  signal: AbortSignal,
): Promise<number> {
  let source: StoredSource | undefined;
  const history = await openHistory(
    { keep: {}, maxBodyBytes, queueBytes: QUEUE_BYTES, workerUrl: WORKER_URL },
    {
      epochNow: Date.now,
      warn: (text) => status.line(text),
      onStored: ({ last }) => source?.stored(last),
    },
  );
  try {
    source = new StoredSource(history.reader);
    await source.start();
    const viewer = openViewer(options, source, () => ({ version, listeners: [], files }));
    try {
      for (const line of viewerLines(viewer)) status.line(line);
      let records = 0;
      for (const file of files) {
        for await (const batch of readCapture(file, { strict: false, status })) {
          for (const { record } of batch) {
            source.taken(record);
            history.write(record);
          }
          records += batch.length;
          if (records % RECORDS_AT_ONCE < batch.length) await history.flush();
          if (signal.aborted) return 0;
        }
      }
      await history.flush();
      if (!quiet) status.line(`${records} records of ${files.join(", ")}; Ctrl-C ends it`);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      return 0;
    } finally {
      await viewer.close();
    }
  } finally {
    source?.stop();
    await history.close(CLOSE_MS);
  }
}
