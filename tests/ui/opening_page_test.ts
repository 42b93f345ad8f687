/** A person opens captures in the viewer: chooses files, or drags them onto the page. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { CDPSession } from "playwright-core";
import { findings } from "./accessibility.ts";
import { type BrowserSettings, Person } from "./browser.ts";
import { FakeActions } from "./fake_actions.ts";

const TOASTS = `document.querySelector(".toasts").innerText`;
const CARDS = `document.querySelector(".a-works").innerText`;
const OVERLAY = `document.querySelector(".a-drop")`;

async function open(settings: Partial<BrowserSettings> = {}): Promise<{ person: Person; fake: FakeActions }> {
  const fake = new FakeActions();
  const person = await Person.open({ source: fake.source, actions: fake, ...settings });
  return { person, fake };
}

function says(place: string, text: string): string {
  return `(${place}).includes(${JSON.stringify(text)})`;
}

function file(name: string, bytes = 10) {
  return { name, mimeType: "application/json", buffer: Buffer.alloc(bytes) };
}

/** Files and folders dragged from elsewhere, as a browser gets them from the system. */
class Drag implements AsyncDisposable {
  readonly #session: CDPSession;
  /** A folder that goes with the test. */
  readonly folder = Deno.makeTempDirSync();

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async over({ page }: Person): Promise<Drag> {
    return new Drag(await page.context().newCDPSession(page));
  }

  /** A file that can be dragged. */
  file(name: string, text: string): string {
    const path = `${this.folder}/${name}`;
    Deno.writeTextFileSync(path, text);
    return path;
  }

  /** A file that does not fit into what lies between browser and program. */
  long(name: string): string {
    const path = this.file(name, "");
    Deno.truncateSync(path, 40 << 20);
    return path;
  }

  async move(files: readonly string[], items: readonly { mimeType: string; data: string }[] = []) {
    await this.#dispatch("dragEnter", files, items);
    await this.#dispatch("dragOver", files, items);
  }

  drop(files: readonly string[], items: readonly { mimeType: string; data: string }[] = []) {
    return this.#dispatch("drop", files, items);
  }

  /** The drag leaves the window; the protocol has no word for it that the page would hear. */
  async leave(person: Person): Promise<void> {
    await person.ask(
      `document.elementFromPoint(300, 300).dispatchEvent(new DragEvent("dragleave", { bubbles: true }))`,
    );
  }

  async #dispatch(
    type: "dragEnter" | "dragOver" | "drop",
    files: readonly string[],
    items: readonly { mimeType: string; data: string }[],
  ): Promise<void> {
    const data = { items: [...items], files: [...files], dragOperationsMask: 1 };
    await this.#session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.detach();
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("files are chosen by button or key, opened one after the other, and their exchanges are in the table", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  fake.opened = { rows: 3 };
  const chooser = page.waitForEvent("filechooser");
  await page.click("text=Open…");
  await (await chooser).setFiles([file("f.har")]);
  await person.until(says(TOASTS, "f.har: 3 exchanges"));
  await person.seesRows(3, 2, 1);
  const again = page.waitForEvent("filechooser");
  await page.keyboard.press("Escape");
  await page.keyboard.press("o");
  assert.equal((await again).isMultiple(), true);
  await (await again).setFiles([file("a.jsonl", 20), file("b.pcap", 30)]);
  await person.until(says(TOASTS, "2 files: 6 exchanges"));
  assert.deepEqual(fake.asked, [
    { kind: "open", name: "f.har", bytes: 10 },
    { kind: "open", name: "a.jsonl", bytes: 20 },
    { kind: "open", name: "b.pcap", bytes: 30 },
  ]);
});

Deno.test("files are dropped anywhere, also onto a field, and what could not be read of them can be looked at", async () => {
  const { person, fake } = await open();
  await using _ = person;
  await using drag = await Drag.over(person);
  fake.opened = { rows: 2, problems: ["line 7: no JSON \u202e", "line 9: no record"] };
  const files = [drag.file("a.jsonl", "{}"), drag.file("b.har", "{}")];
  await drag.move(files);
  await person.until(`${OVERLAY}?.innerText.includes("HAR, pcap and pcapng")`);
  await drag.leave(person);
  await person.until(`${OVERLAY} === null`);
  await drag.move(files);
  await drag.drop(files);
  await person.until(says(CARDS, "2 files: 4 exchanges"));
  assert.equal(await person.ask(OVERLAY), null);
  assert.deepEqual(fake.asked.map((each) => each.kind === "open" && each.name), ["a.jsonl", "b.har"]);
  await person.page.click(".a-work summary >> text=4 problems");
  await person.until(says(CARDS, "a.jsonl: line 7: no JSON \\u{202e}"));
  await person.page.getByRole("button", { name: "Close: 2 files" }).click();
  await person.until(`document.querySelector(".a-work") === null`);
});

Deno.test("text, a link or a folder is not opened: the page says what is wanted, and stays", async () => {
  const { person, fake } = await open();
  await using _ = person;
  await using drag = await Drag.over(person);
  await drag.move([], [{ mimeType: "text/uri-list", data: "http://127.0.0.1:1/x" }]);
  assert.equal(await person.ask(OVERLAY), null);
  await drag.drop([], [{ mimeType: "text/uri-list", data: "http://127.0.0.1:1/x" }]);
  await person.until(says(TOASTS, "Only files can be opened by dropping them here: JSON lines"));
  await drag.move([drag.folder]);
  await drag.drop([drag.folder]);
  await person.until(says(TOASTS, "A folder cannot be opened: drop the files that are in it"));
  assert.deepEqual(fake.asked, []);
  assert.ok(await person.ask(`location.pathname === "/" && document.getElementById("table") !== null`));
});

Deno.test("a long file shows how far it is, and can be cancelled: those behind it are not opened either", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  const { promise, resolve } = Promise.withResolvers<void>();
  fake.pause = promise;
  await using drag = await Drag.over(person);
  await page.setInputFiles("#open-files", [drag.long("long.pcap"), drag.file("next.har", "{}")]);
  await person.until(says(CARDS, "Opening long.pcap (1 of 2)"));
  await person.until(`/\\d+ % of 40\\.0 MiB/.test(${CARDS})`);
  assert.ok(await person.ask(`document.querySelector(".a-work progress").value < 1`));
  await page.click(".a-work >> text=Cancel");
  await person.until(says(TOASTS, "Cancelled: what had been read of long.pcap stays in the table"));
  await person.until(`document.querySelector(".a-work") === null`);
  assert.deepEqual(fake.asked, []);
  resolve();
});

Deno.test("a file that is refused says why in a line; of several, the others are opened", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  fake.openRefusal = "found a picture, wanted a capture";
  await page.setInputFiles("#open-files", [file("x\u202egnp.<b>")]);
  await person.until(
    says(
      `document.querySelector(".toast.bad")?.innerText ?? ""`,
      "Cannot open x\\u{202e}gnp.<b>: found a picture",
    ),
  );
  assert.equal(await person.ask(`document.querySelector(".toasts b")`), null);
  await page.setInputFiles("#open-files", [file("a.png"), file("b.png")]);
  await person.until(says(CARDS, "0 of 2 files: no exchanges in them"));
  await page.click(".a-work summary >> text=2 problems");
  await person.until(says(CARDS, "Cannot open b.png: found a picture, wanted a capture"));
  person.forget(/400/);
});

Deno.test("a viewer for reading only opens nothing, and is not left for a file that is dropped on it", async () => {
  const { person, fake } = await open({ isReadonly: true });
  await using _ = person;
  await using drag = await Drag.over(person);
  const buttons: string[] = await person.ask(
    `[...document.querySelectorAll("button")].map((button) => button.innerText)`,
  );
  assert.ok(!buttons.includes("Open…"));
  await person.page.keyboard.press("o");
  const files = [drag.file("a.har", "{}")];
  await drag.move(files);
  assert.equal(await person.ask(OVERLAY), null);
  await drag.drop(files);
  assert.ok(await person.ask(`location.pathname === "/" && document.getElementById("table") !== null`));
  assert.deepEqual(fake.asked, []);
});

for (const [colorScheme, width] of [["light", 1280], ["dark", 360]] as const) {
  Deno.test(`axe finds nothing in what is said of files, ${colorScheme}, ${width} px`, async () => {
    const { person, fake } = await open({ colorScheme, viewport: { width, height: 700 } });
    await using _ = person;
    await using drag = await Drag.over(person);
    const { promise, resolve } = Promise.withResolvers<void>();
    fake.opened = { rows: 2, problems: ["line 7: no JSON"] };
    await person.page.setInputFiles("#open-files", [file("cut.har")]);
    await person.page.click(".a-work summary");
    fake.pause = promise;
    await person.page.setInputFiles("#open-files", [drag.long("long.pcap")]);
    await person.until(says(CARDS, "Opening long.pcap"));
    await drag.move([drag.file("a.har", "{}")]);
    await person.until(`${OVERLAY} !== null`);
    await drag.leave(person);
    assert.deepEqual(await findings(person), []);
    assert.equal(await person.ask(`document.documentElement.scrollWidth <= ${width}`), true);
    await person.page.click(".a-work >> text=Cancel");
    resolve();
    await person.until(`document.querySelector(".a-running") === null`);
  });
}
