/**
 * One client of the forward proxy: absolute-form requests, each to its own host, CONNECT and SOCKS5 tunnels, told apart
 * by the first byte.
 *
 *     client ──▶ requests, one by one ──▶ leg to a.example ──▶ target
 *                                    └──▶ leg to b.example ──▶ target        CONNECT, SOCKS ──▶ tunnel
 *
 * A request that follows another (pipelining) waits for the answer to that one, in the client's own buffer. Bodies go on
 * as they come. What tcpmon answers itself is captured as an exchange, too.
 */
import { type Active, EVERYTHING, type IsWanted } from "../../capture/active.ts";
import { activeStream, askedBy } from "../../capture/active_rows.ts";
import type { ConnectionEnd, ConnectionInfo, FaultNote, TlsInfo } from "../../capture/record.ts";
import { formatAddress } from "../address.ts";
import { closeQuietly, type Connection } from "../connection.ts";
import { type Progress, writeRest } from "../copy.ts";
import { reasonOf, sendAtOnce } from "../dial.ts";
import { formatEndpoint } from "../endpoint.ts";
import { GuardedCapture } from "../guarded_capture.ts";
import type { Carried } from "../listener.ts";
import type { RelayedConnection, Secure } from "../relay.ts";
import { ClientReader } from "./client_reader.ts";
import { ProxyHttp } from "./proxy_http.ts";
import { serveSocks } from "./proxy_socks.ts";
import type { ProxySettings } from "./settings.ts";
import { carryTunnel, type Tunnel } from "./tunnel.ts";

/** How long what a client still sends is read and dropped before its connection is closed. */
const LAST_WORDS_MS = 1_000;
const SOCKS4 = 4;
const SOCKS5 = 5;

/** One client of the proxy. {@link run} it once. */
export class ProxyConnection implements Carried {
  readonly #settings: ProxySettings;
  readonly #listener: string;
  readonly #name: string;
  readonly #id: number;
  readonly #secure: Secure | undefined;
  readonly #acceptedAt: number;
  readonly #stop = new AbortController();
  readonly #down: Progress = { bytes: 0, sentBytes: 0, activeAt: 0 };
  /** What is being opened: the target by name, and since when. */
  #opening: { readonly name: string; readonly startedAt: number } | undefined;
  /** When a target was reached last, or could not be. */
  #dialledAt = 0;
  #client: Connection;
  #clientTls: TlsInfo | undefined;
  #idleTimer: ReturnType<typeof setInterval> | undefined;
  #reader: ClientReader | undefined;
  #http: ProxyHttp | undefined;
  #tunnel: RelayedConnection | undefined;
  #exchanges = 0;
  #error: string | undefined;
  #end: ConnectionEnd | undefined;
  #over = false;

  /**
   * A client that was accepted. Nothing happens before {@link run}.
   *
   * @param secure Ends TLS that clients speak with the proxy itself; absent: they speak none.
   */
  constructor(settings: ProxySettings, client: Connection, listener: Deno.Addr, secure?: Secure) {
    this.#settings = {
      ...settings,
      dial: (target, signal) => this.#dial(settings.dial(target, signal), formatAddress(target)),
      connect: (target, signal) => this.#dial(settings.connect(target, signal), formatAddress(target)),
    };
    this.#client = client;
    this.#listener = formatEndpoint(listener);
    this.#name = formatEndpoint(client.remoteAddr);
    this.#id = settings.nextConnectionId();
    this.#secure = secure;
    this.#acceptedAt = settings.clock.now();
  }

  /** Whether it can be closed without cutting an exchange. */
  get idle(): boolean {
    return this.#tunnel?.idle ?? this.#http?.idle ?? true;
  }

  /** Whether it holds the descriptors that it needs, as a rule. */
  get reached(): boolean {
    return this.#tunnel?.reached ?? this.#http?.legs.reached ?? false;
  }

  /**
   * What is under way on it: exchanges, a tunnel or what passes in it, a target that is being reached, and a connection
   * that has not said yet what it wants. Never throws.
   */
  active(isWanted: IsWanted = EVERYTHING): readonly Active[] {
    if (this.#over) return [];
    const head = this.#http?.head;
    if (this.#tunnel !== undefined) {
      const rows = this.#tunnel.active(isWanted);
      return head === undefined ? rows : askedBy(head, rows);
    }
    const { wall } = this.#settings.clock;
    const rows = this.#http?.legs.active(isWanted) ?? [];
    if (this.#opening !== undefined) {
      const { name, startedAt } = this.#opening;
      const at = wall(startedAt);
      if (!isWanted(at)) return rows;
      return [...rows, activeStream(this.#infoFor(name), { at, up: 0, down: 0 }, head)];
    }
    if (this.#exchanges > 0 || (this.#http?.legs.opened ?? 0) > 0 || this.#end !== undefined) return rows;
    const soFar = { at: wall(this.#acceptedAt), up: this.#reader?.bytes ?? 0, down: this.#down.bytes };
    return isWanted(soFar.at) ? [activeStream(this.#infoFor(""), soFar)] : [];
  }

  /** Ends it at once. */
  stop(): void {
    this.#tunnel?.stop();
    this.#endNow("stopped");
  }

  /** Carries it until it is over. Never throws. */
  async run(): Promise<void> {
    sendAtOnce(this.#client);
    const refusal = this.#settings.link.refuses(this.#id);
    if (refusal !== undefined) {
      closeQuietly(this.#client);
      this.#end = "fault";
      this.#over = true;
      return this.#tellClosed([refusal]);
    }
    const { idleTimeoutMs } = this.#settings;
    if (idleTimeoutMs > 0) this.#watchIdleness(idleTimeoutMs);
    try {
      if (await this.#secureClient()) await this.#serve();
      this.#end ??= "client-closed";
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#error ??= `the client: ${reasonOf(error)}`;
      this.#end ??= "client-reset";
    }
    clearInterval(this.#idleTimer);
    await this.#http?.legs.close(this.#end);
    // A tunnel closes what it carries itself, once the last of it is delivered.
    if (this.#tunnel === undefined) closeQuietly(this.#client);
    if (this.#tunnel === undefined && (this.#http?.legs.opened ?? 0) === 0) this.#tellClosed();
    this.#over = true;
  }

  /** Waits until a target is reached; there is one at a time. */
  async #dial<T>(reaching: Promise<T>, name: string): Promise<T> {
    this.#opening = { name, startedAt: this.#settings.clock.now() };
    try {
      return await reaching;
    } finally {
      this.#opening = undefined;
      this.#dialledAt = this.#settings.clock.now();
    }
  }

  #endNow(end: ConnectionEnd): void {
    this.#end ??= end;
    this.#stop.abort();
    closeQuietly(this.#client);
    void this.#http?.legs.close(this.#end);
  }

  #watchIdleness(timeoutMs: number): void {
    const { now } = this.#settings.clock;
    this.#idleTimer = setInterval(() => {
      // Reaching a target has a time-out of its own.
      if (this.#opening !== undefined) return;
      const activeAt = Math.max(
        this.#acceptedAt,
        this.#dialledAt,
        this.#reader?.readAt ?? 0,
        this.#down.activeAt,
        this.#http?.legs.activeAt ?? 0,
      );
      if (now() - activeAt < timeoutMs || this.#http?.timeOut(timeoutMs)) return;
      this.#endNow("idle-timeout");
    }, Math.min(timeoutMs, Math.max(10, timeoutMs / 10)));
  }

  async #secureClient(): Promise<boolean> {
    if (this.#secure === undefined) return true;
    try {
      const { connection, tls } = await this.#secure(this.#client, this.#stop.signal);
      this.#client = connection;
      this.#clientTls = tls;
      return true;
    } catch (error) {
      this.#end ??= "tls-failed";
      this.#error = `TLS with the client: ${reasonOf(error)}`;
      return false;
    }
  }

  async #serve(): Promise<void> {
    const reader = this.#reader = new ClientReader(this.#client, this.#settings.clock.turn);
    if (!await reader.more()) return;
    const first = reader.chunk[0];
    if (first === SOCKS5 || first === SOCKS4) {
      const outcome = await serveSocks(reader, this.#client, this.#settings, this.#stop.signal);
      if (outcome.kind === "tunnel") {
        const { kind: _kind, ...way } = outcome;
        return await this.#carry({ ...way, info: this.#infoFor(way.name), client: this.#client });
      }
      this.#end ??= "connect-failed";
      this.#error ??= outcome.reason;
      return await this.#linger();
    }
    this.#http = new ProxyHttp({
      settings: this.#settings,
      client: this.#client,
      clientTls: this.#clientTls,
      reader,
      signal: this.#stop.signal,
      connectionId: this.#id,
      infoFor: (target) => this.#infoFor(target),
      answer: (bytes, capture) => this.#answer(bytes, capture),
    });
    const tunnel = await this.#http.serve();
    if (tunnel === undefined) {
      const { refusal } = this.#http;
      this.#end ??= refusal?.end;
      this.#error ??= refusal?.text;
      return await this.#linger();
    }
    // It may be reading ahead already.
    await this.#carry({ ...tunnel, info: this.#infoFor(tunnel.name), client: reader.connection() });
  }

  async #carry(tunnel: Tunnel): Promise<void> {
    clearInterval(this.#idleTimer);
    this.#opening = { name: tunnel.name, startedAt: this.#settings.clock.now() };
    const relayed = await carryTunnel(tunnel, this.#settings, this.#clientTls);
    this.#tunnel = relayed;
    if (this.#stop.signal.aborted) relayed.stop();
    await relayed.run();
    // Where it was stopped before it took the way over.
    closeQuietly(tunnel.way);
  }

  #infoFor(target: string): ConnectionInfo {
    return { id: this.#id, listener: this.#listener, client: this.#name, target };
  }

  /** Sends an answer of tcpmon's own to the client, and tells the capture of the request. */
  async #answer(bytes: Uint8Array, capture: GuardedCapture): Promise<void> {
    const { clock } = this.#settings;
    const at = clock.now();
    this.#down.activeAt = at;
    const writing = writeRest(this.#client, bytes, 0, this.#down, clock.now);
    this.#down.bytes += bytes.length;
    capture.down(bytes, at, clock.now());
    capture.ended(clock.now());
    this.#exchanges += capture.exchanges;
    await writing;
  }

  /** Lets the client read the last answer: closing while bytes of it are unread would take that back. */
  async #linger(): Promise<void> {
    const timer = setTimeout(() => closeQuietly(this.#client), LAST_WORDS_MS);
    try {
      await this.#client.closeWrite();
      do this.#reader?.takeRest(); while (await this.#reader?.more());
    } catch {
      // It is gone.
    } finally {
      clearTimeout(timer);
    }
  }

  /** A client that reached no target has no other record of its own. */
  #tellClosed(faults?: readonly FaultNote[]): void {
    const { capture, clock, warn } = this.#settings;
    const info = this.#infoFor("");
    const at = clock.now();
    new GuardedCapture(capture, info, warn).emit({
      type: "connection",
      event: "closed",
      connection: info,
      at: capture.wall(at),
      up: this.#reader?.bytes ?? 0,
      down: this.#down.bytes,
      totalMs: at - this.#acceptedAt,
      end: this.#end ?? "stopped",
      error: this.#error,
      exchanges: this.#exchanges,
      faults,
    });
  }
}
