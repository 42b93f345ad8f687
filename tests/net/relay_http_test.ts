/** A relay that answers some requests itself: in order, once each, and without a byte of them reaching the target. */
import assert from "node:assert/strict";
import type { FaultNote } from "../../src/capture/record.ts";
import { hostRule } from "../../src/http/request_rewriter.ts";
import { copyRewritten, type RewrittenEnd } from "../../src/net/copy.ts";
import type { GuardedCapture } from "../../src/net/guarded_capture.ts";
import { Link } from "../../src/net/link/link.ts";
import { NO_LINK, parseLink } from "../../src/net/link/spec.ts";
import { answersRequests, RelayHttp } from "../../src/net/relay_http.ts";
import { MemoryConnection, settle } from "./ends.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** A link that answers these requests, counted from 0. */
class Striking extends Link {
  readonly #struck: readonly number[];

  constructor(struck: readonly number[]) {
    super(parseLink({ fault: "status=503", seed: 7 }));
    this.#struck = struck;
  }

  override statusFor(_connectionId: number, requestIndex: number): number | undefined {
    return this.#struck.includes(requestIndex) ? 503 : undefined;
  }
}

/** One relayed connection: client → target is copied, the target's bytes are passed by hand. */
class Bench {
  readonly client = new MemoryConnection();
  readonly target = new MemoryConnection();
  readonly told: string[] = [];
  readonly notes: FaultNote[] = [];
  readonly down = { bytes: 0, sentBytes: 0, activeAt: 0 };
  readonly end: Promise<RewrittenEnd>;
  readonly http: RelayHttp;
  readonly #from = new MemoryConnection();

  constructor(link: Link) {
    const capture = {
      refused: () => this.told.push("refused"),
      down: (chunk: Uint8Array) => this.told.push(`down ${chunk.length > 0}`),
    };
    this.http = new RelayHttp({
      rule: hostRule("new"),
      connectionId: 1,
      link,
      note: (fault) => this.notes.push(fault),
      client: this.client,
      capture: capture as unknown as GuardedCapture,
      down: this.down,
      now: () => 5,
    });
    const tap = { passed() {}, ended() {} };
    const up = { bytes: 0, sentBytes: 0, activeAt: 0 };
    this.end = copyRewritten(this.#from, this.target, this.http, tap, up, { now: () => 5, turn: () => 5 });
  }

  /** The client sends. */
  async up(text: string | null): Promise<void> {
    this.#from.feed(text);
    await settle();
  }

  /** The target sends. */
  async pass(text: string): Promise<void> {
    const chunk = bytes(text);
    const tap = this.http.downTap({ passed() {}, ended() {} });
    await this.client.write(chunk);
    tap.passed(chunk, 5, 5);
    await settle();
  }
}

const get = (path: string, more = "", host = "a") => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
const sent = (path: string, more = "") => get(path, more, "new");
const ok = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
/** What the client got, the answers of tcpmon shortened. */
const got = (text: string) => text.replaceAll(/HTTP\/1.1 503[^]*?\n\r\n.*\n/g, "<503>");

Deno.test("a request is answered at once where nothing is outstanding, and HTTP goes on", async () => {
  const bench = new Bench(new Striking([0]));
  await bench.up(get("/no") + get("/a"));
  assert.equal(got(bench.client.written), "<503>");
  assert.equal(bench.target.written, sent("/a"));
  assert.deepEqual(bench.told, ["refused", "down true"]);
  assert.deepEqual(bench.notes, [{ fault: "status", direction: "up", offset: 0, seed: 7 }]);
  assert.equal(bench.down.sentBytes, bench.client.written.length);
  await bench.up(null);
  assert.deepEqual(await bench.end, { kind: "ended" });
});

for (
  const [what, last] of [
    ["says close", get("/no", "Connection: close\r\n")],
    ["speaks HTTP/1.0", get("/no").replace("HTTP/1.1", "HTTP/1.0")],
  ]
) {
  Deno.test(`the answer to a client that ${what} says so too, and nothing is read behind it`, async () => {
    const bench = new Bench(new Striking([1]));
    await bench.up(get("/a") + last + get("/b"));
    await bench.pass(ok("a"));
    assert.match(bench.client.written, /503 Service Unavailable\r\n(.+\r\n)*Connection: close\r\n/);
    assert.deepEqual(await bench.end, { kind: "answered" });
    assert.equal(bench.target.written, sent("/a"));
  });
}

Deno.test("an answer waits for all responses before it, to their last byte", async () => {
  const bench = new Bench(new Striking([2]));
  await bench.up(get("/a") + get("/b") + get("/no") + get("/c"));
  assert.equal(bench.target.written, sent("/a") + sent("/b"));
  await bench.pass("HTTP/1.1 100 Continue\r\n\r\n");
  await bench.pass(ok("a"));
  await bench.pass(ok("bb").slice(0, -1));
  assert.ok(!bench.client.written.includes("503"));
  await bench.pass("b");
  assert.equal(got(bench.client.written), `HTTP/1.1 100 Continue\r\n\r\n${ok("a")}${ok("bb")}<503>`);
  assert.equal(bench.target.written, sent("/a") + sent("/b") + sent("/c"));
  assert.equal(bench.notes[0].offset, (get("/a") + get("/b")).length);
});

Deno.test("a response to another request, while the body of one that is answered here comes, sends none of it on", async () => {
  for (const response of [ok("a"), "HTTP/1.1 101 Switching\r\n\r\n", "no HTTP\r\n"]) {
    const bench = new Bench(new Striking([1]));
    await bench.up(get("/a") + get("/no", "Content-Length: 26\r\n") + "GET /");
    await bench.pass(response);
    await bench.up("smuggled HTTP/1.1\r\n\r\n" + get("/b"));
    assert.equal(bench.target.written, sent("/a") + sent("/b"), response);
    assert.equal(bench.client.written.includes("503"), response === ok("a"), "not into another protocol");
  }
});

Deno.test("the answer to HEAD, and a response without a body, are complete with their heads", async () => {
  const bench = new Bench(new Striking([2]));
  await bench.up(get("/a").replace("GET", "HEAD") + get("/b") + get("/no"));
  await bench.pass(
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n",
  );
  assert.match(got(bench.client.written), /304 Same[^]*<503>$/);
});

Deno.test("a client that waits for leave to send its body is not answered here, nor is an ambiguous request", async () => {
  const bench = new Bench(new Striking([0, 1]));
  const post = (fields: string) => `POST / HTTP/1.1\r\nHost: new\r\n${fields}\r\n`;
  const first = post("Content-Length: 1\r\nExpect: 100-continue\r\n");
  const second = post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n");
  await bench.up(`${first}x${second}0\r\n\r\n`);
  assert.equal(bench.target.written, `${first}x${second}0\r\n\r\n`);
  assert.equal(bench.client.written, "");
});

Deno.test("behind CONNECT and Upgrade the answer decides: refused, HTTP goes on; accepted, nothing is changed", async () => {
  for (
    const [first, response, host] of [
      ["CONNECT a:1 HTTP/1.1\r\nHost: new\r\n\r\n", "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "new"],
      ["CONNECT a:1 HTTP/1.1\r\nHost: new\r\n\r\n", "HTTP/1.1 200 Yes\r\n\r\n", "a"],
      [sent("/", "Upgrade: x\r\n"), ok("no"), "new"],
      [sent("/", "Upgrade: x\r\n"), "HTTP/1.1 101 Yes\r\n\r\n", "a"],
      [sent("/", "Upgrade: x\r\n"), "no HTTP\r\n", "a"],
    ]
  ) {
    const bench = new Bench(new Link(NO_LINK));
    await bench.up(sent("/before") + first + get("/x"));
    assert.equal(bench.target.written, sent("/before") + first);
    await bench.pass(ok("before"));
    assert.equal(
      bench.target.written,
      sent("/before") + first,
      "an answer to a request before decides nothing",
    );
    await bench.pass("HTTP/1.1 103 Hints\r\n\r\n");
    assert.equal(bench.target.written, sent("/before") + first, "nor does an interim one");
    await bench.pass(response);
    assert.equal(bench.target.written, sent("/before") + first + get("/x", "", host), response);
  }
});

Deno.test("an upgrade that nobody asked for ends the rewriting; a response that is no HTTP does not", async () => {
  for (const [response, host] of [["HTTP/1.1 101 Yes\r\n\r\n", "a"], ["no HTTP\r\n", "new"]]) {
    const bench = new Bench(new Link(NO_LINK));
    await bench.up(get("/a"));
    await bench.pass(response);
    await bench.up(get("/b"));
    assert.equal(bench.target.written, sent("/a") + get("/b", "", host));
  }
});

Deno.test("when no response will come any more, nothing waits; an answer that is due is left out", async () => {
  const waits = new Bench(new Link(NO_LINK));
  await waits.up("CONNECT a:1 HTTP/1.1\r\n\r\n" + get("/b"));
  waits.http.responsesEnded();
  await settle();
  assert.equal(waits.target.written, "CONNECT a:1 HTTP/1.1\r\n\r\n" + get("/b"));

  const answers = new Bench(new Striking([1, 2]));
  await answers.up(get("/a") + get("/no") + get("/b"));
  answers.http.responsesEnded();
  await settle();
  // The first response never came: what is given now would be taken for it.
  assert.equal(answers.client.written, "");
  assert.equal(answers.target.written, sent("/a") + sent("/b"));
  await answers.up(null);
  assert.deepEqual(await answers.end, { kind: "ended" });
});

Deno.test("a client that takes no answer is told as the side that failed", async () => {
  const bench = new Bench(new Striking([0]));
  const error = bench.client.failure = new Deno.errors.BrokenPipe("gone");
  await bench.up(get("/no"));
  assert.deepEqual(await bench.end, { kind: "read-failed", error });
});

Deno.test("past ten thousand requests without a response, what follows goes through as it came", async () => {
  const bench = new Bench(new Link(NO_LINK));
  await bench.up(get("/").repeat(10_001) + get("/x"));
  await settle();
  assert.ok(bench.target.written.endsWith(sent("/") + get("/x")));
});

Deno.test("requests are answered here only where a link has such a rule", () => {
  assert.ok(answersRequests(new Striking([])));
  assert.ok(!answersRequests(new Link(NO_LINK)));
});
