/** The viewer's page as the real program has it, asked as a logged-in browser asks. */
import assert from "node:assert/strict";
import { Program, within } from "./program.ts";

/** What an answer holds; tests look into it freely. */
// deno-lint-ignore no-explicit-any -- each test asserts the shape that it needs
export type Json = any;

/** The page of a program that runs. */
export class Page {
  readonly #origin: string;
  readonly #cookie: string;

  private constructor(origin: string, cookie: string) {
    this.#origin = origin;
    this.#cookie = cookie;
  }

  /** Logs in to the viewer of a program. */
  static async of(program: Program): Promise<Page> {
    const url = (await program.says(/viewer on http/)).split(" ").at(-1)!;
    const response = await fetch(url, { redirect: "manual" });
    await response.body?.cancel();
    return new Page(new URL(url).origin, response.headers.get("set-cookie")!.split(";")[0]);
  }

  /** The viewer's own address, as HOST:PORT. */
  get host(): string {
    return new URL(this.#origin).host;
  }

  /** Asks for something. */
  get(path: string): Promise<Response> {
    return fetch(`${this.#origin}${path}`, { headers: { cookie: this.#cookie } });
  }

  /** What it gives as JSON. */
  async json(path: string): Promise<Json> {
    return await (await this.get(path)).json();
  }

  /** What it gives as text. */
  async text(path: string): Promise<string> {
    return await (await this.get(path)).text();
  }

  /** Changes something. */
  async post(path: string, body: unknown): Promise<{ status: number; json: Json }> {
    const headers = { cookie: this.#cookie, origin: this.#origin, "content-type": "application/json" };
    const response = await fetch(`${this.#origin}${path}`, {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, json: await response.json() };
  }

  /** Removes rows, or all of them. */
  async remove(rows?: readonly number[]): Promise<Json> {
    const headers = { cookie: this.#cookie, origin: this.#origin, "content-type": "application/json" };
    const body = JSON.stringify({ rows });
    return await (await fetch(`${this.#origin}/api/rows`, { method: "DELETE", headers, body })).json();
  }

  /** Opens a file. */
  async open(name: string, body: BodyInit): Promise<{ status: number; json: Json }> {
    const headers = {
      cookie: this.#cookie,
      origin: this.#origin,
      "content-type": "application/octet-stream",
    };
    const url = `${this.#origin}/api/open?name=${encodeURIComponent(name)}`;
    const response = await fetch(url, { method: "POST", headers, body });
    return { status: response.status, json: await response.json() };
  }

  /** The events of the viewer, as they come. */
  async *events(): AsyncGenerator<Json> {
    const { body } = await this.get("/api/events");
    let rest = "";
    for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + piece).split("\n\n");
      rest = parts.pop()!;
      for (const part of parts) if (part.startsWith("data: ")) yield JSON.parse(part.slice(6));
    }
  }

  /** Sends something that has to be answered. */
  async sent(path: "resend" | "send", body: unknown): Promise<Json> {
    const { status, json } = await this.post(`/api/${path}`, body);
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  }

  /** The rows, newest first, once there are so many. */
  async rows(count: number): Promise<Json[]> {
    const wait = async () => {
      for (;;) {
        const { rows } = await this.json("/api/rows");
        if (rows.length >= count) return rows;
      }
    };
    return await within(wait(), `there were no ${count} rows`);
  }
}

/** A relay to a target, with a viewer, and the JSON log on stdout. */
export function relay(target: string, ...options: string[]): Program {
  return Program.start(["relay", `0=${target}`, "--format", "json", "--view=127.0.0.1:0", ...options]);
}
