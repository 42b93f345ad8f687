/** The table of the viewer, as somebody uses it. */
import assert from "node:assert/strict";
import { Person } from "./browser.ts";
import { ManyRows } from "./many_rows.ts";
import { Traffic } from "./traffic.ts";

const HELP = `document.querySelector("dialog[aria-labelledby=help-title]")`;

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
  assert.match(await person.ask(cell(2, "url")), /^GetQuote.*no\/soap$/);
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
  // At once, and again as soon as it is listened to.
  assert.equal(source.pages, 2);
  const lines: number = await person.ask(`document.querySelectorAll("[data-row]").length`);
  assert.ok(lines < 60, `${lines} rows are in the document`);
  await person.ask(`document.getElementById("table").scrollTo(0, 1e9)`);
  await person.until(`document.querySelector("[data-row='1']") !== null`);
  assert.ok(await person.ask<number>(`document.querySelectorAll("[data-row]").length`) < 60);
  await person.page.keyboard.press("End");
  await person.until(`document.querySelector("[data-row='1'][aria-selected=true]") !== null`);
});

/** Whether the first row that is seen is this one. */
function isFirst(row: number): string {
  return `document.querySelector("[data-row][aria-rowindex='3']")?.dataset.row === "${row}"`;
}

const SCROLLED = `document.getElementById("table").scrollTop`;

Deno.test("a click on a title sorts all rows of the history, and a third one begins with the newest again", async () => {
  const source = new ManyRows(100_000);
  await using person = await Person.open({ source });
  await person.until(`document.querySelector("[data-row='100000']") !== null`);
  await person.ask(`document.getElementById("table").scrollTo(0, 2600)`);
  await person.page.click("text=Sent ↑");
  await person.until(`document.querySelector("[role=columnheader].c-up").ariaSort === "descending"`);
  // 899 is the most that any row sent: these did, newest first.
  await person.until(isFirst(99_899));
  assert.deepEqual((await person.rows()).slice(0, 3), [99_899, 98_999, 98_099]);
  assert.equal(await person.ask(`document.getElementById("table").ariaRowCount`), "100002");
  assert.equal(await person.ask(SCROLLED), 0);
  assert.equal(await person.ask(`document.querySelector(".note")`), null);
  await person.page.click("text=Sent ↑");
  await person.until(isFirst(99_900));
  await person.page.click("text=Sent ↑");
  await person.until(`document.querySelector("[role=columnheader].c-time").ariaSort === "descending"`);
  await person.until(isFirst(100_000));
});

Deno.test("in an order the middle of 100,000 rows is there at once, without what lies before it", async () => {
  const source = new ManyRows(100_000);
  await using person = await Person.open({ source });
  await person.page.click("text=Sent ↑");
  await person.until(isFirst(99_899));
  const before = source.pages;
  await person.ask(`document.getElementById("table").scrollTo(0, 26 * 50000)`);
  await person.until(`document.querySelector("[data-row][aria-rowindex='50003']") !== null`);
  assert.ok(source.pages - before <= 3, `${source.pages - before} pages`);
  const up = await person.ask<string[]>(
    `[...document.querySelectorAll("[data-row] .c-up")].map((cell) => cell.textContent)`,
  );
  assert.ok(up.every((text) => /^4(?:49|50|51) B$/.test(text)), up.join());
  assert.equal(source.orders.made, 1);
  // The keyboard goes on from there, and to the end, which nobody has looked at.
  await person.page.click("[data-row][aria-rowindex='50005']");
  await person.page.keyboard.press("PageDown");
  await person.until(`document.querySelector(".row.cursor")?.ariaRowIndex === "50025"`);
  await person.page.keyboard.press("End");
  await person.until(`document.querySelector(".row.cursor")?.ariaRowIndex === "100002"`);
  await person.page.keyboard.press("k");
  await person.until(`document.querySelector(".row.cursor")?.ariaRowIndex === "100001"`);
  assert.ok(await person.ask<number>(`document.querySelectorAll(".row").length`) < 60);
  await person.page.keyboard.press("Home");
  await person.until(`document.getElementById("exchange")?.ariaLabel === "Row 100000"`);
  await person.until(isFirst(100_000));
});

Deno.test("rows that come in while the table is sorted move nothing; they are shown when asked for", async () => {
  const source = new ManyRows(3000);
  await using person = await Person.open({ source });
  await person.page.click("text=Elapsed");
  await person.until(`document.querySelector("[role=columnheader].c-elapsed").ariaSort === "descending"`);
  await person.until(isFirst(2321));
  await person.ask(`document.getElementById("table").scrollTo(0, 260)`);
  await person.until(`document.querySelector("[data-row][aria-rowindex='3']") === null`);
  const before = await person.rows();
  source.add(3000);
  await person.until(`document.querySelector(".newer")?.textContent === "↑ 3,000 newer rows"`);
  assert.deepEqual(await person.rows(), before);
  await person.page.click(".newer");
  await person.until(isFirst(5321));
  assert.equal(await person.ask(SCROLLED), 0);
  assert.equal(await person.ask(`document.querySelector(".newer")`), null);
  assert.equal(
    await person.ask(`document.querySelector("[role=columnheader].c-elapsed").ariaSort`),
    "descending",
  );
});

Deno.test("an order that the program has forgotten is made anew, quietly", async () => {
  const source = new ManyRows(2000);
  await using person = await Person.open({ source });
  await person.page.click("text=Sent ↑");
  await person.until(isFirst(1799));
  source.orders.forget();
  source.add(1000);
  await person.until(`document.querySelector(".newer") !== null`);
  await person.ask(`document.getElementById("table").scrollTo(0, 26 * 1000)`);
  await person.until(`document.querySelector("[data-row][aria-rowindex='1003']") !== null`);
  await person.until(`document.getElementById("table").ariaRowCount === "3002"`);
  assert.equal(source.orders.made, 2);
  assert.equal(await person.ask(`document.querySelector(".toast")`), null);
  assert.equal(await person.ask(`document.querySelector(".newer")`), null);
});

Deno.test("a filter holds in an order, and the order under a filter", async () => {
  const traffic = new Traffic();
  for (let at = 1; at <= 6; at++) {
    traffic.get(`/${at}`, "x".repeat(at * 10), at % 2 === 0 ? "404 Not Found" : "200 OK");
  }
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(6, 5, 4, 3, 2, 1);
  await person.page.click("text=Got ↓");
  await person.page.click("text=Got ↓");
  await person.seesRows(1, 2, 3, 4, 5, 6);
  await person.page.fill("#filter", "status:404");
  await person.seesRows(2, 4, 6);
  await person.page.click("text=Got ↓");
  await person.seesRows(6, 4, 2);
  await person.page.fill("#filter", "");
  await person.seesRows(6, 5, 4, 3, 2, 1);
});

Deno.test("in an order a range takes in what nobody has looked at, or says what is missing", async () => {
  await using person = await Person.open({ source: new ManyRows(100_000) });
  const { page } = person;
  await page.click("text=Sent ↑");
  await page.click("[data-row][aria-rowindex='3']");
  await person.ask(`document.getElementById("table").scrollTo(0, 26 * 1500)`);
  await page.click("[data-row][aria-rowindex='1510']", { modifiers: ["Shift"] });
  await page.waitForSelector("text=Remove Selected (1,508)");
  await person.ask(`document.getElementById("table").scrollTo(0, 26 * 90000)`);
  await page.click("[data-row][aria-rowindex='90010']", { modifiers: ["Shift"] });
  await person.until(
    `document.querySelector(".toast")?.textContent.includes("are not loaded, and not selected")`,
  );
});

Deno.test("rows that are removed from an order go at once, and the order is the program's again", async () => {
  const traffic = new Traffic();
  for (let at = 1; at <= 6; at++) traffic.get(`/${at}`, "x".repeat(at));
  await using person = await Person.open({ source: traffic.source });
  const { page } = person;
  await page.click("text=Got ↓");
  await page.click("text=Got ↓");
  await person.seesRows(1, 2, 3, 4, 5, 6);
  await page.click("[data-row='2']");
  await person.until(shows(2));
  await page.click("[data-row='4']", { modifiers: ["Shift"] });
  await person.until(shows(4));
  await page.keyboard.press("x");
  await person.seesRows(1, 5, 6);
  await person.until(`${SELECTED} === "5"`);
  await page.click(".toast >> text=Undo");
  await person.seesRows(1, 2, 3, 4, 5, 6);
  // Somebody else removes some.
  await person.until(shows(5));
  traffic.source.remove([1, 6]);
  await person.seesRows(2, 3, 4, 5);
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
  await person.until(`${HELP}.open`);
  assert.match(await person.ask(`${HELP}.textContent`), /Remove the selected rows/);
  await keyboard.press("Escape");
  await person.until(`!${HELP}.open`);
});

Deno.test("where nothing may be changed, nothing offers to", async () => {
  await using person = await Person.open({ source: Traffic.of("/1", "/2").source, isReadonly: true });
  await person.seesRows(2, 1);
  assert.doesNotMatch(await person.ask(`document.body.textContent`), /Remove/);
  await person.page.click("[data-row='1']");
  await person.page.keyboard.press("x");
  await person.page.keyboard.press("?");
  await person.until(`${HELP}.open`);
  assert.doesNotMatch(await person.ask(`${HELP}.textContent`), /[Rr]emove/);
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
