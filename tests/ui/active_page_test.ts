/** What is under way, as the page shows it. */
import assert from "node:assert/strict";
import type { ActiveView } from "../../src/ui/api.ts";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { get, Script, type Step } from "../capture/connection_script.ts";
import { findings } from "./accessibility.ts";
import { Person } from "./browser.ts";
import { activeView } from "./fake_admin.ts";
import { ManyRows } from "./many_rows.ts";
import { MemorySource } from "./memory_source.ts";
import { Traffic } from "./traffic.ts";

const NAMES = `[...document.querySelectorAll("[data-active]")]
  .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((row) => row.querySelector(".c-url").textContent).join()`;
const STATES = `[...document.querySelectorAll("[data-active]")]
  .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((row) => row.querySelector(".c-state").textContent).join()`;
const PANE = `document.querySelector("#exchange[aria-label^='Active']")`;
const COUNT = `document.querySelector(".active-count")?.textContent`;

/** A connection that goes on while the page is open. */
class Connection {
  readonly source = new MemorySource();
  readonly #script = new Script({ memory: new BodyMemory(1 << 20, 1 << 24) });
  #taken = 0;

  /** Something passes. */
  pass(...steps: readonly Step[]): void {
    for (const step of steps) this.#script.step(step);
    const { records } = this.#script;
    this.source.add(records.slice(this.#taken));
    this.#taken = records.length;
  }

  /** What is under way on it. */
  view(parts: Partial<ActiveView>): ActiveView {
    const first = this.#script.records.find((record) => record.type !== "lost")!;
    const { id, client, target, listener } = first.connection;
    return activeView({ connection: id, client, target, listener, ...parts });
  }
}

/** Tells the page what is under way. */
function tell(source: MemorySource | ManyRows, ...rows: readonly ActiveView[]): void {
  tellOf(source, rows.length, ...rows);
}

function tellOf(source: MemorySource | ManyRows, total: number, ...rows: readonly ActiveView[]): void {
  source.emit({ type: "active", rows, total });
}

function several(count: number, at = Date.now()): ActiveView[] {
  return Array.from({ length: count }, (_, line) => {
    const id = 100 + count - line;
    return activeView({ id, connection: id, url: `/slow/${id}`, at: at - 1000 * line });
  });
}

Deno.test("what is under way stands above the newest row, with what is known of it, and goes when it has ended", async () => {
  const { source } = Traffic.of("/1", "/2");
  await using person = await Person.open({ source });
  await person.seesRows(2, 1);
  const at = Date.now() - 61_000;
  tell(source, activeView({ id: 7, url: "/slow", at, up: 2048, down: 0, method: "POST" }));
  await person.until(`${NAMES} === "/slow"`);
  const text = (key: string) => `document.querySelector("[data-active] .c-${key}").textContent`;
  assert.equal(await person.ask(text("row")), "7");
  assert.match(await person.ask(text("state")), /Active$/);
  assert.equal(await person.ask(text("method")), "POST");
  assert.equal(await person.ask(text("status")), "");
  assert.equal(await person.ask(text("up")), "2.0 KiB");
  assert.match(await person.ask(text("elapsed")), /^1m 0\ds$/);
  assert.equal(await person.ask(`document.querySelector("[data-row='2']").ariaRowIndex`), "4");
  assert.equal(await person.ask(`document.getElementById("table").ariaRowCount`), "5");
  assert.match(await person.ask(COUNT), /1 active/);
  // It counts on though nothing passes.
  const elapsed: string = await person.ask(text("elapsed"));
  await person.until(`${text("elapsed")} !== ${JSON.stringify(elapsed)}`);
  tell(source, activeView({ id: 7, url: "/slow", at, up: 2048, down: 9, method: "POST", status: 200 }));
  await person.until(`${text("status")} === "200" && ${text("down")} === "9 B"`);
  tell(source);
  await person.until(`${NAMES} === "" && ${COUNT} === undefined`);
  await person.seesRows(2, 1);
});

Deno.test("of very many only the newest have lines; the others are counted", async () => {
  const source = new ManyRows(1000);
  await using person = await Person.open({ source, viewport: { width: 1280, height: 900 } });
  await person.until(`document.querySelector("[data-row='1000']") !== null`);
  tellOf(source, 62, ...several(50));
  await person.until(`document.querySelectorAll("[data-active]").length === 8`);
  assert.equal(await person.ask(`document.querySelector(".row.more").textContent`), "and 54 more under way");
  assert.match(await person.ask(COUNT), /62 active/);
  assert.equal(await person.ask(`document.querySelector("[data-row='1000']").ariaRowIndex`), "12");
  // The last row can still be reached.
  await person.ask(`document.getElementById("table").scrollTo(0, 1e9)`);
  await person.until(`document.querySelector("[data-row='1']") !== null`);
});

Deno.test("whoever has scrolled down is not moved by what begins and ends", async () => {
  const source = new ManyRows(1000);
  await using person = await Person.open({ source });
  await person.until(`document.querySelector("[data-row='1000']") !== null`);
  tell(source, ...several(3));
  await person.until(`document.querySelectorAll("[data-active]").length === 3`);
  await person.ask(`document.getElementById("table").scrollTo(0, 40)`);
  const placed = `document.querySelector("[data-row='999']").getBoundingClientRect().top`;
  const top: number = await person.ask(placed);
  tell(source, ...several(5).slice(0, 4));
  await person.until(`/4 active/.test(${COUNT})`);
  await person.until(`${STATES} === "●Active,●Active,○Ended" || ${STATES} === "●Active,●Active,●Active"`);
  assert.equal(await person.ask(placed), top);
  tell(source);
  await person.until(`${STATES} === "○Ended,○Ended,○Ended"`);
  assert.equal(await person.ask(placed), top);
  await person.ask(`document.getElementById("table").scrollTo(0, 0)`);
  await person.until(`document.querySelectorAll("[data-active]").length === 0`);
});

Deno.test("a filter and another order hide it, and the line above the table still counts it", async () => {
  const { source } = Traffic.of("/1", "/2");
  await using person = await Person.open({ source });
  await person.seesRows(2, 1);
  tell(source, ...several(2));
  await person.until(`document.querySelectorAll("[data-active]").length === 2`);
  await person.page.fill("#filter", "status:200");
  await person.until(`document.querySelectorAll("[data-active]").length === 0`);
  assert.match(await person.ask(COUNT), /2 active/);
  await person.page.fill("#filter", "");
  await person.until(`document.querySelectorAll("[data-active]").length === 2`);
  await person.page.click("text=Elapsed");
  await person.until(`document.querySelectorAll("[data-active]").length === 0`);
  await person.page.click("text=Elapsed");
  await person.page.click("text=Elapsed");
  await person.until(`document.querySelectorAll("[data-active]").length === 2`);
});

Deno.test("on the tab of a listener stands what is under way on it, and no other's", async () => {
  const listeners = [{ address: "127.0.0.1:8081", target: "localhost:8080" }, { address: "127.0.0.1:8888" }];
  const { source } = Traffic.of("/1");
  await using person = await Person.open({ source, listeners }, "#/listener/2");
  await person.until(`document.querySelector(".empty") !== null`);
  tell(
    source,
    activeView({ id: 5, url: "/mine", listener: "127.0.0.1:8888" }),
    activeView({ id: 4, url: "/others" }),
  );
  await person.until(`${NAMES} === "/mine"`);
  assert.match(await person.ask(COUNT), /1 active/);
});

Deno.test("what is under way can be opened, by click and by keyboard, and its row takes its place", async () => {
  const traffic = Traffic.of("/1");
  const { source } = traffic;
  await using person = await Person.open({ source });
  const { page } = person;
  await person.seesRows(1);
  const { client, target, listener, connection } = source.page({ limit: 1 }).rows[0];
  const view = activeView({ id: 2, connection, client, target, listener, url: "/slow", at: Date.now() });
  tell(source, view);
  await page.click("[data-active]");
  await person.until(`${PANE}?.querySelector("h2").textContent === "#2 GET /slow"`);
  assert.match(await person.ask(`${PANE}.textContent`), /no response yet/);
  tell(source, { ...view, status: 200, mime: "text/plain", down: 4096 });
  await person.until(`${PANE}.textContent.includes("4.0 KiB (4,096 bytes)")`);
  // To the rows, and back.
  await page.keyboard.press("j");
  await person.until(`document.getElementById("exchange")?.ariaLabel === "Row 1"`);
  await page.keyboard.press("k");
  await person.until(`${PANE} !== null`);
  const cursor: string = await person.ask(
    `document.getElementById("table").getAttribute("aria-activedescendant")`,
  );
  assert.ok(await person.ask(`document.getElementById(${JSON.stringify(cursor)}) !== null`));
  tell(source);
  await person.until(`${PANE}.textContent.includes("Ended")`);
  traffic.get("/slow");
  await person.until(`document.getElementById("exchange")?.ariaLabel === "Row 2"`);
  await person.until(`location.hash === "#/row/2"`);
  await page.keyboard.press("Escape");
  await person.until(`document.getElementById("exchange") === null`);
});

Deno.test("events of a server are shown as they come; once they have ended the exchange is offered", async () => {
  const connection = new Connection();
  const { source } = connection;
  await using person = await Person.open({ source });
  await person.until(`document.querySelector(".empty") !== null`);
  const event = (text: string): Step => ["down", `data: ${text}\n\n`];
  connection.pass(
    ["up", get("/events")],
    ["down", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"],
    event("one"),
  );
  const view = connection.view({
    id: 1,
    url: "/events",
    mime: "text/event-stream",
    status: 200,
    at: Date.now(),
  });
  tell(source, { ...view, down: 11 });
  await person.page.click("[data-active]");
  await person.until(`${PANE}?.textContent.includes("one")`);
  connection.pass(event("two"));
  tell(source, { ...view, down: 22 });
  await person.until(`${PANE}.textContent.includes("two")`);
  // Whoever stands at the end stays there.
  const isAtEnd = `${PANE}.scrollHeight - ${PANE}.scrollTop - ${PANE}.clientHeight < 2`;
  for (let at = 0; at < 40; at++) connection.pass(event(`more ${at}`));
  await person.ask(`${PANE}.scrollTo(0, 1e9)`);
  tell(source, { ...view, down: 2000 });
  await person.until(`${PANE}.textContent.includes("more 39") && ${isAtEnd}`);
  await person.ask(`${PANE}.scrollTo(0, 0)`);
  connection.pass(event("last"));
  tell(source, { ...view, down: 2013 });
  await person.until(`${PANE}.textContent.includes("last")`);
  assert.equal(await person.ask(`${PANE}.scrollTop`), 0);
  connection.pass(["down-end"]);
  tell(source);
  await person.page.click("text=Show exchange #1");
  await person.until(`document.getElementById("exchange")?.ariaLabel === "Row 44"`);
});

Deno.test("messages of a WebSocket come into the exchange that is open", async () => {
  const connection = new Connection();
  const { source } = connection;
  await using person = await Person.open({ source });
  await person.until(`document.querySelector(".empty") !== null`);
  connection.pass(
    [
      "up",
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    ],
    [
      "down",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    ],
    ["down", "\x81\x05hello"],
  );
  const [row] = source.page({ limit: 1 }).rows;
  const { client, target, listener } = row;
  const view = activeView({
    type: "stream",
    connection: row.connection,
    client,
    target,
    listener,
    url: "/chat",
  });
  tell(source, { ...view, down: 7 });
  await person.page.click(`[data-row='${row.row}']`);
  await person.page.click("text=Messages");
  await person.until(`document.querySelector(".x-timeline")?.textContent.includes("hello")`);
  await person.until(`document.querySelector(".x-timeline .pulse") !== null`);
  connection.pass(["down", "\x81\x05again"]);
  tell(source, { ...view, down: 14 });
  await person.until(`document.querySelector(".x-timeline").textContent.includes("again")`);
  // What passes last is looked for once more when it is over.
  connection.pass(["down", "\x81\x03bye"]);
  tell(source);
  await person.until(`document.querySelector(".x-timeline").textContent.includes("bye")`);
  await person.until(`document.querySelector(".x-timeline .pulse") === null`);
});

Deno.test("nothing moves for those who want no motion", async () => {
  const { source } = Traffic.of("/1");
  await using person = await Person.open({ source });
  await person.seesRows(1);
  tell(source, ...several(1));
  await person.until(`document.querySelector("[data-active]") !== null`);
  const animation = `getComputedStyle(document.querySelector("[data-active] .pulse")).animationName`;
  assert.equal(await person.ask(animation), "pulse");
  await person.page.emulateMedia({ reducedMotion: "reduce" });
  assert.equal(await person.ask(animation), "none");
});

for (const [colorScheme, width] of [["light", 1280], ["dark", 390]] as const) {
  Deno.test(`nothing is wrong with what is under way, ${colorScheme}, ${width} px wide`, async () => {
    const source = new ManyRows(1000);
    await using person = await Person.open({ source, colorScheme, viewport: { width, height: 800 } });
    const isWithin = `document.documentElement.scrollWidth <= ${width}`;
    await person.until(`document.querySelector("[data-row='1000']") !== null`);
    tellOf(source, 62, ...several(20));
    await person.until(`document.querySelector(".row.more") !== null`);
    // What pulses has at no time the contrast that it has on the whole.
    await person.ask(`document.getAnimations().forEach((each) => each.pause())`);
    assert.deepEqual(await findings(person), []);
    assert.ok(await person.ask(isWithin));
    await person.page.click("[data-active]");
    await person.until(`${PANE} !== null`);
    await person.ask(`document.getAnimations().forEach((each) => each.pause())`);
    assert.deepEqual(await findings(person), []);
    assert.ok(await person.ask(isWithin));
    if (width === 1280) return;
    await person.page.goBack();
    await person.until(`document.getElementById("exchange") === null`);
  });
}
