/** The filter of the viewer, as somebody uses it. */
import assert from "node:assert/strict";
import { Person } from "./browser.ts";
import { Traffic } from "./traffic.ts";

function someTraffic(): Traffic {
  const traffic = Traffic.of("/apples", "/pears");
  traffic.get("/plums", "plum cake", "500 Oh");
  return traffic;
}

Deno.test("a filter is applied when typing rests, or at once with Enter, and what it looks for is marked", async () => {
  await using person = await Person.open({ source: someTraffic().source });
  await person.seesRows(3, 2, 1);
  await person.page.fill("#filter", "PEAR");
  await person.seesRows(2);
  assert.equal(await person.ask(`document.querySelector("[data-row='2'] mark").textContent`), "pear");
  assert.match(await person.ask(`document.querySelector(".counts").textContent`), /^1 of 3 rows/);
  await person.page.fill("#filter", "cake");
  await person.page.press("#filter", "Enter");
  await person.seesRows(3);
});

Deno.test("what is wrong with a filter is underlined and said, and the rows stay", async () => {
  await using person = await Person.open({ source: someTraffic().source });
  await person.page.fill("#filter", "status:200");
  await person.seesRows(2, 1);
  await person.page.fill("#filter", "status:200 staus:3");
  await person.until(`document.querySelector(".wrong")?.textContent === "staus"`);
  assert.match(
    await person.ask(`document.getElementById("filter-error").textContent`),
    /did you mean "status"/,
  );
  assert.equal(await person.ask(`document.getElementById("filter").getAttribute("aria-invalid")`), "true");
  await person.seesRows(2, 1);
  await person.page.click("[aria-label='Clear the filter']");
  await person.seesRows(3, 2, 1);
  assert.equal(await person.ask(`document.getElementById("filter-error").textContent`), "");
});

Deno.test("keys and values are offered, and taken by keyboard", async () => {
  await using person = await Person.open({ source: someTraffic().source });
  await person.page.click("#filter");
  await person.page.keyboard.type("stat");
  await person.until(
    `document.querySelector("#completions li")?.textContent.startsWith("status:Status code")`,
  );
  await person.page.keyboard.press("Tab");
  await person.until(`document.getElementById("filter").value === "status:"`);
  await person.until(`document.querySelector("#completions li:nth-child(4)")?.textContent === "5xx"`);
  for (let times = 0; times < 4; times++) await person.page.keyboard.press("ArrowDown");
  await person.until(
    `document.getElementById("filter").getAttribute("aria-activedescendant") === "completion-3"`,
  );
  await person.page.keyboard.press("Enter");
  await person.until(`document.getElementById("filter").value.trim() === "status:5xx"`);
  await person.seesRows(3);
});

Deno.test("Escape closes what is offered, then clears the filter, then leads to the table", async () => {
  await using person = await Person.open({ source: someTraffic().source });
  await person.page.click("#filter");
  await person.page.keyboard.type("m");
  await person.until(`!document.getElementById("completions").hidden`);
  await person.page.keyboard.press("Escape");
  await person.until(`document.getElementById("completions").hidden`);
  await person.page.keyboard.press("Escape");
  await person.until(`document.getElementById("filter").value === ""`);
  await person.page.keyboard.press("Escape");
  await person.until(`document.activeElement.id === "table"`);
});

Deno.test("quick filters edit the filter, and show whether they are in it", async () => {
  await using person = await Person.open({ source: someTraffic().source });
  await person.page.click(".chip >> text=5xx");
  await person.seesRows(3);
  assert.equal(await person.ask(`document.getElementById("filter").value`), "status:5xx");
  await person.page.click(".chip >> text=2xx");
  await person.seesRows(3, 2, 1);
  assert.equal(await person.ask(`document.getElementById("filter").value`), "status:5xx,2xx");
  await person.page.click(".chip >> text=5xx");
  await person.seesRows(2, 1);
  const pressed =
    `[...document.querySelectorAll(".chip[aria-pressed=true]")].map((chip) => chip.textContent).join()`;
  assert.equal(await person.ask(pressed), "2xx");
});

Deno.test("a filter holds for rows that come in, too", async () => {
  const traffic = someTraffic();
  await using person = await Person.open({ source: traffic.source });
  await person.page.fill("#filter", "status:5xx");
  await person.seesRows(3);
  traffic.get("/more");
  traffic.get("/worse", "no", "503 Busy");
  await person.seesRows(5, 3);
});
