/** Starts the program with its viewer, and asks the viewer what its page asks. */

import type { RowPage } from "../../src/ui/api.ts";
import type { BenchContext } from "./context.ts";
import { subjectCommand } from "./programs.ts";
import { RELAYING } from "./relays.ts";
import type { Running } from "./workshop.ts";

/** Any port that is free, on loopback. */
const VIEW = "--view=127.0.0.1:0";
const VIEWER = /viewer on (\S+)/;
/** How often it is asked whether all rows are there. */
const POLL_MS = 50;
/** How long a program may take to store what it has taken, or to read a log of a million lines. */
const STORED_TIMEOUT_MS = 600_000;
/** How long what passed may take to be stored, once nothing more comes. */
const REST_TIMEOUT_MS = 20_000;

/** Asks a viewer over HTTP, as its page does. */
export class ViewerApi {
  readonly #origin: string;
  readonly #cookie: string;

  private constructor(origin: string, cookie: string) {
    this.#origin = origin;
    this.#cookie = cookie;
  }

  /** Shows the token in `url` once. */
  static async open(url: string): Promise<ViewerApi> {
    const response = await fetch(url, { redirect: "manual" });
    await response.body?.cancel();
    const cookie = response.headers.get("set-cookie")?.split(";", 1)[0];
    if (cookie === undefined) {
      throw new Error(`the viewer gave no cookie for its own address: status ${response.status}`);
    }
    return new ViewerApi(new URL(url).origin, cookie);
  }

  async #get(path: string): Promise<Response> {
    const response = await fetch(this.#origin + path, { headers: { cookie: this.#cookie } });
    if (response.ok) return response;
    throw new Error(`the viewer refused ${path}: ${response.status} ${await response.text()}`);
  }

  /** A page of rows; `query` as in src/ui/api.ts. */
  async rows(query: string): Promise<RowPage> {
    return await (await this.#get(`/api/rows?${query}`)).json();
  }

  /** How many rows the history has, counted there: an order is made of all of them. */
  async stored(): Promise<number> {
    return (await this.rows("sort=row&limit=1")).total ?? NaN;
  }

  /** Reads the events of a page that is open; the returned function ends it. */
  async listen(): Promise<() => Promise<void>> {
    const reader = (await this.#get("/api/events")).body!.getReader();
    const read = async () => {
      while (!(await reader.read()).done);
    };
    const reading = read();
    return async () => {
      await reader.cancel();
      await reading;
    };
  }

  /** Waits until `count` rows are stored. */
  async shows(count: number): Promise<void> {
    const deadline = performance.now() + STORED_TIMEOUT_MS;
    for (;;) {
      // What is on its way is among the total; an order has what has arrived, and takes longer.
      const { total = 0 } = await this.rows("limit=1");
      if (total >= count && await this.stored() >= count) return;
      if (performance.now() > deadline) {
        throw new Error(`the viewer has ${total} of ${count} rows after ${STORED_TIMEOUT_MS / 1000} s`);
      }
      await new Promise((resume) => setTimeout(resume, POLL_MS));
    }
  }

  /** Waits until `wanted` rows are stored, or no more are within 20 s, and gives how many there are. */
  async rests(wanted: number): Promise<number> {
    const deadline = performance.now() + REST_TIMEOUT_MS;
    for (;;) {
      const stored = await this.stored();
      if (stored >= wanted || performance.now() > deadline) return stored;
      await new Promise((resume) => setTimeout(resume, POLL_MS));
    }
  }
}

/** A program whose viewer is open. */
export interface Viewed {
  /** Its process. */
  readonly running: Running;
  /** The viewer's address, with its token. */
  readonly url: string;
  /** What asks the viewer. */
  readonly api: ViewerApi;
}

/** Starts `tcpmon view` on a log of `count` exchanges, and waits until all of them are there. */
export async function startView(
  { workshop, options }: BenchContext,
  file: string,
  count: number,
): Promise<Viewed> {
  const command = [...subjectCommand(options.subject), "view", VIEW, file];
  const running = workshop.start("tcpmon view", command, "relay");
  const [, url] = await running.line(VIEWER);
  const api = await ViewerApi.open(url);
  await api.shows(count);
  return { running, url, api };
}

/** A relay whose viewer is open. */
export interface ViewedRelay extends Viewed {
  /** Where to send requests, on 127.0.0.1. */
  readonly port: number;
}

/** Starts a relay before the backend, with its viewer and without a log. */
export async function startViewedRelay(
  { workshop, options, backendPort }: BenchContext,
  more: readonly string[] = [],
): Promise<ViewedRelay> {
  const relay = `127.0.0.1:0=127.0.0.1:${backendPort}`;
  const command = [...subjectCommand(options.subject), "relay", relay, "--format", "none", VIEW, ...more];
  const running = workshop.start("tcpmon relay --view", command, "relay");
  const port = Number((await running.line(RELAYING))[1]);
  const [, url] = await running.line(VIEWER);
  return { running, url, port, api: await ViewerApi.open(url) };
}
