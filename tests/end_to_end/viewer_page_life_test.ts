/** The page while the program comes and goes, in two windows at once, and where nothing may be changed. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { addressOf, Person, step } from "./person.ts";
import { installed, Program } from "./program.ts";
import { Backend, exchangeLine, ok, pathOf } from "./sending.ts";
import { curl } from "./tools.ts";

const TOKEN = "a-token-of-these-tests";

/** What changes something, or sends something. */
const CHANGES = /Remove|Send|Resend|Open…|Admin|Stop|Start|Edit|Undo|Add/;

function buttons(person: Person): Promise<string[]> {
  return person.ask(
    `[...document.querySelectorAll("button, [role=tab], select")].map((one) => one.ariaLabel ?? one.innerText)`,
  );
}

Deno.test({
  name: "a page finds the program again that was stopped and started, in two windows at once",
  ignore: !installed("curl"),
  async fn(t) {
    await using backend = new Backend((request) => ok(pathOf(request)));
    const start = (listen: number, view: number) =>
      Program.start([
        ...["relay", `${listen}=${backend.target}`, "--format", "none"],
        ...[`--view=127.0.0.1:${view}`, "--view-token", TOKEN],
      ]);
    await using first = start(0, 0);
    const port = await first.port();
    const address = await addressOf(first);
    const get = async (path: string) => assert.equal((await curl(`http://127.0.0.1:${port}${path}`)).code, 0);
    await using one = await Person.at(address);
    await using two = await Person.at(address, { colorScheme: "dark" });

    await step(t, "both see what passes, and what one of them removes", async () => {
      await get("/1");
      await get("/2");
      await Promise.all([one.seesRequests("/2", "/1"), two.seesRequests("/2", "/1")]);
      await one.opens("/1");
      await one.page.keyboard.press("x");
      await Promise.all([one.seesRequests("/2"), two.seesRequests("/2")]);
      await one.reads(".counts", "1 row");
      await two.reads(".counts", "1 row");
      await two.page.keyboard.press("u");
      await Promise.all([one.seesRequests("/2", "/1"), two.seesRequests("/2", "/1")]);
    });

    await step(t, "when the program is gone, both say so", async () => {
      assert.equal((await first.stop()).code, 0, "open pages do not keep it from ending");
      await Promise.all([one.reads(".banner", "Connection lost"), two.reads(".banner", "Connection lost")]);
      await two.picture("life-lost");
    });

    await step(t, "when it is there again, they go on by themselves", async () => {
      await using second = start(port, Number(new URL(address).port));
      await second.port();
      const isBack = `document.querySelector(".banner") === null`;
      await Promise.all([one.until(isBack), two.until(isBack)]);
      await get("/3");
      await Promise.all([one.seesRequests("/3"), two.seesRequests("/3")]);
      await two.opens("/3");
      await two.picture("life-back");
      for (const person of [one, two]) person.forget(/ERR_|Failed to load/);
      await second.stop();
      await Promise.all([one.reads(".banner", "Connection lost"), two.reads(".banner", "Connection lost")]);
      for (const person of [one, two]) person.forget(/ERR_|Failed to load/);
    });
    for (const person of [one, two]) person.forget(/ERR_|Failed to load/);
  },
});

Deno.test({
  name: "a viewer for reading only has nothing that changes anything",
  ignore: !installed("curl"),
  async fn() {
    await using backend = new Backend((request) => ok(pathOf(request)));
    await using program = Program.start([
      ...["relay", `0=${backend.target}`, "--format", "none", "--view=127.0.0.1:0", "--view-readonly"],
    ]);
    const base = `http://127.0.0.1:${await program.port()}`;
    await using person = await Person.before(program);
    const { page } = person;
    await curl(`${base}/1`);
    await person.seesRequests("/1");
    await person.opens("/1");
    await page.click("[role=tab] >> text=127.0.0.1");
    await person.reads(".l-line", "Listening");
    assert.deepEqual((await buttons(person)).filter((label) => CHANGES.test(label)), []);
    await person.opens("/1");
    for (const key of ["x", "Shift+X", "r", "e", "s", "o", "a", "u", "Delete"]) {
      await page.keyboard.press(key);
    }
    await page.keyboard.press("?");
    await person.reads("dialog[open]", "Next row");
    assert.doesNotMatch(await person.text("dialog[open]"), /Remove|Resend|Send a request/);
    await person.picture("life-readonly");
    await page.keyboard.press("Escape");
    await person.seesRequests("/1");
    assert.deepEqual(backend.paths, ["/1"]);
    // A copy changes nothing.
    await page.click("text=Save…");
    assert.equal(JSON.parse((await person.saved(".a-menu a >> text=HAR")).text).log.entries.length, 1);
  },
});

Deno.test("captures that were saved are looked at by tcpmon view", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/shop.jsonl`;
    const lines = [1, 2, 3].map((id) => exchangeLine({ id, path: `/saved/${id}`, answer: `answer ${id}` }));
    await Deno.writeTextFile(file, lines.join(""));
    await using program = Program.start(["view", file, "--view=127.0.0.1:0"]);
    await using person = await Person.before(program);
    await person.seesRequests("/saved/3", "/saved/2", "/saved/1");
    await person.reads(".what", "shop.jsonl");
    await person.opens("/saved/2");
    await person.reads('section[aria-label="Response"]', "answer 2");
    await person.page.fill("#filter", "body:3");
    await person.seesRequests("/saved/3");
    await person.picture("life-view");
  }));
