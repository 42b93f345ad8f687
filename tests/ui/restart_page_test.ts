/** A person before a page whose program is started again: rows and listeners have other numbers then. */
import assert from "node:assert/strict";
import type { ListenerSettings } from "../../src/ui/api.ts";
import { Person, serve } from "./browser.ts";
import { FakeActions } from "./fake_actions.ts";
import { FakeAdmin } from "./fake_admin.ts";

const RELAY: ListenerSettings = { kind: "relay", listen: "8081", target: "localhost:8080" };
const OTHER: ListenerSettings = { kind: "relay", listen: "8082", target: "localhost:9090" };

const OPEN = `document.querySelector("[role=tab][aria-selected=true]").innerText`;
const TOASTS = `document.querySelector(".toasts").innerText`;
const SHOWN = `document.getElementById("exchange")`;
const IS_LOST = `document.querySelector(".banner")?.textContent.includes("Connection lost")`;
const IS_BACK = `document.querySelector(".banner") === null`;
const SELECTED = `document.querySelectorAll("[data-row][aria-selected=true]").length`;

/** What the browser itself writes on the console meanwhile. */
const EXPECTED = /ERR_|Failed to load|409/;

function says(place: string, text: string): string {
  return `(${place}).includes(${JSON.stringify(text)})`;
}

/** A run of a program: its rows, and its listeners. */
class Run {
  readonly actions = new FakeActions();
  readonly admin: FakeAdmin;
  readonly settings: Parameters<typeof serve>[0];

  constructor(listeners: readonly ListenerSettings[], ...targets: readonly string[]) {
    this.admin = new FakeAdmin(...listeners);
    for (const target of targets) this.actions.add({ target });
    this.settings = { source: this.actions.source, actions: this.actions, admin: this.admin };
  }
}

const first = () => new Run([RELAY, OTHER], "/1", "/2", "/3");
const second = () => new Run([OTHER, RELAY], "/one", "/two", "/three", "/four");

/** Ends the program that a person looks at. */
async function stop(person: Person): Promise<number> {
  const { port } = person.viewer.address;
  await person.viewer.close();
  await person.until(IS_LOST);
  return port;
}

/** Starts it again, with the same token at the same address. */
async function restart(person: Person, run: Run): Promise<void> {
  person.viewer = serve(run.settings, await stop(person));
  await person.until(IS_BACK);
  person.forget(EXPECTED);
}

/** Starts it again, and keeps the page from finding out. */
async function restartUnseen(person: Person, run: Run): Promise<void> {
  const port = await stop(person);
  await person.page.route("**/api/state", (route) => route.abort());
  person.viewer = serve(run.settings, port);
}

Deno.test("after a restart nothing is selected or open any more, and keys act on no row of the other run", async () => {
  const run = second();
  await using person = await Person.open(first().settings);
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.click("[data-row='2']");
  await person.until(`${SHOWN}?.ariaLabel === "Row 2"`);
  await restart(person, run);
  await person.seesRows(4, 3, 2, 1);
  await person.until(`${SHOWN} === null`);
  assert.equal(await person.ask(`location.hash`), "");
  assert.equal(await person.ask(SELECTED), 0);
  for (const key of ["r", "x", "Enter"]) await page.keyboard.press(key);
  await person.until(says(TOASTS, "Select an exchange first"));
  assert.deepEqual(run.actions.asked, []);
  await person.seesRows(4, 3, 2, 1);
});

Deno.test("before the page knows of a restart, the program refuses what it asks for by number", async () => {
  const run = second();
  await using person = await Person.open(first().settings);
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.click("[data-row='2']");
  await person.until(`${SHOWN}?.ariaLabel === "Row 2"`);
  await restartUnseen(person, run);
  for (const key of ["r", "x", "e"]) {
    await page.keyboard.press(key);
    await person.until(says(TOASTS, "tcpmon was started again"));
    await page.click(`[aria-label="Close this message"]`);
  }
  // The rows of the tab are asked for by themselves.
  await page.click("#tab-1");
  for (const act of [() => Promise.resolve(), () => page.click(".l-line >> text=/^Stop$/")]) {
    await act();
    await person.until(says(TOASTS, "rows and listeners have other numbers now"));
    await page.click(`[aria-label="Close this message"]`);
  }
  assert.deepEqual([run.actions.asked, run.admin.asked], [[], []]);
  assert.equal((await run.actions.source.page({ limit: 9 })).rows.length, 4);
  person.forget(EXPECTED);
});

Deno.test("a request that was being written stays after a restart, and has no origin any more", async () => {
  const run = second();
  await using person = await Person.open(first().settings);
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.click("[data-row='2']");
  await page.keyboard.press("e");
  await person.until(`document.querySelector(".a-editor h2")?.innerText === "Edit and resend #2"`);
  await page.fill("#send-url", "http://localhost:8080/mine");
  await restart(person, run);
  await person.until(`document.querySelector(".a-editor h2")?.innerText === "Send a request"`);
  assert.equal(await page.inputValue("#send-url"), "http://localhost:8080/mine");
  await page.click(".a-send");
  await person.until(says(`document.querySelector(".a-editor").innerText`, "Sent as #"));
  const [sent] = run.actions.asked;
  assert.ok(sent.kind === "send" && sent.request.url.endsWith("/mine") && !("from" in sent.request));
});

Deno.test("after a restart a comparison and a question where to resend are closed, and offers of the old run gone", async () => {
  const run = second();
  await using person = await Person.open(first().settings);
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.click("[data-row='1']");
  await page.keyboard.press("x");
  await person.until(says(TOASTS, "Undo"));
  await page.click("[data-row='2']");
  await page.keyboard.press("Shift+R");
  await person.until(`document.querySelector("dialog.a-resend").open`);
  await restart(person, run);
  await person.until(`!document.querySelector("dialog.a-resend").open`);
  await person.until(`!(${says(TOASTS, "Undo")})`);
  await person.seesRows(4, 3, 2, 1);
  await page.click("[data-row='1']");
  await page.click("[data-row='2']", { modifiers: ["Control"] });
  await page.keyboard.press("c");
  await person.until(`document.querySelector(".a-compare") !== null`);
  await restart(person, first());
  await person.until(`document.querySelector(".a-compare") === null`);
});

Deno.test("after a restart the tab of a listener is not that of another one, and its form is closed", async () => {
  const run = second();
  await using person = await Person.open(first().settings);
  const { page } = person;
  await page.click("#tab-1");
  await person.until(says(OPEN, "8081"));
  await restart(person, run);
  await person.until(`${OPEN} === "All"`);
  await person.seesRows(4, 3, 2, 1);
  await page.click("#tab-admin");
  await page.click("#edit-1");
  await page.fill("#edited-target", "localhost:7070");
  await restart(person, first());
  await person.until(`document.getElementById("edited-target") === null`);
  await person.until(`document.activeElement.id === "tab-admin"`);
  assert.ok(await person.ask(says(TOASTS, "tcpmon was started again")));
});

Deno.test("the address of a file to be saved names the run", async () => {
  const run = second();
  await using person = await Person.open(first().settings);
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.keyboard.press("Shift+S");
  const address = `document.querySelector(".a-menu a").getAttribute("href")`;
  await person.until(`document.querySelector(".a-menu a") !== null`);
  const before = await person.ask<string>(address);
  assert.match(before, /[?&]run=[0-9a-f-]{36}(?:&|$)/);
  await restart(person, run);
  const statusOf = (path: string) =>
    person.ask(`fetch(${JSON.stringify(path)}).then(({ status }) => status)`);
  assert.equal(await statusOf(before), 409);
  await person.until(`${address} !== ${JSON.stringify(before)}`);
  assert.equal(await statusOf(await person.ask<string>(address)), 200);
  person.forget(EXPECTED);
});

Deno.test("however often Try now is pressed, the page listens once", async () => {
  const run = second();
  await using person = await Person.open(first().settings);
  const { page } = person;
  await page.addInitScript(`(() => {
    const Given = EventSource;
    window.sources = [];
    window.EventSource = class extends Given {
      constructor(...given) {
        super(...given);
        sources.push(this);
      }
    };
  })()`);
  await page.reload();
  await person.seesRows(3, 2, 1);
  const port = await stop(person);
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  let asked = 0;
  await page.route("**/api/state", async (route) => {
    asked++;
    await gate;
    await route.continue();
  });
  person.viewer = serve(run.settings, port);
  for (let i = 0; i < 4; i++) await person.ask(`document.querySelector(".banner button").click()`);
  while (asked < 4) await person.ask(`new Promise((resolve) => setTimeout(resolve, 10))`);
  open();
  await person.until(IS_BACK);
  await person.seesRows(4, 3, 2, 1);
  // Whatever was asked four times has come by now, or comes before this does.
  for (let i = 0; i < 4; i++) await person.ask(`fetch("/api/state").then((response) => response.text())`);
  assert.equal(await person.ask(`sources.filter(({ readyState }) => readyState !== 2).length`), 1);
  run.actions.add({ target: "/five" });
  await person.seesRows(5, 4, 3, 2, 1);
  person.forget(EXPECTED);
});
