/** The lock as a real browser meets it: what pages of other origins can do to the viewer of somebody who is logged in. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startViewer, type Viewer } from "../../src/ui/server.ts";
import { get, ok } from "../capture/connection_script.ts";
import { closeContext, openContext } from "./chromium.ts";
import { CHROMIUM } from "./chromium_arguments.ts";
import { MemorySource } from "./memory_source.ts";
import { recordsOf } from "./viewer.ts";

/** A page that shows what an event stream tells, and has code and style that its policy forbids. */
const FILES: { readonly [name: string]: string } = {
  "index.html": `<!DOCTYPE html><html lang="en"><title>page</title><script src="/client.js"></script>` +
    `<script>document.title = "inline code ran"</script><p id="p" style="color: red">text</p></html>`,
  "client.js": `globalThis.told = new Promise((resolve) => {
    const events = new EventSource("/api/events");
    events.onopen = () => globalThis.isOpen = true;
    events.onmessage = ({ data }) => resolve(JSON.parse(data));
  });`,
};

/** A viewer, a page of another origin, and a browser. */
class Scene implements AsyncDisposable {
  readonly source = new MemorySource();
  readonly viewer: Viewer;
  readonly #other: Deno.HttpServer<Deno.NetAddr>;
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
    this.viewer = startViewer({
      source: this.source,
      about: () => ({ version: "1.2.3", listeners: [], files: [] }),
      readStatic: (name) =>
        Promise.resolve(FILES[name] && new TextEncoder().encode(FILES[name]) || undefined),
      listen: { hostname: "127.0.0.1", port: 0 },
    });
    this.#other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      const html = `<!DOCTYPE html><title>other</title><a id="link" href="${this.viewer.url}">link</a>`;
      return new Response(html, { headers: { "Content-Type": "text/html" } });
    });
    this.source.add(recordsOf(["up", get("/secret")], ["down", ok("secret")]));
  }

  static async open(): Promise<Scene> {
    const page = await (await openContext()).newPage();
    page.setDefaultTimeout(10_000);
    return new Scene(page);
  }

  get origin(): string {
    return new URL(this.viewer.url).origin;
  }

  /** Where the other page is: another site (`localhost`), or only another port of the same one. */
  other(host: string): string {
    return `http://${host}:${this.#other.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeContext(this.page.context());
    await this.viewer.close();
    await this.#other.shutdown();
  }
}

const ignore = (() => {
  try {
    return !Deno.statSync(CHROMIUM).isFile;
  } catch {
    return true;
  }
})();

const BROWSER = { ignore } as const;

Deno.test(
  "the URL of the terminal opens the page, which is told what happens; the token stays in no address",
  BROWSER,
  async () => {
    await using scene = await Scene.open();
    const { page } = scene;
    await page.goto(scene.viewer.url);
    assert.equal(page.url(), `${scene.origin}/`);
    await page.waitForFunction("globalThis.isOpen");
    scene.source.add(recordsOf(["up", get("/x")], ["down", ok("x")]));
    const told = await page.evaluate("told") as { readonly type: string; readonly total: number };
    assert.deepEqual([told.type, told.total], ["rows", 2]);
    assert.equal(await page.evaluate("document.cookie"), "");
    assert.equal(await page.evaluate("document.referrer"), "");
  },
);

Deno.test("neither code nor style inside a page of the viewer is taken", BROWSER, async () => {
  await using scene = await Scene.open();
  await scene.page.goto(scene.viewer.url);
  assert.equal(await scene.page.title(), "page");
  assert.notEqual(await scene.page.evaluate("getComputedStyle(p).color"), "rgb(255, 0, 0)");
  const ran = await scene.page.evaluate(
    `(() => { p.style.color = "rgb(1, 2, 3)"; return getComputedStyle(p).color })()`,
  );
  assert.equal(ran, "rgb(1, 2, 3)", "what the page's own code sets is");
});

Deno.test("a link to the viewer on another site's page logs in, too", BROWSER, async () => {
  await using scene = await Scene.open();
  const { page } = scene;
  await page.goto(scene.other("localhost"));
  await page.click("#link");
  await page.waitForURL(`${scene.origin}/`);
  await page.waitForFunction("document.title === 'page'");
});

for (const [what, host] of [["another site", "localhost"], ["another port of the same host", "127.0.0.1"]]) {
  Deno.test(
    `a page of ${what} neither reads nor changes anything, though the browser is logged in`,
    BROWSER,
    async () => {
      await using scene = await Scene.open();
      const { page, origin } = scene;
      await page.goto(scene.viewer.url);
      await page.waitForFunction("globalThis.isOpen");
      await page.goto(scene.other(host));
      const tried = await page.evaluate(`(async () => {
      const attempt = async (path, init) => {
        try {
          const response = await fetch("${origin}" + path, { credentials: "include", ...init });
          return response.type + " " + response.status + " " + await response.text();
        } catch (error) { return "refused" }
      };
      const json = { "Content-Type": "application/json" };
      return [
        await attempt("/api/rows"),
        await attempt("/api/rows/1/body/response"),
        await attempt("/api/rows", { mode: "no-cors" }),
        await attempt("/api/rows", { method: "DELETE", body: "{}", headers: json }),
        await attempt("/api/rows", { method: "POST", body: "{}", mode: "no-cors" }),
        await attempt("/api/rows/undo", { method: "POST", body: "{}", headers: json }),
        await new Promise((resolve) => {
          const events = new EventSource("${origin}/api/events", { withCredentials: true });
          events.onopen = () => resolve("open");
          events.onerror = () => { events.close(); resolve("refused"); };
        }),
        await new Promise((resolve) => {
          const script = document.createElement("script");
          script.src = "${origin}/client.js";
          script.onload = () => resolve("ran");
          script.onerror = () => resolve("refused");
          document.head.append(script);
        }),
        await new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.src = "${origin}/";
          frame.onload = () => {
            try { resolve(frame.contentDocument === null ? "refused" : "framed"); } catch { resolve("refused"); }
          };
          document.body.append(frame);
        }),
      ];
    })()`);
      // Without a promise of the viewer (CORS, CORP), the page sees not even what it was refused with.
      assert.deepEqual(tried, Array(9).fill("refused"));
      assert.equal(scene.source.page({ limit: 1 }).total, 1);
      assert.equal(scene.source.listeners, 0);
    },
  );
}
