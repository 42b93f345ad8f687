/** The page while traffic comes in, and while the program comes and goes. */
import assert from "node:assert/strict";
import { Person, serve } from "./browser.ts";
import { ManyRows } from "./many_rows.ts";
import { Traffic } from "./traffic.ts";

Deno.test("an empty viewer says what to do, and the first exchange appears by itself", async () => {
  const traffic = new Traffic();
  const listeners = [{ address: "127.0.0.1:8081", target: "localhost:8080" }, { address: "127.0.0.1:8888" }];
  await using person = await Person.open({ source: traffic.source, listeners });
  await person.until(`document.querySelector(".empty")?.textContent.includes("curl http://127.0.0.1:8081/")`);
  assert.match(
    await person.ask(`document.querySelector(".empty").textContent`),
    /curl --proxy http:\/\/127\.0\.0\.1:8888/,
  );
  traffic.get("/first");
  await person.seesRows(1);
  assert.equal(await person.ask(`document.querySelector(".empty")`), null);
});

Deno.test("an empty file is said to be empty", async () => {
  await using person = await Person.open({ source: new Traffic().source, files: ["a.jsonl"] });
  await person.until(`document.querySelector(".empty")?.textContent.includes("There are none in a.jsonl")`);
});

Deno.test("new rows come on top, and Most Recent goes on with them", async () => {
  const traffic = Traffic.of("/1");
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(1);
  await person.page.click("text=Most Recent");
  await person.until(`document.getElementById("exchange")?.ariaLabel === "Row 1"`);
  traffic.get("/2");
  await person.seesRows(2, 1);
  await person.until(`document.getElementById("exchange").ariaLabel === "Row 2"`);
  assert.equal(await person.ask(`location.hash`), "#/recent");
  // A row that was chosen stays.
  await person.page.click("[data-row='1']");
  traffic.get("/3");
  await person.seesRows(3, 2, 1);
  assert.equal(await person.ask(`document.getElementById("exchange").ariaLabel`), "Row 1");
});

Deno.test("without Follow, new rows are counted, and shown when asked for", async () => {
  const traffic = Traffic.of("/1");
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(1);
  await person.page.keyboard.press("f");
  traffic.get("/2");
  await person.until(`document.querySelector(".newer")?.textContent === "↑ 1 newer row"`);
  await person.seesRows(1);
  await person.page.click(".newer");
  await person.seesRows(2, 1);
});

Deno.test("whoever has scrolled down is not disturbed", async () => {
  const source = new ManyRows(1000);
  await using person = await Person.open({ source });
  await person.until(`document.querySelector("[data-row='1000']") !== null`);
  await person.ask(`document.getElementById("table").scrollTo(0, 2600)`);
  await person.until(`document.querySelector("[data-row='900']") !== null`);
  const before = await person.rows();
  source.add(5);
  await person.until(`document.querySelector(".newer")?.textContent === "↑ 5 newer rows"`);
  assert.deepEqual(await person.rows(), before);
  await person.ask(`document.getElementById("table").scrollTo(0, 0)`);
  await person.until(`document.querySelector("[data-row='1005']") !== null`);
});

Deno.test("rows that come in too fast are sampled, which is said, and none is missing once it is calm", async () => {
  const source = new ManyRows(100);
  await using person = await Person.open({ source });
  await person.until(`document.querySelector("[data-row='100']") !== null`);
  source.add(5000);
  await person.until(
    `/^5,100 rows, \\+5,000\\/s, sampled$/.test(document.querySelector(".counts").textContent)`,
  );
  await person.until(`document.querySelector(".counts").textContent === "5,100 rows"`);
  await person.ask(`document.getElementById("table").scrollTo(0, 26 * 200)`);
  await person.until(`document.querySelector("[data-row='4900']") !== null`);
  const rows = await person.rows();
  assert.deepEqual(rows, rows.map((_, at) => rows[0] - at));
});

Deno.test("at 10,000 rows a second the page goes on drawing, and takes what is typed", async () => {
  const source = new ManyRows(1000);
  await using person = await Person.open({ source });
  await person.until(`document.querySelector("[data-row='1000']") !== null`);
  await person.ask(`(() => {
    window.gaps = [];
    let last = performance.now();
    const draw = (now) => (gaps.push(now - last), last = now, requestAnimationFrame(draw));
    requestAnimationFrame(draw);
  })()`);
  const timer = setInterval(() => source.add(100), 10);
  try {
    await person.until(`document.querySelector("[data-row]").dataset.row > 15000`);
    assert.match(await person.ask(`document.querySelector(".counts").textContent`), /sampled$/);
    await person.page.fill("#filter", "things");
    await person.until(`document.querySelector("mark")?.textContent === "things"`);
  } finally {
    clearInterval(timer);
  }
  // Alone it never takes 50 ms; other tests run beside this one.
  const gaps: number[] = await person.ask(`gaps`);
  assert.ok(Math.max(...gaps) < 1000, `${Math.max(...gaps)} ms without a drawing`);
});

Deno.test("whoever selects Most Recent follows again, from the top", async () => {
  const source = new ManyRows(1000);
  await using person = await Person.open({ source });
  await person.until(`document.querySelector("[data-row='1000']") !== null`);
  await person.page.keyboard.press("f");
  await person.ask(`document.getElementById("table").scrollTo(0, 2600)`);
  await person.until(`document.querySelector("[data-row='900']") !== null`);
  source.add(5);
  await person.until(`document.querySelector(".newer") !== null`);
  await person.page.keyboard.press("g");
  await person.until(`document.getElementById("exchange")?.ariaLabel === "Row 1005"`);
  await person.until(`document.querySelector("[data-row='1005']") !== null`);
});

Deno.test("what could not be stored is said", async () => {
  const traffic = Traffic.of("/1");
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(1);
  traffic.source.emit({ type: "lost", count: 1234, reason: "the disk is full" });
  await person.until(
    `document.querySelector(".warning")?.textContent === "1,234 records could not be stored: the disk is full"`,
  );
});

Deno.test("a removal in another browser shows here, too", async () => {
  const traffic = Traffic.of("/1", "/2", "/3");
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(3, 2, 1);
  traffic.source.remove([2]);
  await person.seesRows(3, 1);
  traffic.source.undo();
  await person.seesRows(3, 2, 1);
});

Deno.test("when the program is gone the page says so, and finds it again by itself", async () => {
  const traffic = Traffic.of("/1");
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(1);
  const { port } = person.viewer.address;
  await person.viewer.close();
  await person.until(`document.querySelector(".banner")?.textContent.includes("Connection lost")`);
  traffic.get("/2");
  person.viewer = serve({ source: traffic.source }, port);
  await person.until(`document.querySelector(".banner") === null`);
  await person.seesRows(2, 1);
  person.forget(/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load/);
});

Deno.test("when it came back with another token, the page says where to look for the address", async () => {
  const traffic = Traffic.of("/1");
  await using person = await Person.open({ source: traffic.source });
  await person.seesRows(1);
  const { port } = person.viewer.address;
  await person.viewer.close();
  person.viewer = serve({ source: traffic.source }, port, "another-token-of-tests");
  await person.until(`document.querySelector(".banner")?.textContent.includes("open the new address")`);
  person.forget(/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load/);
});
