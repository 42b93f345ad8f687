/** The viewer on a port: the application behind Deno's HTTP server, with its token, until it is closed. */
import { Access } from "./access.ts";
import { type AppOptions, createApp } from "./app.ts";
import { canonicalHost, isUnspecified } from "./authority.ts";
import { EventStreams } from "./events.ts";
import { lock } from "./headers.ts";
import { MIN_TOKEN_LENGTH } from "./secrets.ts";

/** What is shown, where, and to whom. */
export interface ViewerSettings extends Pick<AppOptions, "source" | "about" | "readStatic" | "actions"> {
  /** Where to listen; port 0 takes any that is free. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** The secret of the URL; absent: a random one. */
  readonly token?: string;
  /** Names by which the machine is reached besides, for example that of a container's host. */
  readonly names?: readonly string[];
  /** Whether nothing can be changed from the page. */
  readonly isReadonly?: boolean;
}

/** A viewer that is being served. */
export interface Viewer {
  /** The address that was bound; its port is the real one. */
  readonly address: Deno.NetAddr;
  /** What to open, token included. */
  readonly url: string;
  /** Ends all connections, also those under way, and gives the port free. */
  close(): Promise<void>;
}

/** 192 bits. */
const TOKEN_BYTES = 24;

/**
 * Serves the viewer.
 *
 * @throws {RangeError} The token is too short; one line for people.
 * @throws {Error} What the system says, where the address cannot be had.
 */
export function startViewer(settings: ViewerSettings): Viewer {
  const {
    source,
    about,
    readStatic,
    actions,
    listen,
    token = randomToken(),
    names = [],
    isReadonly = false,
  } = settings;
  if (token.length < MIN_TOKEN_LENGTH) {
    throw new RangeError(
      `found a token of ${token.length} characters for the viewer, wanted at least ${MIN_TOKEN_LENGTH}`,
    );
  }
  const now = () => performance.now();
  const access = new Access({ token, boundHost: listen.hostname, names, isReadonly, now });
  const events = new EventStreams({
    subscribe: (listener) => source.subscribe(listener),
    now,
    setTimer(act, ms) {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
  });
  const app = createApp({ source, about, readStatic, access, events, actions });
  const stopping = new AbortController();
  const server = Deno.serve({
    ...listen,
    signal: stopping.signal,
    // The status line tells where it is, in the program's own words.
    onListen() {},
    onError: () => failed(),
  }, (request, { remoteAddr }) => {
    return app.fetch(request, { peer: "hostname" in remoteAddr ? remoteAddr.hostname : "" });
  });
  return {
    address: server.addr,
    url: `http://${openable(listen.hostname)}:${server.addr.port}/?token=${encodeURIComponent(token)}`,
    async close() {
      events.close();
      // A graceful shutdown waits for connections that say nothing, on Deno 2.4 for ever.
      stopping.abort();
      await server.finished;
    },
  };
}

function failed(): Response {
  const response = Response.json({ error: "the request could not be answered" }, { status: 500 });
  lock(response.headers);
  return response;
}

function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/** The host of a URL that leads to a bound address. */
function openable(hostname: string): string {
  const host = canonicalHost(hostname);
  if (isUnspecified(host)) return host === "::" ? "localhost" : "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
