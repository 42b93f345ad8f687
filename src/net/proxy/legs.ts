/** The ways to targets that one client of the proxy has open: one to each, the one that was used last for the next. */
import type { Active, IsWanted } from "../../capture/active.ts";
import type { ConnectionEnd, ConnectionInfo, TlsInfo } from "../../capture/record.ts";
import type { Connection } from "../connection.ts";
import { ProxyLeg } from "./leg.ts";
import { type Prepared, VIA } from "./route.ts";
import type { ProxySettings } from "./settings.ts";

/** Targets that one client keeps connections to: more than a page usually has. */
const LEG_LIMIT = 8;

/** What they need of the client's connection. */
export interface LegsOptions {
  /** How the proxy behaves. */
  readonly settings: ProxySettings;
  /** The client's connection. */
  readonly client: Connection;
  /** TLS with the client, where it speaks it. */
  readonly clientTls?: TlsInfo;
  /** Ends what is waited for. */
  readonly signal: AbortSignal;
  /** How records name the connection where it goes to that target. */
  readonly infoFor: (target: string) => ConnectionInfo;
}

/** The ways to targets of one client. */
export class ProxyLegs {
  readonly #options: LegsOptions;
  readonly #legs = new Map<string, ProxyLeg>();
  #last: ProxyLeg | undefined;
  #opened = 0;
  #extraSlots = 0;

  /** None is open. */
  constructor(options: LegsOptions) {
    this.#options = options;
  }

  /** How many were opened so far. */
  get opened(): number {
    return this.#opened;
  }

  /** Whether there is one. */
  get reached(): boolean {
    for (const leg of this.#legs.values()) if (!leg.isOver) return true;
    return false;
  }

  /** What is under way on them. */
  active(isWanted?: IsWanted): readonly Active[] {
    return [...this.#legs.values()].flatMap((leg) => leg.active(isWanted));
  }

  /** When bytes passed last on one of them, monotonic ms; 0 for never. */
  get activeAt(): number {
    let activeAt = 0;
    for (const leg of this.#legs.values()) activeAt = Math.max(activeAt, leg.activeAt);
    return activeAt;
  }

  /** The one that was used last. */
  get last(): ProxyLeg | undefined {
    return this.#last;
  }

  /** The way to a target, where there is one that takes another request. */
  usable(key: string): ProxyLeg | undefined {
    // Most clients stay with one target.
    if (this.#last?.isUsable && this.#last.key === key) return this.#last;
    const known = this.#legs.get(key);
    return known?.isUsable ? this.#last = known : undefined;
  }

  /**
   * Opens one to the target of a request.
   *
   * @throws What reaching the target throws.
   */
  async open({ target, name, key }: Prepared & { readonly kind: "forward" }): Promise<ProxyLeg> {
    await this.#makeRoom();
    const { settings, client, clientTls, signal, infoFor } = this.#options;
    const startedAt = settings.clock.now();
    const reached = await settings.dial(target, signal);
    const leg = new ProxyLeg({
      key,
      context: settings,
      info: infoFor(name),
      client,
      clientTls,
      reached,
      connectMs: settings.clock.now() - startedAt,
      add: settings.via ? [VIA] : [],
      upstream: settings.upstreamFor(target),
    });
    this.#opened++;
    this.#legs.set(key, leg);
    return this.#last = leg;
  }

  /** Ends all of them, for this reason, and resolves when all was told. */
  async close(end?: ConnectionEnd): Promise<void> {
    await Promise.all(Array.from(this.#legs.values(), (leg) => leg.close(end)));
    for (; this.#extraSlots > 0; this.#extraSlots--) this.#options.settings.slots.give();
  }

  /** Makes room for another: it needs a place, unless it is the only one. */
  async #makeRoom(): Promise<void> {
    for (const [key, leg] of this.#legs) if (!leg.isUsable) await this.#drop(key, leg);
    if (this.#legs.size <= this.#extraSlots) return;
    if (this.#legs.size < LEG_LIMIT && this.#options.settings.slots.tryTake()) {
      this.#extraSlots++;
      return;
    }
    const [oldest] = [...this.#legs].sort(([, a], [, b]) => a.activeAt - b.activeAt);
    await this.#drop(...oldest);
  }

  async #drop(key: string, leg: ProxyLeg): Promise<void> {
    this.#legs.delete(key);
    await leg.close();
  }
}
