/**
 * What the page can have done besides looking: rows as a file, two of them compared, requests sent. The viewer checks
 * what is asked and bounds it; the program does it.
 */
import { parseExpression } from "../capture/filter/syntax.ts";
import { MAX_SENT_BYTES } from "./access.ts";
import type {
  CompareView,
  ExportFormat,
  OpenedView,
  ResendRequest,
  RowView,
  SendRequest,
  SentView,
} from "./api.ts";
import { openRoute } from "./opening.ts";
import { readQuery, readText, Refused } from "./requests.ts";
import { queriesOf, type Route } from "./route.ts";
import { readResend, readSend } from "./send_requests.ts";
import type { HistorySource } from "./source.ts";

/** Which rows are saved, and as what. */
export interface ExportWish {
  /** The format. */
  readonly as: ExportFormat;
  /** Rows by number, rising; absent: all. */
  readonly rows?: readonly number[];
  /** A filter expression that can be read; absent: all. */
  readonly filter?: string;
}

/**
 * What the program does for the page. Methods reject with {@link Refused} where it cannot be done as asked, and with an
 * `Error` of one line for people where the history cannot be read.
 */
export interface ViewerActions {
  /** Rows as the bytes of a file. Nothing is begun before the first piece is asked for, but for a look at the rows. */
  export(wish: ExportWish): Promise<AsyncIterable<Uint8Array>>;
  /** Compares two exchanges; `undefined`: one of the rows is none. */
  compare(before: number, after: number): Promise<Omit<CompareView, "before" | "after"> | undefined>;
  /** Sends a captured request again. */
  resend(request: ResendRequest): Promise<SentView>;
  /** Makes a request and sends it. */
  send(request: SendRequest): Promise<SentView>;
  /**
   * Takes a capture into the history, as it comes: JSON lines, HAR, pcap, TCPMon's text, also compressed.
   *
   * @param name Name of the file, for messages.
   * @param bytes What is in it; it is read no faster than it is stored.
   */
  open(name: string, bytes: AsyncIterable<Uint8Array>): Promise<OpenedView>;
}

/** Requests that may be under way at once: the page is for a person, not for a load. */
const MOST_AT_ONCE = 4;

/** Name endings and types of files. They are downloads, whatever the type says. */
const FILES: { readonly [format in ExportFormat]: readonly [ending: string, type: string] } = {
  har: ["har", "application/json"],
  json: ["jsonl", "application/x-ndjson"],
  tcpmon: ["txt", "text/plain; charset=utf-8"],
  curl: ["sh", "text/plain; charset=utf-8"],
  csv: ["csv", "text/csv; charset=utf-8"],
};

/** The addresses of the actions. */
export function actionRoutes(actions: ViewerActions, source: HistorySource): readonly Route[] {
  let underWay = 0;
  const sending = async (request: Request, act: (text: string) => Promise<SentView>) => {
    const text = await readText(request, MAX_SENT_BYTES);
    if (underWay >= MOST_AT_ONCE) {
      throw new Refused(503, `${MOST_AT_ONCE} requests are under way: wait until one has its answer`);
    }
    underWay++;
    try {
      return await act(text);
    } finally {
      underWay--;
    }
  };

  const exported = async (request: Request) => {
    const queries = queriesOf(request);
    readQuery(queries, [], ["as", "filter", "rows"]);
    const wish = readExport(queries.as?.[0], queries.filter?.[0], queries.rows?.[0]);
    const bytes = await actions.export(wish);
    const [ending, type] = FILES[wish.as];
    const one = wish.rows?.length === 1 ? `-${wish.rows[0]}` : "";
    return new Response(ReadableStream.from(bytes), {
      headers: {
        "Content-Type": type,
        "Content-Disposition": `attachment; filename="tcpmon${one}.${ending}"`,
      },
    });
  };

  const compared = async (request: Request) => {
    const { before, after } = readQuery(queriesOf(request), ["before", "after"]);
    if (before === undefined || after === undefined) {
      throw new Refused(400, "wanted before and after, two rows");
    }
    const [first, second] = await Promise.all([rowOf(source, before), rowOf(source, after)]);
    if (first === undefined || second === undefined) {
      throw new Refused(404, `row ${first === undefined ? before : after} is not there, or not any more`);
    }
    const found = await actions.compare(before, after);
    if (found === undefined) {
      throw new Refused(400, "wanted two exchanges to compare: one of the rows is none");
    }
    return Response.json({ before: first, after: second, ...found } satisfies CompareView);
  };

  const resent = async (request: Request) =>
    Response.json(await sending(request, (text) => actions.resend(readResend(text))));
  const sent = async (request: Request) =>
    Response.json(await sending(request, (text) => actions.send(readSend(text))));

  return [
    { method: "GET", path: "/api/export", answer: exported },
    { method: "GET", path: "/api/compare", answer: compared },
    { method: "POST", path: "/api/resend", answer: resent },
    { method: "POST", path: "/api/send", answer: sent },
    openRoute(actions),
  ];
}

async function rowOf(source: HistorySource, row: number): Promise<RowView | undefined> {
  const { rows: [found] } = await source.page({ before: row + 1, limit: 1 });
  return found?.row === row ? found : undefined;
}

function readExport(as = "", filter = "", list: string | undefined): ExportWish {
  if (!Object.hasOwn(FILES, as)) {
    throw new Refused(400, `found as=${JSON.stringify(as)}, wanted ${Object.keys(FILES).join(", ")}`);
  }
  if (filter !== "") parseExpression(filter);
  return {
    as: as as ExportFormat,
    ...filter !== "" && { filter },
    ...list !== undefined && { rows: readRows(list) },
  };
}

function readRows(list: string): number[] {
  const isList = /^[0-9]{1,16}(?:,[0-9]{1,16})*$/.test(list);
  const rows = isList ? [...new Set(list.split(",").map(Number))].sort((a, b) => a - b) : [];
  if (isList && rows.every(Number.isSafeInteger)) return rows;
  throw new Refused(400, `found rows=${JSON.stringify(list.slice(0, 40))}, wanted row numbers such as 3,5,8`);
}
