/**
 * The viewer as an application of requests and responses (see api.ts for what it answers). It needs no port: the lock,
 * then the page's files, the history as JSON, bodies as bytes, and what happens as events.
 */
import { type Context, Hono } from "hono";
import { KEYS } from "../capture/filter/keys.ts";
import { parseExpression } from "../capture/filter/syntax.ts";
import { FilterSyntaxError } from "../capture/filter/syntax_error.ts";
import { type Access, MAX_REQUEST_BYTES, type Verdict } from "./access.ts";
import { abilities, actionRoutes, type ViewerActions } from "./actions.ts";
import type { ApiError, RemoveResult, ViewerState } from "./api.ts";
import { bodyStream } from "./body_stream.ts";
import type { EventStreams } from "./events.ts";
import { lock } from "./headers.ts";
import { hasOnly, readQuery, readRemoval, readText, Refused } from "./requests.ts";
import type { BodyPart, HistorySource } from "./source.ts";
import { staticFile, type StaticReader } from "./static_files.ts";

/** What the viewer shows, and to whom. */
export interface AppOptions {
  /** The history. */
  readonly source: HistorySource;
  /** What the program is doing now. */
  readonly about: () => Pick<ViewerState, "version" | "listeners" | "files">;
  /** The files of the page. */
  readonly readStatic: StaticReader;
  /** The lock. */
  readonly access: Access;
  /** Tells browsers what happens. */
  readonly events: EventStreams;
  /** What can be done besides looking; absent: nothing. */
  readonly actions?: ViewerActions;
}

/** What comes with a request besides the request itself. */
export interface Bindings {
  /** The address that it came from, without port. */
  readonly peer?: string;
}

/** The application. */
export interface ViewerApp {
  /** Answers a request, whatever it is. */
  fetch(request: Request, bindings?: Bindings): Promise<Response>;
}

interface Env {
  Bindings: Bindings;
}
type Asked = Context<Env>;

/** How much of each body is in an exchange; the page fetches what is behind it as bytes. */
const VIEW_BODY_BYTES = 256 * 1024;
const PAGE_ROWS = 100;
const MAX_ROWS = 1000;

const FILTER_KEYS = KEYS.map(({ name, description }) => ({ key: name, help: description }));

/** Builds the application. */
export function createApp({ source, about, readStatic, access, events, actions }: AppOptions): ViewerApp {
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    const verdict = access.check(c.req.raw, c.env.peer ?? "");
    if (verdict.kind === "pass") await next();
    else c.res = verdict.kind === "login" ? login(verdict) : refusal(c, verdict.status, verdict.error);
    lock(c.res.headers);
  });

  app.get("/api/state", (c) => {
    const { isReadonly } = access;
    const can = abilities(actions, isReadonly);
    return c.json({ ...about(), readonly: isReadonly, can, filterKeys: FILTER_KEYS } satisfies ViewerState);
  });

  app.get("/api/rows", async (c) => {
    const { before, after, limit = PAGE_ROWS } = readQuery(c.req.queries(), ["before", "after", "limit"], [
      "filter",
    ]);
    if (before !== undefined && after !== undefined) {
      throw new Refused(400, "wanted before or after, not both");
    }
    const filter = c.req.query("filter") ?? "";
    if (filter !== "") parseExpression(filter);
    return c.json(
      await source.page({
        ...before !== undefined && { before },
        ...after !== undefined && { after },
        limit: Math.min(Math.max(limit, 1), MAX_ROWS),
        ...filter !== "" && { filter },
      }),
    );
  });

  app.get("/api/rows/:row{[0-9]+}", async (c) => {
    readQuery(c.req.queries(), []);
    const view = await source.view(rowOf(c), VIEW_BODY_BYTES);
    return view === undefined ? notFound(c) : c.json(view);
  });

  app.get("/api/rows/:row{[0-9]+}/messages", async (c) => {
    const { after = 0, limit = PAGE_ROWS } = readQuery(c.req.queries(), ["after", "limit"]);
    return c.json(await source.messages(rowOf(c), after, Math.min(Math.max(limit, 1), MAX_ROWS)));
  });

  app.get("/api/rows/:row{[0-9]+}/body/:part{request|response}", async (c) => {
    const { from = 0, to = Infinity } = readQuery(c.req.queries(), ["from", "to"]);
    const [row, part] = [rowOf(c), c.req.param("part") as BodyPart];
    const body = await bodyStream((start, end) => source.body(row, part, start, end), from, to);
    if (body === undefined) return notFound(c);
    return new Response(body, {
      headers: {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": `attachment; filename="${row}-${part}.bin"`,
      },
    });
  });

  app.get("/api/events", (c) => {
    const stream = c.req.raw.method === "GET" ? events.open() : undefined;
    if (stream === undefined) {
      return refusal(c, 503, "too many pages are open: close some, then load it anew");
    }
    const headers = { "Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform" };
    return new Response(stream.body, { headers });
  });

  app.delete("/api/rows", async (c) => {
    const { rows } = readRemoval(await readText(c.req.raw, MAX_REQUEST_BYTES));
    const result: RemoveResult = { count: await source.remove(rows) };
    return c.json(result);
  });

  app.post("/api/rows/undo", async (c) => {
    hasOnly(await readText(c.req.raw, MAX_REQUEST_BYTES), []);
    const result: RemoveResult = { count: await source.undo() };
    return c.json(result);
  });

  for (const { method, path, answer } of actions === undefined ? [] : actionRoutes(actions, source)) {
    app.on(method, path, (c) => answer(c.req.raw));
  }

  app.get("*", async (c) => {
    return await staticFile(readStatic, c.req.path, c.req.header("if-none-match")) ?? notFound(c);
  });

  app.notFound(notFound);
  app.onError((error, c) => {
    if (error instanceof FilterSyntaxError) {
      const { message, position, length } = error;
      return c.json({ error: message, place: { position, length } } satisfies ApiError, 400);
    }
    return error instanceof Refused
      ? refusal(c, error.status, error.message)
      : refusal(c, 500, `the history failed: ${error.message}`);
  });
  return { fetch: async (request, bindings = {}) => await app.fetch(request, bindings) };
}

function rowOf(c: Asked): number {
  const row = Number(c.req.param("row"));
  if (!Number.isSafeInteger(row)) throw new Refused(404, NOT_FOUND);
  return row;
}

const NOT_FOUND = "there is nothing at this address, or not any more";

function notFound(c: Asked): Response {
  return refusal(c, 404, NOT_FOUND);
}

/** Programs get JSON, people a page of a few words. */
function refusal(
  c: Asked,
  status: 400 | 401 | 403 | 404 | 413 | 415 | 429 | 500 | 503,
  text: string,
): Response {
  const error = text.replace(/\s+/g, " ");
  const isForPeople = c.req.method === "GET" && c.req.path === "/" &&
    c.req.header("accept")?.includes("text/html");
  if (!isForPeople) return c.json({ error } satisfies ApiError, status);
  return page(error, status);
}

/** The token has done its work: the page is opened without it, so that it stays in no history and on no screen. */
function login({ setCookie, isFromElsewhere }: Extract<Verdict, { kind: "login" }>): Response {
  // After a link on another page, a redirect would count as that page's still, and the cookie would not be sent.
  const response = isFromElsewhere
    ? page("opening the viewer", 200)
    : new Response(null, { status: 303, headers: { Location: "/" } });
  if (isFromElsewhere) response.headers.set("Refresh", "0; url=/");
  response.headers.set("Set-Cookie", setCookie);
  return response;
}

function page(text: string, status: number): Response {
  const escaped = text.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`);
  const html = `<!DOCTYPE html><html lang="en"><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">` +
    `<title>tcpmon</title><h1>tcpmon</h1><p>${escaped}.</p></html>\n`;
  return new Response(html, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });
}
