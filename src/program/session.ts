/** Everything that runs while traffic passes: options → log, network → listeners, viewer. */
import { BodyMemory } from "../capture/body_keeper.ts";
import { createClock } from "../capture/clock.ts";
import { redactActive } from "../capture/redact/active.ts";
import denoJson from "../../deno.json" with { type: "json" };
import type { ForwardProxy, Relay } from "../cli/relay_spec.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { STDERR } from "../log/destination.ts";
import type { Status } from "../log/status.ts";
import { parseLink } from "../net/link/spec.ts";
import { readCredentials } from "./credentials.ts";
import type { HistoryIntake, LastIds } from "./history_intake.ts";
import { Listeners } from "./listeners.ts";
import { setUpNetwork } from "./network.ts";
import type { ListenerContext } from "./session_listener.ts";
import { openSinks, type Sinks } from "./sinks.ts";
import { slotsOf } from "./slots.ts";
import { setUpTls } from "./tls.ts";
import type { Viewer } from "./viewer.ts";

/** Memory that bodies in flight may take together, beyond which their ends are not kept. */
const BODY_BUDGET_BYTES = 256 * 1024 * 1024;
const { version } = denoJson;
/** How long the log may take to be written at the end, where the drain time is shorter. */
const FLUSH_MS = 3_000;
/** A stop that takes longer than this is explained. */
const TELL_MS = 300;

/** A running session. */
export interface Session {
  /** The addresses that it listens on: those of relays, then those of proxies. */
  readonly addresses: readonly Deno.Addr[];
  /** What to tell of it on stderr, a line each. */
  readonly announcements: readonly string[];
  /** Where the viewer is, and who can reach it, a line each: told also where nothing else is. */
  readonly viewerLines: readonly string[];
  /** Resolves when the program was told to stop. */
  readonly stopped: Promise<void>;
  /** Tells it to stop. */
  stop(): void;
  /** Writes to the log what waits. */
  flush(): Promise<void>;
  /** Opens the log's file anew; absent where there is none. */
  readonly reopen?: () => void;
  /** Lets the flight recorder dump; absent where there is none. */
  readonly dump?: () => void;
  /** Where captures go that the viewer is to show; absent where no history is kept. */
  readonly history?: HistoryIntake;
  /** The numbers that were given last. */
  readonly ids: LastIds;
  /** Lets exchanges finish, and writes what waits. */
  end(): Promise<void>;
}

/** What is to run. */
export interface Wanted {
  /** The relays. */
  readonly relays: readonly Relay[];
  /** The proxies. */
  readonly proxies: readonly ForwardProxy[];
  /** How they run. */
  readonly options: CaptureOptions;
  /** Captures that the viewer shows; what passes is numbered behind what is in them. Absent: there are none. */
  readonly files?: readonly string[];
}

/**
 * Opens the log and the listeners, and begins to accept.
 *
 * @throws {Failure} and what the listeners throw, where something cannot be had; then nothing is left open.
 */
export async function openSession(wanted: Wanted, status: Status): Promise<Session> {
  const { relays, proxies, options } = wanted;
  const clock = createClock(() => performance.now(), Date.now);
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const link = parseLink(options.link);
  const tls = await setUpTls(options, { [Symbol.iterator]: () => listeners.trust.values() }, relays);
  /** What else listens: nothing may be relayed there, either. */
  const others: Deno.Addr[] = [];
  const listening = () => [...listeners.addresses, ...others];
  const networkWith: ListenerContext["networkWith"] = (upstream, own) =>
    setUpNetwork({ ...options, ...upstream }, tls.forListener(own), listening, clock.now);
  const network = networkWith(options);
  const credentials = readCredentials(options.proxyAuth);
  let abandoned = false;
  const sinks = await openSinks(options, status, () => {
    abandoned = true;
    stop();
  });
  const warn = (text: string) => status.line(text);
  const ids: LastIds = { exchange: 0, connection: 0 };
  const shared: ListenerContext["shared"] = {
    capture: {
      emit: sinks.emit,
      wall: clock.wall,
      nextId: () => ++ids.exchange,
      memory: new BodyMemory(options.maxBodyBytes, BODY_BUDGET_BYTES),
    },
    clock,
    slots: slotsOf(options, () => listeners, warn),
    interception: tls.interception,
    credentials,
    via: options.via,
    idleTimeoutMs: options.idleTimeoutMs,
    warn,
    nextConnectionId: () => ++ids.connection,
  };
  const context: ListenerContext = { options, tls, shared, link, network, networkWith };
  const listeners = new Listeners(context);
  let viewer: OpenViewer | undefined;
  try {
    await listeners.open(relays, proxies);
    // What the viewer sends comes through no listener.
    const own = { ...context, network: setUpNetwork(options, tls, listening, clock.now) };
    viewer = await openViewerOf(sinks, own, listeners, others, wanted.files, ids);
  } catch (error) {
    await listeners.close(0);
    await sinks.close(0);
    throw error;
  }
  listeners.accept();
  return {
    addresses: listeners.addresses,
    announcements: listeners.announcements,
    viewerLines: viewer?.lines ?? [],
    stopped,
    stop,
    flush: () => sinks.flush(),
    reopen: logsToFile(options.output) ? () => sinks.reopen() : undefined,
    dump: sinks.dump,
    history: sinks.history,
    ids,
    async end() {
      const told = setTimeout(
        () => status.line("waiting for exchanges to end, Ctrl-C again ends at once"),
        TELL_MS,
      );
      await listeners.close(options.drainMs);
      clearTimeout(told);
      await viewer?.close();
      await sinks.close(Math.max(options.drainMs, FLUSH_MS));
      // Whoever wants the program to end with its reader knows that there is one no more.
      if (sinks.lost > 0 && !abandoned) status.line(`${sinks.lost} records were lost in all`);
    },
  };
}

/** Whether the log goes to a file, which can be opened anew, and not to a stream of the program. */
export function logsToFile(output: string | undefined): boolean {
  return output !== undefined && output !== STDERR;
}

interface OpenViewer {
  /** What to say of it on stderr, a line each. */
  readonly lines: readonly string[];
  /** Ends it, and what it has under way. */
  close(): Promise<void>;
}

/**
 * Opens the viewer, where one is wanted.
 *
 * @param others Gets its address.
 * @param files The captures that it shows, where that is what it is for.
 */
async function openViewerOf(
  { source, history, redact }: Sinks,
  { options, shared: { capture, clock, nextConnectionId, warn }, network }: ListenerContext,
  listeners: Listeners,
  others: Deno.Addr[],
  files: readonly string[] | undefined,
  ids: LastIds,
): Promise<OpenViewer | undefined> {
  if (options.viewer === undefined || source === undefined || history === undefined) return undefined;
  // Loaded only when asked for, as it would cost every other start its time.
  const [{ openViewer, viewerLines }, { openActions, EXCHANGE_MS }, { clientOver }, { openAdmin }, presets] =
    await Promise.all([
      import("./viewer.ts"),
      import("./viewer_actions.ts"),
      import("./client.ts"),
      import("./listener_admin.ts"),
      import("./link_presets.ts"),
    ]);
  const client = clientOver(network, {
    ...capture,
    dial: network.dial,
    clock,
    nextConnectionId,
    nextExchangeId: capture.nextId,
    timeoutMs: EXCHANGE_MS,
  });
  const actions = openActions({
    ...options,
    source,
    history,
    // In a log the numbers would jump.
    ...files !== undefined && { ids },
    client,
    keepsHost: options.host === "keep",
    version,
    warn,
  });
  const admin = openAdmin(listeners, {
    options,
    version,
    others: () => others,
    epochNow: Date.now,
    redact: redact && ((active) => redactActive(active, redact)),
    tell: warn,
  });
  const about = () => ({ version, files: files ?? [], linkPresets: presets.linkPresets() });
  const viewer: Viewer = openViewer(options.viewer, source, about, actions, admin);
  others.push(viewer.address);
  return {
    lines: viewerLines(viewer),
    async close() {
      await viewer.close();
      await actions.stop();
    },
  };
}
