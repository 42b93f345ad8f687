/** `tcpmon view`: saved captures in a browser. */
import type { Record } from "../capture/record.ts";
import { captureOptions, settle } from "../cli/settings.ts";
import type { ViewCommand } from "../cli/tool_commands.ts";
import type { Status } from "../log/status.ts";
import { openHistory } from "../store/history.ts";
import { readCapture } from "./captures.ts";
import { openClient } from "./client.ts";
import { WORKER_URL } from "./history.ts";
import { StoredSource } from "./history_source.ts";
import { openViewer, type Viewer, viewerLines } from "./viewer.ts";
import { EXCHANGE_MS, type OpenActions, openActions } from "./viewer_actions.ts";

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
    const shown = source;
    const ids = { exchange: 0, connection: 0 };
    const take = (record: Record) => {
      shown.taken(record);
      history.write(record);
    };
    const listening = () => [viewer.address];
    const actions = await openViewActions(
      { source, take, ids, listening, maxBodyBytes, quiet, version },
      status,
    );
    const viewer: Viewer = openViewer(options, source, () => ({ version, listeners: [], files }), actions);
    try {
      for (const line of viewerLines(viewer)) status.line(line);
      let records = 0;
      for (const file of files) {
        for await (const batch of readCapture(file, { strict: false, status })) {
          for (const { record } of batch) {
            ids.exchange = Math.max(ids.exchange, record.type === "exchange" ? record.id : 0);
            ids.connection = Math.max(ids.connection, record.type === "lost" ? 0 : record.connection.id);
            take(record);
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
      await actions.stop();
    }
  } finally {
    source?.stop();
    await history.close(CLOSE_MS);
  }
}

/** What the page can have done: requests go the way of the default options, and are numbered behind those of the files. */
async function openViewActions(
  { source, take, ids, listening, maxBodyBytes, quiet, version }: {
    readonly source: StoredSource;
    readonly take: (record: Record) => void;
    readonly ids: { exchange: number; connection: number };
    readonly listening: () => Iterable<Deno.Addr>;
    readonly maxBodyBytes: number;
    readonly quiet: boolean;
    readonly version: string;
  },
  status: Status,
): Promise<OpenActions> {
  const options = { ...captureOptions(settle([])), maxBodyBytes, quiet };
  const { network, context } = await openClient(
    options,
    { timeoutMs: EXCHANGE_MS, listener: "viewer", emit: take, listening },
    status,
  );
  const client = {
    network,
    context: {
      ...context,
      nextExchangeId: () => ++ids.exchange,
      nextConnectionId: () => ++ids.connection,
    },
  };
  const warn = (text: string) => status.line(text);
  return openActions({ source, client, keepsHost: false, version, maxBodyBytes, warn });
}
