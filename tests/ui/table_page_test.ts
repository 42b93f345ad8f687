/** The table of the viewer, as somebody uses it. */
import assert from "node:assert/strict";
import { Person } from "./browser.ts";
import { ManyRows } from "./many_rows.ts";
import { Traffic } from "./traffic.ts";

/** Text of a cell. */
function cell(row: number, key: string): string {
  return `document.querySelector("[data-row='${row}'] .c-${key}").textContent`;
}

/** Whether the exchange of a row is shown: whoever removes a row that is being fetched gets a complaint about it. */
function shows(row: number): string {
  return `document.querySelector("#exchange[aria-label='Row ${row}']")?.textContent.includes("Complete")`;
}

const SELECTED = `[...document.querySelectorAll("[data-row][aria-selected=true]")]
  .map((row) => row.dataset.row - 0).sort((a, b) => b - a).join()`;

Deno.test("a row says how it ended in words, and what was asked and answered", async () => {
  const traffic = new Traffic();
  traffic.get("/a?b=1", "no", "404 Not Found");
  traffic.soap("GetQuote", "<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>");
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(2, 1);
  assert.match(await person.ask(cell(1, "state")), /Done/);
  assert.equal(await person.ask(cell(1, "method")), "GET");
  assert.equal(await person.ask(cell(1, "url")), "/a?b=1");
  assert.equal(await person.ask(cell(1, "status")), "404");
  assert.equal(await person.ask(cell(1, "down")), "2 B");
  assert.match(await person.ask(cell(1, "elapsed")), /ms$/);
  assert.match(await person.ask(cell(2, "state")), /Fault/);
  assert.match(await person.ask(cell(2, "url")), /^GetQuote\/soap.*no$/);
  assert.equal(await person.ask(cell(2, "type")), "text/xml");
});

Deno.test("what came over the wire is text, and nothing in it is hidden or reordered", async () => {
  const traffic = Traffic.of("/<img/src=x/onerror=alert(1)>", "/a\xe2\x80\xaegnp.exe");
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(2, 1);
  assert.equal(await person.ask(cell(1, "url")), "/<img/src=x/onerror=alert(1)>");
  assert.equal(await person.ask(`document.querySelectorAll("img").length`), 0);
  const shown: string = await person.ask(cell(2, "url"));
  assert.ok(!shown.includes("\u202e"), shown);
  assert.match(shown, /\\u\{202e\}/);
});

Deno.test("of 100,000 rows only those that are seen are in the document; the rest is fetched on the way", async () => {
  const source = new ManyRows(100_000);
  await using person = await Person.open({ source });
  await person.until(`document.querySelector("[data-row='100000']") !== null`);
  assert.equal(await person.ask(`document.getElementById("table").ariaRowCount`), "100002");
  assert.equal(source.pages, 1);
  const lines: number = await person.ask(`document.querySelectorAll("[data-row]").length`);
  assert.ok(lines < 60, `${lines} rows are in the document`);
  await person.ask(`document.getElementById("table").scrollTo(0, 1e9)`);
  await person.until(`document.querySelector("[data-row='1']") !== null`);
  assert.ok(await person.ask<number>(`document.querySelectorAll("[data-row]").length`) < 60);
  await person.page.keyboard.press("End");
  await person.until(`document.querySelector("[data-row='1'][aria-selected=true]") !== null`);
});

Deno.test("a click on a title sorts what is loaded, says so, and can load the rest", async () => {
  await using person = await Person.open({ source: new ManyRows(3000) });
  await person.until(`document.querySelector("[data-row='3000']") !== null`);
  await person.page.click("text=Sent ↑");
  await person.until(`document.querySelector("[role=columnheader].c-up").ariaSort === "descending"`);
  await person.until(
    `document.querySelector(".note")?.textContent.includes("only the 200 loaded of 3,000 rows")`,
  );
  await person.page.click("text=Load all");
  await person.until(`document.querySelector(".note") === null`);
  // 899 is the most that any row sent: these three did, newest first.
  assert.deepEqual((await person.rows()).slice(0, 3), [2699, 1799, 899]);
  await person.page.click("text=Sent ↑");
  await person.page.click("text=Sent ↑");
  await person.until(`document.querySelector("[role=columnheader].c-time").ariaSort === "descending"`);
});

Deno.test("the width of a column is changed by mouse and by keyboard, and remembered", async () => {
  const width = `document.querySelector("[role=columnheader].c-client").getBoundingClientRect().width`;
  await using person = await Person.open({ source: new ManyRows(10) });
  const before: number = await person.ask(width);
  await person.page.focus(".titles .c-client button");
  await person.page.keyboard.press("Shift+ArrowRight");
  await person.until(`${width} === ${before + 16}`);
  const edge = (await person.page.locator(".titles .c-client .edge").boundingBox())!;
  await person.page.mouse.move(edge.x + 4, edge.y + 5);
  await person.page.mouse.down();
  await person.page.mouse.move(edge.x + 44, edge.y + 5);
  await person.page.mouse.up();
  await person.until(`${width} === ${before + 56}`);
  await person.page.reload();
  await person.until(`document.querySelector(".titles") !== null && ${width} === ${before + 56}`);
});

Deno.test("rows are selected by click, with Ctrl and with Shift, removed, and brought back", async () => {
  const traffic = Traffic.of("/1", "/2", "/3", "/4", "/5", "/6");
  await using person = await Person.open({ source: traffic.source });
  const { page } = person;
  await person.seesRows(6, 5, 4, 3, 2, 1);
  await page.click("[data-row='5']");
  await page.click("[data-row='3']", { modifiers: ["Shift"] });
  await page.click("[data-row='1']", { modifiers: ["Control"] });
  await person.until(`${SELECTED} === "5,4,3,1"`);
  await person.until(shows(1));
  await page.click("text=Remove Selected (4)");
  await person.seesRows(6, 2);
  await page.click(".toast >> text=Undo");
  await person.seesRows(6, 5, 4, 3, 2, 1);
  await page.click("[aria-label='Close this message']");
  await page.click("text=Remove All");
  await person.seesRows();
  await person.until(`document.querySelector(".toasts").textContent.includes("Removed all 6 rows")`);
  await page.click(".toast >> text=Undo");
  await person.seesRows(6, 5, 4, 3, 2, 1);
});

Deno.test("all of it can be done by keyboard", async () => {
  const traffic = Traffic.of("/1", "/2", "/3", "/4");
  await using person = await Person.open({ source: traffic.source });
  const { keyboard } = person.page;
  await person.seesRows(4, 3, 2, 1);
  await keyboard.press("j");
  await person.until(`${SELECTED} === "4"`);
  await keyboard.press("ArrowDown");
  await keyboard.press("Shift+ArrowDown");
  await person.until(`${SELECTED} === "3,2"`);
  assert.equal(
    await person.ask(`document.getElementById("table").getAttribute("aria-activedescendant")`),
    "row-2",
  );
  await person.until(shows(2));
  await keyboard.press("x");
  await person.seesRows(4, 1);
  await keyboard.press("u");
  await person.seesRows(4, 3, 2, 1);
  await keyboard.press("Control+a");
  await person.until(`${SELECTED} === "4,3,2,1"`);
  await keyboard.press("Home");
  await person.until(`document.querySelector(".recent[aria-selected=true]") !== null`);
  await keyboard.press("Enter");
  await person.until(`document.activeElement.id === "exchange"`);
  await keyboard.press("Escape");
  await person.until(`document.getElementById("exchange") === null && document.activeElement.id === "table"`);
  await keyboard.press("t");
  await person.until(`document.documentElement.dataset.theme === "light"`);
  await keyboard.press("t");
  await person.until(`document.documentElement.dataset.theme === "dark"`);
  await keyboard.press("/");
  await person.until(`document.activeElement.id === "filter"`);
  await keyboard.press("Escape");
  await keyboard.press("?");
  await person.until(`document.querySelector("dialog").open`);
  assert.match(await person.ask(`document.querySelector("dialog").textContent`), /Remove the selected rows/);
  await keyboard.press("Escape");
  await person.until(`!document.querySelector("dialog").open`);
});

Deno.test("where nothing may be changed, nothing offers to", async () => {
  await using person = await Person.open({ source: Traffic.of("/1", "/2").source, isReadonly: true });
  await person.seesRows(2, 1);
  assert.doesNotMatch(await person.ask(`document.body.textContent`), /Remove/);
  await person.page.click("[data-row='1']");
  await person.page.keyboard.press("x");
  await person.page.keyboard.press("?");
  await person.until(`document.querySelector("dialog").open`);
  assert.doesNotMatch(await person.ask(`document.querySelector("dialog").textContent`), /[Rr]emove/);
  await person.page.keyboard.press("Escape");
  await person.seesRows(2, 1);
});

Deno.test("a link leads to its exchange, also where its row is not loaded", async () => {
  await using person = await Person.open({ source: new ManyRows(5000) }, "#/row/17");
  await person.until(`document.getElementById("exchange")?.ariaLabel === "Row 17"`);
  await person.page.click("[data-row='4999']");
  await person.until(`location.hash === "#/row/4999"`);
  await person.page.keyboard.press("Escape");
  await person.until(`location.hash === ""`);
});

Deno.test("a link to a row that is gone says so", async () => {
  await using person = await Person.open({ source: new ManyRows(5) }, "#/row/17");
  await person.until(
    `document.querySelector(".toast")?.textContent.includes("Row 17 is not in the history")`,
  );
  person.forget(/404/);
});

Deno.test("on a phone the list comes first, then the exchange as a page; Back leads to the list", async () => {
  const source = new ManyRows(500);
  await using person = await Person.open({ source, viewport: { width: 360, height: 640 } });
  const { page } = person;
  await page.click("[data-row='498']");
  await person.until(
    `document.querySelector(".list").hidden && document.getElementById("exchange") !== null`,
  );
  assert.ok(
    await person.ask(`document.documentElement.scrollWidth <= 360`),
    "the page is wider than the phone",
  );
  await page.goBack();
  await person.until(
    `!document.querySelector(".list").hidden && document.getElementById("exchange") === null`,
  );
  await page.click("[data-row='497']");
  await page.click("text=Back to the list");
  await person.until(`!document.querySelector(".list").hidden`);
  assert.ok(
    await person.ask(`document.documentElement.scrollWidth <= 360`),
    "the list is wider than the phone",
  );
});
