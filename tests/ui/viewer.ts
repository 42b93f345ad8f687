/** A viewer without a port: its application, a history in memory, and requests as a logged-in browser sends them. */
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import type { Record } from "../../src/capture/record.ts";
import { Access } from "../../src/ui/access.ts";
import type { AppOptions, ViewerApp } from "../../src/ui/app.ts";
import { createApp } from "../../src/ui/app.ts";
import { EventStreams, type SetTimer } from "../../src/ui/events.ts";
import { whatHappens } from "../../src/ui/happenings.ts";
import { Script, type Step } from "../capture/connection_script.ts";
import { listenerView } from "./fake_admin.ts";
import { MemorySource } from "./memory_source.ts";

/** Where the viewer stands. */
export const HOST = "127.0.0.1:9999";
/** When it is there. */
const BEGAN = 1_795_170_666_123;

/** Its run. */
export const RUN = "the-run-of-tests";

/** Its token. */
export const TOKEN = "a-token-of-tests";

/** What a browser sends with the requests of the page's own code. */
export const OWN = { host: HOST, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" } as const;

/** What may differ from viewer to viewer. */
export interface TestSettings
  extends Partial<Pick<AppOptions, "source" | "readStatic" | "actions" | "admin">> {
  /** Whether nothing can be changed. */
  readonly isReadonly?: boolean;
  /** The address it is bound to. */
  readonly boundHost?: string;
  /** Other names of it. */
  readonly names?: readonly string[];
  /** A clock, ms. */
  readonly now?: () => number;
  /** The wall clock, ms since the epoch. */
  readonly wallNow?: () => number;
  /** Timers. */
  readonly setTimer?: SetTimer;
}

/** A viewer for a test. */
export class TestViewer {
  /** The history, where the test gave no other. */
  readonly source = new MemorySource();
  /** The event streams. */
  readonly events: EventStreams;
  /** The application. */
  readonly app: ViewerApp;
  #cookie = "";

  /** One that nobody is logged in to. */
  constructor(settings: TestSettings = {}) {
    const { isReadonly = false, boundHost = "127.0.0.1", names, now = () => 0 } = settings;
    const { source = this.source, readStatic = () => Promise.resolve(undefined) } = settings;
    const setTimer = settings.setTimer ?? (() => () => {});
    const { actions, admin, wallNow = () => BEGAN } = settings;
    this.events = new EventStreams({
      subscribe: whatHappens({ source, admin, wallNow, setTimer }),
      now,
      setTimer,
    });
    this.app = createApp({
      source,
      readStatic,
      about: () => ({
        version: "1.2.3",
        listeners: [listenerView({ address: "127.0.0.1:8081" })],
        files: [],
      }),
      run: RUN,
      access: new Access({ token: TOKEN, boundHost, isReadonly, now, ...names && { names } }),
      events: this.events,
      ...actions && { actions },
      ...admin && { admin },
    });
  }

  /** One that a browser is logged in to. */
  static async open(settings: TestSettings = {}): Promise<TestViewer> {
    const viewer = new TestViewer(settings);
    await viewer.login();
    return viewer;
  }

  /** The cookie that the token gives, as a browser sends it back. */
  async login(): Promise<string> {
    const response = await this.ask(`/?token=${TOKEN}`);
    this.#cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    return this.#cookie;
  }

  /** Sends a request; the fields of the page's own code, and the cookie, unless others are given. `""` leaves one out. */
  async ask(path: string, init: RequestInit = {}, peer = "127.0.0.1"): Promise<Response> {
    const given: { [name: string]: string } = { ...init.headers as { [name: string]: string } };
    const fields: { [name: string]: string } = { ...OWN, cookie: this.#cookie, ...given };
    const headers = Object.entries(fields).filter(([, value]) => value !== "");
    const url = `http://${fields.host}${path}`;
    return await this.app.fetch(new Request(url, { ...init, headers }), { peer });
  }

  /** Changes something, as the page does it. */
  change(method: string, path: string, body: string, headers: { [name: string]: string } = {}) {
    const own = { origin: `http://${HOST}`, "content-type": "application/json" };
    return this.ask(path, { method, body, headers: { ...own, ...headers } });
  }

  /** What a request gives as JSON. */
  // deno-lint-ignore no-explicit-any -- tests look into it
  async json(path: string): Promise<any> {
    return await (await this.ask(path)).json();
  }
}

/** The records of what happens on one connection. */
export function recordsOf(...steps: readonly Step[]): readonly Record[] {
  const script = new Script({ memory: new BodyMemory(8 << 20, 64 << 20) });
  for (const step of steps) script.step(step);
  return script.records;
}
