/** What axe-core finds on the page: nothing, however it is looked at. */
import assert from "node:assert/strict";
import axe from "axe-core";
import { Person } from "./browser.ts";
import { ManyRows } from "./many_rows.ts";
import { Traffic } from "./traffic.ts";

/** The rules of WCAG 2.2 AA, and good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** The page's policy lets no script in by way of the document: axe comes by that of the debugger. */
async function findings(person: Person): Promise<string[]> {
  await person.ask(axe.source);
  const { violations } = await person.ask<Found>(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ["violations"] })`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary}`)
  );
}

function someTraffic(): Traffic {
  const traffic = Traffic.of("/1", "/2");
  traffic.get("/3", "no", "404 Not Found");
  traffic.get("/4", "no", "500 Oh");
  traffic.get("/5", "no", "302 Found");
  traffic.soap("GetQuote", "<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>");
  return traffic;
}

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(`nothing is wrong with the table and the filter, ${colorScheme}`, async () => {
    await using person = await Person.open({ source: someTraffic().source, colorScheme });
    await person.seesRows(6, 5, 4, 3, 2, 1);
    assert.deepEqual(await findings(person), []);
    await person.page.click("[data-row='4']");
    await person.page.fill("#filter", "o staus:");
    await person.until(`document.querySelector(".wrong") !== null`);
    assert.deepEqual(await findings(person), []);
    await person.page.fill("#filter", "st");
    await person.until(`!document.getElementById("completions").hidden`);
    await person.page.keyboard.press("ArrowDown");
    assert.deepEqual(await findings(person), []);
  });

  Deno.test(`nothing is wrong with the help and with an empty table, ${colorScheme}`, async () => {
    await using person = await Person.open({ source: new Traffic().source, colorScheme });
    await person.until(`document.querySelector(".empty") !== null`);
    assert.deepEqual(await findings(person), []);
    await person.page.keyboard.press("?");
    await person.until(`document.querySelector("dialog").open`);
    assert.deepEqual(await findings(person), []);
  });

  Deno.test(`nothing is wrong on a phone, ${colorScheme}`, async () => {
    const viewport = { width: 360, height: 640 };
    await using person = await Person.open({ source: new ManyRows(100), viewport, colorScheme });
    await person.until(`document.querySelector("[data-row='100']") !== null`);
    assert.deepEqual(await findings(person), []);
  });
}
