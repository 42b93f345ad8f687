/** A person looks into exchanges: what the pane shows of them, and that it can be used by keyboard. */
import assert from "node:assert/strict";
import type { Record } from "../../src/capture/record.ts";
import { composeResponseHead } from "../../src/http/compose_head.ts";
import type { ViewerState } from "../../src/ui/api.ts";
import { findings } from "./accessibility.ts";
import { Person } from "./browser.ts";
import { GIF, PNG } from "./client/exchange/images.ts";
import { gzipped, Recorder } from "./client/exchange/records.ts";
import { MemorySource } from "./memory_source.ts";

const VIEWPORT = { width: 1280, height: 1000 };

/** Header `{"alg":"none"}`, claims `{"sub":"1","iat":1700000000,"exp":1700003600}`, no signature. */
const JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDM2MDB9.";

const ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/";

function envelope(content: string): string {
  return `<s:Envelope xmlns:s="${ENVELOPE}"><s:Body>${content}</s:Body></s:Envelope>`;
}

/** A person before these records, the given row open. */
async function look(records: readonly Record[], row = 1, viewport = VIEWPORT): Promise<Person> {
  const source = new MemorySource();
  source.add(records);
  const person = await Person.open({ source, viewport });
  await open(person, row);
  return person;
}

async function open(person: Person, row: number): Promise<void> {
  await person.ask(`location.hash = "#/row/${row}"`);
  await person.page.waitForSelector(".x-messages, .x-timeline");
}

/** What the lines of a message's body show, without their numbers. */
function lines(person: Person, part: "Request" | "Response"): Promise<string[]> {
  return person.ask(
    `[...document.querySelectorAll('section[aria-label="${part}"] .x-line')].map((line) => line.textContent)`,
  );
}

function tab(person: Person, part: "Request" | "Response", name: string): Promise<void> {
  return person.page.getByRole("region", { name: part, exact: true }).getByRole("tab", { name }).click();
}

Deno.test("a person reads a SOAP exchange: operation, Fault, oddities, times, what was sent on", async () => {
  const recorder = new Recorder();
  const fault = "<s:Fault><faultcode>s:Server</faultcode><faultstring>no such symbol</faultstring></s:Fault>";
  const exchange = recorder.exchange({
    method: "POST",
    target: "/quotes?wsdl&name=a%20b",
    status: 500,
    reason: "Internal Server Error",
    request: {
      type: "text/xml",
      fields: [["SOAPAction", '"urn:getQuote"'], ["Cookie", "id=7; theme=dark"], [
        "Authorization",
        `Bearer ${JWT}`,
      ]],
      rewritten: [["Host", "www.example.com"]],
      body: envelope("<q:getQuote xmlns:q='urn:quotes'><symbol>NOPE</symbol></q:getQuote>"),
    },
    response: { type: "text/xml", body: envelope(fault) },
    flags: ["host-rewritten", "cl-and-te"],
    faults: [{ fault: "slicer", direction: "down", offset: 10, seed: 7 }],
  });
  await using person = await look([exchange]);
  const said = await person.page.innerText(".x-overview");
  for (
    const words of [
      ...[
        "Complete: request and response both ended",
        "wrote the target's name into Host",
        "SOAP 1.1",
        "getQuote",
        "s:Server",
        "no such symbol",
      ],
      ...["cl-and-te", "how requests are smuggled", "simulated link cut what passed", "seed 7"],
      ...["Added by tcpmon", "0.12 ms", "TLS handshake", "2.1 ms", "Wait for response", "12.5 ms"],
    ]
  ) assert.ok(said.includes(words), `${words} in ${said}`);
  assert.deepEqual((await lines(person, "Response")).slice(2, 6), [
    "      <s:Fault>",
    "         <faultcode>s:Server</faultcode>",
    "         <faultstring>no such symbol</faultstring>",
    "      </s:Fault>",
  ]);
  await tab(person, "Request", "Headers");
  const headers = await person.page.innerText('table[aria-label="Headers"]');
  assert.match(headers, /localhost:8081\s+sent on as www\.example\.com/);
  await person.page.getByLabel("Unfold the value of Authorization").click();
  // Its lines are laid out a moment later.
  await person.page.locator(".x-unfold", { hasText: '"alg": "none"' }).waitFor();
  const unfolded = await person.page.innerText(".x-unfold");
  assert.match(unfolded, /Expires 2023-11-14 23:13:20 UTC, \d+ years? ago\./);
  assert.match(unfolded, /There is no signature/);
  await tab(person, "Request", "Query");
  assert.match(await person.page.innerText('table[aria-label="Query"]'), /wsdl\s+Copy\s+name\s+a b/);
  await tab(person, "Request", "Cookies");
  assert.match(await person.page.innerText('table[aria-label="Cookies"]'), /id\s+7\s+Copy\s+theme\s+dark/);
});

Deno.test("what is known of TLS on the connection stands with each of its exchanges; without it there is nothing", async () => {
  const recorder = new Recorder();
  const exchange = recorder.exchange({ ms: { wait: 1, total: 2 } });
  const plain = recorder.exchange();
  const { connection, at } = exchange;
  await using person = await look([
    {
      type: "connection",
      event: "opened",
      connection,
      at,
      connectMs: 4.2,
      tlsMs: 3,
      clientTls: { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", serverName: "shop.example" },
      targetTls: { version: "TLSv1.2", alpn: "http/1.1", peer: "CN=shop.example\u202e" },
    },
    exchange,
    plain,
  ]);
  await person.ask(`location.hash = "#/row/1"`);
  await person.page.waitForSelector('dl[aria-label="TLS with the client"]');
  const { page } = person;
  assert.match(
    await page.innerText('dl[aria-label="TLS with the client"]'),
    /TLS 1\.3, TLS_AES_128_GCM_SHA256\s+Server name\s+shop\.example/,
  );
  assert.match(
    await page.innerText('dl[aria-label="TLS with the target"]'),
    /TLS 1\.2\s+ALPN\s+http\/1\.1\s+Certificate\s+CN=shop\.example\\u\{202e\}/,
  );
  await open(person, 2);
  await person.until(`document.querySelector(".x-title").innerText.includes("#2")`);
  assert.equal(await person.ask(`document.querySelector('[aria-label^="TLS with"]')`), null);
});

Deno.test("JSON is folded by keyboard, and shown as it came where that is wanted, from then on", async () => {
  const recorder = new Recorder();
  const json = (n: number) => ({
    response: { type: "application/json", body: `{"list":[${n},[2]],"end":true}` },
  });
  await using person = await look([recorder.exchange(json(1)), recorder.exchange(json(2))]);
  assert.equal((await lines(person, "Response")).length, 9);
  await person.page.getByLabel("Line 2: fold").focus();
  await person.page.keyboard.press("ArrowLeft");
  await person.until(`document.querySelectorAll(".x-line").length === 4`);
  assert.match((await lines(person, "Response"))[1], /"list": \[ … 5 lines/);
  await person.page.keyboard.press("ArrowRight");
  await person.until(`document.querySelectorAll(".x-line").length === 9`);
  await person.page.keyboard.press("ArrowDown");
  assert.equal(await person.ask("document.activeElement.ariaLabel"), "Line 4: fold");
  await person.page.getByRole("button", { name: "Text", exact: true }).click();
  await person.until(`document.querySelectorAll(".x-line").length === 1`);
  await open(person, 2);
  await person.until(`document.querySelector(".x-line")?.textContent === '{"list":[2,[2]],"end":true}'`);
  // The tabs, by keyboard.
  await person.page.getByRole("tab", { name: "Body" }).last().focus();
  await person.page.keyboard.press("ArrowLeft");
  await person.page.waitForSelector('section[aria-label="Response"] table[aria-label="Headers"]');
});

Deno.test("a coded body is shown decoded or as it was sent, in the charset that is chosen", async () => {
  const recorder = new Recorder();
  const coded = await gzipped("plain text");
  const exchange = recorder.exchange({
    request: { type: "text/plain", body: Uint8Array.of(0xe9, 0x41) },
    response: { type: "text/plain", fields: [["Content-Encoding", "gzip"]], body: coded },
  });
  await using person = await look([exchange]);
  assert.deepEqual(await lines(person, "Response"), ["plain text"]);
  await person.page.getByRole("button", { name: "As sent (gzip)" }).click();
  await person.page.waitForSelector('section[aria-label="Response"] .x-hex');
  assert.match(await person.page.innerText('section[aria-label="Response"] .x-hex'), /^00000000 +1f 8b 08/);
  // É in windows-1252 is no UTF-8, so that it is taken for bytes until somebody knows better.
  const request = person.page.getByRole("region", { name: "Request", exact: true });
  assert.match(await request.locator(".x-hex").innerText(), /e9 41/);
  await request.getByRole("button", { name: "Text", exact: true }).click();
  assert.match(await request.getByText(/not valid utf-8/).innerText(), /shown as \ufffd/);
  await request.getByLabel("Charset").selectOption("windows-1252");
  await person.until(`document.querySelector('section[aria-label="Request"] .x-line')?.textContent === "éA"`);
});

Deno.test("hostile bodies are text: nothing in them runs, loads or hides", async () => {
  const recorder = new Recorder();
  const html = `<script>document.title="owned"</script><img src="/x" onerror='document.title="owned"'>` +
    `<svg onload='document.title="owned"'></svg>\u202egnp.exe\u0007\u001b[31m`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='owned'"><a/></svg>`;
  const records = [
    recorder.exchange({ target: "/<b>\u202e", response: { type: "text/html", body: html } }),
    recorder.exchange({ response: { type: "image/svg+xml", body: svg } }),
    recorder.exchange({ response: { type: "image/png", body: html } }),
    recorder.exchange({ response: { type: "application/json", body: "[".repeat(10_000_000) } }),
    recorder.exchange({
      response: { fields: [["X-A", "<i>\u001b]0;x\u0007"]], body: Uint8Array.of(255, 254, 253) },
    }),
  ];
  await using person = await look(records);
  assert.equal((await lines(person, "Response"))[0].slice(0, 8), "<script>");
  const escapes = await person.page.locator('section[aria-label="Response"] .x-escape').allTextContents();
  assert.deepEqual(escapes, ["\\u{202e}", "\\x07\\x1b"]);
  assert.match(await person.page.innerText(".x-title"), /<b>\\u\{202e\}/);
  for (const row of [2, 3, 4, 5]) {
    await open(person, row);
    await person.page.waitForSelector('section[aria-label="Response"] :is(.x-line, .x-hex)');
  }
  await open(person, 4);
  await person.page.getByText(/not JSON \(nests deeper than 200 levels\)/).waitFor();
  assert.equal(
    await person.ask("document.querySelectorAll('#exchange :is(img, svg, script, iframe)').length"),
    0,
  );
  assert.notEqual(await person.page.title(), "owned");
});

Deno.test("pictures are drawn, whatever they are called; what only calls itself one is not", async () => {
  const recorder = new Recorder();
  const bomb = PNG.slice();
  new DataView(bomb.buffer).setUint32(16, 60_000);
  new DataView(bomb.buffer).setUint32(20, 60_000);
  await using person = await look([
    recorder.exchange({ response: { type: "text/plain", body: PNG } }),
    recorder.exchange({ response: { type: "image/gif", body: GIF } }),
    recorder.exchange({ response: { type: "image/png", body: bomb } }),
  ]);
  for (const row of [1, 2]) {
    await open(person, row);
    await person.until(`document.querySelector(".x-image img")?.naturalWidth === 1`);
    assert.match(await person.ask("document.querySelector('.x-image img').src"), /^blob:/);
  }
  await open(person, 3);
  await person.page.getByText("PNG, 60000 × 60000 pixels: too large to draw").waitFor();
});

Deno.test("the parts of a multipart body are listed, each with a view of its own", async () => {
  const recorder = new Recorder();
  const part = (fields: string, content: string) => `--b\r\n${fields}\r\n\r\n${content}\r\n`;
  const body = part('Content-Disposition: form-data; name="note"', "hello") +
    part(
      'Content-Disposition: form-data; name="f"; filename="a.json"\r\nContent-Type: application/json',
      '{"a":1}',
    ) +
    "--b--\r\n";
  const type = "multipart/form-data; boundary=b";
  await using person = await look([recorder.exchange({ method: "POST", request: { type, body } })]);
  const summaries = await person.page.locator(".x-parts summary").allInnerTexts();
  assert.deepEqual(summaries.map((text) => text.trim()), [
    "note no type given, 5 B",
    "a.json application/json, 7 B",
  ]);
  await person.page.locator(".x-parts summary").last().click();
  await person.until(`document.querySelectorAll(".x-parts .x-line").length === 3`);
});

Deno.test("messages of a WebSocket, events and reads of a stream stand on a timeline, page by page", async () => {
  const recorder = new Recorder();
  const socket = recorder.exchange({
    target: "/socket",
    status: 101,
    reason: "Switching Protocols",
    outcome: "upgraded",
  });
  const messages = Array.from(
    { length: 150 },
    (_, i) => recorder.webSocket(socket, i + 1, `{"n":${i + 1}}`, i % 2 === 0),
  );
  const feed = recorder.exchange({ target: "/feed", response: { type: "text/event-stream" } });
  const stream = recorder.stream("EHLO there\r\n", "250 OK\r\n", Uint8Array.of(0, 255));
  await using person = await look([
    socket,
    ...messages,
    feed,
    recorder.event(feed, 1, "first", "tick"),
    ...stream,
  ]);
  await person.page.getByRole("tab", { name: "Messages" }).click();
  await person.until(`document.querySelectorAll(".x-timeline li").length === 100`);
  assert.match(
    await person.page.locator(".x-timeline li").first().innerText(),
    /↑\s+to the target[^]*text[^]*\{"n":1\}/,
  );
  await person.page.getByRole("button", { name: "Show more" }).click();
  await person.until(`document.querySelectorAll(".x-timeline li").length === 150`);
  await person.page.locator(".x-timeline summary").last().click();
  await person.until(`document.querySelectorAll(".x-timeline .x-line").length === 3`);
  await open(person, 152);
  await person.page.getByRole("tab", { name: "Messages" }).click();
  assert.match(await person.page.innerText(".x-timeline"), /tick[^]*first/);
  await open(person, 154);
  await person.until(`document.querySelectorAll(".x-timeline li").length === 3`);
  await person.page.locator(".x-timeline summary").last().click();
  await person.page.locator(".x-timeline .x-hex").getByText("00 ff").waitFor();
});

Deno.test("what the filter looks for is marked in fields and bodies", async () => {
  const recorder = new Recorder();
  const exchange = recorder.exchange({
    request: { fields: [["X-Fruit", "Banana"]] },
    response: { type: "application/json", body: '{"fruit":"a banana split"}' },
  });
  await using person = await look([exchange]);
  await person.page.fill("#filter", "banana");
  await person.page.keyboard.press("Enter");
  await person.until(`document.querySelectorAll("#exchange mark").length === 2`);
  const marked = await person.page.locator("#exchange mark").allInnerTexts();
  assert.deepEqual(marked, ["Banana", "banana"]);
});

Deno.test("raw messages, values, bodies and the record are copied", async () => {
  const recorder = new Recorder();
  const exchange = recorder.exchange({ target: "/x", response: { type: "text/plain", body: "é\n" } });
  await using person = await look([exchange]);
  await person.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = async (name: string) => {
    await person.page.getByRole("button", { name, exact: true }).click();
    await person.page.locator(".x-said", { hasText: "Copied" }).last().waitFor();
    return await person.ask<string>("navigator.clipboard.readText()");
  };
  assert.equal(
    await copied("Copy raw: the request as text"),
    "GET /x HTTP/1.1\r\nHost: localhost:8081\r\n\r\n",
  );
  assert.equal(await copied("Copy the value of Host"), "localhost:8081");
  assert.equal(await copied("Copy this text"), "é\n");
  const record = JSON.parse(await copied("Copy JSON: the record as the log has it"));
  assert.deepEqual([record.type, record.response.body], ["exchange", { bytes: 3, text: "é\n" }]);
});

Deno.test("an exchange that was not answered, and one that is gone, say so", async () => {
  const recorder = new Recorder();
  await using person = await look([
    recorder.half("response", { outcome: "no-response", error: "the target reset the connection" }),
    recorder.half("request", { outcome: "unrequested" }),
  ]);
  assert.match(await person.page.innerText(".x-overview"), /No response.*the target reset the connection/);
  await person.page.getByText("There was no response.").waitFor();
  await open(person, 2);
  await person.page.getByText("There was no request.").waitFor();
  let isGone = true;
  await person.page.route("**/api/rows/1", (route) => {
    return isGone ? route.fulfill({ status: 404, body: "{}" }) : route.continue();
  });
  await person.ask(`location.hash = "#/row/1"`);
  await person.page.getByText("This is not in the history any more.").waitFor();
  isGone = false;
  await person.page.getByRole("button", { name: "Try again" }).click();
  await person.page.getByText("There was no response.").waitFor();
  // The browser tells of each 404.
  person.forget(/404/);
});

Deno.test("interim responses, trailers and forms are tables; what is missing of a body is said", async () => {
  const recorder = new Recorder();
  const cut = recorder.exchange({ response: { type: "text/plain", body: "the beginning" } });
  const { request, response } = cut;
  const broken = (await gzipped("some text that was cut off on its way")).subarray(0, 30);
  await using person = await look([
    recorder.exchange({
      method: "POST",
      request: { type: "application/x-www-form-urlencoded", body: "name=a+b&x=%C3%A9" },
      response: { trailers: [["X-Sum", "41"]] },
      interim: [composeResponseHead({
        version: "HTTP/1.1",
        status: 103,
        reason: "Early Hints",
        fields: [["Link", "</a.css>"]],
      })],
    }),
    { ...cut, request, response: { ...response!, body: { bytes: 5000, kept: response!.body.kept } } },
    recorder.exchange({
      response: { type: "text/plain", fields: [["Content-Encoding", "gzip"]], body: broken },
    }),
  ]);
  await tab(person, "Request", "Form");
  assert.match(await person.page.innerText('table[aria-label="Form"]'), /name\s+a b\s+Copy\s+x\s+é/);
  const told = await person.page.innerText('section[aria-label="Response"]');
  assert.match(told, /103 Early Hints[^]*Link[^]*<\/a\.css>[^]*Trailers[^]*X-Sum\s+41/);
  await open(person, 2);
  await person.page.getByText("Only the beginning of this body was kept (--max-body)").waitFor();
  await open(person, 3);
  await person.page.getByText(/Not all of it can be decoded: gzip: /).waitFor();
});

Deno.test("the command of curl is had from the program, where that gives any", async () => {
  const recorder = new Recorder();
  await using person = await look([recorder.exchange({ target: "/x" })]);
  const { page } = person;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const asked: string[] = [];
  await page.route("**/api/export?*", (route) => {
    asked.push(new URL(route.request().url()).search);
    return route.fulfill({ contentType: "text/plain", body: "curl 'http://localhost:8080/x'\n" });
  });
  const state = await person.ask<ViewerState>(`fetch("/api/state").then((response) => response.json())`);
  const can = { send: false, export: true, compare: false };
  await page.route("**/api/state", (route) => route.fulfill({ json: { ...state, can } }));
  await page.reload();
  await page.getByRole("button", { name: /^Copy curl/ }).click();
  await page.getByText("Copied", { exact: true }).waitFor();
  assert.equal(await person.ask("navigator.clipboard.readText()"), "curl 'http://localhost:8080/x'");
  assert.deepEqual(asked, ["?as=curl&rows=1"]);
});

Deno.test("request and response stand side by side or one above the other; nothing leaves a narrow screen", async () => {
  const recorder = new Recorder();
  const long = "x".repeat(500);
  const exchange = recorder.exchange({
    target: `/${long}`,
    request: { fields: [[`X-${long.slice(0, 60)}`, long]] },
    response: { type: "text/plain", body: long },
  });
  await using person = await look([exchange]);
  const tops =
    `[...document.querySelectorAll(".x-message")].map((one) => Math.round(one.getBoundingClientRect().top))`;
  assert.equal(new Set(await person.ask<number[]>(tops)).size, 1);
  await person.page.keyboard.press("l");
  await person.until(`new Set(${tops}).size === 2`);
  await person.page.setViewportSize({ width: 360, height: 740 });
  await person.until(`document.querySelector("#exchange").scrollWidth <= 360`);
  await person.until(`document.documentElement.scrollWidth <= 360`);
});

Deno.test("axe finds nothing in the pane, light, dark or narrow", async () => {
  const recorder = new Recorder();
  const socket = recorder.exchange({
    method: "POST",
    flags: ["bare-lf"],
    request: {
      type: "application/json",
      fields: [["Authorization", `Bearer ${JWT}`]],
      body: '{"a":[1,"x",null]}',
    },
    response: { type: "text/xml", body: `<?xml version="1.0"?><a b="c"><!-- d --><e>f\u0007</e></a>` },
  });
  await using person = await look([socket, recorder.webSocket(socket, 1, "text")]);
  // Buttons beside fields are lower than the 24 px that WCAG 2.2 asks for.
  const violations = async () =>
    (await findings(person, "#exchange")).filter((one) => !one.startsWith("target-size"));
  assert.deepEqual(await violations(), []);
  await person.page.getByRole("tab", { name: "Request and response" }).click();
  await tab(person, "Request", "Headers");
  await person.page.getByLabel("Unfold the value of Authorization").click();
  await person.page.getByRole("button", { name: "Hex" }).click();
  await person.page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await violations(), []);
  await person.page.getByRole("tab", { name: "Messages" }).click();
  await person.page.waitForSelector(".x-timeline li");
  await person.page.setViewportSize({ width: 360, height: 740 });
  assert.deepEqual(await violations(), []);
});
