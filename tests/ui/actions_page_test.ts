/** A person saves, compares, resends and sends in the viewer. */
import assert from "node:assert/strict";
import { findings } from "./accessibility.ts";
import { type BrowserSettings, Person } from "./browser.ts";
import { FakeActions } from "./fake_actions.ts";

/** A person before three exchanges, two of them alike. */
async function open(settings: Partial<BrowserSettings> = {}): Promise<{ person: Person; fake: FakeActions }> {
  const fake = new FakeActions();
  const order = (shares: number) => ({
    method: "POST",
    target: "/api/orders",
    request: { type: "application/json", fields: [["X-Id", "7"] as const], body: `{"shares":${shares}}` },
    response: { type: "application/json", body: `{"order":${shares}}` },
  });
  fake.add(order(1));
  fake.add(order(2));
  fake.add({ target: "/image", response: { type: "image/png", body: new Uint8Array([1, 2]) } });
  const person = await Person.open({ source: fake.source, actions: fake, ...settings });
  return { person, fake };
}

/** Text of the place in which things are done. */
const TASK = `document.getElementById("task")?.innerText ?? ""`;
const TOASTS = `document.querySelector(".toasts").innerText`;
const WORKS = `document.querySelector(".a-works").innerText`;
const IN_DIALOG = `document.activeElement.matches("dialog[open] input")`;
const FOCUS = `document.activeElement.id`;

function says(place: string, text: string): string {
  return `(${place}).includes(${JSON.stringify(text)})`;
}

Deno.test("one key resends an exchange as it was; the message leads to the new row, and that to its origin", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.click("[data-row='1']");
  await page.waitForSelector(".x-messages");
  await page.keyboard.press("r");
  await person.until(says(TOASTS, "Resent #1: 200 OK, 18.0 ms"));
  assert.deepEqual(fake.asked, [{ kind: "resend", request: { row: 1 } }]);
  await person.seesRows(4, 3, 2, 1);
  await page.click(".toast >> text=Show #4");
  await person.until(`location.hash === "#/row/4"`);
  await page.click("text=Compare with its origin");
  await person.until(says(TASK, "Requests and responses are the same."));
  assert.deepEqual(fake.asked.at(-1), { kind: "compare", before: 1, after: 4 });
  await page.keyboard.press("Escape");
  await page.click("text=Made of #1");
  await person.until(`location.hash === "#/row/1"`);
  await page.click(".x-title >> text=/^Resend$/");
  await person.seesRows(5, 4, 3, 2, 1);
});

Deno.test("a resend that nobody answers says why", async () => {
  const { person, fake } = await open();
  await using _ = person;
  fake.answer = { sentError: "connection refused by localhost:8080" };
  await person.seesRows(3, 2, 1);
  await person.page.keyboard.press("j");
  await person.page.keyboard.press("r");
  await person.until(says(TOASTS, "Resent #3: connection refused by localhost:8080"));
});

Deno.test("one key asks where else to resend an exchange; the target is remembered, those of the table are offered", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.click("[data-row='1']");
  await page.waitForSelector(".x-messages");
  await page.keyboard.press("Shift+R");
  await person.until(IN_DIALOG);
  assert.match(
    await page.innerText("dialog[open]"),
    /Resend #1 POST \/api\/orders[^]*Seen here\s+localhost:8080/,
  );
  // Keys belong to the field, and to the dialog.
  await page.keyboard.type("ftp://rx");
  await page.keyboard.press("Enter");
  await person.until(
    says(`document.querySelector("dialog[open]").innerText`, "wanted HOST:PORT, http://HOST:PORT"),
  );
  assert.deepEqual(fake.asked, []);
  await page.fill("dialog[open] input", " https://test.example:8443 ");
  await page.keyboard.press("Enter");
  await person.until(says(TOASTS, "Resent #1 to https://test.example:8443: 200 OK, 18.0 ms"));
  assert.deepEqual(fake.asked, [{ kind: "resend", request: { row: 1, to: "https://test.example:8443" } }]);
  await person.until(`localStorage.getItem("tcpmon-targets") === '["https://test.example:8443"]'`);
  await page.reload();
  await person.seesRows(4, 3, 2, 1);
  await page.click("text=Resend to…");
  await page.getByRole("group", { name: "Named before" }).getByRole("button").click();
  await person.until(`${IN_DIALOG} && document.activeElement.value === "https://test.example:8443"`);
  await page.keyboard.press("Enter");
  await person.until(says(TOASTS, "Resent #1 to https://test.example:8443"));
  await page.click("text=Resend to…");
  await person.until(IN_DIALOG);
  await page.keyboard.press("r");
  await page.keyboard.press("Escape");
  await person.until(`!document.querySelector("dialog[open]") && location.hash === "#/row/1"`);
  assert.equal(fake.asked.length, 2);
  fake.refusal = "cannot send there: tcpmon itself listens there";
  await page.click("text=Resend to…");
  await page.getByRole("group", { name: "Seen here" }).getByRole("button").first().click();
  await person.until(`${IN_DIALOG} && document.activeElement.value === "localhost:8080"`);
  await page.keyboard.press("Enter");
  await person.until(says(TOASTS, "tcpmon itself listens there"));
  assert.equal(await person.ask(`localStorage.getItem("tcpmon-targets")`), '["https://test.example:8443"]');
  person.forget(/400/);
});

Deno.test("several selected exchanges are resent one after the other, until somebody cancels", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.click("[data-row='3']");
  assert.equal(
    await person.ask(`document.querySelector(".status-bar").innerText.includes("Resend (")`),
    false,
  );
  await page.click("[data-row='1']", { modifiers: ["Shift"] });
  await page.click("text=Resend (3)…");
  await person.until(IN_DIALOG);
  await page.keyboard.press("Enter");
  await person.until(says(TOASTS, "Resent 3 exchanges: 3 × 200"));
  assert.deepEqual(fake.asked, [1, 2, 3].map((row) => ({ kind: "resend", request: { row } })));
  fake.answer = { sentError: "connection refused by localhost:9" };
  await page.click("[data-row='2']");
  await page.click("[data-row='1']", { modifiers: ["Shift"] });
  await page.keyboard.press("Shift+R");
  await person.until(IN_DIALOG);
  await page.keyboard.type("localhost:9");
  await page.keyboard.press("Enter");
  await person.until(says(WORKS, "Resent 2 exchanges: 2 × no response"));
  await page.click(".a-work summary >> text=2 problems");
  await person.until(says(WORKS, "#2: connection refused by localhost:9"));
  await page.getByRole("button", { name: "Close: Resent 2" }).click();
  const { promise, resolve } = Promise.withResolvers<void>();
  fake.pause = promise;
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+R");
  await person.until(IN_DIALOG);
  await page.keyboard.press("Enter");
  await person.until(says(WORKS, "1 of 2: #1"));
  await page.click(".a-work >> text=Cancel");
  await person.until(says(TOASTS, "Cancelled: resent 0 of 2 exchanges"));
  resolve();
});

Deno.test("an exchange is edited and sent again by keyboard, and its response stands beside the editor", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.keyboard.press("End");
  await page.keyboard.press("e");
  await page.waitForSelector("#send-body");
  assert.equal(await page.inputValue("#send-url"), "https://localhost:8080/api/orders");
  assert.equal(
    await page.inputValue("#send-headers"),
    "Host: localhost:8081\nX-Id: 7\nContent-Type: application/json",
  );
  assert.equal(await page.inputValue("#send-body"), '{"shares":1}');
  await person.until(says(TASK, "Content-Length: 12 bytes"));
  await page.fill("#send-body", '{"shares":"é"}');
  await person.until(says(TASK, "Content-Length: 15 bytes"));
  await page.fill("#send-headers", "X-Id: 8\n\nContent-Type: application/json");
  await page.getByLabel("Connect to").fill("localhost:9999");
  await person.until(says(TASK, "The request stays the same"));
  fake.answer = {
    status: 201,
    reason: "Created",
    response: { type: "application/json", body: '{"made":true}' },
  };
  await page.keyboard.press("Control+Enter");
  await person.until(says(TASK, "Sent as #4."));
  await person.until(says(`document.querySelector(".a-columns").innerText`, "201 Created"));
  await person.until(says(`document.querySelector(".a-columns").innerText`, '"made": true'));
  assert.deepEqual(fake.asked, [{
    kind: "send",
    request: {
      method: "POST",
      url: "https://localhost:8080/api/orders",
      headers: [["X-Id", "8"], ["Content-Type", "application/json"]],
      body: { text: '{"shares":"é"}' },
      to: "localhost:9999",
      from: 1,
    },
  }]);
  await person.seesRows(4, 3, 2, 1);
  await page.click("#task >> text=Compare with its origin");
  await person.until(says(TASK, "Before"));
  assert.deepEqual(fake.asked.at(-1), { kind: "compare", before: 1, after: 4 });
});

Deno.test("what went over TLS goes over TLS again, on a connection that was opened before, too", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const connection = { id: 77, listener: "127.0.0.1:8081", client: "127.0.0.1:4", target: "localhost:9443" };
  fake.add({ connection, ms: { connect: 3, tls: 2, total: 9 } });
  fake.add({ connection: { ...connection, id: 78 }, ms: { connect: 3, total: 9 } });
  fake.add({ connection, ms: { total: 4 }, target: "/later" });
  fake.add({ connection: { ...connection, id: 78 }, ms: { total: 4 }, target: "/plain" });
  await person.seesRows(7, 6, 5, 4, 3, 2, 1);
  for (
    const [row, url] of [[6, "https://localhost:9443/later"], [7, "http://localhost:9443/plain"]] as const
  ) {
    await person.page.click(`[data-row='${row}']`);
    await person.page.keyboard.press("e");
    await person.until(`document.getElementById("send-url")?.value === "${url}"`);
  }
});

Deno.test("Esc leaves a field, then the editor; what was written is still there, and a row that is chosen is shown", async () => {
  const { person } = await open();
  await using _ = person;
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.keyboard.press("s");
  await person.until(`${FOCUS} === "send-url"`);
  await page.keyboard.type("localhost:1/x");
  await page.keyboard.press("Escape");
  await person.until(`${FOCUS} === "task"`);
  await page.keyboard.press("Escape");
  await person.until(`document.getElementById("task") === null && ${FOCUS} === "table"`);
  await page.click("text=Send…");
  assert.equal(await page.inputValue("#send-url"), "localhost:1/x");
  await page.click("[data-row='2']");
  await person.until(`document.getElementById("task") === null && location.hash === "#/row/2"`);
  await page.click("text=Edit and resend");
  await person.until(says(TASK, "Edit and resend #2"));
  await page.click(".toast >> text=Bring back mine");
  await person.until(`document.getElementById("send-url").value === "localhost:1/x"`);
});

Deno.test("a new request begins with a template, is checked and formatted, and is remembered until it is cleared", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  await page.keyboard.press("s");
  await page.fill("#send-url", "http://localhost:8080/soap");
  await page.getByRole("button", { name: "SOAP 1.2" }).click();
  assert.equal(await page.inputValue("#send-url"), "http://localhost:8080/soap");
  assert.match(await page.inputValue("#send-body"), /2003\/05\/soap-envelope/);
  await page.getByLabel("SOAP action").fill("urn:GetQuote");
  await page.fill("#send-body", "<a>\n <b></a>");
  await page.click("text=Validate");
  await person.until(says(TASK, "No XML: line 2, column 5: found </a>, wanted </b>"));
  assert.equal(await person.ask(`document.activeElement.selectionStart`), 8);
  await page.fill("#send-body", "<a><b/></a>");
  await page.click("text=Format");
  await person.until(`document.getElementById("send-body").value === "<a>\\n   <b/>\\n</a>"`);
  await page.click("#task >> text=/^Send$/");
  await person.until(says(TASK, "Sent as #4."));
  const [sent] = fake.asked;
  assert.ok(sent.kind === "send");
  assert.deepEqual(sent.request, {
    method: "POST",
    url: "http://localhost:8080/soap",
    headers: [],
    body: { text: "<a>\n   <b/>\n</a>" },
    soap: "1.2",
    soapAction: "urn:GetQuote",
  });
  await page.reload();
  await page.waitForSelector("#table");
  await page.keyboard.press("s");
  await page.click("text=Sent before (1)");
  await page.click("#task .a-menu li button");
  await person.until(`document.getElementById("send-body").value === "<a>\\n   <b/>\\n</a>"`);
  await page.click("text=Sent before (1)");
  await page.click("#task .a-menu >> text=Clear");
  await person.until(`localStorage.getItem("tcpmon-sent") === null`);
});

Deno.test("what cannot be sent is said in place, and so is what the program refuses", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  await page.keyboard.press("s");
  await person.until(`document.activeElement.id === "send-url"`);
  await page.keyboard.press("Enter");
  await person.until(says(TASK, "Not sent: Wanted a URL"));
  await page.fill("#send-url", "http://localhost:8080/");
  await page.fill("#send-headers", "no colon");
  await page.keyboard.press("Control+Enter");
  await person.until(says(TASK, "Not sent: Headers, line 1"));
  assert.deepEqual(fake.asked, []);
  await page.fill("#send-headers", "");
  fake.answer = { sentError: "nobody answered within 30 s" };
  await page.keyboard.press("Control+Enter");
  await person.until(says(TASK, "nobody answered within 30 s"));
  fake.refusal = "the scheme ftp, wanted http or https";
  await page.fill("#send-url", "ftp://localhost/");
  await page.keyboard.press("Control+Enter");
  await person.until(says(TASK, "the scheme ftp, wanted http or https"));
  person.forget(/400/);
});

Deno.test("while a request is under way it is sent once, however often somebody presses", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  const { promise, resolve } = Promise.withResolvers<void>();
  fake.pause = promise;
  await page.keyboard.press("s");
  await page.fill("#send-url", "http://localhost:8080/");
  await page.keyboard.press("Control+Enter");
  await person.until(says(TASK, "Waiting for the response"));
  await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Control+Enter");
  resolve();
  await person.until(says(TASK, "Sent as #4."));
  assert.equal(fake.asked.length, 1);
});

Deno.test("an answer never stands beside another request than its own", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  const { promise, resolve } = Promise.withResolvers<void>();
  fake.pause = promise;
  await page.keyboard.press("s");
  await page.fill("#send-url", "http://localhost:8080/slow");
  await page.keyboard.press("Control+Enter");
  await person.until(says(TASK, "Waiting for the response"));
  await page.click("[data-row='2']");
  await page.click("text=Edit and resend");
  await person.until(says(TASK, "Edit and resend #2"));
  resolve();
  await person.until(says(TOASTS, "GET http://localhost:8080/slow has its answer"));
  assert.ok(await person.ask(says(TASK, "The response will stand here")));
});

Deno.test("rows are removed while the editor is open: nothing that is gone is shown, and what was written is kept", async () => {
  const { person } = await open();
  await using _ = person;
  const { page } = person;
  await page.click("[data-row='2']");
  await page.waitForSelector(".x-messages");
  await page.keyboard.press("s");
  await page.fill("#send-url", "http://localhost:8080/mine");
  await page.click("text=Remove All");
  await person.seesRows();
  await person.until(`document.getElementById("exchange") === null`);
  await page.keyboard.press("s");
  await person.until(`document.getElementById("send-url")?.value === "http://localhost:8080/mine"`);
});

Deno.test("a body that is no text is sent as it was, or replaced", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  fake.add({ method: "PUT", target: "/b", request: { body: new Uint8Array([0, 255, 1]) } });
  await person.seesRows(4, 3, 2, 1);
  await page.click("[data-row='4']");
  await page.click("text=Edit and resend");
  await person.until(says(TASK, "no text that can be edited here: it is sent as it was, 3 B"));
  await page.click("#task >> text=/^Send$/");
  await person.until(says(TASK, "Sent as #5."));
  const [sent] = fake.asked;
  assert.ok(sent.kind === "send");
  assert.deepEqual(sent.request.body, { base64: "AP8B" });
  await page.click("text=Write a text instead");
  await page.fill("#send-body", "hello");
  await person.until(says(TASK, "Content-Length: 5 bytes"));
});

Deno.test("two exchanges are compared: by part, before beside after, and their times", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  fake.found = {
    differences: [
      { part: "request", where: "body", path: "$.shares", kind: "changed", before: "1", after: "2" },
      {
        part: "response",
        where: "header",
        path: "X-\u202eId",
        kind: "added",
        after: "<img src=x onerror=alert(1)>",
      },
      { part: "response", where: "body", path: "$.order", kind: "removed", before: "1" },
    ],
    timings: [{ step: "wait", beforeMs: 12.5, afterMs: 2.5, differenceMs: -10 }, {
      step: "connect",
      beforeMs: 3,
    }],
    notes: ["the response body was not kept whole"],
  };
  await person.seesRows(3, 2, 1);
  await page.keyboard.press("c");
  await person.until(says(TOASTS, "Select the two exchanges"));
  await page.click("[data-row='2']");
  await page.click("[data-row='1']", { modifiers: ["Control"] });
  await person.until(`!document.querySelector(".compare").disabled`);
  await page.keyboard.press("c");
  await person.until(says(TASK, "3 differences."));
  assert.deepEqual(fake.asked, [{ kind: "compare", before: 1, after: 2 }]);
  const tables: string[][] = await person.ask(
    `[...document.querySelectorAll("#task table")].map((table) =>
       [table.caption.textContent, ...[...table.tBodies[0].rows].map((row) =>
         [...row.cells].map((cell) => cell.textContent).join(" | "))])`,
  );
  assert.deepEqual(tables, [
    ["Request", "body$.shares | 1 | 2"],
    ["Response", "headerX-\\u{202e}Idadded | – | <img src=x onerror=alert(1)>", "body$.orderremoved | 1 | –"],
    ["Times", "Wait for response | 12.5 ms | 2.5 ms | −10.0 ms", "Connect | 3.0 ms | – | –"],
  ]);
  assert.ok(await person.ask(says(TASK, "not kept whole")));
  await page.click("#task >> text=Swap");
  await person.until(`document.querySelector(".a-pair dd")?.innerText.includes("#2")`);
  assert.deepEqual(fake.asked.at(-1), { kind: "compare", before: 2, after: 1 });
});

Deno.test("rows that are selected, filtered or all are saved as a file of a format", async () => {
  const { person, fake } = await open();
  await using _ = person;
  const { page } = person;
  await person.seesRows(3, 2, 1);
  const save = async (label: string): Promise<string> => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: label, exact: true }).click(),
    ]);
    return `${download.suggestedFilename()}: ${await Deno.readTextFile(await download.path())}`;
  };
  await page.keyboard.press("Shift+S");
  await person.until(`document.activeElement.type === "radio"`);
  assert.equal(await save("HAR"), "tcpmon.har: har of all\n");
  await person.until(`document.querySelector(".a-menu").hidden`);
  await page.click("[data-row='3']");
  await page.click("[data-row='1']", { modifiers: ["Control"] });
  await page.click("text=Save…");
  await person.until(says(`document.querySelector(".a-menu").innerText`, "Selected (2)"));
  assert.equal(await save("JSON lines"), "tcpmon.jsonl: json of 1,3\n");
  await page.fill("#filter", "method:POST");
  await person.seesRows(2, 1);
  await page.keyboard.press("Escape");
  await page.click("text=Save…");
  await page.getByLabel("All (3)").check();
  assert.equal(await save("TCPMon text"), "tcpmon.txt: tcpmon of all\n");
  await page.fill("#filter", "method:POST");
  await person.seesRows(2, 1);
  await page.click("text=Save…");
  await page.getByLabel("Filtered (2)").check();
  assert.equal(await save("CSV"), "tcpmon.csv: csv of method:POST\n");
  assert.equal(fake.asked.length, 4);
  await page.click("text=Save…");
  await person.until(`document.activeElement.type === "radio"`);
  await page.keyboard.press("Escape");
  await person.until(
    `document.querySelector(".a-menu").hidden && document.activeElement.innerText === "Save…"`,
  );
});

const BUTTONS = `[...document.querySelectorAll("button")].map((button) => button.innerText)`;

Deno.test("what cannot be done here is not offered: nothing is sent from a viewer for reading only", async () => {
  const { person, fake } = await open({ isReadonly: true });
  await using _ = person;
  await person.seesRows(3, 2, 1);
  await person.page.click("[data-row='1']");
  await person.page.waitForSelector(".x-messages");
  const buttons: string[] = await person.ask(BUTTONS);
  for (const name of ["Send…", "Resend", "Resend to…", "Edit and resend"]) {
    assert.ok(!buttons.includes(name), name);
  }
  for (const name of ["Save…", "Compare"]) assert.ok(buttons.includes(name), name);
  for (const key of ["r", "e", "s", "Shift+R"]) await person.page.keyboard.press(key);
  await person.page.keyboard.press("?");
  await person.until(`document.querySelector("dialog").open`);
  assert.doesNotMatch(await person.page.innerText("dialog"), /[Rr]esend|Send a request|Ctrl\+Enter/);
  assert.equal(await person.ask(`document.getElementById("task")`), null);
  assert.deepEqual(fake.asked, []);
});

Deno.test("a program that can do none of it offers none of it", async () => {
  const fake = new FakeActions();
  fake.add();
  await using person = await Person.open({ source: fake.source });
  await person.seesRows(1);
  await person.page.click("[data-row='1']");
  await person.page.waitForSelector(".x-messages");
  const buttons: string[] = await person.ask(BUTTONS);
  for (const name of ["Send…", "Resend", "Edit and resend", "Save…", "Compare"]) {
    assert.ok(!buttons.includes(name), name);
  }
  for (const key of ["r", "e", "s", "c", "Shift+S"]) await person.page.keyboard.press(key);
  assert.equal(await person.ask(`document.getElementById("task")`), null);
  await person.page.keyboard.press("?");
  await person.until(`document.querySelector("dialog").open`);
  assert.doesNotMatch(await person.page.innerText("dialog"), /[Rr]esend|Compare|Save/);
});

Deno.test("on a phone the editor is a page of its own, which Back leaves", async () => {
  const { person } = await open({ viewport: { width: 360, height: 640 } });
  await using _ = person;
  const { page } = person;
  await person.seesRows(3, 2, 1);
  await page.click("text=Send…");
  await page.waitForSelector("#send-url");
  assert.equal(await person.ask(`document.querySelector(".list").hidden`), true);
  assert.equal(await person.ask(`document.documentElement.scrollWidth <= 360`), true);
  assert.equal(await person.ask(`document.getElementById("task").scrollWidth <= 360`), true);
  await page.goBack();
  await person.until(`document.getElementById("task") === null && !document.querySelector(".list").hidden`);
});

for (
  const [colorScheme, width] of [["light", 1280], ["dark", 360]] as const
) {
  Deno.test(`axe finds nothing in editor, comparison and menus, ${colorScheme}, ${width} px`, async () => {
    const { person, fake } = await open({ colorScheme, viewport: { width, height: 800 } });
    await using _ = person;
    const { page } = person;
    await person.seesRows(3, 2, 1);
    await page.keyboard.press("Shift+S");
    await person.until(`document.activeElement.type === "radio"`);
    assert.deepEqual(await findings(person), []);
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Shift+R");
    await person.until(IN_DIALOG);
    await page.keyboard.type("a b");
    await page.keyboard.press("Enter");
    await person.until(says(`document.querySelector("dialog[open]").innerText`, "wanted HOST:PORT"));
    assert.deepEqual(await findings(person), []);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await page.getByRole("button", { name: "SOAP 1.1" }).click();
    await page.fill("#send-body", "<a>");
    await page.click("text=Validate");
    assert.deepEqual(await findings(person), []);
    await page.fill("#send-url", "http://localhost:8080/");
    await page.keyboard.press("Control+Enter");
    await person.until(says(TASK, "Sent as #4."));
    await page.click("text=Sent before (1)");
    assert.deepEqual(await findings(person), []);
    fake.found = {
      differences: [
        { part: "request", where: "body", path: "$.shares", kind: "changed", before: "1", after: "2" },
        { part: "response", where: "header", path: "X-Id", kind: "added", after: "2" },
      ],
      timings: [{ step: "wait", beforeMs: 12.5, afterMs: 2.5, differenceMs: -10 }],
      notes: ["a note"],
    };
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await person.until(`document.getElementById("task") === null`);
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("c");
    await person.until(says(TASK, "2 differences."));
    assert.deepEqual(await findings(person), []);
  });
}
