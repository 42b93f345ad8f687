/**
 * The listeners of a session, those of the command line and those that the viewer adds: all of them are opened,
 * changed and stopped here, one change after the other.
 */
import type { Active } from "../capture/active.ts";
import type { ForwardProxy, Relay } from "../cli/relay_spec.ts";
import { formatAddress } from "../net/address.ts";
import { leadsToListener } from "../net/endpoint.ts";
import { type Listener, ListenError } from "../net/listener.ts";
import { Refused } from "../ui/requests.ts";
import { insecureNote, sessionLines } from "./announcements.ts";
import { Failure } from "./failure.ts";
import { circleText } from "./listener_checks.ts";
import { type Configured, readSettings, settingsOfProxy, settingsOfRelay } from "./listener_settings.ts";
import { type ListenerContext, type Prepared, SessionListener } from "./session_listener.ts";
import type { OwnTrust } from "./tls.ts";

/** The listeners of a session. */
export class Listeners {
  readonly #settings: ListenerContext;
  #all: readonly SessionListener[] = [];
  /** Sockets that are closed, but have connections. */
  readonly #draining = new Map<Listener, Promise<void>>();
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
      const own = target && this.addresses.find((address) => leadsToListener(target, address));
      if (own !== undefined) {
        throw new Failure(circleText(`relay to ${formatAddress(target!)}`, own, "target"));
      }
    }
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

  /** What is under way on their connections. */
  active(): Active[] {
    return this.#sockets().flatMap((listener) => [...listener.active()]);
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
    for (const each of this.#all) this.#drain(each.take(undefined), drainMs);
    await Promise.all(this.#draining.values());
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

  /** Lets one listen no more; exchanges may finish, but no longer than at the end of the program. */
  async stop(found: SessionListener, drainMs: number = this.#settings.options.drainMs): Promise<void> {
    const old = found.take(undefined);
    this.#drain(old, drainMs);
    await old?.close();
  }

  /**
   * Lets one listen elsewhere, with other settings. Where that cannot be had, it goes on as it was.
   *
   * @throws {Refused} 409, where the address cannot be had.
   */
  async move(found: SessionListener, settings: Prepared): Promise<void> {
    const { listener: old, address } = found;
    const { listen } = settings.configured;
    const isInItsWay = listen.kind === "tcp" && address !== undefined && "port" in address &&
      listen.port === address.port;
    try {
      // The same port at other addresses: only once it is free can it be had.
      if (isInItsWay) await old?.close();
      this.#take(found, await found.open(settings), settings);
    } catch (error) {
      const refusal = unavailable(error);
      if (isInItsWay) await this.#back(found, refusal.message);
      throw refusal;
    }
  }

  #take(found: SessionListener, listener: Listener, settings?: Prepared): void {
    if (this.#accepts) listener.start();
    this.#drain(found.take(listener, settings));
  }

  /** Lets one listen where it did. */
  async #back(found: SessionListener, error: string): Promise<void> {
    try {
      this.#take(found, await found.open());
    } catch {
      await this.stop(found);
      found.error = error;
    }
  }

  #drain(listener: Listener | undefined, drainMs = this.#settings.options.drainMs): void {
    if (listener === undefined) return;
    const done = listener.stop(drainMs, this.#settings.shared.clock.now);
    this.#draining.set(listener, done.finally(() => this.#draining.delete(listener)));
  }

  #sockets(): Listener[] {
    const open = this.#all.flatMap(({ listener }) => listener === undefined ? [] : [listener]);
    return [...open, ...this.#draining.keys()];
  }
}

function unavailable(error: unknown): Refused {
  if (error instanceof ListenError) return new Refused(409, error.message, "listen");
  throw error;
}
