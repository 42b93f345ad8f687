/** Our HAR, read by the importer of Chromium's own developer tools, which the browser serves to whoever debugs it. */
import assert from "node:assert/strict";
import { createHarExporter } from "../../src/export/har.ts";
import { installed, within } from "../end_to_end/program.ts";
import { eventually } from "../end_to_end/tools.ts";
import { AT, bodyOf, connection, exchange, responseHead } from "../log/human_fixtures.ts";
import { CHROMIUM_ARGUMENTS } from "../ui/chromium_arguments.ts";
import { exported } from "./received.ts";

const ignore = !installed("chromium") || !installed("setsid");
const skipped = ignore ? " (skipped: chromium or setsid is not installed)" : "";

const FLAGS = ["--headless", ...CHROMIUM_ARGUMENTS, "--remote-allow-origins=*", "--remote-debugging-port=0"];

/** What the tools make of a HAR, one line of JSON a request. */
const READER = `(async (har) => {
  const { HARFormat, Importer } = await import("/devtools/models/har/har.js");
  const requests = Importer.Importer.requestsFromHARLog(new HARFormat.HARRoot(har).log);
  return JSON.stringify(await Promise.all(requests.map(async (request) => ({
    url: request.url(),
    method: request.requestMethod,
    post: await request.requestFormData(),
    status: request.statusCode,
    type: request.resourceType().name(),
    ms: Math.round(request.duration * 1000),
    text: (await request.requestContentData()).text,
    frames: request.frames().map(({ type, text, opCode }) => [type, text, opCode]),
  }))));
})`;

/** A browser that can be debugged. It is ended with all that it starts, as a group. */
class Browser implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  #errors: ReadableStreamDefaultReader<string> | undefined;

  constructor() {
    this.#folder = Deno.makeTempDirSync();
    this.#child = new Deno.Command("setsid", {
      args: ["chromium", ...FLAGS, `--user-data-dir=${this.#folder}`, "about:blank"],
      stdout: "null",
      stderr: "piped",
    }).spawn();
  }

  /** The address of its debugging server, once it says so. */
  async address(): Promise<string> {
    this.#errors = this.#child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    for (let said = "";;) {
      const { value, done } = await within(this.#errors.read(), "chromium said nothing");
      assert.ok(!done, said);
      said += value;
      const found = /ws:\/\/([^/\s]+)\//.exec(said);
      if (found !== null) return found[1];
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      Deno.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await this.#errors?.cancel();
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }
}

/** Runs an expression in a page, and gives its value; `undefined` where it fails. */
async function evaluate(page: WebSocket, expression: string): Promise<unknown> {
  const answered = new Promise<MessageEvent>((resolve) => {
    page.addEventListener("message", resolve, { once: true });
  });
  const params = { expression, awaitPromise: true, returnByValue: true };
  page.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params }));
  return JSON.parse((await within(answered, "chromium did not answer")).data).result?.result?.value;
}

/** Waits for an event of a socket. */
function event(page: WebSocket, name: "open" | "close"): Promise<unknown> {
  return within(
    new Promise((resolve) => page.addEventListener(name, resolve, { once: true })),
    `no ${name} of the page`,
  );
}

Deno.test({
  name: `Chromium's developer tools read what was exported${skipped}`,
  ignore,
  async fn() {
    await using browser = new Browser();
    const address = await browser.address();
    const tools = `http://${address}/devtools/devtools_app.html`;
    const opened = await fetch(`http://${address}/json/new?${tools}`, { method: "PUT" });
    const page = new WebSocket((await opened.json()).webSocketDebuggerUrl);
    await event(page, "open");
    const head = responseHead(101, "", [["Upgrade", "websocket"]]);
    const upgraded = exchange({ response: { head, body: bodyOf(""), trailers: [] }, outcome: "upgraded" });
    const har = exported(
      createHarExporter({ note: () => {}, creatorVersion: "1" }),
      exchange({ ms: { connect: 100, tls: 50, send: 10, wait: 200, receive: 5, total: 315 } }),
      exchange({ response: undefined, outcome: "no-response" }),
      upgraded,
      {
        type: "message",
        protocol: "websocket",
        connection,
        exchange: 17,
        at: AT,
        direction: "up",
        index: 1,
        opcode: "text",
        frames: 1,
        body: bodyOf("hello"),
      },
    );
    let read: unknown;
    await eventually(async () => {
      read = await evaluate(page, `${READER}(${har})`);
      return typeof read === "string";
    }, "the developer tools did not read the HAR");
    const url = "https://localhost:8081/stock";
    const request = { url, method: "POST", post: "AAA" };
    assert.deepEqual(JSON.parse(read as string), [
      { ...request, status: 200, type: "script", ms: 315, text: "hello, world\n", frames: [] },
      { ...request, status: 0, type: "other", ms: 0, text: "", frames: [] },
      { ...request, status: 101, type: "websocket", ms: 0, text: "", frames: [["send", "hello", 1]] },
    ]);
    page.close();
    await event(page, "close");
  },
});
