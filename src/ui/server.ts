/** The viewer on a port: the application behind its HTTP server, with its token, until it is closed. */
import { Access } from "./access.ts";
import { type AppOptions, createApp } from "./app.ts";
import { canonicalHost, isUnspecified } from "./authority.ts";
import { EventStreams, type SetTimer } from "./events.ts";
import { whatHappens } from "./happenings.ts";
import { MIN_TOKEN_LENGTH } from "./secrets.ts";
import { serveWeb } from "./web_server.ts";

/** What is shown, where, and to whom. */
export interface ViewerSettings
  extends Pick<AppOptions, "source" | "about" | "readStatic" | "actions" | "admin"> {
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
    admin,
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
  const setTimer: SetTimer = (act, ms) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  };
  const subscribe = whatHappens({ source, admin, wallNow: () => Date.now(), setTimer });
  const events = new EventStreams({ subscribe, now, setTimer });
  const run = crypto.randomUUID();
  const app = createApp({ source, about, readStatic, run, access, events, actions, admin });
  const server = serveWeb(listen, (request, peer) => app.fetch(request, { peer }), now);
  const { address } = server;
  return {
    address,
    url: `http://${openable(listen.hostname)}:${address.port}/?token=${encodeURIComponent(token)}`,
    async close() {
      events.close();
      await server.close();
    },
  };
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
