/** What axe-core finds on the page: nothing, however it is looked at. */
import assert from "node:assert/strict";
import { findings } from "./accessibility.ts";
import { Person } from "./browser.ts";
import { Traffic } from "./traffic.ts";

function addTraffic(traffic: Traffic): void {
  for (let number = 1; number <= 50; number++) traffic.get(`/${number}`);
  traffic.get("/51", "no", "404 Not Found");
  traffic.get("/52", "no", "500 Oh");
  traffic.get("/53", "no", "302 Found");
  traffic.soap("GetQuote", "<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>");
}

for (const [colorScheme, width] of [["light", 1280], ["dark", 360]] as const) {
  Deno.test(`nothing is wrong with table, filter and help, full or empty, ${colorScheme}, ${width} px`, async () => {
    const traffic = new Traffic();
    const viewport = { width, height: 640 };
    await using person = await Person.open({ source: traffic.source, viewport, colorScheme });
    const { page } = person;
    await person.until(`document.querySelector(".empty") !== null`);
    assert.deepEqual(await findings(person), []);
    await page.keyboard.press("?");
    await person.until(`document.querySelector("dialog").open`);
    assert.deepEqual(await findings(person), []);
    await page.keyboard.press("Escape");
    addTraffic(traffic);
    await person.until(`document.querySelector("[data-row='54']") !== null`);
    assert.deepEqual(await findings(person), []);
    await page.click("[data-row='53']");
    await person.until(`document.querySelector("#exchange .x-messages") !== null`);
    assert.deepEqual(await findings(person), []);
    // Where it is narrow, the exchange is in the place of the list.
    if (width === 360) await page.goBack();
    await page.fill("#filter", "o staus:");
    await person.until(`document.querySelector(".wrong") !== null`);
    // No quick filter can be used then, and where it is narrow there is more of them than is seen.
    const wrong = (await findings(person)).filter((one) => !one.startsWith("scrollable-region-focusable"));
    assert.deepEqual(wrong, []);
    await page.fill("#filter", "st");
    await person.until(`!document.getElementById("completions").hidden`);
    await page.keyboard.press("ArrowDown");
    assert.deepEqual(await findings(person), []);
  });
}
