/** Rows of the viewer's table: which records of a history they are, what belongs to them, and how they are shown. */
import type { Record } from "../capture/record.ts";
import type { HistoryReader } from "../store/history_reader.ts";
import type { HistoryRow } from "../store/history_row.ts";
import type { RowView } from "../ui/api.ts";
import type { ActiveKey } from "../ui/source.ts";
import { type Line, linesOf } from "./history_line.ts";

/** What the table shows: exchanges, and connections that carried something else, or nothing. `lost` passes any filter. */
export const SHOWN = "(type:exchange | type:connection exchanges:0)";

/** The least status that a response with a SOAP Fault has. */
const LEAST_FAULT_STATUS = 400;
/** What tcpmon does itself, as it was told to, is nothing odd. */
const OWN_FLAG = "host-rewritten";

/** Whether a record becomes a row of the table, as {@link SHOWN} has it. */
export function isShown(record: Record): boolean {
  return record.type === "exchange" || record.type === "lost" ||
    (record.type === "connection" && record.event === "closed" && record.exchanges === 0);
}

/** What belongs to a row: a filter for the messages of its exchange, or the reads of its stream. Not for `lost`. */
export function messagesOf(row: HistoryRow): string {
  const side = sideOf(row);
  return row.type === "exchange" ? `type:message id:${row.exchange} ${side}` : `type:data ${side}`;
}

/** A filter for the messages of what is under way. A stream that began as an exchange has messages, too. */
export function messagesOfActive({ id, ...side }: ActiveKey): string {
  return id === undefined ? `type:data,message ${sideOf(side)}` : `type:message id:${id} ${sideOf(side)}`;
}

/** A filter for the record of the opening of a row's connection. */
export function openingOf(row: HistoryRow): string {
  // A client of a proxy may reach several targets on one connection.
  return `type:connection event:opened ${sideOf(row)} target:=${quoted(row.target)}`;
}

/** Numbers repeat where several runs, or files, came into one history; ends of a connection hardly do. */
function sideOf({ connection, client, listener }: Pick<HistoryRow, "connection" | "client" | "listener">) {
  return `connection:${connection} client:=${quoted(client)} listener:=${quoted(listener)}`;
}

/** A text as the filter language takes it. */
export function quoted(text = ""): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** How rows are shown, in their order. What a row lacks is read from its line. */
export async function viewsOf(reader: HistoryReader, rows: readonly HistoryRow[]): Promise<RowView[]> {
  const ids = rows.filter((row) => row.type !== "exchange" || mayHaveFault(row)).map(({ id }) => id);
  const lines = new Map<number, Line>();
  for await (const some of linesOf(reader, ids)) {
    for (const [id, line] of some) lines.set(id, JSON.parse(line));
  }
  return rows.map((row) => {
    const line = lines.get(row.id);
    return row.type === "exchange" ? exchangeView(row, line) : otherView(row, line);
  });
}

/** Whether an exchange may hold a SOAP Fault: with SOAP 1.1 it has to be 500, with SOAP 1.2 4xx or 5xx. */
function mayHaveFault({ soap, status = 0 }: HistoryRow): boolean {
  return soap !== undefined && status >= LEAST_FAULT_STATUS;
}

/** @param line Its line, where it may hold a Fault. */
function exchangeView(row: HistoryRow, line: Line | undefined): RowView {
  const { method, url, host, status, responseMime, requestBytes, bytes, ms, soap, flags } = row;
  const fault = line?.soap?.fault;
  return {
    ...baseOf(row),
    type: "exchange",
    id: row.exchange,
    method,
    url,
    host,
    status,
    mime: responseMime,
    up: requestBytes,
    down: bytes,
    ms: known({
      connect: ms.connect,
      send: ms.send,
      wait: ms.wait,
      receive: ms.receive,
      total: ms.duration,
    }),
    outcome: row.outcome ?? "",
    ...soap !== undefined && soap !== "" && { operation: soap },
    ...fault !== undefined && { fault: [fault.code, fault.string].filter(Boolean).join(": ") },
    ...flags?.some((flag) => flag !== OWN_FLAG) && { isOdd: true },
  };
}

/** A stream, or records that were lost. */
function otherView(row: HistoryRow, line: Line | undefined): RowView {
  const isLost = row.type === "lost";
  const { up, down, count } = line ?? {};
  return {
    ...baseOf(row),
    type: "stream",
    ...isLost && { url: `${count ?? "some"} records were lost here` },
    ...up !== undefined && { up },
    ...down !== undefined && { down },
    ms: known({ total: row.ms.duration }),
    outcome: isLost ? "lost" : row.end ?? "",
    isOdd: isLost || row.error !== undefined,
  };
}

function baseOf({ id, at, connection = 0, listener = "", client = "", target = "" }: HistoryRow) {
  return { row: id, connection, at, client, target, listener };
}

/** The durations without those that did not take place. */
function known<Name extends string>(
  durations: { readonly [name in Name]: number | undefined },
): { readonly [name in Name]?: number } {
  const out: { [name in Name]?: number } = {};
  for (const name in durations) {
    const value = durations[name];
    if (value !== undefined) out[name] = value;
  }
  return out;
}
