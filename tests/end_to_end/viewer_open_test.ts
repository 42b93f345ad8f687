/** Captures that the page opens into the history of the real program. */
import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import { CHROME } from "../archive/har_samples.ts";
import { demoCapture, exchangeLine, exported } from "./exported.ts";
import { inDirectory } from "./log_of.ts";
import { parseRecord, Program, within } from "./program.ts";
import { Backend } from "./sending.ts";
import { curl, LINUX, peakMemory } from "./tools.ts";
import { type Json, Page, relay } from "./viewer_page.ts";

const encoder = new TextEncoder();
const MEGABYTE = 1024 * 1024;

/** Opens something that can be. */
async function opened(page: Page, name: string, body: BodyInit): Promise<Json> {
  const { status, json } = await page.open(name, body);
  assert.equal(status, 200, JSON.stringify(json));
  return json;
}

const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

Deno.test("each kind of capture becomes rows of a running relay, and no line of its log", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const page = await Page.of(program);
  const lines = await demoCapture();
  const records = new TextDecoder().decode(lines).trimEnd().split("\n").map(parseRecord);
  const shown = (all: readonly Json[]) =>
    all.filter(({ type, event, exchanges }) =>
      type === "exchange" || (type === "connection" && event === "closed" && exchanges === 0)
    ).length;
  const as = async (format: string) => copy((await exported(lines, format)).stdout);
  const files: [name: string, body: Uint8Array<ArrayBuffer>][] = [
    ["demo.jsonl", copy(lines)],
    ["demo.jsonl.gz", copy(zlib.gzipSync(lines))],
    ["demo.har", await as("har")],
    ["demo.pcapng", await as("pcapng")],
    ["demo.txt", await as("tcpmon")],
    ["chrome.har", encoder.encode(CHROME)],
  ];
  // Deno 2.4 has no Zstandard to write with.
  if ("zstdCompressSync" in zlib) files.push(["demo.jsonl.zst", copy(zlib.zstdCompressSync(lines))]);
  let total = 0;
  for (const [name, body] of files) {
    const view = await opened(page, name, body);
    assert.equal(view.name, name);
    assert.ok(view.rows > 0 && view.records >= view.rows, JSON.stringify(view));
    if (name.includes("jsonl")) {
      assert.deepEqual([view.records, view.rows, view.problems], [records.length, shown(records), []]);
    }
    total += view.rows;
    assert.equal((await page.json("/api/rows")).total, total, name);
  }
  // What is under way goes on, under numbers of its own, and the log has nothing else.
  await curl(`http://127.0.0.1:${await program.port()}/live`);
  const [exchange] = await program.records("exchange");
  assert.deepEqual([exchange.id, exchange.request.target], [1, "/live"]);
  assert.equal((await program.stop()).code, 0);
  assert.equal(program.log.length, 3);
});

Deno.test("what was opened is shown, searched, saved, compared and sent again like what passed", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const page = await Page.of(program);
  const lines = [1, 2].map((id) => exchangeLine({ id, target: backend.target })).join("\n");
  await opened(page, "two.jsonl", lines);
  const [{ row: after, id }, { row: before }] = await page.rows(2);
  assert.equal(id, 2);
  assert.equal((await page.json(`/api/rows/${after}`)).record.response.body.text, "hi");
  assert.equal((await page.json("/api/rows?filter=body:hi")).rows.length, 2);
  assert.deepEqual((await page.text("/api/export?as=json")).trimEnd().split("\n"), lines.split("\n"));
  assert.deepEqual((await page.json(`/api/compare?before=${before}&after=${after}`)).differences, []);
  const sent = await page.sent("resend", { row: after });
  assert.deepEqual([sent.error, sent.record.response.body.text], [undefined, "hello"]);
  assert.equal(backend.received.length, 1);
});

Deno.test("captures that `view` shows are joined by others, and what is sent is numbered behind all of them", () =>
  inDirectory(async (directory) => {
    await using backend = new Backend();
    await Deno.writeTextFile(`${directory}/a.jsonl`, exchangeLine({ id: 3 }));
    await using program = Program.start(["view", `${directory}/a.jsonl`, "--view=127.0.0.1:0"]);
    const page = await Page.of(program);
    await program.says(/1 records of/);
    await opened(page, "b.jsonl", exchangeLine({ id: 40, connection: 7 }));
    await page.rows(2);
    const wish = { method: "GET", url: `http://${backend.target}/`, headers: [], body: {} };
    const sent = await page.sent("send", wish);
    assert.deepEqual([sent.record.id, sent.record.connection], [41, 8]);
  }));

Deno.test("of a file that is cut or damaged there is what could be read, and why it is not all", async () => {
  await using program = relay("127.0.0.1:1");
  const page = await Page.of(program);
  const lines = [...Array(2000).keys()].map((i) => exchangeLine({ id: i + 1, time: timeAt(i) })).join("\n");
  const gzip = zlib.gzipSync(encoder.encode(lines));
  const cut = await opened(page, "cut.gz", copy(gzip.subarray(0, gzip.length >> 1)));
  assert.ok(cut.rows > 100 && cut.rows < 2000, `${cut.rows}`);
  assert.equal(cut.problems[0], "found gzip data that is cut short, wanted all of it");
  const damaged = await opened(
    page,
    "damaged.jsonl",
    `${exchangeLine()}\nno record\n${exchangeLine({ id: 2 })}`,
  );
  assert.equal(damaged.rows, 2);
  assert.match(damaged.problems[0], /^line 2: found "no record", which is not JSON/);
});

const timeAt = (ms: number) => new Date(Date.UTC(2026, 10, 20) + ms * 997).toISOString();

Deno.test("what is no capture is refused in one line, a history with what shows it; nothing is kept of it", () =>
  inDirectory(async (directory) => {
    const store = `${directory}/kept.db`;
    await using program = relay("127.0.0.1:1", "--store", store);
    const page = await Page.of(program);
    const garbage: [name: string, body: BodyInit, wanted: RegExp][] = [
      [
        "noise.bin",
        // One in 256 would begin as a line of JSON does.
        new Uint8Array([0xff, ...crypto.getRandomValues(new Uint8Array(50_000))]),
        /^cannot read noise\.bin: found .*, wanted JSON lines/,
      ],
      ["a.html", "<!DOCTYPE html><p>no</p>", /^cannot read a\.html: found "<!DOCTYPE/],
      ["a.gz", copy(zlib.gzipSync(new Uint8Array(100_000))), /^cannot read a\.gz: /],
      ["kept.db", copy(await Deno.readFile(store)), /SQLite.*tcpmon view FILE shows it$/],
      [
        "zeros.har",
        `{"log":{"entries":[${"0,".repeat(50_000)}0]}}`,
        /^cannot read zeros\.har: entry 1: found 0/,
      ],
    ];
    for (const [name, body, wanted] of garbage) {
      const { status, json } = await page.open(name, body);
      assert.equal(status, 400, name);
      assert.match(json.error, wanted);
      assert.doesNotMatch(json.error, /\p{Cc}/u);
    }
    assert.equal((await page.json("/api/rows")).total, 0);
  }));

Deno.test("names and controls of a hostile capture stay data", async () => {
  await using program = relay("127.0.0.1:1");
  const page = await Page.of(program);
  const nasty = '</script><img src=x>\u202e\u001b[2J\r\n"\\';
  const line = exchangeLine({
    id: Number.MAX_SAFE_INTEGER,
    listener: nasty,
    client: nasty,
    target: nasty,
    request: {
      method: "GET",
      target: `/\u0000${nasty.replace(/[\r\n]/g, "")}`,
      version: "HTTP/1.1",
      headers: [["Host", "a\u0000\u202e"], ["__proto__", "x"], ["constructor", "y"]],
      body: { bytes: 0, text: "" },
    },
  });
  const view = await opened(page, "weird \u202e name';--.jsonl", line);
  assert.deepEqual([view.name, view.rows], ["weird \u202e name';--.jsonl", 1]);
  const [{ row, listener, url }] = await page.rows(1);
  assert.equal(listener, nasty);
  assert.ok(url.startsWith("/"));
  const { record, messages } = await page.json(`/api/rows/${row}`);
  assert.deepEqual([record.request.headers[1], messages], [["__proto__", "x"], 0]);
  await page.sent("send", { method: "GET", url: "http://127.0.0.1:1/", headers: [], body: {} });
});

Deno.test("secrets of a capture are redacted as those of traffic are", async () => {
  await using program = relay("127.0.0.1:1", "--redact");
  const page = await Page.of(program);
  const request = {
    method: "GET",
    target: "/",
    version: "HTTP/1.1",
    headers: [["Authorization", "Bearer hush"]],
    body: { bytes: 0, text: "" },
  };
  await opened(page, "secret.jsonl", exchangeLine({ request }));
  await page.rows(1);
  const all = await page.text("/api/export?as=json");
  assert.match(all, /\[redacted:/);
  assert.doesNotMatch(all, /hush/);
});

/** JSON lines of that length or some more, made as they are sent. */
function long(bytes: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const text = "some text of a body, ".repeat(100);
  let id = 0;
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= bytes) return controller.close();
      const lines = Array.from({ length: 25 }, () => {
        const body = { bytes: text.length, text };
        return exchangeLine({
          id: ++id,
          response: { version: "HTTP/1.1", status: 200, reason: "", headers: [], body },
        });
      });
      const piece = encoder.encode(`${lines.join("\n")}\n`);
      sent += piece.length;
      controller.enqueue(piece);
    },
  });
}

Deno.test({
  name: "120 MB are opened in less memory than that, and requests pass meanwhile",
  ignore: !LINUX,
  async fn() {
    await using backend = new Backend();
    await using program = relay(backend.target);
    const page = await Page.of(program);
    const port = await program.port();
    await opened(page, "first.jsonl", long(MEGABYTE));
    const before = await peakMemory(program.pid);
    let isOver = false;
    const opening = opened(page, "long.jsonl", long(120 * MEGABYTE)).finally(() => isOver = true);
    let passed = 0;
    for (; !isOver; passed++) {
      assert.equal((await curl(`http://127.0.0.1:${port}/`)).code, 0);
      // One after the other they would take a processor of their own.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { records, rows, problems } = await within(opening, "it was not opened");
    assert.deepEqual([records === rows, problems], [true, []]);
    assert.ok(rows > 48_000 && passed > 5, `${rows} rows, ${passed} requests`);
    const more = await peakMemory(program.pid) - before;
    assert.ok(more < 120 * MEGABYTE, `${more / MEGABYTE} MiB more`);
  },
});

Deno.test("a program that is told to stop does not wait for a file that stalls", async () => {
  await using program = relay("127.0.0.1:1");
  const page = await Page.of(program);
  const { promise: going, resolve } = Promise.withResolvers<void>();
  let pieces = 0;
  const stalled = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (++pieces > 1) {
        resolve();
        return await new Promise(() => {});
      }
      controller.enqueue(encoder.encode(`${exchangeLine()}\n`.repeat(1000)));
    },
  });
  const opening = page.open("stalled.jsonl", stalled).then(({ status }) => status, () => "ended");
  await going;
  await page.rows(1);
  assert.equal((await program.stop()).code, 0);
  assert.ok(["ended", 503].includes(await opening));
  assert.equal(program.said.filter((line) => /lost|error/i.test(line)).length, 0, program.said.join("\n"));
});
