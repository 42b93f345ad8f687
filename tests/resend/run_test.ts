import assert from "node:assert/strict";
import fc from "fast-check";
import * as zlib from "node:zlib";
import type { ExchangeRecord, Record } from "../../src/capture/record.ts";
import { parseTarget } from "../../src/net/address.ts";
import { readyEdits } from "../../src/resend/apply_edits.ts";
import { parseEdit } from "../../src/resend/edit.ts";
import { get, ok, post, Script, type Step } from "../capture/connection_script.ts";
import { latin1 } from "../http/events.ts";
import { Backend, OK, resent, sentOf, towards } from "./backend.ts";

/** The records of one connection, towards a target. */
function captured(steps: readonly Step[], target: string, id = 1, setting = {}): Record[] {
  const script = new Script(setting);
  for (const step of steps) script.step(step);
  return towards(script.records, target, id);
}

const edits = async (...texts: string[]) =>
  await readyEdits(texts.map(parseEdit), {
    readFile: () => Promise.reject(new Error("no file")),
    loadSelecting: () => import("../../src/select/selector.ts"),
  });

Deno.test("what a capture saw reaches the target byte for byte, odd heads included", async () => {
  await using backend = new Backend();
  const requests = [
    get("/a"),
    "\r\nGET  /odd HTTP/1.1\nhost :x\r\nX-A:\t1\r\n\tfolded\r\nX-L: \xe9\r\n\r\n",
    post("/b", "\x00\x01\xff"),
    "PUT /c HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "POST /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
    "POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  ];
  const steps = requests.flatMap((text): Step[] => [["up", text], ["down", ok("ok")]]);
  const result = await resent(captured(steps, backend.name));
  assert.equal(backend.accepted.map(({ text }) => text).join(""), requests.join(""));
  assert.equal(backend.accepted.length, 1);
  assert.equal(result.totals.sent, requests.length);
  assert.deepEqual([...result.totals.statuses], [[200, requests.length]]);
});

Deno.test("property: whatever was captured is sent as it was, in its order", async () => {
  const token = fc.stringMatching(/^[A-Za-z0-9-]{1,8}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/);
  const request = fc.record({
    method: fc.constantFrom("GET", "POST", "PUT", "M-SEARCH"),
    path: fc.stringMatching(/^\/[!-~]{0,12}$/),
    fields: fc.array(fc.tuple(token.map((name) => `X-${name}`), value), { maxLength: 3 }),
    end: fc.constantFrom("\r\n", "\n"),
    body: fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
    isChunked: fc.boolean(),
  }).map(({ method, path, fields, end, body, isChunked }) => {
    const lines = fields.map(([name, value]) => `${name}: ${value}${end}`).join("");
    const start = `${method} ${path} HTTP/1.1${end}Host: a${end}${lines}`;
    if (!isChunked) return `${start}Content-Length: ${body.length}${end}${end}${body}`;
    const chunk = body === "" ? "" : `${body.length.toString(16)}\r\n${body}\r\n`;
    return `${start}Transfer-Encoding: chunked${end}${end}${chunk}0\r\n\r\n`;
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), async (requests) => {
      await using backend = new Backend();
      const steps = requests.flatMap((text): Step[] => [["up", text], ["down", ok("ok")]]);
      await resent(captured(steps, backend.name));
      assert.equal(backend.accepted.map(({ text }) => text).join(""), requests.join(""));
    }),
    { numRuns: 40 },
  );
});

Deno.test("a Host that the relay had rewritten is rewritten again; with another target the line of Host alone changes", async () => {
  await using backend = new Backend();
  const odd = "GET /a HTTP/1.1\r\nhOst:localhost:8081\r\nX-A:  1\r\n\r\n";
  const steps: Step[] = [["up", odd], ["down", ok("ok")]];
  await resent(captured(steps, backend.name, 1, { hostField: "www.example.com" }));
  assert.equal(backend.accepted[0].text, odd.replace(":localhost:8081", ": www.example.com"));
  const to = parseTarget(`http://${backend.name}`);
  await resent(captured(steps, "other.example:80"), { to });
  assert.equal(backend.accepted[1].text, odd.replace(":localhost:8081", `: ${backend.name}`));
  await resent(captured(steps, "other.example:80"), { to, keepHost: true });
  assert.equal(backend.accepted[2].text, odd);
});

Deno.test("what a proxy was asked for goes to its own host, as the proxy had sent it", async () => {
  await using backend = new Backend();
  const request = (target: string) =>
    `GET ${target} HTTP/1.1\r\nHost: wrong\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nX-A: 1\r\n\r\n`;
  const steps: Step[] = [["up", request(`http://${backend.name}/a?b`)], ["down", ok("ok")]];
  await resent(captured(steps, backend.name));
  assert.equal(backend.accepted[0].text, `GET /a?b HTTP/1.1\r\nHost: ${backend.name}\r\nX-A: 1\r\n\r\n`);
  // To a relay that leads to a proxy it is just a request.
  const relayed: Step[] = [["up", request("http://elsewhere.example/a")], ["down", ok("ok")]];
  await resent(captured(relayed, backend.name));
  assert.equal(backend.accepted[1].text, request("http://elsewhere.example/a"));
});

Deno.test("edits reach the target: gzip, chunked, charset and Content-Length fit", async () => {
  await using backend = new Backend();
  const coded = latin1(new Uint8Array(zlib.gzipSync('{"id":1}')));
  const requests = [
    post("/a", '{"id":1}', "Content-Type: application/json\r\n"),
    post("/b", coded, "Content-Encoding: gzip\r\n"),
    'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"id":1}\r\n0\r\nX-T: 1\r\n\r\n',
  ];
  const steps = requests.flatMap((text): Step[] => [["up", text], ["down", ok("ok")]]);
  const result = await resent(captured(steps, backend.name), {
    edits: await edits("json:$.id=12345", "header:X-New=1"),
  });
  assert.equal(result.totals.sent, 3);
  const sent = result.results.map((each) => each.kind === "exchange" ? each.sent!.request! : undefined!);
  assert.equal(latin1(sent[0].body.kept), '{"id":12345}');
  assert.equal(zlib.gunzipSync(sent[1].body.kept).toString(), '{"id":12345}');
  assert.match(
    backend.accepted[0].text,
    /X-New: 1\r\n\r\nc\r\n\{"id":12345\}\r\n0\r\nX-T: 1\r\n\r\n$/,
  );
});

Deno.test("an edit that finds nothing is a failure of that request, and the others are sent", async () => {
  await using backend = new Backend();
  const steps: Step[] = [
    ["up", post("/a", "{}")],
    ["down", ok("ok")],
    ["up", post("/b", '{"a":{"b":1}}')],
    ["down", ok("ok")],
  ];
  const result = await resent(captured(steps, backend.name), { edits: await edits("json:$.a.b=5") });
  assert.equal(
    sentOf(result)[0],
    "cannot apply json:$.a.b: found nothing there in the body, wanted at least one match",
  );
  assert.equal(result.totals.failed, 1);
  assert.equal(result.totals.sent, 1);
  assert.match(backend.accepted[0].text, /^POST \/b .*\{"a":\{"b":5\}\}$/s);
});

Deno.test("what was not recorded whole is skipped and counted, never sent shortened", async () => {
  await using backend = new Backend();
  const [whole] = captured([["up", post("/a", "abc")], ["down", ok("ok")]], backend.name) as ExchangeRecord[];
  const request = whole.request!;
  const cut = { ...request, body: { bytes: 3, kept: request.body.kept.subarray(0, 2) } };
  const short = { ...request, body: { bytes: 2, kept: request.body.kept.subarray(0, 2) } };
  const marked = { ...request, redacted: true };
  const tagged = captured(
    [["up", get("/s", "Authorization: Bearer [redacted:0123456789]\r\n")], ["down", ok("ok")]],
    backend.name,
  )[0] as ExchangeRecord;
  const unfinished = captured([["up", post("/a", "abc").slice(0, -1)], ["end"]], backend.name);
  const records: Record[] = [
    { ...whole, request: cut },
    { ...whole, request: cut },
    { ...whole, request: short },
    { ...whole, request: { ...marked, body: { bytes: 5, kept: request.body.kept } } },
    { ...tagged, request: { ...tagged.request!, redacted: true } as typeof request },
    { ...whole, request: undefined },
    ...unfinished,
  ];
  const result = await resent(records);
  assert.equal(backend.accepted.length, 0);
  const { skipped, sent, failed } = result.totals;
  assert.deepEqual([sent, failed], [0, 0]);
  assert.deepEqual([...skipped].map(([reason, count]) => [reason.split(" (")[0], count]).sort(), [
    ["a response without a request", 1],
    ["it holds what was redacted", 2],
    ["not all of its body was recorded", 2],
    ["the request was cut short when it was recorded", 2],
  ]);
});

Deno.test("an edit of what is missing makes it whole", async () => {
  await using backend = new Backend();
  const [whole] = captured([["up", post("/a", "abc")], ["down", ok("ok")]], backend.name) as ExchangeRecord[];
  const tagged = captured(
    [["up", get("/s", "Authorization: Bearer [redacted:0123456789]\r\n")], ["down", ok("ok")]],
    backend.name,
  )[0] as ExchangeRecord;
  const cut = { ...whole.request!, body: { bytes: 3, kept: whole.request!.body.kept.subarray(0, 2) } };
  const secret = { ...tagged.request!, redacted: true } as NonNullable<ExchangeRecord["request"]>;
  const result = await resent([{ ...whole, request: cut }, { ...tagged, request: secret }], {
    edits: await edits("body=", "header:Authorization=Bearer x"),
  });
  assert.deepEqual(sentOf(result).map((each) => typeof each), ["object", "object"]);
  assert.match(
    backend.accepted[0].text,
    /Content-Length: 0\r\nAuthorization: Bearer x\r\n\r\nGET \/s .*Bearer x\r\n\r\n$/s,
  );
});

Deno.test("a kept connection that the target closes is opened anew for what may be repeated, for nothing else", async () => {
  let requests = 0;
  const answered = new Set<number>();
  await using backend = new Backend((_head, _body, connection) => {
    requests++;
    // Each connection answers one request, and closes when it gets another.
    if (answered.has(connection)) return undefined;
    answered.add(connection);
    return OK;
  });
  const of = (texts: string[]) =>
    captured(texts.flatMap((text): Step[] => [["up", text], ["down", ok("ok")]]), backend.name);
  const gets = await resent(of([get("/1"), get("/2"), get("/3")]));
  assert.equal(gets.totals.sent, 3);
  assert.equal(gets.totals.retried, 2);
  assert.equal(requests, 5);
  const posts = await resent(of([post("/1", "a"), post("/2", "b")]));
  assert.deepEqual([posts.totals.sent, posts.totals.failed, posts.totals.retried], [1, 1, 0]);
  assert.equal(requests, 7);
});

Deno.test("a target that cannot be reached fails each request in one line", async () => {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const name = `127.0.0.1:${(closed.addr as Deno.NetAddr).port}`;
  closed.close();
  const result = await resent(captured([["up", get("/a")], ["down", ok("ok")]], name));
  assert.deepEqual(sentOf(result), [`cannot connect to ${name}: connection refused`]);
  const nowhere = await resent(captured([["up", get("/a")], ["down", ok("ok")]], ""));
  assert.match(sentOf(nowhere)[0] as string, /^no target is recorded/);
});

Deno.test("only what is wanted is sent", async () => {
  await using backend = new Backend();
  const steps = ["/a", "/b", "/c"].flatMap((path): Step[] => [["up", get(path)], ["down", ok("ok")]]);
  await resent(captured(steps, backend.name), {}, ({ place }) => place === 2);
  assert.equal(backend.accepted[0].text, get("/b"));
});

Deno.test("requests go in the order in which they began, not in that of the log", async () => {
  await using backend = new Backend();
  const steps = ["/a", "/b", "/c", "/d"].flatMap((path): Step[] => [["up", get(path)], ["down", ok("ok")]]);
  const records = captured(steps, backend.name);
  await resent([...records].reverse());
  assert.deepEqual(backend.accepted[0].requests.map(({ target }) => target), ["/a", "/b", "/c", "/d"]);
});

Deno.test("so many requests as allowed are under way, and no more", async () => {
  let open = 0;
  let most = 0;
  const all = Promise.withResolvers<void>();
  await using backend = new Backend(async () => {
    most = Math.max(most, ++open);
    if (open === 4) all.resolve();
    await all.promise;
    open--;
    return OK;
  });
  const steps = Array.from({ length: 20 }, (_, i): Step[] => [["up", get(`/${i}`)], ["down", ok("ok")]])
    .flat();
  const result = await resent(captured(steps, backend.name), { concurrency: 4 });
  assert.equal(most, 4);
  assert.equal(backend.accepted.length, 4);
  assert.equal(result.totals.sent, 20);
});

Deno.test("when it is stopped, what is under way ends and nothing more is begun", async () => {
  const stop = new AbortController();
  const held = Promise.withResolvers<string>();
  await using backend = new Backend(({ target }) => {
    if (target !== "/3") return OK;
    stop.abort();
    return held.promise;
  });
  const steps = Array.from({ length: 10 }, (_, i): Step[] => [["up", get(`/${i}`)], ["down", ok("ok")]])
    .flat();
  const result = await resent(captured(steps, backend.name), {}, () => true, stop.signal);
  held.resolve(OK);
  assert.equal(result.totals.isStopped, true);
  assert.equal(result.totals.sent, 3);
  assert.equal(backend.accepted[0].requests.length, 4);
});

Deno.test("a request that was cut inside its head is not sent, wherever its connection ended", async () => {
  await using backend = new Backend();
  const ends: readonly Step[] = [["end"], ["end", 9, "connect-failed", "no answer"]];
  const heads = ["Host: a\r\nX", "Content-Length: 1\r\nContent-Length: 2\r\n", "Host: a\r\n\r"];
  for (const end of ends) {
    for (const head of heads) {
      const records = captured([["up", `GET /cut HTTP/1.1\r\n${head}`], end], backend.name);
      const { totals } = await resent(records);
      assert.equal(totals.sent, 0);
      assert.deepEqual([...totals.skipped], [["the request was cut short when it was recorded", 1]]);
    }
  }
  assert.deepEqual(backend.accepted, []);
});
