/** A person saves real traffic as files, and opens files: what the page saves the program reads, and the page itself. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { Person, step } from "./person.ts";
import { installed, runProgram } from "./program.ts";
import { Backend, exchangeLine, ok, pathOf } from "./sending.ts";
import { curl } from "./tools.ts";
import { relay } from "./viewer_page.ts";

/** Lets go of files over the page, as the browser gets them from the system. */
async function drop(person: Person, ...paths: readonly string[]): Promise<void> {
  const session = await person.page.context().newCDPSession(person.page);
  try {
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      const data = { items: [], files: [...paths], dragOperationsMask: 1 };
      await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
      if (type === "dragOver") {
        await person.reads(".a-drop", "Drop to open");
        await person.picture("files-drop");
      }
    }
  } finally {
    await session.detach();
  }
}

Deno.test({
  name: "a person saves selected, filtered and all exchanges, and opens them again by dropping the files",
  ignore: !installed("curl"),
  fn: (t) =>
    inDirectory(async (directory) => {
      await using backend = new Backend((request) =>
        ok(`answer to ${pathOf(request)}`, "Content-Type: text/plain")
      );
      await using program = relay(backend.target);
      const base = `http://127.0.0.1:${await program.port()}`;
      for (const path of ["/apple", "/pear", "/plum?a=1"]) {
        assert.equal((await curl(`${base}${path}`, "-d", `Jörg wants ${path}`)).code, 0);
      }
      await using person = await Person.before(program);
      const { page } = person;
      await person.seesRequests("/plum?a=1", "/pear", "/apple");
      const save = async (which: string, format: string) => {
        await page.click("text=Save…");
        await page.click(`.a-menu label >> text=${which}`);
        if (which.startsWith("Filtered")) await person.picture("files-menu");
        return await person.saved(`.a-menu a >> text=${format}`);
      };
      const exported = async (path: string, ...args: string[]) => {
        const { code, stdout, stderr } = await runProgram(["export", path, ...args]);
        assert.equal(code, 0, stderr);
        return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
      };
      const kept: { [name: string]: string } = {};
      const keep = async (name: string, text: string) => {
        kept[name] = `${directory}/${name}`;
        await Deno.writeTextFile(kept[name], text);
        return kept[name];
      };

      await step(t, "all as HAR, which the program reads", async () => {
        const { name, text } = await save("All (3)", "HAR");
        assert.match(name, /\.har$/);
        const { log } = JSON.parse(text);
        assert.deepEqual([log.version, log.entries.length], ["1.2", 3]);
        assert.equal(log.entries[0].request.postData.text, "Jörg wants /apple");
        const records = await exported(await keep("all.har", text), "--as", "json");
        assert.deepEqual(records.map(({ request }) => request.target), ["/apple", "/pear", "/plum?a=1"]);
      });

      await step(t, "those that a filter leaves as JSON lines", async () => {
        await page.fill("#filter", "path:/p*");
        await person.seesRequests("/plum?a=1", "/pear");
        const { name, text } = await save("Filtered", "JSON lines");
        assert.match(name, /\.jsonl?$/);
        const records = await exported(await keep("filtered.jsonl", text));
        const exchanges = records.filter(({ type }) => type === "exchange");
        assert.deepEqual(exchanges.map(({ request }) => request.target), ["/pear", "/plum?a=1"]);
        assert.equal(exchanges[0].response.body.text, "answer to /pear");
        await page.click("[aria-label='Clear the filter']");
        await person.seesRequests("/plum?a=1", "/pear", "/apple");
      });

      await step(t, "two that are selected as TCPMon's text, and as a table", async () => {
        await person.opens("/plum");
        await page.click("[data-row] >> text=/^\\/apple$/", { modifiers: ["Control"] });
        const { text } = await save("Selected (2)", "TCPMon text");
        assert.match(text, /POST \/apple HTTP\/1\.1[^]*Jörg wants \/apple[^]*answer to \/apple/);
        assert.match(text, /POST \/plum\?a=1/);
        assert.doesNotMatch(text, /pear/);
        const read = await exported(await keep("selected.txt", text), "--as", "json");
        assert.equal(read.filter(({ type }) => type === "exchange").length, 2);
        const table = (await save("Selected (2)", "CSV")).text.trim().split(/\r?\n/);
        assert.equal(table.length, 3);
      });

      await step(t, "files that are dropped onto the page are in the table", async () => {
        await page.keyboard.press("Escape");
        await drop(person, kept["all.har"]);
        await person.reads(".toasts", "all.har: 3 exchanges");
        await person.seesRequests("/plum?a=1", "/pear", "/apple", "/plum?a=1", "/pear", "/apple");
        const log = await keep(
          "made.jsonl",
          exchangeLine({ path: "/made" }) + exchangeLine({ id: 2, path: "/made/2" }),
        );
        await drop(person, log);
        await person.reads(".toasts", "made.jsonl: 2 exchanges");
        await person.opens("/made/2");
        await person.reads('section[aria-label="Response"]', "hello");
        await person.picture("files-opened");
      });

      await step(t, "what is no capture is refused in a line; several are chosen by key", async () => {
        const picture = await keep("picture.png", "\u0089PNG\r\n\u0000\u0000");
        await drop(person, picture);
        await person.reads(".toast.bad", "picture.png");
        await person.picture("files-refused");
        const chooser = page.waitForEvent("filechooser");
        // Playwright asks Chromium to be told, and does not wait for it; whatever is answered later comes after that.
        await person.ask("undefined");
        await page.keyboard.press("o");
        await (await chooser).setFiles([kept["filtered.jsonl"], kept["selected.txt"]]);
        await person.picture("files-two");
        await person.reads(".a-works", "2 files: 4 exchanges");
        await person.reads(".counts", "12 rows");
        person.forget(/400/);
      });
    }),
});
