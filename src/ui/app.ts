/**
 * The viewer as an application of requests and responses (see api.ts for what it answers). It needs no port: the lock,
 * then the page's files, the history as JSON, bodies as bytes, and what happens as events.
 */
import { type Context, Hono } from "hono";
import { KEYS } from "../capture/filter/keys.ts";
import { FilterSyntaxError } from "../capture/filter/syntax_error.ts";
import type { Access, Verdict } from "./access.ts";
import { actionRoutes, type ViewerActions } from "./actions.ts";
import type { ListenerAdmin } from "./admin.ts";
import type { ApiError, ViewerState } from "./api.ts";
import type { EventStreams } from "./events.ts";
import { lock } from "./headers.ts";
import { listenerRoutes } from "./listener_routes.ts";
import { Refused } from "./requests.ts";
import { NOT_THERE, type Parts } from "./route.ts";
import { rowRoutes } from "./row_routes.ts";
import { RUN_FIELD, RUN_PARAMETER } from "./run_name.ts";
import type { HistorySource } from "./source.ts";
import { staticFile, type StaticReader } from "./static_files.ts";

/** What the program is doing now. */
export interface About extends Pick<ViewerState, "version" | "files"> {
  /** What listens, where nobody can be asked for changes of it; absent: nothing does. */
  readonly listeners?: ViewerState["listeners"];
  /** Kinds of link that a listener can have. */
  readonly linkPresets?: ViewerState["linkPresets"];
}

/** What the viewer shows, and to whom. */
export interface AppOptions {
  /** The history. */
  readonly source: HistorySource;
  /** What the program is doing now. */
  readonly about: () => About;
  /** The files of the page. */
  readonly readStatic: StaticReader;
  /** Tells this run of the program from others. */
  readonly run: string;
  /** The lock. */
  readonly access: Access;
  /** Tells browsers what happens. */
  readonly events: EventStreams;
  /** What can be done besides looking; absent: nothing. */
  readonly actions?: ViewerActions;
  /** Whom to ask for listeners, and for changes of them; absent: nothing can be changed about them. */
  readonly admin?: ListenerAdmin;
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

const FILTER_KEYS = KEYS.map(({ name, description }) => ({ key: name, help: description }));

/** Builds the application. */
export function createApp(options: AppOptions): ViewerApp {
  const { source, readStatic, run, access, events, actions, admin } = options;
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    const verdict = access.check(c.req.raw, c.env.peer ?? "");
    if (verdict.kind === "pass") await next();
    else if (verdict.kind === "login") c.res = login(verdict);
    else {
      c.res = refusal(c, verdict.status, verdict.error);
      // Who is not let in gets one answer: many that he does not read would hold the connection.
      c.res.headers.set("Connection", "close");
    }
    lock(c.res.headers);
  });

  // A number of another run would be that of some other row, or listener.
  app.use("/api/*", async (c, next) => {
    const named = [c.req.header(RUN_FIELD) ?? run, ...c.req.queries(RUN_PARAMETER) ?? []];
    if (named.every((each) => each === run)) return await next();
    return refusal(c, 409, "tcpmon was started again: rows and listeners have other numbers now");
  });

  app.get("/api/state", (c) => c.json(stateOf(options)));

  app.get("/api/events", (c) => {
    const stream = c.req.raw.method === "GET" ? events.open() : undefined;
    if (stream === undefined) {
      return refusal(c, 503, "too many pages are open: close some, then load it anew");
    }
    const headers = { "Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform" };
    return new Response(stream.body, { headers });
  });

  const routes = [
    ...rowRoutes(source),
    ...actions === undefined ? [] : actionRoutes(actions, source),
    ...admin === undefined ? [] : listenerRoutes(admin),
  ];
  for (const { method, path, answer } of routes) {
    app.on(method, path, (c) => answer(c.req.raw, c.req.param() as Parts));
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
    if (error instanceof Refused) return refusal(c, error.status, error.message, error.field);
    const what = c.req.path.startsWith("/api/listeners") ? "the listeners" : "the history";
    return refusal(c, 500, `${what} failed: ${error.message}`);
  });
  return { fetch: async (request, bindings = {}) => await app.fetch(request, bindings) };
}

function stateOf({ about, run, access: { isReadonly }, actions, admin }: AppOptions): ViewerState {
  const { version, files, listeners = [], linkPresets = [] } = about();
  const [canAct, canChange] = [actions !== undefined, !isReadonly];
  return {
    run,
    version,
    files,
    listeners: admin === undefined ? listeners : admin.list(),
    linkPresets,
    readonly: isReadonly,
    can: {
      send: canAct && canChange,
      export: canAct,
      compare: canAct,
      admin: admin !== undefined && canChange,
      open: canAct && canChange,
    },
    filterKeys: FILTER_KEYS,
  };
}

function notFound(c: Asked): Response {
  return refusal(c, 404, NOT_THERE);
}

/** Programs get JSON, people a page of a few words. */
function refusal(
  c: Asked,
  status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503,
  text: string,
  field?: string,
): Response {
  const error = text.replace(/\s+/g, " ");
  const isForPeople = c.req.method === "GET" && c.req.path === "/" &&
    c.req.header("accept")?.includes("text/html");
  if (!isForPeople) {
    return c.json({ error, ...field !== undefined && { field } } satisfies ApiError, status);
  }
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
