/** A person sets up listeners in the viewer, as on TCPMon's Admin tab; what they say is done at once, and can be saved. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { Person, step } from "./person.ts";
import { installed, Program } from "./program.ts";
import { Backend, ok, pathOf } from "./sending.ts";
import { curl, curlThrough } from "./tools.ts";
import { relay } from "./viewer_page.ts";

const OPEN = "[role=tab][aria-selected=true]";

/** Latency of the link `3g`, each way, ms. */
const SLOW_MS = 75;

/** A duration of the page, ms. */
function msOf(text: string): number {
  const [, number, unit] = /^([\d.,]+)\s*(ms|s)$/.exec(text.trim())!;
  return Number(number.replace(",", "")) * (unit === "s" ? 1000 : 1);
}

Deno.test({
  name:
    "a person adds, slows, stops, edits and removes relays, adds a proxy, and starts again from what was saved",
  ignore: !installed("curl"),
  fn: (t) =>
    inDirectory(async (directory) => {
      await using backend = new Backend((request) => ok(`first ${pathOf(request)}`));
      await using other = new Backend((request) => ok(`second ${pathOf(request)}`));
      await using upstream = new Backend((request) =>
        request.head.startsWith("CONNECT") ? undefined : ok(`upstream ${pathOf(request)}`)
      );
      await using program = relay(backend.target);
      await using person = await Person.before(program);
      const { page } = person;
      const portOfTab = async () => Number(/:(\d+)/.exec(await person.text(OPEN))![1]);
      const text = async (port: number, path: string) => (await curl(`http://127.0.0.1:${port}${path}`)).text;
      let port = 0;
      let tab = "";

      await step(t, "a port that is in use is said at its field, and another one does", async () => {
        await page.keyboard.press("a");
        await page.fill("#add-listen", `${await program.port()}`);
        await page.fill("#add-target", backend.target);
        await page.keyboard.press("Enter");
        await person.reads("#add-listen-error", "a relay of this tcpmon");
        await page.fill("#add-listen", `${other.port}`);
        await page.keyboard.press("Enter");
        await person.reads("#add-listen-error", "address already in use");
        assert.equal(await person.ask("document.activeElement.id"), "add-listen");
        await person.picture("admin-in-use");
        await page.fill("#add-listen", "0");
        await page.keyboard.press("Enter");
        await person.reads(OPEN, `→ ${backend.target}`);
        await person.reads(".empty", "curl http://127.0.0.1:");
        port = await portOfTab();
        tab = `#${await person.ask(`document.querySelector("${OPEN}").id`)}`;
        person.forget(/409/);
      });

      await step(t, "traffic through it stands on its tab", async () => {
        assert.equal(await text(port, "/one"), "first /one");
        await person.seesRequests("/one");
        assert.equal(await text(await program.port(), "/elsewhere"), "first /elsewhere");
        await page.click("#tab-all");
        await person.seesRequests("/elsewhere", "/one");
        await page.click(tab);
        await person.seesRequests("/one");
      });

      await step(t, "another link holds at once, and shows in the times", async () => {
        await page.selectOption(".l-line select", "3g");
        await person.reads(".toasts", "link");
        const begun = performance.now();
        await text(port, "/slow");
        assert.ok(performance.now() - begun >= 2 * SLOW_MS);
        await person.seesRequests("/slow", "/one");
        const [slow] = await person.column("elapsed");
        assert.ok(msOf(slow) >= SLOW_MS, slow);
        await person.picture("admin-slow");
        await page.selectOption(".l-line select", "none");
        await person.reads(".toasts", "no slow link");
        await text(port, "/fast");
        await person.seesRequests("/fast", "/slow", "/one");
        const [fast] = await person.column("elapsed");
        assert.ok(msOf(fast) < msOf(slow), `${fast}, ${slow}`);
      });

      await step(t, "stopped, it takes no connections; started, it does again", async () => {
        await page.click(".l-line >> text=/^Stop$/");
        await person.reads(".l-line", "Stopped");
        await assert.rejects(Deno.connect({ port }), Deno.errors.ConnectionRefused);
        await person.picture("admin-stopped");
        await page.click(".l-line >> text=/^Start$/");
        await person.reads(".l-line", "Listening");
        assert.equal(await text(port, "/again"), "first /again");
        await person.seesRequests("/again", "/fast", "/slow", "/one");
      });

      await step(t, "another target is taken at once", async () => {
        await page.click(".l-line >> text=Edit");
        await page.fill("#edited-target", other.target);
        await page.keyboard.press("Enter");
        await person.reads(OPEN, other.target);
        assert.equal(await text(port, "/moved"), "second /moved");
        await person.reads("[data-row] .c-url", "/moved");
      });

      await step(t, "a proxy reaches its targets through another one", async () => {
        await page.keyboard.press("a");
        await page.click("text=clients say where to");
        await page.fill("#add-listen", "0");
        await page.click("summary >> text=Through a proxy");
        await page.selectOption("#add-way", "through");
        await page.fill("#add-upstreamProxy", upstream.target);
        await person.picture("admin-proxy");
        await page.keyboard.press("Enter");
        await person.reads(".l-line", `through http://${upstream.target}`);
        const { text } = await curlThrough(await portOfTab(), "http://shop.invalid/asked");
        assert.equal(text, "upstream http://shop.invalid/asked");
        await person.reads("[data-row] .c-url", "/asked");
        assert.equal((await person.rows()).length, 1);
      });

      await step(t, "a listener that is removed is gone, and comes back by Undo; its rows stay", async () => {
        await page.click("#tab-1");
        await page.click(".l-line >> text=Remove");
        await person.reads(".toasts", "Removed 127.0.0.1:");
        await assert.rejects(Deno.connect({ port: await program.port() }), Deno.errors.ConnectionRefused);
        await person.reads("[data-row] .c-url", "/elsewhere");
        await page.click(".toast:has-text('Removed') >> text=Undo");
        await person.reads(OPEN, backend.target);
        assert.equal(await text(await program.port(), "/back"), "first /back");
      });

      await step(t, "what was saved starts the same listeners", async () => {
        await page.click("#tab-admin");
        await person.picture("admin-cards");
        const { name, text: config } = await person.saved("text=Save as config file");
        assert.equal(name, "tcpmon.json");
        await person.reads(".l-config", "tcpmon --config tcpmon.json");
        await Deno.writeTextFile(`${directory}/tcpmon.json`, config);
        await program.stop();
        await person.reads(".banner", "Connection lost");
        person.forget(/ERR_|Failed to load/);
        await using again = Program.start([
          "--config",
          `${directory}/tcpmon.json`,
          "--format",
          "none",
        ]);
        // Whoever asked for any free port gets any free port again. What came back by Undo is the last of the relays.
        const [relayPort, , proxyPort] = await again.ports(3);
        assert.equal(await text(relayPort, "/config"), "second /config");
        const { text: asked } = await curlThrough(proxyPort, "http://shop.invalid/config");
        assert.equal(asked, "upstream http://shop.invalid/config");
        person.forget(/ERR_|Failed to load/);
      });
    }),
});
