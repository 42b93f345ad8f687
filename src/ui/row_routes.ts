/** The addresses of the history: its rows, newest first or in the order of a column, what they hold, and their removal. */
import { parseExpression } from "../capture/filter/syntax.ts";
import type { ExchangeView, MessagePage, RemoveResult, RowPage, SortKey } from "./api.ts";
import { bodyStream } from "./body_stream.ts";
import { hasOnly, readQuery, readRemoval, Refused } from "./requests.ts";
import { notThere, numberOf, queriesOf, type Route, textOf } from "./route.ts";
import type { BodyPart, HistorySource, OrderQuery, PageQuery } from "./source.ts";

/** How much of each body is in an exchange; the page fetches what is behind it as bytes. */
const VIEW_BODY_BYTES = 256 * 1024;
const PAGE_ROWS = 100;
const MAX_ROWS = 1000;
/** Longer addresses than there are, of Unix sockets, too. */
const MAX_ADDRESS_UNITS = 512;

/** Every key, so that none can be forgotten. */
const SORT_KEYS: { readonly [key in SortKey]: true } = {
  row: true,
  state: true,
  time: true,
  client: true,
  target: true,
  method: true,
  url: true,
  status: true,
  type: true,
  up: true,
  down: true,
  elapsed: true,
  timing: true,
};

/** The addresses of a history. */
export function rowRoutes(source: HistorySource): readonly Route[] {
  const rows = async (request: Request) => {
    const queries = queriesOf(request);
    const { signal } = request;
    const page = queries.sort === undefined
      ? await source.page({ ...readPage(queries), signal })
      : await source.ordered({ ...readOrder(queries), signal });
    return Response.json(page satisfies RowPage);
  };

  const view = async (request: Request, row: number) => {
    readQuery(queriesOf(request), []);
    const found = await source.view(row, VIEW_BODY_BYTES);
    if (found === undefined) throw notThere();
    return Response.json(found satisfies ExchangeView);
  };

  const messages = async (request: Request, row: number) => {
    const { after = 0, limit } = readQuery(queriesOf(request), ["after", "limit"]);
    return Response.json(await source.messages(row, after, limitOf(limit)) satisfies MessagePage);
  };

  const activeMessages = async (request: Request) => {
    const queries = queriesOf(request);
    const numbers = readQuery(queries, ["connection", "id", "after", "limit"], ["listener", "client"]);
    const { connection, id, after = 0, limit } = numbers;
    const [listener, client] = [queries.listener?.[0], queries.client?.[0]];
    if (connection === undefined || listener === undefined || client === undefined) {
      throw new Refused(400, "wanted listener, client and connection, as what is under way has them");
    }
    if (Math.max(listener.length, client.length) > MAX_ADDRESS_UNITS) {
      throw new Refused(400, `wanted addresses of at most ${MAX_ADDRESS_UNITS} characters`);
    }
    const key = { listener, client, connection, ...id !== undefined && { id } };
    return Response.json(await source.activeMessages(key, after, limitOf(limit)) satisfies MessagePage);
  };

  const body = async (request: Request, row: number, part: BodyPart) => {
    const { from = 0, to = Infinity } = readQuery(queriesOf(request), ["from", "to"]);
    const bytes = await bodyStream((start, end) => source.body(row, part, start, end), from, to);
    if (bytes === undefined) throw notThere();
    return new Response(bytes, {
      headers: {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": `attachment; filename="${row}-${part}.bin"`,
      },
    });
  };

  const remove = async (request: Request) => {
    const { rows } = readRemoval(await textOf(request));
    return Response.json({ count: await source.remove(rows) } satisfies RemoveResult);
  };

  const undo = async (request: Request) => {
    hasOnly(await textOf(request), []);
    return Response.json({ count: await source.undo() } satisfies RemoveResult);
  };

  const ROW = "/api/rows/:row{[0-9]+}";
  return [
    { method: "GET", path: "/api/rows", answer: rows },
    { method: "DELETE", path: "/api/rows", answer: remove },
    { method: "POST", path: "/api/rows/undo", answer: undo },
    { method: "GET", path: ROW, answer: (request, { row }) => view(request, numberOf(row)) },
    {
      method: "GET",
      path: `${ROW}/messages`,
      answer: (request, { row }) => messages(request, numberOf(row)),
    },
    {
      method: "GET",
      path: `${ROW}/body/:part{request|response}`,
      answer: (request, { row, part }) => body(request, numberOf(row), part as BodyPart),
    },
    { method: "GET", path: "/api/active/messages", answer: activeMessages },
  ];
}

type Queries = ReturnType<typeof queriesOf>;

function readPage(queries: Queries): PageQuery {
  const { before, after, limit } = readQuery(queries, ["before", "after", "limit"], ["filter"]);
  if (before !== undefined && after !== undefined) throw new Refused(400, "wanted before or after, not both");
  return {
    ...before !== undefined && { before },
    ...after !== undefined && { after },
    limit: limitOf(limit),
    ...readFilter(queries),
  };
}

function readOrder(queries: Queries): OrderQuery {
  const { offset = 0, order, limit } = readQuery(queries, ["offset", "order", "limit"], ["sort", "filter"]);
  const [sort] = queries.sort;
  const isFalling = sort.startsWith("-");
  const key = isFalling ? sort.slice(1) : sort;
  if (!Object.hasOwn(SORT_KEYS, key)) {
    const wanted = `${Object.keys(SORT_KEYS).join(", ")}, "-" before it for larger values first`;
    throw new Refused(400, `found sort=${JSON.stringify(sort.slice(0, 40))}, wanted one of ${wanted}`);
  }
  return {
    key: key as SortKey,
    isFalling,
    offset,
    limit: limitOf(limit),
    ...readFilter(queries),
    ...order !== undefined && { order },
  };
}

function readFilter({ filter: [filter] = [""] }: Queries): { readonly filter?: string } {
  if (filter === "") return {};
  parseExpression(filter);
  return { filter };
}

function limitOf(limit = PAGE_ROWS): number {
  return Math.min(Math.max(limit, 1), MAX_ROWS);
}
