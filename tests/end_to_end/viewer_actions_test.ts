/** Save, compare, resend and send of the viewer, asked of the real program as its page asks. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { inDirectory } from "./log_of.ts";
import { Peer, Server, Target } from "./peers.ts";
import { type LogRecord, parseRecord, Program } from "./program.ts";
import { answered, Backend, field, ok, tcpmon } from "./sending.ts";
import { type Json, Page, relay } from "./viewer_page.ts";

/** Sends bytes to the relay, and waits for the start of an answer. */
async function ask(program: Program, request: string | Uint8Array): Promise<void> {
  using peer = await Peer.connect(await program.port());
  await peer.send(request);
  await peer.readHead();
}

const request = (url: string, wish: { readonly [name: string]: unknown } = {}) => ({
  method: "GET",
  url,
  headers: [],
  body: {},
  ...wish,
});

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

Deno.test("a captured request is sent again byte for byte, and stands in the table and in the log", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const page = await Page.of(program);
  const odd =
    "POST /a%20b?c HTTP/1.1\r\nhOST:   a\r\nX-Odd:  x \t\r\nx-odd: y\r\nContent-Length: 4\r\n\r\n\x00\x01\xff\n";
  await ask(program, Uint8Array.from(odd, (char) => char.charCodeAt(0)));
  const [{ row }] = await page.rows(1);
  const sent = await page.sent("resend", { row });
  assert.equal(sent.error, undefined);
  const [first, second] = backend.received;
  assert.deepEqual([second.head, [...second.body]], [first.head, [...first.body]]);
  assert.equal(first.head, odd.slice(0, -4));
  const [newest, oldest] = await page.rows(2);
  assert.deepEqual([newest.row, newest.listener, newest.id], [sent.row, "viewer, resend of #1", 2]);
  assert.deepEqual([oldest.listener, oldest.id], [`127.0.0.1:${await program.port()}`, 1]);
  const [, logged] = await program.records("exchange", 2);
  assert.deepEqual(logged, sent.record);
  assert.deepEqual([logged.id, logged.connection, logged.response.body.text], [2, 2, "hello"]);
});

Deno.test("a chunked request keeps its framing, and one to another target gets that one's Host", async () => {
  await using backend = new Backend();
  await using other = new Backend(() => ok("other"));
  await using program = relay(backend.target);
  const page = await Page.of(program);
  const head = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  await ask(program, `${head}5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`);
  const [{ row }] = await page.rows(1);
  await page.sent("resend", { row });
  assert.equal(backend.received[1].text, backend.received[0].text);
  for (const to of [other.target, `http://${other.target}`]) {
    const sent = await page.sent("resend", { row, to });
    assert.equal(sent.record.response.body.text, "other");
    assert.equal(sent.record.target, other.target);
  }
  assert.deepEqual(other.received.map((received) => field(received, "Host")), [other.target, other.target]);
  assert.equal(backend.received.length, 2);
});

Deno.test("a request is made, with its length in bytes, its charset and its coding", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const page = await Page.of(program);
  const url = `http://${backend.target}/p?q=1`;
  const text = async (wish: { readonly [name: string]: unknown }) => {
    const sent = await page.sent("send", request(url, { method: "PUT", ...wish }));
    assert.equal(sent.record.listener, "viewer");
    return backend.received.at(-1)!;
  };
  const headers = [["Content-Length", "999"], ["X-A", ""], ["x-a", "é"], ["Content-Type", "text/plain"]];
  const plain = await text({ headers, body: { text: "héj\n" } });
  assert.equal(plain.text, "héj\n");
  assert.equal(field(plain, "Content-Length"), "5");
  assert.match(plain.head, /^PUT \/p\?q=1 HTTP\/1\.1\r\n(?:.*\r\n)*X-A: \r\nx-a: \xc3\xa9\r\n/);
  const latin = await text({
    headers: [["Content-Type", "text/plain; charset=iso-8859-1"]],
    body: { text: "é" },
  });
  assert.deepEqual([...latin.body], [0xe9]);
  const coded = await text({ headers: [["Content-Encoding", "gzip"]], body: { text: "packed" } });
  assert.equal(gunzipSync(coded.body).toString(), "packed");
  const bytes = await text({ headers: [["Content-Encoding", "gzip"]], body: { base64: "AP8=" } });
  assert.deepEqual([...bytes.body], [0, 255]);
  const nothing = await text({ method: "GET", body: { text: "" } });
  assert.equal(field(nothing, "Content-Length"), undefined);
  const soap = await text({ method: "POST", body: { text: "<a/>" }, soap: "1.2", soapAction: "urn:a" });
  assert.match(soap.text, /<soap:Envelope [^>]*2003\/05\/soap-envelope.*<soap:Body><a\/><\/soap:Body>/);
  assert.equal(field(soap, "Content-Type"), 'application/soap+xml; charset=utf-8; action="urn:a"');
});

Deno.test("a made request tells what it was made of, and goes where it is told, unchanged", async () => {
  await using backend = new Backend();
  await using other = new Backend();
  await using program = relay(backend.target);
  const page = await Page.of(program);
  await ask(program, get("/1"));
  const [{ row }] = await page.rows(1);
  const wish = request("http://name.example:8080/x", { from: row, to: other.target });
  const sent = await page.sent("send", wish);
  assert.deepEqual([sent.record.listener, sent.record.target], ["viewer, resend of #1", other.target]);
  assert.equal(field(other.received[0], "Host"), "name.example:8080");
});

Deno.test("redirects are never followed, nor are credentials carried anywhere", async () => {
  await using elsewhere = new Backend();
  await using backend = new Backend(() => answered("302 Found", "", `Location: http://${elsewhere.target}/`));
  await using program = relay(backend.target);
  const page = await Page.of(program);
  await ask(program, get("/1"));
  const [{ row }] = await page.rows(1);
  const url = `http://user:secret@${backend.target}/`;
  for (const sent of [await page.sent("resend", { row }), await page.sent("send", request(url))]) {
    assert.deepEqual([sent.record.response.status, sent.error], [302, undefined]);
  }
  assert.deepEqual([backend.received.length, elsewhere.received.length], [3, 0]);
});

Deno.test("neither the viewer nor a listener of tcpmon's own is dialled", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const page = await Page.of(program);
  await ask(program, get("/1"));
  const [{ row }] = await page.rows(1);
  const ports = [await program.port(), new URL(`http://${page.host}`).port];
  for (const port of ports) {
    for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1"]) {
      const own = /is a listener of this tcpmon itself|cannot connect|does not resolve|refused/;
      const again = await page.post("/api/resend", { row, to: `${host}:${port}` });
      assert.match(again.json.error, own);
      const made = await page.post("/api/send", request(`http://${host}:${port}/api/rows`));
      assert.match(made.json.error, own);
    }
    const { json } = await page.post("/api/send", request(`http://127.0.0.1:${port}/`));
    assert.match(json.error, /the target is a listener of this tcpmon itself/);
  }
  assert.equal(backend.received.length, 1);
});

Deno.test("what cannot be sent is refused in one line, and nothing is dialled", async () => {
  await using target = new Target();
  await using program = relay(target.target);
  const page = await Page.of(program);
  const url = `http://${target.target}/`;
  const bad = [
    request(`ftp://${target.target}/`),
    request("unix:/run/docker.sock:/containers/json"),
    request(target.target),
    request("file:///etc/passwd"),
    request("http://"),
    request(`${url}\r\nX: y`),
    request(url, { method: "GET /x HTTP/1.1\r\n" }),
    request(url, { headers: [["X-A", "b\r\nX-B: c"]] }),
    request(url, { headers: [["X A", "b"]] }),
    request(url, { headers: [["", "b"]] }),
    request(url, { body: { base64: "not base64!" } }),
    request(url, { body: { base64: "AAA" } }),
    request(url, { to: "unix:/run/docker.sock" }),
    request(url, { to: `tls://${target.target}` }),
    request(url, { to: "nowhere:0" }),
    request(url, { headers: [["Content-Encoding", "nosuch"]], body: { text: "a" } }),
    request(url, { soap: "1.1", body: { text: "no XML" } }),
  ];
  for (const wish of bad) {
    const { status, json } = await page.post("/api/send", wish);
    assert.equal(status, 400, JSON.stringify(wish));
    assert.match(json.error, /^cannot send [^\n]+$/);
  }
  assert.equal((await page.post("/api/send", "{")).status, 400);
  assert.equal((await page.post("/api/resend", { row: 99 })).status, 404);
  assert.equal((await page.post("/api/resend", { row: 99, to: "unix:/x" })).status, 404);
  const long = request(url, { body: { text: "x".repeat(8 * 1024 * 1024) } });
  assert.equal((await page.post("/api/send", long)).status, 413);
});

Deno.test("nobody there, no answer, half an answer and no HTTP are told in words", async () => {
  const said = ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "SSH-2.0-x\r\n"];
  await using server = new Server(async (peer, index) => {
    await peer.readHead();
    await peer.send(said[index]);
  });
  await using program = relay(server.target);
  const page = await Page.of(program);
  const url = `http://${server.target}/`;
  const silent = await page.sent("send", request(url));
  assert.match(silent.error, /^no answer from .*: it ended the connection$/);
  assert.equal(silent.record.outcome, "no-response");
  const half = await page.sent("send", request(url));
  assert.match(half.error, /^no complete answer from /);
  assert.equal(half.record.response.body.text, "half");
  assert.match((await page.sent("send", request(url))).error, /not (?:be read as )?HTTP/);
  const gone = await page.sent("send", request("http://127.0.0.1:1/"));
  assert.deepEqual(gone, { error: "cannot send to 127.0.0.1:1: connection refused" });
});

Deno.test("a viewer for reading only sends nothing, but saves and compares", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target, "--view-readonly");
  const page = await Page.of(program);
  await ask(program, get("/1"));
  await ask(program, get("/2"));
  const [{ row: after }, { row: before }] = await page.rows(2);
  const { can } = await page.json("/api/state");
  assert.deepEqual([can.send, can.open, can.export, can.compare], [false, false, true, true]);
  assert.equal((await page.post("/api/resend", { row: before })).status, 403);
  assert.equal((await page.post("/api/send", request(`http://${backend.target}/`))).status, 403);
  assert.equal(backend.received.length, 2);
  assert.match(await page.text("/api/export?as=csv"), /\/1,HTTP/);
  assert.equal((await page.json(`/api/compare?before=${before}&after=${after}`)).differences.length, 1);
});

Deno.test("two exchanges are compared, their bodies as JSON", async () => {
  let price = 34.5;
  await using backend = new Backend(() =>
    ok(`{"a": [1], "price": ${price++}}`, "Content-Type: application/json")
  );
  await using program = relay(backend.target);
  const page = await Page.of(program);
  await ask(program, get("/1"));
  const [{ row: before }] = await page.rows(1);
  const { row: after } = await page.sent("resend", { row: before });
  const view = await page.json(`/api/compare?before=${before}&after=${after}`);
  assert.deepEqual(view.differences, [
    { part: "response", where: "body", path: "$.price", kind: "changed", before: "34.5", after: "35.5" },
  ]);
  assert.deepEqual([view.before.row, view.after.row, view.notes], [before, after, []]);
  const { step, beforeMs, afterMs, differenceMs } = view.timings.find(({ step }: Json) => step === "total");
  assert.equal(step, "total");
  assert.ok(Math.abs(afterMs - beforeMs - differenceMs) < 0.002);
});

Deno.test("rows are saved in each format: those that are selected, those that match, or all", async () => {
  await using backend = new Backend(({ head }) =>
    head.includes("/2 ") ? answered("404 No", "") : ok("hello")
  );
  await using program = relay(backend.target);
  const page = await Page.of(program);
  for (const path of ["/1", "/2", "/3"]) await ask(program, get(path));
  const rows = (await page.rows(3)).map(({ row }) => row).reverse();
  const paths = async (query: string) => {
    const { log } = JSON.parse(await page.text(`/api/export?as=har${query}`));
    return log.entries.map(({ request }: Json) => new URL(request.url).pathname);
  };
  assert.deepEqual(await paths(""), ["/1", "/2", "/3"]);
  assert.deepEqual(await paths(`&rows=${rows[2]},${rows[0]}`), ["/1", "/3"]);
  assert.deepEqual(await paths("&filter=status:404"), ["/2"]);
  assert.deepEqual(await paths(`&filter=status:200&rows=${rows[1]},${rows[2]}`), ["/3"]);
  assert.deepEqual(await paths("&filter=status:500"), []);
  assert.match((await page.json("/api/export?as=har&rows=99999")).error, /none of these rows is there/);
  await program.logs((lines) => lines.length >= 9);
  assert.deepEqual((await page.text("/api/export?as=json")).trimEnd().split("\n"), program.log);
  const one = (await page.text(`/api/export?as=json&rows=${rows[1]}`)).trimEnd().split("\n").map(parseRecord);
  assert.deepEqual(one.map(({ type, connection }) => [type, connection]), [
    ["connection", 2],
    ["exchange", 2],
    ["connection", 2],
  ]);
  assert.match(
    await page.text(`/api/export?as=curl&rows=${rows[0]}`),
    /^curl http:\/\/\S+\/1 [^\n]*\n[^]*'Host: a'/,
  );
  assert.match(
    await page.text("/api/export?as=tcpmon&filter=path:/3"),
    /^\n=+\nListen Port: \d+\n[^]*GET \/3 HTTP/,
  );
  assert.equal((await page.text("/api/export?as=csv")).trimEnd().split("\r\n").length, 4);
});

Deno.test("a long history is saved as it is read, and the program goes on meanwhile", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/long.jsonl`;
    const line = (id: number): LogRecord => ({
      type: "exchange",
      id,
      connection: id,
      listener: "127.0.0.1:1",
      client: "127.0.0.1:2",
      target: "127.0.0.1:3",
      time: "2026-11-20T10:31:06.123Z",
      request: {
        method: "GET",
        target: `/${id}`,
        version: "HTTP/1.1",
        headers: [],
        body: { bytes: 1000, text: "x".repeat(1000) },
      },
      ms: { total: 1 },
      outcome: "no-response",
      flags: [],
    });
    const count = 5000;
    await Deno.writeTextFile(
      file,
      Array.from({ length: count }, (_, i) => JSON.stringify(line(i + 1))).join("\n"),
    );
    await using program = Program.start(["view", file, "--view=127.0.0.1:0"]);
    const page = await Page.of(program);
    await program.says(/5000 records/);
    const reader = (await page.get("/api/export?as=json")).body!.getReader();
    await reader.read();
    assert.equal((await page.json("/api/rows?limit=1")).rows.length, 1);
    await reader.cancel();
    const all = await page.text("/api/export?as=json&filter=method:GET");
    assert.deepEqual(
      all.trimEnd().split("\n").map((line) => parseRecord(line).id),
      [...Array(count).keys()].map((i) => i + 1),
    );
  }));

Deno.test("saved captures are sent again, compared and saved, numbered behind what they hold", () =>
  inDirectory(async (directory) => {
    await using backend = new Backend();
    const file = `${directory}/some.jsonl`;
    const logged = await tcpmon(["send", `${backend.target}/1`, "--format", "json"]);
    await Deno.writeFile(file, logged.stdout);
    await using program = Program.start(["view", file, "--view=127.0.0.1:0"]);
    const page = await Page.of(program);
    await program.says(/records of/);
    const { can } = await page.json("/api/state");
    assert.deepEqual([can.send, can.open, can.export, can.compare], [true, true, true, true]);
    const [{ row }] = await page.rows(1);
    const sent = await page.sent("resend", { row });
    assert.deepEqual([sent.record.id, sent.record.connection, sent.record.listener], [
      2,
      2,
      "viewer, resend of #1",
    ]);
    assert.equal(backend.received[1].head, backend.received[0].head);
    assert.deepEqual((await page.json(`/api/compare?before=${row}&after=${sent.row}`)).differences, []);
    assert.equal(JSON.parse(await page.text("/api/export?as=har")).log.entries.length, 2);
    const itself = await page.sent("send", request(`http://${page.host}/`));
    assert.match(itself.error, /listener of this tcpmon itself/);
    assert.equal((await program.stop()).code, 0);
  }));

Deno.test("a capture from elsewhere cannot lead a click into a socket of this machine", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/service.sock`;
    await using backend = new Backend(() => ok("reached"), Deno.listen({ transport: "unix", path }));
    const file = `${directory}/hostile.jsonl`;
    const logged = await tcpmon(["send", `unix:${path}:/containers`, "--format", "json"]);
    await Deno.writeFile(file, logged.stdout);
    await using program = Program.start(["view", file, "--view=127.0.0.1:0"]);
    const page = await Page.of(program);
    const [{ row }] = await page.rows(1);
    const { status, json } = await page.post("/api/resend", { row });
    assert.deepEqual([status, backend.received.length], [400, 1]);
    assert.match(json.error, /^cannot send #1 again: it went to a Unix socket/);
  }));

Deno.test("what is redacted stays so in what is sent, saved and shown, and is not sent again", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target, "--redact");
  const page = await Page.of(program);
  const url = `http://${backend.target}/`;
  const sent = await page.sent("send", request(url, { headers: [["Authorization", "Bearer hush"]] }));
  assert.equal(field(backend.received[0], "Authorization"), "Bearer hush");
  assert.match(JSON.stringify(sent.record), /\[redacted:/);
  for (const as of ["har", "json", "tcpmon", "curl"]) {
    assert.doesNotMatch(await page.text(`/api/export?as=${as}`), /hush/, as);
  }
  const { status, json } = await page.post("/api/resend", { row: sent.row });
  assert.equal(status, 400);
  assert.match(json.error, /holds what was redacted/);
});

Deno.test("a program that is told to stop does not wait for what the page had it send", async () => {
  await using target = new Target();
  await using program = relay(target.target);
  const page = await Page.of(program);
  const sending = page.post("/api/send", request(`http://${target.target}/`)).catch(() => "ended");
  using peer = await target.accept();
  await peer.readHead();
  assert.equal((await program.stop()).code, 0);
  assert.equal(await sending, "ended");
  const [exchange] = await program.records("exchange");
  assert.deepEqual([exchange.listener, exchange.outcome], ["viewer", "no-response"]);
});
