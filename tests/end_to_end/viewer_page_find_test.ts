/** A person finds exchanges of real traffic in the viewer: filters, searches, sorts, selects, removes and takes back. */
import assert from "node:assert/strict";
import { Peer } from "./peers.ts";
import { Person, step } from "./person.ts";
import { type Answer, answered, Backend, ok, pathOf } from "./sending.ts";
import { Page, relay } from "./viewer_page.ts";

/** More rows than the page asks for at once. */
const COUNT = 700;

/** The slowest answers are not the newest, nor of those that the page has first. */
const SLOW: { readonly [path: string]: number } = { "/item/30": 400, "/item/31": 250 };

const answer: Answer = async (request) => {
  const path = pathOf(request);
  const wait = SLOW[path];
  if (wait !== undefined) await new Promise((resolve) => setTimeout(resolve, wait));
  if (path === "/item/7") {
    return answered("503 Busy", "the needle in the haystack", "Content-Type: text/plain");
  }
  if (path.endsWith("00")) {
    return answered("404 Not Found", '{"error":"none"}', "Content-Type: application/json");
  }
  return ok(`item ${path}`, "Content-Type: text/plain");
};

/** Asks for all of them, one after the other. */
async function traffic(port: number): Promise<void> {
  using peer = await Peer.connect(port);
  for (let i = 0; i < COUNT; i++) {
    await peer.send(`GET /item/${i} HTTP/1.1\r\nHost: shop\r\n\r\n`);
    const head = await peer.readHead();
    await peer.read(Number(/content-length: (\d+)/i.exec(head)![1]));
  }
}

Deno.test("a person filters, searches, sorts, selects several, removes them, and brings them back", async (t) => {
  await using backend = new Backend(answer);
  await using program = relay(backend.target);
  await traffic(await program.port());
  const api = await Page.of(program);
  const all = async () => (await api.json("/api/rows?limit=1")).total;
  await using person = await Person.before(program);
  const { page } = person;
  const { keyboard } = page;
  const counts = (text: string) => person.reads(".counts", text);
  await counts(`${COUNT} rows`);

  await step(t, "a filter is written with completion, by keyboard alone", async () => {
    await keyboard.press("/");
    await keyboard.type("sta");
    await person.reads("#completions", "status:");
    await keyboard.press("Tab");
    await person.reads("#completions", "5xx");
    await keyboard.press("ArrowUp");
    await person.until(`document.querySelector("#completions [aria-selected=true]") !== null`);
    await keyboard.press("Escape");
    await keyboard.type("4xx ");
    await keyboard.press("Enter");
    await person.seesRequests(...[6, 5, 4, 3, 2, 1].map((i) => `/item/${i}00`));
    await counts(`6 of ${COUNT} rows`);
  });

  await step(t, "where a filter goes wrong is shown, and the rows stay", async () => {
    await page.fill("#filter", "status:4xx staus:1");
    await person.until(`document.querySelector(".wrong")?.textContent === "staus"`);
    await person.reads("#filter-error", 'did you mean "status"');
    assert.equal((await person.rows()).length, 6);
    await person.picture("find-wrong");
  });

  await step(t, "a text is looked for in bodies, and marked where it is", async () => {
    await page.fill("#filter", "needle");
    await keyboard.press("Enter");
    await person.seesRequests("/item/7");
    await person.opens("/item/7");
    await person.until(`document.querySelector("#exchange mark")?.textContent === "needle"`);
    await person.picture("find-hit");
  });

  await step(t, "quick filters are joined, and taken out again", async () => {
    await page.click("[aria-label='Clear the filter']");
    await counts(`${COUNT} rows`);
    await page.click(".chip >> text=5xx");
    await person.seesRequests("/item/7");
    await page.click(".chip >> text=4xx");
    await counts(`7 of ${COUNT} rows`);
    await page.click(".chip >> text=JSON");
    await counts(`6 of ${COUNT} rows`);
    for (const chip of ["5xx", "4xx", "JSON"]) await page.click(`.chip >> text=${chip}`);
    await counts(`${COUNT} rows`);
    assert.equal(await page.inputValue("#filter"), "");
  });

  await step(t, "a column sorts everything that there is, not only what was loaded", async () => {
    await page.click("[role=columnheader] >> text=Elapsed");
    await person.until(
      `document.querySelector("[data-row][aria-rowindex='3'] .c-url")?.innerText === "/item/30" &&
        document.querySelector("[data-row][aria-rowindex='4'] .c-url")?.innerText === "/item/31"`,
    );
    await person.picture("find-sorted");
    await page.click("[role=columnheader] >> text=Elapsed");
    await page.click("[role=columnheader] >> text=Elapsed");
    await person.until(
      `document.querySelector("[data-row][aria-rowindex='3'] .c-url")?.innerText === "/item/${COUNT - 1}"`,
    );
  });

  await step(t, "the oldest row is reached by scrolling", async () => {
    await page.focus("#table");
    for (let times = 0; times < 3; times++) {
      await person.ask(`document.getElementById("table").scrollTo(0, 1e9)`);
      await person.ask("new Promise((resolve) => requestAnimationFrame(resolve))");
    }
    await person.until(
      `(document.getElementById("table").scrollTo(0, 1e9),
        [...document.querySelectorAll("[data-row] .c-url")].some((cell) => cell.innerText === "/item/0"))`,
    );
    await person.ask(`document.getElementById("table").scrollTo(0, 0)`);
  });

  await step(t, "several are selected, removed, and brought back", async () => {
    await page.click(`[data-row] >> text=/^\\/item\\/${COUNT - 2}$/`);
    await page.click(`[data-row] >> text=/^\\/item\\/${COUNT - 4}$/`, { modifiers: ["Shift"] });
    await page.click(`[data-row] >> text=/^\\/item\\/${COUNT - 6}$/`, { modifiers: ["Control"] });
    await page.click("text=Remove Selected (4)");
    await person.reads(".toasts", "Removed 4 rows");
    await counts(`${COUNT - 4} rows`);
    assert.equal(await all(), COUNT - 4);
    assert.deepEqual((await person.column("url")).slice(0, 3), [1, 5, 7].map((i) => `/item/${COUNT - i}`));
    await person.picture("find-removed");
    await page.click(".toast >> text=Undo");
    await counts(`${COUNT} rows`);
    assert.equal(await all(), COUNT);
  });

  await step(t, "all are removed, and brought back", async () => {
    await page.click("text=Remove All");
    // The row that is shown may be removed while it is fetched.
    person.forget(/404.* \/api\/rows\/\d+$/);
    await person.reads(".empty", "Waiting for the first exchange");
    assert.equal(await all(), 0);
    await page.click(".toast >> text=Undo");
    await counts(`${COUNT} rows`);
    assert.equal(await all(), COUNT);
    await person.until(`document.querySelector("[data-row] .c-url") !== null`);
  });
});
