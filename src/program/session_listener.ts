/** One listener of a session: its settings, its socket while it listens, and what becomes of its connections. */
import type { Active } from "../capture/active.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { UsageError } from "../cli/usage_error.ts";
import { formatAddress, type ListenAddress } from "../net/address.ts";
import { formatEndpoint } from "../net/endpoint.ts";
import { Link } from "../net/link/link.ts";
import { formatRules, type LinkRules } from "../net/link/spec.ts";
import { type Carry, Listener, ListenError } from "../net/listener.ts";
import { ProxyConnection } from "../net/proxy/proxy_connection.ts";
import type { ProxySettings } from "../net/proxy/settings.ts";
import { RelayedConnection, type RelayTarget } from "../net/relay.ts";
import type { ListenerView } from "../ui/api.ts";
import { Refused } from "../ui/requests.ts";
import { insecureNote, listenerLine, listenerNotes, openNote } from "./announcements.ts";
import { type Configured, isSameLink, isSameWay, shownSettings } from "./listener_settings.ts";
import { type Network, ruleOf } from "./network.ts";
import type { OwnTrust, TlsSetup } from "./tls.ts";

/** What listeners of a session share. */
export interface ListenerContext {
  /** The program's options. */
  readonly options: CaptureOptions;
  /** How TLS is spoken. */
  readonly tls: TlsSetup;
  /** What their connections share, but for link and network. */
  readonly shared: Omit<ProxySettings, "link" | "dial" | "connect" | "secureTarget" | "upstreamFor">;
  /** The program's link. */
  readonly link: LinkRules;
  /** The network of a listener that has no settings of its own for it. */
  readonly network: Network;
  /** A network with another upstream proxy, or for a relay that says itself whether it verifies its target. */
  readonly networkWith: (
    upstream: Pick<CaptureOptions, "upstreamProxy" | "noProxy">,
    own?: OwnTrust,
  ) => Network;
}

/** Settings, and what is made of them, before it is known whether they can be had. */
export interface Prepared {
  /** The settings. */
  readonly configured: Configured;
  /** What becomes of connections. */
  readonly carry: Carry;
  /** How targets are reached. */
  readonly network: Network;
}

/** One listener. It does not listen before {@link take} hands it a socket. */
export class SessionListener {
  /** Its number in this run. */
  readonly id: number;
  /** Why it does not listen, where that is not because it was stopped. */
  error: string | undefined;
  readonly #context: ListenerContext;
  readonly #link: Link;
  #now: Prepared;
  #listener: Listener | undefined;
  /** What was bound for its settings last. */
  #bound: Deno.Addr | undefined;
  /** Sockets that it had, with connections that end by themselves. */
  #left: readonly Listener[] = [];

  /** A listener that was set, but does not listen yet. */
  constructor(id: number, configured: Configured, context: ListenerContext) {
    this.id = id;
    this.#context = context;
    this.#link = new Link(configured.link ?? context.link);
    this.#now = this.prepare(configured);
  }

  /** How it is set. */
  get configured(): Configured {
    return this.#now.configured;
  }

  /** Its socket, while it listens. */
  get listener(): Listener | undefined {
    return this.#listener;
  }

  /** The address that is bound; undefined: none is. */
  get address(): Deno.Addr | undefined {
    return this.#listener?.address;
  }

  /** The address that it gets, as far as that is known: the one that is bound, or that it gets again. */
  get comingAddress(): Deno.Addr | undefined {
    const { listen } = this.configured;
    return this.address ?? (listen.kind === "tcp" && listen.port === 0 ? this.#bound : undefined);
  }

  /** Where it listens; or did last, as records name it; or would. */
  get name(): string {
    return this.#bound === undefined ? formatAddress(this.configured.listen) : formatEndpoint(this.#bound);
  }

  /** What its link does, in words; "": nothing. */
  get link(): string {
    return formatRules(this.#link.rules);
  }

  /**
   * Makes of settings what connections need; nothing is changed.
   *
   * @throws {Refused} 400, where the upstream proxies of the environment cannot be read.
   */
  prepare(configured: Configured): Prepared {
    const { settings, target, hostField } = configured;
    const { options, tls, shared, networkWith } = this.#context;
    const { upstreamProxy = options.upstreamProxy, noProxy = options.noProxy } = settings;
    const own = trustOf(configured);
    const isOwn = upstreamProxy !== options.upstreamProxy || noProxy !== options.noProxy || own !== undefined;
    const network = isOwn
      ? readingEnvironment(() => networkWith({ upstreamProxy, noProxy }, own))
      : this.#context.network;
    const { dial, connect, secureTarget, upstreamFor } = network;
    const context: ProxySettings = { ...shared, link: this.#link, dial, connect, secureTarget, upstreamFor };
    return {
      configured,
      network,
      carry: target === undefined
        ? (client, on) => new ProxyConnection(context, client, on, tls.secureClient)
        : relayTo(context, {
          target,
          name: formatAddress(target),
          rule: ruleOf(target, hostField, network),
          hasUpstreamLogin: network.upstreamFor(target)?.authorization !== undefined,
          secure: tls.secureClient,
        }),
    };
  }

  /**
   * Opens a socket for settings. Where any port will do, the one that it had before is tried first.
   *
   * @throws {ListenError} where the address cannot be had.
   */
  async open({ configured: { listen }, carry } = this.#now): Promise<Listener> {
    const { slots, warn } = this.#context.shared;
    const openAt = (address: ListenAddress) => Listener.open(address, { carry, slots, warn });
    const last = this.#bound;
    const isFree = listen.kind === "tcp" && listen.port === 0 && isSameListen(listen, this.configured.listen);
    if (!isFree || last === undefined || !("port" in last)) return await openAt(listen);
    try {
      return await openAt({ ...listen, port: last.port });
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      return await openAt(listen);
    }
  }

  /**
   * From now on these settings, on this socket.
   *
   * @param listener A new one; undefined: it stops.
   * @returns The socket that it had, where that is another one: it is to be left.
   */
  take(listener: Listener | undefined, settings: Prepared = this.#now): Listener | undefined {
    const { configured: before } = this.#now;
    const old = this.#listener;
    this.#now = settings;
    this.#listener = listener;
    this.error = undefined;
    const { configured, carry } = settings;
    const last = isSameListen(before.listen, configured.listen) ? this.#bound : undefined;
    this.#bound = listener?.address ?? last;
    const isNewLink = !isSameLink(before.settings, configured.settings);
    if (isNewLink) this.#link.set(configured.link ?? this.#context.link);
    if (listener === undefined || listener !== old) {
      this.#left = [...this.#left.filter(({ open }) => open > 0), ...old === undefined ? [] : [old]];
      return old;
    }
    listener.use(carry);
    // Whether requests are answered here is settled when a connection begins.
    const isAnswering = isNewLink && this.#link.rules.status.length > 0;
    if (isAnswering || !isSameWay(before.settings, configured.settings)) listener.retire();
    return undefined;
  }

  /** Whether settings ask for the address that it has. */
  listensAt({ listen }: Configured): boolean {
    if (isSameListen(listen, this.configured.listen)) return true;
    const bound = this.address;
    return bound !== undefined && formatEndpoint(bound) === formatAddress(listen);
  }

  /** What is under way. */
  active(): readonly Active[] {
    return this.#listener?.active() ?? [];
  }

  /** What to say of it on stderr, a line each; only of one that listens. */
  get lines(): string[] {
    const { address } = this;
    if (address === undefined) return [];
    const { target, settings } = this.configured;
    const own = settings.link !== undefined && this.link !== "";
    return [
      listenerLine({ address, target }, this.#context, this.#now.network),
      ...own ? [`simulated link of ${this.name}: ${this.link}`] : [],
      ...this.#notes,
    ];
  }

  /** What to beware of with it, a line each, also of one that does not listen. */
  get warnings(): string[] {
    const isProxy = this.configured.target === undefined;
    return [...this.#notes, ...isProxy ? insecureNote(this.#context.options) : []];
  }

  /** As the viewer shows it. */
  get view(): ListenerView {
    const { configured: { settings, target }, link, error } = this;
    const upstreamProxy = this.#now.network.describe(target);
    return {
      id: this.id,
      address: this.name,
      ...target !== undefined && { target: formatAddress(target) },
      isListening: this.#listener !== undefined,
      ...error !== undefined && { error },
      settings: shownSettings(settings),
      ...upstreamProxy !== undefined && { upstreamProxy },
      ...link !== "" && { link },
      notes: [...this.warnings, ...this.#listener === undefined ? openNote(this.#left) : []],
    };
  }

  get #notes(): string[] {
    const { configured, address } = this;
    const { target, settings: { insecure } } = configured;
    return listenerNotes({ address, target, insecure }, this.#context);
  }
}

/** Whether two addresses are the same; any free port is the same as any other. */
export function isSameListen(one: ListenAddress, other: ListenAddress): boolean {
  return formatAddress(one) === formatAddress(other);
}

/** What a relay says itself of its target's certificate; undefined: nothing. */
function trustOf({ target, settings: { insecure } }: Configured): OwnTrust | undefined {
  return target === undefined || insecure === undefined ? undefined : { target, insecure };
}

function relayTo(context: ProxySettings, to: RelayTarget): Carry {
  return (client, on) => {
    const info = {
      id: context.nextConnectionId(),
      listener: formatEndpoint(on),
      client: formatEndpoint(client.remoteAddr),
      target: to.name,
    };
    return new RelayedConnection(context, client, info, to);
  };
}

function readingEnvironment<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new Refused(400, error.message, "upstreamProxy");
  }
}
