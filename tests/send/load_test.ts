/** Many requests: counted right, measured right, stopped in order. */
import assert from "node:assert/strict";
import type { ExchangeRecord } from "../../src/capture/record.ts";
import { composeRequestHead, composeResponseHead } from "../../src/http/compose_head.ts";
import { ClientConnection } from "../../src/send/client.ts";
import { formatSummary } from "../../src/send/format_summary.ts";
import { type LoadConnection, type LoadPlan, runLoad } from "../../src/send/load.ts";
import { Backend, bytes, recording, silence } from "./backend.ts";

const never = new AbortController().signal;
const PIECES = [bytes("GET / HTTP/1.1\r\nHost: t\r\n\r\n")];
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const info = { id: 1, listener: "send", client: "c", target: "t" };

function exchange(
  status: number,
  outcome: ExchangeRecord["outcome"] = "complete",
  error?: string,
): ExchangeRecord {
  const body = { bytes: 0, kept: new Uint8Array(0) };
  const request = composeRequestHead({ method: "GET", target: "/", version: "HTTP/1.1", fields: [] });
  const response = composeResponseHead({ version: "HTTP/1.1", status, reason: "", fields: [] });
  return {
    type: "exchange",
    id: 1,
    connection: info,
    at: 0,
    request: { head: request, body, trailers: [] },
    interim: [],
    response: status === 0 ? undefined : { head: response, body, trailers: [] },
    ms: { total: 1 },
    outcome,
    error,
    flags: [],
  };
}

/** A target in a time of its own: each exchange takes as long as `serviceMs` says. */
function fake(serviceMs: (index: number) => number): Pick<LoadPlan, "open" | "now" | "pause" | "pieces"> {
  let now = 1_000;
  let index = 0;
  const connection: LoadConnection = {
    exchange: () => {
      now += serviceMs(index++);
      return Promise.resolve(exchange(200));
    },
    isReusable: true,
    close: () => {},
    sentBytes: 10,
    receivedBytes: 20,
  };
  return {
    open: () => Promise.resolve(connection),
    now: () => now,
    pause: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    pieces: PIECES,
  };
}

Deno.test("every request is counted once, over connections that are kept", async () => {
  await using backend = new Backend(async (peer) => {
    for (let i = 0; await peer.head() !== ""; i++) {
      await peer.say(i % 5 === 4 ? OK.replace("200 OK", "503 No") : OK);
    }
  });
  const { context } = recording();
  const plan = {
    ...fake(() => 0),
    now: () => performance.now(),
    open: (signal: AbortSignal) => ClientConnection.open(context, backend.target, signal),
  };
  const summary = await runLoad({ ...plan, repeat: 200, concurrency: 4 }, never);
  assert.equal(summary.count, 200);
  assert.equal(summary.succeeded, 200);
  assert.equal(Object.values(summary.statuses).reduce((sum, count) => sum + count), 200);
  assert.ok(summary.statuses["503"] >= 36);
  assert.equal(summary.connections, 4);
  assert.equal(backend.connections, 4);
  assert.equal(summary.bytes.up, 200 * PIECES[0].length);
  assert.equal(summary.bytes.down, 200 * OK.length);
  assert.equal(summary.stopped, false);
  assert.deepEqual(summary.failures, {});
  assert.ok(summary.latencyMs !== undefined && summary.latencyMs.max > 0);
});

Deno.test("a target that closes after each answer gets a new connection for each request", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say(OK.replace("\r\n", "\r\nConnection: close\r\n"));
  });
  const open = (signal: AbortSignal) => ClientConnection.open(recording().context, backend.target, signal);
  const summary = await runLoad({ ...fake(() => 0), open, repeat: 10, concurrency: 2 }, never);
  assert.equal(summary.connections, 10);
  assert.equal(summary.succeeded, 10);
});

Deno.test("no more connections than requests are opened", async () => {
  const summary = await runLoad({ ...fake(() => 1), repeat: 2, concurrency: 50 }, never);
  assert.equal(summary.connections, 2);
});

Deno.test("failures are counted by reason, and only so many reasons are told apart", async () => {
  let index = 0;
  const plan = fake(() => 1);
  const open = () => Promise.reject(new Error(`reason ${index++ < 50 ? 0 : index}`));
  const summary = await runLoad({ ...plan, open, repeat: 100, concurrency: 1 }, never);
  assert.equal(summary.count, 100);
  assert.equal(summary.succeeded, 0);
  assert.equal(summary.latencyMs, undefined);
  assert.equal(summary.failures["reason 0"], 50);
  assert.equal(summary.failures["other reasons"], 31);
  assert.equal(Object.keys(summary.failures).length, 21);
  assert.match(formatSummary(summary), /succeeded 0, failed 100\nstatuses {2}none\n/);
});

Deno.test("answers that were cut, and answers that fail a check, are failures", async () => {
  const answers = [
    exchange(200),
    exchange(200, "response-cut", "the response ended after 17 bytes of its body"),
    exchange(0, "no-response", "no complete answer within 5 ms"),
    exchange(404),
  ];
  let index = 0;
  const connection: LoadConnection = {
    exchange: () => Promise.resolve(answers[index++]),
    isReusable: true,
    close: () => {},
    sentBytes: 0,
    receivedBytes: 0,
  };
  const check = ({ response }: ExchangeRecord) =>
    response?.head.status === 404 ? "found 404, wanted 200" : undefined;
  const plan = { ...fake(() => 0), open: () => Promise.resolve(connection), check };
  const summary = await runLoad({ ...plan, repeat: 4, concurrency: 1 }, never);
  assert.deepEqual(summary.failures, {
    "response-cut": 1,
    "no-response: no complete answer within 5 ms": 1,
    "found 404, wanted 200": 1,
  });
  assert.deepEqual(summary.statuses, { "200": 2, "404": 1 });
  assert.equal(summary.succeeded, 1);
});

Deno.test("with a rate, a stall shows in every request that had to wait for it", async () => {
  // Due every 10 ms; the third takes 100 ms, all others 1 ms.
  const summary = await runLoad(
    { ...fake((index) => index === 2 ? 100 : 1), repeat: 20, concurrency: 1, ratePerSecond: 100 },
    never,
  );
  // 1, 1, 100, then 91, 82, 73, 64, 55, 46, 37, 28, 19, 10, and 1 again.
  assert.equal(summary.latencyMs?.max, 100);
  assert.equal(Math.round(summary.latencyMs?.p90 ?? 0), 82);
  assert.equal(
    Math.round((summary.latencyMs?.mean ?? 0) * 20),
    100 + 91 + 82 + 73 + 64 + 55 + 46 + 37 + 28 + 19 + 10 + 9,
  );
  assert.equal(summary.elapsedMs, 191);
  assert.match(
    formatSummary(summary),
    /100 were due a second; a request that had to wait is measured from when it was due/,
  );
});

Deno.test("without a rate the same stall is one long answer", async () => {
  const summary = await runLoad(
    { ...fake((index) => index === 2 ? 100 : 1), repeat: 20, concurrency: 1 },
    never,
  );
  assert.equal(Math.round(summary.latencyMs?.p95 ?? 0), 1);
  assert.equal(summary.latencyMs?.max, 100);
});

Deno.test("a signal stops it in order, and what was under way does not count", async () => {
  const stop = new AbortController();
  await using backend = new Backend(async (peer, ended) => {
    for (let i = 0; i < 3; i++) {
      await peer.head();
      await peer.say(OK);
    }
    await peer.head();
    stop.abort();
    await silence(ended);
  });
  const open = (signal: AbortSignal) => ClientConnection.open(recording().context, backend.target, signal);
  const plan = { ...fake(() => 0), now: () => performance.now(), open, repeat: 1_000_000, concurrency: 1 };
  const summary = await runLoad(plan, stop.signal);
  assert.equal(summary.count, 3);
  assert.equal(summary.succeeded, 3);
  assert.equal(summary.stopped, true);
  assert.match(formatSummary(summary), /^3 requests of 1000000 \(stopped\) in /);
});

Deno.test("the text has a line for each thing, and what fails cannot command a terminal", () => {
  const text = formatSummary({
    wanted: 3,
    count: 3,
    succeeded: 2,
    failures: { "bad \u001b[31m": 1 },
    statuses: { "200": 2 },
    connections: 1,
    bytes: { up: 10, down: 20 },
    elapsedMs: 1_500,
    perSecond: 1.333,
    concurrency: 1,
    latencyMs: { min: 0.1, mean: 1.234, p50: 5, p90: 12.34, p95: 123.4, p99: 1_234.5, max: 2_000 },
    stopped: false,
  });
  assert.equal(
    text,
    "3 requests in 1.500 s, 1.3 answered a second, 1 at once, 1 connection\n" +
      "succeeded 2, failed 1\n" +
      "statuses  200 × 2\n" +
      "bytes     10 sent, 20 received\n" +
      "latency   min 0.10  mean 1.23  p50 5.00  p90 12.3  p95 123  p99 1235  max 2000 ms\n" +
      "failed    1 × bad \\u001b[31m\n",
  );
});
