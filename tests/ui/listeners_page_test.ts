/** A person looks at listeners one by one, and adds, changes, stops and removes them on the Admin page. */
import assert from "node:assert/strict";
import type { ListenerSettings } from "../../src/ui/api.ts";
import { Refused } from "../../src/ui/requests.ts";
import { findings } from "./accessibility.ts";
import { type BrowserSettings, Person } from "./browser.ts";
import { FakeActions } from "./fake_actions.ts";
import { FakeAdmin } from "./fake_admin.ts";

const RELAY: ListenerSettings = { kind: "relay", listen: "8081", target: "localhost:8080" };
const OTHER: ListenerSettings = { kind: "relay", listen: "8082", target: "https://api.example.com" };
const PROXY: ListenerSettings = { kind: "proxy", listen: "8888" };

const TABS = `[...document.querySelectorAll("[role=tab]")].map((tab) => tab.innerText).join("\\n")`;
const OPEN = `document.querySelector("[role=tab][aria-selected=true]").innerText`;
const FOCUS = `document.activeElement.id`;
const TOASTS = `document.querySelector(".toasts").innerText`;
const ADMIN = `(document.getElementById("admin")?.innerText ?? "")`;
const LINE = `(document.querySelector(".l-line")?.innerText ?? "")`;
const EMPTY = `(document.querySelector(".empty")?.innerText ?? "")`;

interface Scene {
  readonly person: Person;
  readonly admin: FakeAdmin;
  readonly fake: FakeActions;
}

/** A person before three exchanges of the first listener and one of the second. */
async function open(
  settings: readonly ListenerSettings[] = [RELAY, OTHER, PROXY],
  more: Partial<BrowserSettings> = {},
  hash = "",
): Promise<Scene> {
  const fake = new FakeActions();
  const admin = new FakeAdmin(...settings);
  if (settings.length > 0) {
    for (const [id, listener] of [[1, 8081], [2, 8081], [3, 8082], [4, 8081]]) {
      addRow(fake, id, `${listener}`);
    }
  }
  const person = await Person.open({ source: fake.source, actions: fake, admin, ...more }, hash);
  return { person, admin, fake };
}

function addRow(fake: FakeActions, id: number, port: string): void {
  const connection = { id, listener: `127.0.0.1:${port}`, client: `127.0.0.1:${40_000 + id}`, target: "a:1" };
  fake.add({ target: `/${id}`, connection });
}

function says(place: string, text: string): string {
  return `(${place}).includes(${JSON.stringify(text)})`;
}

function is(place: string, text: string): string {
  return `(${place}) === ${JSON.stringify(text)}`;
}

Deno.test("each listener has a tab with its own rows, live, with a typed filter beside it, and an address", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  await person.seesRows(4, 3, 2, 1);
  assert.equal(
    (await person.ask<string>(TABS)).replace(/●\s*Listening:\s*/g, ""),
    "Admin\nAll\n127.0.0.1:8081 → localhost:8080\n127.0.0.1:8082 → https://api.example.com\n127.0.0.1:8888 proxy",
  );
  await page.click("#tab-1");
  await person.seesRows(4, 2, 1);
  await person.until(`location.hash === "#/listener/1"`);
  await person.until(says(`document.querySelector(".counts").innerText`, "3 of 4 rows"));
  addRow(fake, 5, "8082");
  addRow(fake, 6, "8081");
  await person.seesRows(6, 4, 2, 1);
  await page.fill("#filter", "path:/1 | path:/3 | path:/6");
  await person.seesRows(6, 1);
  await page.click("#tab-2");
  await person.seesRows(3);
  await page.fill("#filter", "");
  await person.seesRows(5, 3);
  await page.keyboard.press("Escape");
  await page.click("[data-row='5']");
  await person.until(`location.hash === "#/row/5"`);
  await page.keyboard.press("Escape");
  await person.until(`location.hash === "#/listener/2"`);
  await page.click("#tab-all");
  await person.seesRows(6, 5, 4, 3, 2, 1);
  await person.until(`location.hash === ""`);
});

Deno.test("an address leads to its tab; one of a listener that is not there leads to all rows", async () => {
  const { person } = await open([RELAY, OTHER], {}, "#/listener/2");
  await using _ = person;
  await person.seesRows(3);
  assert.ok((await person.ask<string>(OPEN)).includes("8082"));
  await person.ask(`location.hash = "#/listener/77"`);
  await person.seesRows(4, 3, 2, 1);
  await person.until(is(OPEN, "All"));
  await person.ask(`location.hash = "#/admin"`);
  await person.until(says(ADMIN, "Add a listener"));
});

Deno.test("tabs are one stop of the keyboard; a, [ and ] lead through them, and the help tells of it", async () => {
  const { person } = await open([RELAY]);
  await using _ = person;
  const { page } = person;
  await person.seesRows(4, 3, 2, 1);
  await page.keyboard.press("]");
  await person.until(says(OPEN, "8081"));
  await page.keyboard.press("]");
  await person.until(is(OPEN, "Admin"));
  await page.keyboard.press("[");
  await page.keyboard.press("[");
  await person.until(is(OPEN, "All"));
  await page.focus("#tab-all");
  await page.keyboard.press("ArrowRight");
  await person.until(is(FOCUS, "tab-1"));
  await page.keyboard.press("Home");
  await person.until(is(FOCUS, "tab-admin"));
  await page.keyboard.press("ArrowLeft");
  await person.until(is(FOCUS, "tab-1"));
  assert.equal(await person.ask(`document.querySelectorAll("[role=tab][tabindex='0']").length`), 1);
  await page.keyboard.press("a");
  await person.until(is(FOCUS, "add-listen"));
  await page.keyboard.press("Escape");
  await person.until(is(FOCUS, "tab-admin"));
  // Keys for rows do nothing where no rows are shown.
  await page.keyboard.press("Shift+X");
  await page.keyboard.press("?");
  await person.until(
    says(`document.querySelector("dialog[open]")?.innerText ?? ""`, "Admin: add and change listeners"),
  );
  await page.keyboard.press("Escape");
  await page.click("#tab-all");
  await person.seesRows(4, 3, 2, 1);
});

Deno.test("where there is nothing at all, the page opens on Admin; two fields and Enter add a relay, whose tab opens", async () => {
  const { person, admin } = await open([]);
  await using _ = person;
  const { page } = person;
  await person.until(is(FOCUS, "add-listen"));
  assert.ok(await person.ask(says(ADMIN, "Add a listener, or drop a saved capture here")));
  await page.keyboard.type("8081");
  await page.keyboard.press("Tab");
  await page.keyboard.type("localhost:8080");
  await page.keyboard.press("Enter");
  await person.until(says(EMPTY, "curl http://127.0.0.1:8081/"));
  await person.until(is(FOCUS, "tab-1"));
  assert.deepEqual(admin.asked, [{ kind: "add", settings: RELAY }]);
  await page.keyboard.press("a");
  await person.until(`document.getElementById("add-listen").value === ""`);
});

Deno.test("what the program refuses stands at its field, which is unfolded and has the focus; all else above the button", async () => {
  const { person, admin } = await open([RELAY]);
  await using _ = person;
  const { page } = person;
  await page.click("#tab-admin");
  await page.fill("#add-listen", "8081");
  await page.fill("#add-target", "localhost:1");
  await page.click("#admin >> text=/^Add$/");
  await person.until(is(FOCUS, "add-listen"));
  assert.equal(await page.getAttribute("#add-listen", "aria-invalid"), "true");
  const described = await page.getAttribute("#add-listen", "aria-describedby");
  assert.ok(described?.includes("add-listen-error"));
  assert.ok((await page.innerText("#add-listen-error")).includes("address already in use"));
  await page.fill("#add-listen", "8083");
  assert.equal(await page.getAttribute("#add-listen", "aria-invalid"), "false");
  admin.refusals.push(new Refused(400, 'found "1x", wanted a rate such as 1mbit', "link.rate"));
  await page.click("#admin >> text=/^Add$/");
  await person.until(is(FOCUS, "add-link-rate"));
  assert.ok((await page.innerText("#add-link-rate-error")).includes("wanted a rate"));
  await page.fill("#add-link-rate", "1mbit");
  admin.refusals.push(new Refused(400, "there are too many listeners"));
  await page.click("#admin >> text=/^Add$/");
  await person.until(says(`document.querySelector(".l-submit [role=alert]")?.innerText ?? ""`, "too many"));
  await page.click("#admin >> text=/^Add$/");
  await person.until(says(OPEN, "8083"));
  assert.deepEqual(admin.asked.at(-1), {
    kind: "add",
    settings: { kind: "relay", listen: "8083", target: "localhost:1", link: { rate: "1mbit" } },
  });
  person.forget(/40[09]/);
});

Deno.test("a proxy is added with all that is folded: link, faults, upstream", async () => {
  const { person, admin } = await open([RELAY]);
  await using _ = person;
  const { page } = person;
  await page.keyboard.press("a");
  await page.click("text=clients say where to");
  assert.equal(await page.locator("#add-target").count(), 0);
  await page.fill("#add-listen", "8888");
  await page.click("text=Slow or broken link");
  await page.selectOption("#add-link-link", "edge");
  await page.fill("#add-link-bytesPerPause", "1000");
  await page.fill("#add-link-delay", "100ms");
  await page.selectOption("#add-fault-name", "status");
  await page.fill(".l-faults input >> nth=1", "5%");
  await page.click("text=Add status=503@5%");
  await page.selectOption("#add-fault-name", "reset");
  await page.click(".l-faults button");
  await page.click("summary >> text=Through a proxy");
  await page.selectOption("#add-way", "through");
  await page.click("#admin >> text=/^Add$/");
  await person.until(is(FOCUS, "add-upstreamProxy"));
  await page.fill("#add-upstreamProxy", "proxy:3128");
  await page.fill("#add-noProxy", "localhost");
  await page.click("#admin >> text=/^Add$/");
  await person.until(says(OPEN, "8888"));
  assert.deepEqual(admin.asked, [{
    kind: "add",
    settings: {
      kind: "proxy",
      listen: "8888",
      upstreamProxy: "http://proxy:3128",
      noProxy: "localhost",
      link: { link: "edge", bytesPerPause: "1000", delay: "100ms", fault: "status=503@5%,reset" },
    },
  }]);
  await person.until(says(LINE, "through http://proxy:3128"));
});

Deno.test("a listener is edited in its place, from its card and from its tab", async () => {
  const { person, admin } = await open([RELAY, OTHER]);
  await using _ = person;
  const { page } = person;
  await page.click("#tab-admin");
  await page.click("#edit-2");
  await person.until(is(FOCUS, "edited-listen"));
  assert.equal(await page.inputValue("#edited-target"), "https://api.example.com");
  await page.click(".l-edited >> text=Host, TLS");
  await page.check("#edited-insecure");
  await page.selectOption("#edited-host", "keep");
  await page.click("text=Save >> nth=0");
  await person.until(says(ADMIN, "Certificate not verified"));
  await person.until(is(FOCUS, "edit-2"));
  assert.deepEqual(admin.asked, [
    { kind: "edit", id: 2, settings: { ...OTHER, host: "keep", insecure: true } },
  ]);
  await page.click("#tab-1");
  await page.click(".l-line >> text=Edit");
  await person.until(is(FOCUS, "edited-listen"));
  await page.fill("#edited-listen", "nowhere");
  await page.keyboard.press("Enter");
  await person.until(says(`document.getElementById("edited-listen-error")?.innerText ?? ""`, "wanted PORT"));
  person.forget(/400/);
  await page.keyboard.press("Escape");
  await person.until(says(OPEN, "8081"));
  await page.click(".l-line >> text=Edit");
  await page.fill("#edited-listen", "8085");
  await page.keyboard.press("Enter");
  await person.until(says(OPEN, "127.0.0.1:8085"));
  // Its rows are those of the address that it has now.
  await person.seesRows();
});

Deno.test("a form that is open while its listener is changed says so, loads the new values, or keeps its own", async () => {
  const { person, admin } = await open([RELAY, OTHER]);
  await using _ = person;
  const { page } = person;
  const outdated = `(document.querySelector(".l-outdated")?.innerText ?? "")`;
  await page.click("#tab-admin");
  await page.click("#edit-1");
  await page.fill("#edited-listen", "8091");
  await admin.edit(1, { ...RELAY, target: "localhost:7070" });
  await person.until(says(outdated, "It was changed meanwhile"));
  assert.equal(await page.inputValue("#edited-listen"), "8091");
  await page.click("text=Load the new values");
  await person.until(is(outdated, ""));
  await person.until(is(FOCUS, "edited-listen"));
  assert.equal(await page.inputValue("#edited-listen"), "8081");
  assert.equal(await page.inputValue("#edited-target"), "localhost:7070");
  await page.fill("#edited-target", "localhost:6060");
  await admin.edit(1, RELAY);
  await person.until(says(outdated, "It was changed meanwhile"));
  await page.click("text=Keep mine");
  await person.until(is(outdated, ""));
  await page.click(".l-edited >> text=/^Save$/");
  await person.until(is(FOCUS, "edit-1"));
  assert.deepEqual(admin.revisions, [undefined, undefined, 2]);
  assert.equal(admin.list()[0].target, "localhost:6060");
});

Deno.test("a form overwrites no change that the page has not heard of yet", async () => {
  const { person, admin } = await open([RELAY, OTHER]);
  await using _ = person;
  const { page } = person;
  await page.click("#tab-admin");
  await page.click("#edit-1");
  await page.fill("#edited-listen", "8091");
  // The page hears of it too late.
  await page.route("**/api/state", (route) => route.abort());
  await admin.edit(1, { ...RELAY, target: "localhost:7070" });
  await page.unroute("**/api/state");
  await page.click(".l-edited >> text=/^Save$/");
  await person.until(
    says(`document.querySelector(".l-submit [role=alert]")?.innerText ?? ""`, "changed meanwhile"),
  );
  await person.until(`document.querySelector(".l-outdated") !== null`);
  assert.equal(await page.inputValue("#edited-listen"), "8091");
  assert.deepEqual(admin.list()[0].settings, { ...RELAY, target: "localhost:7070" });
  await page.click("text=Load the new values");
  await person.until(`document.querySelector(".l-edited [role=alert]") === null`);
  assert.equal(await page.inputValue("#edited-target"), "localhost:7070");
  person.forget(/409|ERR_FAILED/);
});

Deno.test("a form whose listener is removed elsewhere closes with a word, and the keyboard is on the Admin tab", async () => {
  const { person, admin } = await open([RELAY, OTHER]);
  await using _ = person;
  const { page } = person;
  await page.click("#tab-2");
  await page.click(".l-line >> text=Edit");
  await person.until(is(FOCUS, "edited-listen"));
  await page.fill("#edited-listen", "8091");
  await admin.remove(2);
  await person.until(
    says(TOASTS, "127.0.0.1:8082 → https://api.example.com was removed: its form is closed"),
  );
  await person.until(is(FOCUS, "tab-admin"));
  await person.until(`document.querySelector(".l-edited") === null`);
  assert.deepEqual(admin.asked, [{ kind: "remove", id: 2 }]);
});

Deno.test("saving one listener closes no form of another that was opened meanwhile", async () => {
  const { person, admin } = await open([RELAY, OTHER]);
  await using _ = person;
  const { page } = person;
  await page.click("#tab-admin");
  await page.click("#edit-1");
  await page.fill("#edited-listen", "8091");
  const { promise, resolve } = Promise.withResolvers<void>();
  admin.pause = promise;
  await page.click(".l-edited >> text=/^Save$/");
  await page.click("#edit-2");
  await page.fill("#edited-listen", "8092");
  resolve();
  await person.until(says(ADMIN, "127.0.0.1:8091"));
  assert.equal(await page.inputValue("#edited-listen"), "8092");
  await page.click(".l-edited >> text=/^Save$/");
  await person.until(says(ADMIN, "127.0.0.1:8092"));
  assert.deepEqual(admin.list().map(({ settings: { listen } }) => listen), ["8091", "8092"]);
});

Deno.test("a listener is stopped and started, and its tab says so; what happens elsewhere is seen", async () => {
  const { person, admin } = await open([RELAY]);
  await using _ = person;
  const { page } = person;
  await page.click("#tab-1");
  await page.click(".l-line >> text=/^Stop$/");
  await person.until(says(LINE, "Stopped"));
  await person.until(says(OPEN, "○"));
  await page.click(".l-line >> text=/^Start$/");
  await person.until(says(LINE, "Listening"));
  assert.deepEqual(admin.asked, [{ kind: "stop", id: 1 }, { kind: "start", id: 1 }]);
  admin.refusals.push(new Refused(409, "cannot listen on 127.0.0.1:8081: address already in use", "listen"));
  await page.click(".l-line >> text=/^Stop$/");
  await person.until(says(TOASTS, "address already in use"));
  person.forget(/409/);
  admin.change(1, { isListening: false, error: "the network went away" });
  await person.until(says(LINE, "the network went away"));
});

Deno.test("a listener is removed, and comes back by Undo; its rows stay", async () => {
  const { person, admin } = await open([RELAY, { ...OTHER, listen: "0" }]);
  await using _ = person;
  const { page } = person;
  await page.click("#tab-2");
  await page.click(".l-line >> text=Remove");
  await person.until(says(TOASTS, "Removed 127.0.0.1:50001 → https://api.example.com"));
  await person.until(is(OPEN, "All"));
  await person.seesRows(4, 3, 2, 1);
  await page.click(".toast >> text=Undo");
  await person.until(says(OPEN, "127.0.0.1:50001"));
  assert.deepEqual(admin.asked, [
    { kind: "remove", id: 2 },
    { kind: "add", settings: { ...OTHER, listen: "127.0.0.1:50001" } },
  ]);
  await page.click(".l-line >> text=Remove");
  await person.until(is(OPEN, "All"));
  admin.refusals.push(new Refused(400, "found ***, wanted the password", "upstreamProxy"));
  await page.click(".toast >> text=Undo >> nth=-1");
  await person.until(says(ADMIN, "wanted the password"));
  assert.equal(await page.inputValue("#add-target"), "https://api.example.com");
  person.forget(/400/);
});

Deno.test("another link holds at once, and can be taken back; one that is refused is not shown", async () => {
  const link = { link: "3g", rate: "1mbit" };
  const { person, admin } = await open([{ ...RELAY, link }]);
  await using _ = person;
  const { page } = person;
  await page.click("#tab-1");
  assert.equal(await page.inputValue(".l-line select"), "own");
  await page.selectOption(".l-line select", "edge");
  await person.until(says(TOASTS, "127.0.0.1:8081: link link edge"));
  assert.deepEqual(admin.asked.at(-1), {
    kind: "edit",
    id: 1,
    settings: { ...RELAY, link: { link: "edge" } },
  });
  await page.click(".toast >> text=Undo");
  await person.until(`document.querySelector(".l-line select").value === "own"`);
  assert.deepEqual(admin.asked.at(-1), { kind: "edit", id: 1, settings: { ...RELAY, link } });
  await page.selectOption(".l-line select", "none");
  await person.until(says(TOASTS, "no slow link"));
  assert.deepEqual(admin.asked.at(-1), { kind: "edit", id: 1, settings: { ...RELAY, link: {} } });
  await page.selectOption(".l-line select", "started");
  await person.until(`document.querySelector(".l-line select").value === "started"`);
  assert.deepEqual(admin.asked.at(-1), { kind: "edit", id: 1, settings: RELAY });
  admin.refusals.push(new Refused(404, "listener 1 is not there, or not any more"));
  await page.selectOption(".l-line select", "3g");
  await person.until(says(TOASTS, "not any more"));
  await person.until(`document.querySelector(".l-line select").value === "started"`);
  person.forget(/404/);
});

Deno.test("the listeners are saved as a config file", async () => {
  const { person } = await open();
  await using _ = person;
  await person.page.click("#tab-admin");
  const download = person.page.waitForEvent("download");
  await person.page.click("text=Save as config file");
  assert.ok((await download).suggestedFilename().startsWith("tcpmon.json"));
  assert.ok(await person.ask(says(ADMIN, "tcpmon --config tcpmon.json")));
});

for (
  const [what, more] of [["readonly", { isReadonly: true }], ["without admin", { admin: undefined }]] as const
) {
  Deno.test(`${what}, a listener has its tab and its line, and nothing to change it`, async () => {
    const { admin: _, ...rest } = await open([RELAY], {
      listeners: [{ address: "127.0.0.1:8081", target: "a:1" }],
      ...more,
    });
    await using person = rest.person;
    await person.page.click("#tab-1");
    await person.seesRows(4, 2, 1);
    assert.ok(!(await person.ask<string>(TABS)).includes("Admin"));
    assert.ok(await person.ask(says(LINE, "Listening")));
    for (const word of ["Stop", "Edit", "Remove"]) assert.ok(!await person.ask(says(LINE, word)), word);
    assert.equal(await person.page.locator(".l-line select").count(), 0);
    await person.page.keyboard.press("a");
    await person.ask(`location.hash = "#/admin"`);
    await person.until(is(OPEN, "All"));
  });
}

for (const [colorScheme, width] of [["light", 1280], ["dark", 360]] as const) {
  Deno.test(`nothing is wrong with tabs, line and Admin page, ${colorScheme}, ${width} px`, async () => {
    const broken: ListenerSettings = { ...RELAY, listen: "0.0.0.0:8090", link: { fault: "reset@10%" } };
    const { person, admin } = await open([RELAY, broken, PROXY], {
      colorScheme,
      viewport: { width, height: 800 },
    });
    await using _ = person;
    const { page } = person;
    await admin.stop(3);
    admin.change(2, { isListening: false, error: "cannot listen on 0.0.0.0:8090: address already in use" });
    await page.click("#tab-2");
    await person.until(says(LINE, "Failed"));
    assert.deepEqual(await findings(person), []);
    await page.click("#tab-admin");
    await page.click("#edit-2");
    await person.ask(`document.querySelectorAll("details").forEach((each) => each.open = true)`);
    await page.fill("#edited-listen", "x");
    await page.click(".l-edited >> text=/^Save$/");
    await person.until(`document.getElementById("edited-listen-error") !== null`);
    person.forget(/400/);
    assert.deepEqual(await findings(person), []);
    assert.ok(await person.ask(`document.documentElement.scrollWidth <= innerWidth`));
    assert.ok(await person.ask(`document.getElementById("admin").scrollWidth <= innerWidth`));
  });
}
