/** A person without a mouse: everything that is done in the viewer day by day is done with keys alone. */
import assert from "node:assert/strict";
import { Person, step } from "./person.ts";
import { installed } from "./program.ts";
import { Backend, ok, pathOf } from "./sending.ts";
import { curl } from "./tools.ts";
import { relay } from "./viewer_page.ts";

const FOCUS = "document.activeElement.id";

Deno.test({
  name:
    "a person finds the keys with ?, and reads, filters, resends, sends, removes and adds a relay with them",
  ignore: !installed("curl"),
  async fn(t) {
    await using backend = new Backend((request) =>
      ok(JSON.stringify({ path: pathOf(request), got: request.text }), "Content-Type: application/json")
    );
    await using program = relay(backend.target);
    const base = `http://127.0.0.1:${await program.port()}`;
    await using person = await Person.before(program, { colorScheme: "dark" });
    const { keyboard } = person.page;
    const press = async (...keys: string[]) => {
      for (const key of keys) await keyboard.press(key);
    };
    /** Goes on with Tab until the focus is at something. */
    const tabTo = async (isThere: string) => {
      for (let times = 0; times < 60; times++) {
        if (await person.ask(`((at) => Boolean(${isThere}))(document.activeElement)`)) return;
        await press("Tab");
      }
      assert.fail(`Tab never came to ${isThere}`);
    };
    for (const path of ["/1", "/2", "/3"]) await curl(`${base}${path}`);
    await person.seesRequests("/3", "/2", "/1");

    await step(t, "? tells of the keys, and Esc leaves the help", async () => {
      await press("?");
      for (const words of ["Next row", "Resend the exchange as it was", "Send a request", "Filter"]) {
        await person.reads("dialog[open]", words);
      }
      await person.picture("keyboard-help");
      await press("Escape");
      await person.until(`document.querySelector(".help") === null`);
    });

    await step(t, "j, k and Enter lead to an exchange, Tab and arrows through it", async () => {
      await press("j", "j");
      await person.reads(".x-title", "GET /2");
      await press("k");
      await person.reads(".x-title", "GET /3");
      await press("Enter");
      await person.until(`${FOCUS} === "exchange"`);
      await person.reads('section[aria-label="Response"]', '"path"');
      await tabTo(`at.role === "tab" && at.closest('section[aria-label="Response"]')`);
      await press("ArrowLeft");
      await person.reads('section[aria-label="Response"] table[aria-label="Headers"]', "application/json");
      await press("ArrowRight");
      await person.reads('section[aria-label="Response"]', '"path"');
      await tabTo(`at.ariaLabel === "Line 1: fold"`);
      await press("ArrowLeft");
      await person.reads('section[aria-label="Response"]', "…");
      await person.picture("keyboard-exchange");
      await press("Escape");
      await person.until(`${FOCUS} === "table"`);
    });

    await step(t, "/ filters, Esc leads back", async () => {
      await press("/");
      await keyboard.type("path:/2");
      await press("Enter");
      await person.seesRequests("/2");
      await press("Escape", "Escape");
      await person.seesRequests("/3", "/2", "/1");
      await press("Escape");
      await person.until(`${FOCUS} === "table"`);
    });

    await step(t, "a column is sorted", async () => {
      await tabTo(`at.matches(".titles .c-url button")`);
      await press("Enter");
      await person.until(`document.querySelector("[role=columnheader].c-url").ariaSort !== "none"`);
      await press("Enter", "Enter");
      await person.until(`document.querySelector("[role=columnheader].c-time").ariaSort === "descending"`);
    });

    await step(t, "r resends, e edits, s sends", async () => {
      await press("Escape", "End", "r");
      await person.reads(".toasts", "Resent #1: 200 OK");
      await person.seesRequests("/1", "/3", "/2", "/1");
      await press("e");
      await person.until(`document.getElementById("send-body") !== null`);
      await tabTo(`at.id === "send-body"`);
      await keyboard.type("by hand");
      await press("Control+Enter");
      await person.reads("#task", "Sent as #5.");
      assert.equal(backend.received.at(-1)!.text, "by hand");
      await press("Escape", "Escape");
      await person.until(`document.getElementById("task") === null && ${FOCUS} === "table"`);
      await press("s");
      await person.until(`${FOCUS} === "task"`);
      await tabTo(`at.id === "send-url"`);
      await press("Control+a");
      await keyboard.type(`http://${backend.target}/typed`);
      await press("Enter");
      await person.reads("#task", "Sent as #6.");
      await press("Escape", "Escape");
      await person.until(`document.getElementById("task") === null`);
    });

    await step(t, "two are selected and compared, removed, and brought back", async () => {
      await press("Home", "j", "Shift+ArrowDown", "c");
      await person.reads("#task", "difference");
      await press("Escape");
      await person.until(`document.querySelector(".x-messages") !== null`);
      await press("x");
      await person.until(`document.querySelectorAll("[data-row]").length === 4`);
      await press("u");
      await person.until(`document.querySelectorAll("[data-row]").length === 6`);
    });

    await step(t, "everything is saved", async () => {
      const begun = person.page.waitForEvent("download");
      await press("Shift+S");
      await tabTo(`at.matches(".a-menu a")`);
      await press("Enter");
      assert.match((await begun).suggestedFilename(), /\.har$/);
    });

    await step(t, "a adds a relay", async () => {
      await press("Escape", "a");
      await person.until(`${FOCUS} === "add-listen"`);
      await keyboard.type("0");
      await press("Tab");
      await keyboard.type(backend.target);
      await press("Enter");
      await person.until(`/^tab-\\d+$/.test(${FOCUS})`);
      const name = await person.text("[role=tab][aria-selected=true]");
      assert.equal((await curl(`http://127.0.0.1:${/:(\d+)/.exec(name)![1]}/new`)).code, 0);
      await person.seesRequests("/new");
      await press("[", "[");
      await person.until(`document.querySelectorAll("[data-row]").length === 7`);
      await person.picture("keyboard-tabs");
    });
  },
});
