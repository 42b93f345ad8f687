/**
 * What the viewer's page can have done, done: rows as files, files as rows, exchanges compared, requests sent. What is
 * sent is recorded as everything else, so that it stands in the table and in the log.
 */
import type { ExchangeRecord, Record } from "../capture/record.ts";
import { NoAnswerError, within } from "../net/dial.ts";
import { formatAddress, type Target } from "../net/address.ts";
import { isAnswered } from "../send/answered.ts";
import { ClientConnection } from "../send/client.ts";
import type { ViewerActions } from "../ui/actions.ts";
import type { SentView } from "../ui/api.ts";
import { Refused } from "../ui/requests.ts";
import type { Client } from "./client.ts";
import { compareLines } from "./compare.ts";
import type { HistoryIntake, LastIds } from "./history_intake.ts";
import { quoted, type StoredSource } from "./history_source.ts";
import { openCapture } from "./open_capture.ts";
import { againOf, madeOf, type ToSend } from "./viewer_requests.ts";
import { exportRows } from "./viewer_export.ts";

/** What they need from their surroundings. */
export interface ActionSettings {
  /** The history. */
  readonly source: StoredSource;
  /** The same history as what takes records, and nothing else that takes them. */
  readonly history: HistoryIntake;
  /** The last numbers that were given, raised by those of a capture that is opened; absent: they are not. */
  readonly ids?: LastIds;
  /** What sends. Its records have to come into the history. */
  readonly client: Client;
  /** Whether Host stays as it is in what is sent elsewhere. */
  readonly keepsHost: boolean;
  /** Version of the program. */
  readonly version: string;
  /** How much of a coded body is decoded, in bytes. */
  readonly maxBodyBytes: number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
}

/** The actions of a viewer that is open. */
export interface OpenActions extends ViewerActions {
  /** Ends what is being sent and opened, and resolves when it was recorded. */
  stop(): Promise<void>;
}

/** How long a target may take to be reached. */
export const CONNECT_MS = 10_000;
/** How long it may take to answer: with the way to it 30 s in all. */
export const EXCHANGE_MS = 20_000;
/** How long the history may take to store what was sent. */
const STORE_MS = 3_000;
/** How much of each body the page gets. */
const VIEW_BODY_BYTES = 256 * 1024;
/** How long a comparison may take, and how many there may be at once: each takes a processor. */
const COMPARE_MS = 20_000;
const MOST_COMPARED = 2;
/** How many files may be saved at once: each has a worker. */
const MOST_EXPORTED = 4;

/** Opens the actions. */
export function openActions(settings: ActionSettings): OpenActions {
  const { source, client } = settings;
  const { reader } = source;
  const stopping = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let comparing = 0;
  let exporting = 0;
  const counted = async function* (bytes: AsyncIterable<Uint8Array>) {
    exporting++;
    try {
      yield* bytes;
    } finally {
      exporting--;
    }
  };

  const exchangeAt = async (row: number): Promise<ExchangeRecord | undefined> => {
    const record: Record | undefined = await reader.record(row);
    return record?.type === "exchange" ? record : undefined;
  };
  const wantedAt = async (row: number): Promise<ExchangeRecord> => {
    const found = await exchangeAt(row);
    if (found !== undefined) return found;
    throw new Refused(404, `there is no exchange in row ${row}, or not any more`);
  };
  const watched = async <Result>(work: Promise<Result>): Promise<Result> => {
    underWay.add(work);
    try {
      return await work;
    } finally {
      underWay.delete(work);
    }
  };
  const sent = (made: ToSend): Promise<SentView> => watched(send(made, settings, stopping.signal));

  return {
    async export(wish) {
      if (exporting >= MOST_EXPORTED) {
        throw new Refused(503, `${MOST_EXPORTED} files are being saved: wait until one is`);
      }
      return counted(await exportRows(wish, { ...settings, reader, signal: stopping.signal }));
    },

    async compare(before, after) {
      const [was, is] = await Promise.all([reader.line(before), reader.line(after)]);
      if (was === undefined || is === undefined) return undefined;
      if (comparing >= MOST_COMPARED) {
        throw new Refused(503, `${MOST_COMPARED} comparisons are under way: wait until one is done`);
      }
      comparing++;
      try {
        return await within(COMPARE_MS, stopping.signal, (signal) => {
          return compareLines({ before: was, after: is }, signal);
        });
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error;
        throw new Refused(
          503,
          `comparing these takes longer than ${COMPARE_MS / 1000} s: tcpmon diff takes its time`,
        );
      } finally {
        comparing--;
      }
    },

    async resend(request) {
      const recorded = await wantedAt(request.row);
      return await sent(await againOf(recorded, request, { ...settings, reader, network: client.network }));
    },

    async send(request) {
      const origin = request.from === undefined ? undefined : await exchangeAt(request.from);
      return await sent(madeOf(request, origin, { ...settings, network: client.network }));
    },

    open(name, bytes) {
      const now = () => performance.now();
      return watched(openCapture(name, bytes, { ...settings, now }, stopping.signal));
    },

    async stop() {
      stopping.abort();
      await Promise.allSettled(underWay);
    },
  };
}

/** Sends, waits for the answer, and finds its row. Redirects are answers like others. */
async function send(
  { target, pieces, listener }: ToSend,
  { client, source }: ActionSettings,
  signal: AbortSignal,
): Promise<SentView> {
  const context = { ...client.context, listener };
  let exchange: ExchangeRecord;
  try {
    const connection = await within(CONNECT_MS, signal, (signal) => {
      return ClientConnection.open(context, target, signal);
    });
    try {
      exchange = await connection.exchange(pieces, signal);
    } finally {
      connection.close();
    }
  } catch (error) {
    return { error: `cannot send to ${formatAddress(target)}: ${messageOf(error)}` };
  }
  const problem = problemOf(exchange, target);
  const row = await rowOf(exchange, source, signal);
  const view = row === undefined ? undefined : await source.view(row, VIEW_BODY_BYTES);
  const error = problem ??
    (view === undefined ? "it was sent, but the history has not stored it" : undefined);
  return {
    ...row !== undefined && { row },
    ...view !== undefined && { record: view.record },
    ...error !== undefined && { error },
  };
}

/** What went wrong with an exchange, in words. */
function problemOf(exchange: ExchangeRecord, target: Target): string | undefined {
  if (isAnswered(exchange)) return undefined;
  const { response, error, outcome } = exchange;
  const what = response === undefined ? "no answer" : "no complete answer";
  const why = error ?? (outcome === "not-http" ? "what it sent is not HTTP" : "it ended the connection");
  return `${what} from ${formatAddress(target)}: ${why}`;
}

/** The row that an exchange gets, once it is stored. */
async function rowOf(
  { id, connection }: ExchangeRecord,
  source: StoredSource,
  signal: AbortSignal,
): Promise<number | undefined> {
  const filter =
    `type:exchange id:${id} connection:${connection.id} listener:=${quoted(connection.listener)} ` +
    `client:=${quoted(connection.client)}`;
  let wake = () => {};
  let isLate = false;
  const forget = source.subscribe(() => wake());
  const giveUp = () => {
    isLate = true;
    wake();
  };
  const timer = setTimeout(giveUp, STORE_MS);
  signal.addEventListener("abort", giveUp);
  try {
    for (;;) {
      const { promise: changed, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const { rows: [row] } = await source.reader.page({ limit: 1, filter });
      if (row !== undefined) return row.id;
      if (isLate) return undefined;
      await changed;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    forget();
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^cannot connect to \S+: /, "");
}
