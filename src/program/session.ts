/** Everything that runs while traffic passes: options → log, network → listeners. */
import { BodyMemory } from "../capture/body_keeper.ts";
import { createClock } from "../capture/clock.ts";
import denoJson from "../../deno.json" with { type: "json" };
import type { ProxySpec, Relay } from "../cli/relay_spec.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import type { Status } from "../log/status.ts";
import { sizeText } from "../log/units.ts";
import { formatAddress } from "../net/address.ts";
import { ConnectionSlots, MOST_CONNECTIONS, roomForConnections } from "../net/connection_slots.ts";
import { formatEndpoint, isLoopback, leadsToListener } from "../net/endpoint.ts";
import { Link } from "../net/link/link.ts";
import { formatRules, isPlain, parseLink } from "../net/link/spec.ts";
import { Listener } from "../net/listener.ts";
import { ProxyConnection } from "../net/proxy/proxy_connection.ts";
import type { ProxySettings } from "../net/proxy/settings.ts";
import { RelayedConnection, type RelayTarget } from "../net/relay.ts";
import { readCredentials } from "./credentials.ts";
import { Failure } from "./failure.ts";
import { ruleOf, setUpNetwork } from "./network.ts";
import { openSinks } from "./sinks.ts";
import type { ListenerView } from "../ui/api.ts";
import type { Viewer } from "./viewer.ts";
import type { OpenActions } from "./viewer_actions.ts";
import { setUpTls, type TlsSetup } from "./tls.ts";

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
  /** Lets exchanges finish, and writes what waits. */
  end(): Promise<void>;
}

/** What is to run. */
export interface Wanted {
  /** The relays. */
  readonly relays: readonly Relay[];
  /** The proxies. */
  readonly proxies: readonly ProxySpec[];
  /** How they run. */
  readonly options: CaptureOptions;
}

/**
 * Opens the log and the listeners, and begins to accept.
 *
 * @throws {Failure} and what the listeners throw, where something cannot be had; then nothing is left open.
 */
export async function openSession({ relays, proxies, options }: Wanted, status: Status): Promise<Session> {
  const clock = createClock(() => performance.now(), Date.now);
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const link = new Link(parseLink(options.link));
  const tls = await setUpTls(options, relays);
  const listeners: Listener[] = [];
  const addresses = () => listeners.map(({ address }) => address);
  /** What else listens: nothing may be relayed there, either. */
  const own: Deno.Addr[] = [];
  const network = setUpNetwork(options, tls, () => [...addresses(), ...own], clock.now);
  let abandoned = false;
  const sinks = await openSinks(options, status, () => {
    abandoned = true;
    stop();
  });
  const slots = slotsOf(options, descriptorsEach(relays, proxies, tls), listeners, status);
  const warn = (text: string) => status.line(text);
  let [exchanges, connections] = [0, 0];
  const settings: ProxySettings = {
    capture: {
      emit: sinks.emit,
      wall: clock.wall,
      nextId: () => ++exchanges,
      memory: new BodyMemory(options.maxBodyBytes, BODY_BUDGET_BYTES),
    },
    clock,
    link,
    slots,
    dial: network.dial,
    connect: network.connect,
    secureTarget: network.secureTarget,
    upstreamFor: network.upstreamFor,
    interception: tls.interception,
    credentials: readCredentials(options.proxyAuth),
    via: options.via,
    idleTimeoutMs: options.idleTimeoutMs,
    warn,
    nextConnectionId: () => ++connections,
  };
  const shared = { slots, warn };
  try {
    for (const relay of relays) {
      const { target } = relay;
      const to: RelayTarget = {
        target,
        name: formatAddress(target),
        rule: ruleOf(relay, network),
        secure: tls.secureClient,
      };
      const carry = (client: Deno.Conn, on: Deno.Addr) => {
        const info = {
          id: settings.nextConnectionId(),
          listener: formatEndpoint(on),
          client: formatEndpoint(client.remoteAddr),
          target: to.name,
        };
        return new RelayedConnection(settings, client, info, to);
      };
      listeners.push(await Listener.open(relay.listen, { ...shared, carry }));
    }
    for (const { listen } of proxies) {
      const carry = (client: Deno.Conn, on: Deno.Addr) =>
        new ProxyConnection(settings, client, on, tls.secureClient);
      listeners.push(await Listener.open(listen, { ...shared, carry }));
    }
    refuseCircles(relays, addresses());
  } catch (error) {
    for (const listener of listeners) await listener.stop(0, clock.now);
    await sinks.close(0);
    throw error;
  }
  let viewer: Viewer | undefined;
  let actions: OpenActions | undefined;
  if (options.viewer !== undefined && sinks.source !== undefined) {
    const [{ openViewer }, { openActions, EXCHANGE_MS }, { clientOver }] = await Promise.all([
      import("./viewer.ts"),
      import("./viewer_actions.ts"),
      import("./client.ts"),
    ]);
    const { source } = sinks;
    const shown = () => listenersShown(relays, proxies, listeners);
    const client = clientOver(network, {
      ...settings.capture,
      dial: network.dial,
      clock,
      nextConnectionId: settings.nextConnectionId,
      nextExchangeId: settings.capture.nextId,
      timeoutMs: EXCHANGE_MS,
    });
    actions = openActions({ ...options, source, client, keepsHost: options.host === "keep", version, warn });
    try {
      const about = () => ({ version, listeners: shown(), files: [] });
      viewer = openViewer(options.viewer, source, about, actions);
    } catch (error) {
      for (const listener of listeners) await listener.stop(0, clock.now);
      await sinks.close(0);
      throw error;
    }
    own.push(viewer.address);
  }
  for (const listener of listeners) listener.start();
  return {
    addresses: addresses(),
    announcements: announcements({ relays, proxies, options }, addresses(), tls, link, network.describe),
    viewerLines: viewer === undefined ? [] : (await import("./viewer.ts")).viewerLines(viewer),
    stopped,
    stop,
    flush: () => sinks.flush(),
    reopen: options.output === undefined ? undefined : () => sinks.reopen(),
    dump: sinks.dump,
    async end() {
      const told = setTimeout(
        () => status.line("waiting for exchanges to end, Ctrl-C again ends at once"),
        TELL_MS,
      );
      await Promise.all(listeners.map((listener) => listener.stop(options.drainMs, clock.now)));
      clearTimeout(told);
      await viewer?.close();
      await actions?.stop();
      await sinks.close(Math.max(options.drainMs, FLUSH_MS));
      // Whoever wants the program to end with its reader knows that there is one no more.
      if (sinks.lost > 0 && !abandoned) status.line(`${sinks.lost} records were lost in all`);
    },
  };
}

/** What listens, as the viewer shows it. */
function listenersShown(
  relays: readonly Relay[],
  proxies: readonly ProxySpec[],
  listeners: readonly Listener[],
): ListenerView[] {
  return listeners.slice(0, relays.length + proxies.length).map(({ address }, i) => ({
    address: formatEndpoint(address),
    ...i < relays.length && { target: formatAddress(relays[i].target) },
  }));
}

/** A relay into a listener of our own would never end. */
function refuseCircles(relays: readonly Relay[], addresses: readonly Deno.Addr[]): void {
  for (const { target } of relays) {
    const own = addresses.find((address) => leadsToListener(target, address));
    if (own === undefined) continue;
    throw new Failure(
      `cannot relay to ${formatAddress(target)}: found a listener of this tcpmon itself (${
        formatEndpoint(own)
      }), ` +
        "wanted another target",
    );
  }
}

function announcements(
  { relays, proxies, options }: Wanted,
  addresses: readonly Deno.Addr[],
  tls: TlsSetup,
  link: Link,
  upstreamOf: (target: Relay["target"]) => string | undefined,
): string[] {
  const lines: string[] = [];
  const secured = tls.secureClient === undefined ? "" : ", with TLS";
  const open = (address: Deno.Addr) => {
    if (!isLoopback(address)) lines.push(`${formatEndpoint(address)} can be reached from other machines`);
  };
  relays.forEach(({ target }, i) => {
    const upstream = upstreamOf(target);
    const way = upstream === undefined ? "" : ` through ${upstream}`;
    const toTls = target.kind === "tcp" && target.tls ? " (TLS)" : "";
    lines.push(`relaying ${formatEndpoint(addresses[i])} → ${formatAddress(target)}${toTls}${way}${secured}`);
    open(addresses[i]);
    if (target.kind === "tcp" && target.tls && tls.clientOptions(target).insecure) {
      lines.push(
        `the certificate of ${formatAddress(target)} is NOT VERIFIED (--insecure): anyone may pose as it`,
      );
    }
  });
  proxies.forEach((_, i) => {
    const address = addresses[relays.length + i];
    lines.push(`proxy on ${formatEndpoint(address)} (HTTP, CONNECT, SOCKS 5)${secured}`);
    open(address);
    if (!isLoopback(address) && options.proxyAuth === undefined) {
      lines.push(
        `everyone who reaches ${formatEndpoint(address)} can use it: --proxy-auth asks for a password`,
      );
    }
  });
  if (proxies.length > 0 && options.targetTls.insecure !== undefined) {
    const which = options.targetTls.insecure === "" ? "any host" : options.targetTls.insecure;
    lines.push(`certificates of ${which} are NOT VERIFIED (--insecure): anyone may pose as them`);
  }
  const { authority } = tls;
  if (authority !== undefined) {
    lines.push(`clients must trust ${authority.certPath} (tcpmon ca says how)`);
  }
  if (options.recorder !== undefined) {
    const { folder, limitBytes } = options.recorder;
    const how = Deno.build.os === "windows" ? "" : `, kill -USR2 ${Deno.pid} dumps it`;
    lines.push(`recording into ${folder}, at most ${sizeText(limitBytes)}${how}`);
  }
  if (!isPlain(link.rules)) lines.push(`simulated link: ${formatRules(link.rules)}`);
  return lines;
}

/** How many descriptors a connection takes at most, as a rule: both sockets, and what ending TLS on it takes. */
function descriptorsEach(relays: readonly Relay[], proxies: readonly ProxySpec[], tls: TlsSetup): number {
  const endsTls = tls.secureClient !== undefined || tls.interception !== undefined;
  const speaksTls = proxies.length > 0 || relays.some(({ target }) => target.kind === "tcp" && target.tls);
  // A client of a proxy may reach several targets at once.
  return 2 + (endsTls ? 3 : 0) + (speaksTls ? 2 : 0);
}

function slotsOf(
  { maxConnections }: CaptureOptions,
  each: number,
  listeners: readonly Listener[],
  status: Status,
): ConnectionSlots {
  const dialling = () => listeners.reduce((count, listener) => count + listener.dialling, 0);
  // Windows has neither such a file nor such a limit.
  const room = Deno.build.os === "windows"
    ? () => Infinity
    : () => roomForConnections(dialling(), each, () => Deno.openSync("/dev/null"));
  return new ConnectionSlots(maxConnections ?? MOST_CONNECTIONS, room, (used) => {
    const open = used === 1 ? "1 connection is open" : `${used} connections are open`;
    status.line(`${open}, further ones wait until one ends (--max-connections, or ulimit -n)`);
  });
}
