/** Listeners that open no port, for tests of the page: settings are taken and answered as the program does it. */
import type { ActivePart, ListenerAdmin } from "../../src/ui/admin.ts";
import type { ActiveView, LinkSettings, ListenerSettings, ListenerView } from "../../src/ui/api.ts";
import { Refused } from "../../src/ui/requests.ts";

/** What a port 0 becomes, rising. */
const FIRST_FREE_PORT = 50_001;

/** A listener as it is shown; what is left out is ordinary. */
export function listenerView(parts: Partial<ListenerView> & { readonly address: string }): ListenerView {
  const { address, target } = parts;
  const settings: ListenerSettings = target === undefined
    ? { kind: "proxy", listen: address }
    : { kind: "relay", listen: address, target };
  return { id: 1, isListening: true, settings, notes: [], ...parts };
}

/** A row of what is under way; what is left out is ordinary. */
export function activeView(parts: Partial<ActiveView> = {}): ActiveView {
  return {
    type: "exchange",
    ...parts.type !== "stream" && { id: 1, method: "GET", url: "/slow", host: "localhost:8081" },
    connection: 1,
    at: 1_795_170_666_123,
    client: "127.0.0.1:40112",
    target: "localhost:8080",
    listener: "127.0.0.1:8081",
    up: 0,
    down: 0,
    ...parts,
  };
}

/** The listeners. */
export class FakeAdmin implements ListenerAdmin {
  /** What was asked for, in order. */
  readonly asked: (
    | { readonly kind: "add"; readonly settings: ListenerSettings }
    | { readonly kind: "edit"; readonly id: number; readonly settings: ListenerSettings }
    | { readonly kind: "start" | "stop" | "remove"; readonly id: number }
  )[] = [];
  /** The revisions that edits named, in order. */
  readonly revisions: (number | undefined)[] = [];
  /** What the next changes are refused with, one after the other. */
  readonly refusals: Refused[] = [];
  /** What is under way, newest first: tests set it. */
  rows: readonly ActiveView[] = [];
  /** Changes wait for it. */
  pause: Promise<void> = Promise.resolve();
  /** How often somebody looked at what is under way. */
  looks = 0;
  #views: readonly ListenerView[] = [];
  #ids = 0;
  #freePort = FIRST_FREE_PORT;
  readonly #subscribers = new Set<() => void>();

  /** These are there from the beginning. */
  constructor(...settings: readonly ListenerSettings[]) {
    for (const each of settings) this.#views = [...this.#views, this.#shown(++this.#ids, each)];
  }

  /** How many listen for changes. */
  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** Puts something else in the place of a listener's view, as if it had happened to it, and tells of it. */
  change(id: number, parts: Partial<ListenerView>): void {
    this.#views = this.#views.map((view) => view.id === id ? { ...view, ...parts } : view);
    this.#tell();
  }

  /** See {@link ListenerAdmin.list}. */
  list(): readonly ListenerView[] {
    return this.#views;
  }

  /** See {@link ListenerAdmin.add}. */
  async add(settings: ListenerSettings): Promise<ListenerView> {
    this.asked.push({ kind: "add", settings });
    await this.#mayChange();
    this.#judge(settings);
    const view = this.#shown(++this.#ids, settings);
    this.#views = [...this.#views, view];
    this.#tell();
    return view;
  }

  /** See {@link ListenerAdmin.edit}. */
  async edit(id: number, settings: ListenerSettings, revision?: number): Promise<ListenerView> {
    this.asked.push({ kind: "edit", id, settings });
    this.revisions.push(revision);
    await this.#mayChange();
    const { isListening, revision: edits = 0 } = this.#known(id);
    if (revision !== undefined && revision !== edits) {
      throw new Refused(409, "cannot change it: it was changed meanwhile, look at it anew");
    }
    this.#judge(settings, id);
    return this.#replace({ ...this.#shown(id, settings), isListening, revision: edits + 1 });
  }

  /** See {@link ListenerAdmin.start}. */
  async start(id: number): Promise<ListenerView> {
    this.asked.push({ kind: "start", id });
    await this.#mayChange();
    const { error: _, ...view } = this.#known(id);
    return this.#replace({ ...view, isListening: true });
  }

  /** See {@link ListenerAdmin.stop}. */
  async stop(id: number): Promise<ListenerView> {
    this.asked.push({ kind: "stop", id });
    await this.#mayChange();
    return this.#replace({ ...this.#known(id), isListening: false });
  }

  /** See {@link ListenerAdmin.remove}. */
  async remove(id: number): Promise<void> {
    this.asked.push({ kind: "remove", id });
    await this.#mayChange();
    this.#known(id);
    this.#views = this.#views.filter((view) => view.id !== id);
    this.#tell();
  }

  /** See {@link ListenerAdmin.config}. */
  config(): string {
    const relays = this.#views.filter(({ settings }) => settings.kind === "relay");
    const proxies = this.#views.filter(({ settings }) => settings.kind === "proxy");
    const config = {
      relays: relays.map(({ settings: { listen, target } }) => ({ listen, target })),
      proxies: proxies.map(({ settings: { listen } }) => listen),
    };
    return `// tcpmon\n${JSON.stringify(config, null, 2)}\n`;
  }

  /** See {@link ListenerAdmin.active}. */
  active(until: number, most: number): ActivePart {
    this.looks++;
    const rows = this.rows.filter(({ at }) => at <= until);
    return { rows: rows.slice(0, most), total: rows.length };
  }

  /** See {@link ListenerAdmin.subscribe}. */
  subscribe(changed: () => void): () => void {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  }

  async #mayChange(): Promise<void> {
    await this.pause;
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
  }

  #known(id: number): ListenerView {
    const view = this.#views.find((each) => each.id === id);
    if (view === undefined) throw new Refused(404, `listener ${id} is not there, or not any more`);
    return view;
  }

  #judge({ kind, listen, target = "" }: ListenerSettings, own?: number): void {
    if (!/^(?:.+:)?[0-9]{1,5}$/.test(listen)) {
      throw new Refused(400, `found ${JSON.stringify(listen)}, wanted PORT or HOST:PORT`, "listen");
    }
    if (kind === "relay" && !/^(?:https?:\/\/.+|.+:[0-9]{1,5})$/.test(target)) {
      throw new Refused(400, `found ${JSON.stringify(target)}, wanted HOST:PORT or a URL`, "target");
    }
    const address = boundAddress(listen);
    const isTaken = this.#views.some((view) =>
      view.id !== own && view.isListening && view.address === address
    );
    if (isTaken) throw new Refused(409, `cannot listen on ${address}: address already in use`, "listen");
  }

  #shown(id: number, settings: ListenerSettings): ListenerView {
    const { listen, target, upstreamProxy, link } = settings;
    const bound = boundAddress(listen);
    const address = bound.endsWith(":0") ? bound.replace(/0$/, `${this.#freePort++}`) : bound;
    const masked = upstreamProxy?.replace(/^([a-z0-9]+:\/\/[^:@/]*):[^@/]*@/, "$1:***@");
    const words = link === undefined ? "" : wordsOf(link);
    return listenerView({
      id,
      address,
      ...target !== undefined && { target },
      settings: { ...settings, ...masked !== undefined && { upstreamProxy: masked } },
      ...masked !== undefined && masked !== "" && { upstreamProxy: masked.replace(/[^/@]*@/, "") },
      ...words !== "" && { link: words },
      notes: /^(?:127\.|localhost|\[::1\])/.test(address)
        ? []
        : [`${address} can be reached from other machines`],
    });
  }

  #replace(view: ListenerView): ListenerView {
    this.#views = this.#views.map((each) => each.id === view.id ? view : each);
    this.#tell();
    return view;
  }

  #tell(): void {
    for (const changed of [...this.#subscribers]) changed();
  }
}

function boundAddress(listen: string): string {
  return /^[0-9]+$/.test(listen) ? `127.0.0.1:${listen}` : listen;
}

function wordsOf(link: LinkSettings): string {
  return Object.entries(link).filter(([, text]) => text !== "").map(([key, text]) => `${key} ${text}`).join(
    ", ",
  );
}
