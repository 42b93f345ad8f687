/**
 * The listeners of a session, those of the command line and those that the viewer adds: all of them are opened,
 * changed and stopped here, one change after the other.
 */
import type { Active, IsWanted } from "../capture/active.ts";
import type { ForwardProxy, Relay } from "../cli/relay_spec.ts";
import { formatAddress } from "../net/address.ts";
import { type Listener, ListenError } from "../net/listener.ts";
import { Refused } from "../ui/requests.ts";
import { insecureNote, sessionLines } from "./announcements.ts";
import { Failure } from "./failure.ts";
import { circleText, leadsHere } from "./listener_checks.ts";
import { type Configured, readSettings, settingsOfProxy, settingsOfRelay } from "./listener_settings.ts";
import { type ListenerContext, type Prepared, SessionListener } from "./session_listener.ts";
import type { OwnTrust } from "./tls.ts";

/** The listeners of a session. */
export class Listeners {
  readonly #settings: ListenerContext;
  #all: readonly SessionListener[] = [];
  /** Sockets that are closed, but have connections. */
  readonly #leaving = new Map<Listener, Promise<void>>();
  /** Told whenever a connection of one of them is over. */
  #onLeft = () => {};
  #lastId = 0;
  #accepts = false;
  #isClosed = false;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** None yet. */
  constructor(settings: ListenerContext) {
    this.#settings = settings;
  }

  /**
   * Opens those of the command line. They accept from {@link accept} on.
   *
   * @throws {ListenError} and {@link Failure} where one cannot be had; {@link close} closes the others.
   */
  async open(relays: readonly Relay[], proxies: readonly ForwardProxy[]): Promise<void> {
    const { options } = this.#settings;
    for (const given of [...relays.map(settingsOfRelay), ...proxies.map(settingsOfProxy)]) {
      const made = this.make(readSettings(given, { options, isTrusted: true }));
      this.#all = [...this.#all, made];
      made.take(await made.open());
    }
    for (const { configured: { target } } of this.#all) {
      const own = target && this.addresses.find((address) => leadsHere(target, address));
      if (own !== undefined) {
        throw new Failure(circleText(`relay to ${formatAddress(target!)}`, own, "target"));
      }
    }
  }

  /** From now on tells whenever a connection is over that was left by a listener that was stopped or moved. */
  onLeft(tell: () => void): void {
    this.#onLeft = tell;
  }

  /** Begins to accept. */
  accept(): void {
    this.#accepts = true;
    for (const { listener } of this.#all) listener?.start();
  }

  /** All of them, in the order in which they were added. */
  get all(): readonly SessionListener[] {
    return this.#all;
  }

  /** The addresses that are bound. */
  get addresses(): Deno.Addr[] {
    return this.#all.flatMap(({ address }) => address === undefined ? [] : [address]);
  }

  /** What relays say of their targets' certificates. */
  get trust(): OwnTrust[] {
    return this.#all.flatMap(({ configured: { target, settings } }) =>
      target === undefined ? [] : [{ target, insecure: settings.insecure }]
    );
  }

  /** How many of their connections have not reached their target yet. */
  get dialling(): number {
    return this.#sockets().reduce((count, { dialling }) => count + dialling, 0);
  }

  /** How many descriptors a connection takes at most, as a rule: both sockets, and what ending TLS on it takes. */
  get descriptorsEach(): number {
    const { tls } = this.#settings;
    const endsTls = tls.secureClient !== undefined || tls.interception !== undefined;
    const speaksTls = this.#all.some(({ configured: { target } }) =>
      target === undefined || (target.kind === "tcp" && target.tls)
    );
    // A client of a proxy may reach several targets at once.
    return 2 + (endsTls ? 3 : 0) + (speaksTls ? 2 : 0);
  }

  /** What to say of them and of the session on stderr, a line each. */
  get announcements(): string[] {
    const { options, link } = this.#settings;
    const hasProxy = this.#all.some(({ configured: { target } }) => target === undefined);
    return [
      ...this.#all.flatMap(({ lines }) => lines),
      ...hasProxy ? insecureNote(options) : [],
      ...sessionLines(this.#settings, link),
    ];
  }

  /** What is under way on their connections, and wanted. */
  active(isWanted: IsWanted): Active[] {
    return this.#sockets().flatMap((listener) => listener.active(isWanted));
  }

  /**
   * Does one change, once those before it are done.
   *
   * @throws {Refused} 503, where the session has ended.
   */
  async change<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#lastChange.then(() => {
      if (this.#isClosed) throw new Refused(503, "cannot change listeners any more: tcpmon is about to end");
      return work();
    });
    this.#lastChange = done.catch(() => {});
    try {
      return await done;
    } finally {
      this.#settings.shared.slots.lookAgain();
    }
  }

  /**
   * Stops all of them, lets exchanges finish, and refuses further changes.
   *
   * @param drainMs How long exchanges may take.
   */
  async close(drainMs: number): Promise<void> {
    this.#isClosed = true;
    await this.#lastChange;
    const { now } = this.#settings.shared.clock;
    this.#onLeft = () => {};
    const open = this.#all.flatMap((each) => each.take(undefined) ?? []);
    const stopping = [...open, ...this.#leaving.keys()].map((listener) => listener.stop(drainMs, now));
    await Promise.all([...stopping, ...this.#leaving.values()]);
  }

  /**
   * A listener with a number of its own; it is not among {@link all} yet.
   *
   * @throws {Refused} as {@link SessionListener.prepare}.
   */
  make(configured: Configured): SessionListener {
    return new SessionListener(++this.#lastId, configured, this.#settings);
  }

  /** Puts one among the others. */
  add(made: SessionListener): void {
    this.#all = [...this.#all, made];
  }

  /** Stops one, and forgets it. */
  async remove(found: SessionListener): Promise<void> {
    await this.stop(found);
    this.#all = this.#all.filter((each) => each !== found);
  }

  /**
   * Lets one listen that does not.
   *
   * @throws {Refused} 409, where the address cannot be had.
   */
  async listen(found: SessionListener): Promise<void> {
    try {
      this.#take(found, await found.open());
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Lets one listen no more; what is under way takes the time that it needs, until the program ends. */
  async stop(found: SessionListener): Promise<void> {
    const old = found.take(undefined);
    this.#leave(old);
    await old?.close();
  }

  /**
   * Lets one listen elsewhere, with other settings. Where that cannot be had, it goes on as it was, its connections, too.
   *
   * @throws {Refused} 409, where the address cannot be had.
   */
  async move(found: SessionListener, settings: Prepared): Promise<void> {
    const { listener: old, address } = found;
    const { listen } = settings.configured;
    try {
      return this.#take(found, await found.open(settings), settings);
    } catch (error) {
      const isInItsWay = listen.kind === "tcp" && address !== undefined && "port" in address &&
        listen.port === address.port;
      if (!(error instanceof ListenError && error.isTaken && isInItsWay)) throw unavailable(error);
    }
    // The same port at other addresses: only once it is free can it be had.
    await old?.close();
    try {
      this.#take(found, await found.open(settings), settings);
    } catch (error) {
      const refusal = unavailable(error);
      await this.#reopen(found, refusal.message);
      throw refusal;
    }
  }

  #take(found: SessionListener, listener: Listener, settings?: Prepared): void {
    if (this.#accepts) listener.start();
    this.#leave(found.take(listener, settings));
  }

  /** Lets the socket of one listen again. @param error Why it does not, where it cannot. */
  async #reopen(found: SessionListener, error: string): Promise<void> {
    try {
      await found.listener?.reopen();
      if (this.#accepts) found.listener?.start();
    } catch {
      await this.stop(found);
      found.error = error;
    }
  }

  #leave(listener: Listener | undefined): void {
    if (listener === undefined) return;
    const left = listener.leave(() => this.#onLeft());
    this.#leaving.set(
      listener,
      left.finally(() => {
        this.#leaving.delete(listener);
        this.#onLeft();
      }),
    );
  }

  #sockets(): Listener[] {
    const open = this.#all.flatMap(({ listener }) => listener === undefined ? [] : [listener]);
    return [...open, ...this.#leaving.keys()];
  }
}

function unavailable(error: unknown): Refused {
  if (error instanceof ListenError) return new Refused(409, error.message, "listen");
  throw error;
}
