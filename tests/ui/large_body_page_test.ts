/** Bodies of megabytes in the pane: the page stays quick, whatever is in them. */
import assert from "node:assert/strict";
import { Person } from "./browser.ts";
import { gzipped, Recorder } from "./client/exchange/records.ts";
import { MemorySource } from "./memory_source.ts";

/** How long the page may do nothing else, ms: a tenth of a second it is here, yet shared machines are slow at times. */
const LONGEST_MS = 2000;

const MEGABYTE = 1024 * 1024;

/** Times during which the page does nothing else. */
const WATCH = `globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ entryTypes: ["longtask"] })`;

/** Shows more lines until the next page of the body was read. */
const SHOW_MORE_UNTIL_READ = `(async () => {
  const isRead = () => document.querySelector("#exchange").textContent.includes("512.0 KiB of");
  for (let i = 0; i < 100 && !isRead(); i++) {
    [...document.querySelectorAll(".x-button")].find((button) => button.textContent === "Show more").click();
    await new Promise((resolve) => setTimeout(resolve));
  }
})()`;

function repeated(text: string, bytes: number): Uint8Array {
  const one = new TextEncoder().encode(text);
  const all = new Uint8Array(bytes);
  all.set(one);
  for (let done = one.length; done < bytes; done *= 2) all.copyWithin(done, 0, done);
  return all;
}

Deno.test("a body of 50 MB and JSON of 5 MB on one line are read page by page, and the page stays quick", async () => {
  const source = new MemorySource();
  const recorder = new Recorder();
  const json = `[${
    Array.from({ length: 80_000 }, (_, i) => `{"id":${i},"name":"item ${i}","tags":["a","b"]}`).join()
  }]`;
  const coded = await gzipped(repeated("text that is coded\n", 20 * MEGABYTE));
  source.add([
    recorder.exchange({ target: "/small" }),
    recorder.exchange({
      response: { type: "text/plain", body: repeated("a line of text, é\n", 50 * MEGABYTE) },
    }),
    recorder.exchange({ response: { type: "application/json", body: json } }),
    recorder.exchange({
      response: { type: "text/plain", body: repeated("no line ends here. ", 10 * MEGABYTE) },
    }),
    recorder.exchange({
      response: { type: "text/plain", fields: [["Content-Encoding", "gzip"]], body: coded },
    }),
  ]);
  assert.ok(json.length > 3 * MEGABYTE);
  await using person = await Person.open({ source, viewport: { width: 1280, height: 1000 } });
  const { page } = person;
  const openRow = async (row: number) => {
    await person.ask(`location.hash = "#/row/${row}"`);
    await page.waitForSelector(`#exchange[aria-label="Row ${row}"] .x-line`);
  };
  await person.ask(`location.hash = "#/row/1"`);
  await page.waitForSelector(".x-messages");
  await person.ask(WATCH);

  await openRow(2);
  await page.getByText("2,000 lines; 256.0 KiB of 50.0 MiB read").waitFor();
  for (let i = 0; i < 8; i++) await page.getByRole("button", { name: "Show more" }).click();
  await page.getByText(/ lines; 512\.0 KiB of 50\.0 MiB read/).waitFor();
  await page.getByRole("button", { name: "Hex" }).click();
  await page.getByRole("button", { name: "Last" }).click();
  await page.getByText("52,420,608–52,428,799 of 52,428,800").waitFor();
  await page.getByLabel("Offset").fill("0x100");
  await page.keyboard.press("Enter");
  await page.getByText("256–8,447 of 52,428,800").waitFor();
  const text = await person.ask<number>("longest");

  await person.ask("longest = 0");
  await openRow(3);
  await page.getByText(/2,000 lines; 256\.0 KiB of/).waitFor();
  await person.ask(SHOW_MORE_UNTIL_READ);
  await page.getByText(/ lines; 512\.0 KiB of/).waitFor();
  await person.ask(`document.querySelector("#exchange").scrollTop = 1e9`);
  await person.ask(`document.querySelector("#exchange").scrollTop = 0`);
  await person.ask(
    `[...document.querySelectorAll("button")].find((one) => one.textContent === "Fold all").click()`,
  );
  await person.until(`document.querySelectorAll(".x-line").length === 1`);
  const pretty = await person.ask<number>("longest");

  await person.ask("longest = 0");
  await openRow(4);
  await page.getByText(/32 lines; 256\.0 KiB of 10\.0 MiB read/).waitFor();
  const line = await person.ask<number>("longest");

  await person.ask("longest = 0");
  await openRow(5);
  await page.getByText(/2,000 lines; 256\.0 KiB of /).waitFor();
  const decoded = await person.ask<number>("longest");
  for (const pause of [text, pretty, line, decoded]) assert.ok(pause < LONGEST_MS, `a pause of ${pause} ms`);
});
