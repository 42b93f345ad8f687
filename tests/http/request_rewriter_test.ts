/** Every Host of a connection is replaced, nothing else is changed, and nothing is lost, however the bytes are cut. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { hostRule, remembered, RequestRewriter } from "../../src/http/request_rewriter.ts";
import { bytesOf, cutAt, latin1 } from "./events.ts";
import { becomes, get, rewrite, Rewriting, VALUE } from "./rewriting.ts";

for (
  const [name, wire, want] of [
    ["a Host is replaced", get("Host: localhost:8081"), get(`Host: ${VALUE}`)],
    ["in any case, which is kept", get("hOST: a"), get(`hOST: ${VALUE}`)],
    ["whatever white space stands around it", get("Host \t:\t a \t"), get(`Host \t: ${VALUE}`)],
    ["without any", get("Host:a"), get(`Host: ${VALUE}`)],
    ["an empty one", get("Host:"), get(`Host: ${VALUE}`)],
    ["a folded one, its second line and third taken out", get("Host: a\r\n b\r\n\tc"), get(`Host: ${VALUE}`)],
    ["each of two", get("Host: a\r\nHost: b"), get(`Host: ${VALUE}\r\nHost: ${VALUE}`)],
    [
      "in lines that end in LF alone, which is kept",
      "GET / HTTP/1.1\nHost: a\nX: y\n\n",
      `GET / HTTP/1.1\nHost: ${VALUE}\nX: y\n\n`,
    ],
    ["behind empty lines", `\r\n\n${get("Host: a")}`, `\r\n\n${get(`Host: ${VALUE}`)}`],
    ["on an indented first line", get(" Host: a"), get(` Host: ${VALUE}`)],
    [
      "beside an absolute target, which is kept",
      get("Host: a").replace("/", "http://a/x"),
      get(`Host: ${VALUE}`).replace("/", "http://a/x"),
    ],
    ["in HTTP/1.0", get("Host: a").replace("1.1", "1.0"), get(`Host: ${VALUE}`).replace("1.1", "1.0")],
    ["a value of bytes that are no text", get("Host: \xff\0"), get(`Host: ${VALUE}`)],
  ] as const
) {
  Deno.test(`rewriting: ${name}`, () => becomes(wire, want));
}

for (
  const [name, wire] of [
    ["a Host that is right already", get(`Host: ${VALUE}`)],
    ["a request without Host", get("Accept: z")],
    ["fields that only resemble Host", get("X-Host: a\r\nHosts: b\r\nHos: c\r\nH ost: d")],
    ["a line that says Host without a colon", get("Host")],
    ["a folded line that looks like a Host", get("X: a\r\n Host: b")],
    ["a method that is called HOST", "HOST : HTTP/1.0\r\n\r\n"],
    [
      "a body that looks like a Host line",
      "POST / HTTP/1.0\r\nContent-Length: 15\r\n\r\n\r\nHost: abc\r\n\r\n",
    ],
    [
      "chunks that look like Host lines",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nHost: a\r\n\r\n0\r\nHost: b\r\n\r\n",
    ],
    ["another protocol", "EHLO x\r\nHost: a\r\n\r\n"],
    ["half a head", "GET / HTTP/1.1\r\nHost: a\r\nX: "],
    [
      "a stream behind broken chunks",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nz\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ["nothing", ""],
  ] as const
) {
  Deno.test(`left as it came: ${name}`, () => becomes(wire, wire));
}

Deno.test("every request of a connection is rewritten, bodies between them are not", () => {
  const body = "Host: not me\r\n\r\n";
  const wire = (host: string, chunked: string) =>
    get(`Host: ${host}`) + get(`Host: ${host}`, `Content-Length: ${body.length}\r\n`) + body +
    get(`Host: ${host}`, "Transfer-Encoding: chunked\r\n") + chunked + get(`host: ${host}`);
  const chunked = "10\r\nHost: not me\r\n\r\n\r\n0\r\nHost: no\r\n\r\n";
  becomes(wire("localhost", chunked), wire(VALUE, chunked));
});

Deno.test("the change is told in wire case, and once the head is right nothing is told", () => {
  const told = (wire: string) => rewrite([bytesOf(wire)]).changed;
  assert.deepEqual(told(get("hOST : a\r\nHost: b")), [[["hOST", VALUE], ["Host", VALUE]]]);
  assert.deepEqual(told(get("Host\r\nhost: b")), [[["host", VALUE]]]);
  assert.deepEqual(told(get("Host")), [undefined]);
  assert.deepEqual(told(get(`Host: ${VALUE}`)), [undefined]);
  assert.deepEqual(told(get("Accept: z")), [undefined]);
});

Deno.test("a field name with very much white space is rewritten, too", () => {
  const many = " ".repeat(200_000);
  const { sent } = rewrite([bytesOf(get(`Host${many}: a`))]);
  assert.equal(sent, get(`Host${many}: ${VALUE}`));
});

Deno.test("a head that repeats is asked about once, and its bytes are not made again", () => {
  let asked = 0;
  const rule = hostRule(VALUE);
  const rewriter = new RequestRewriter({
    rule: remembered((head) => {
      asked++;
      return rule(head);
    }),
    sending: () => true,
  });
  const chunk = bytesOf(get("Host: a"));
  const made = Array.from({ length: 3 }, () => {
    rewriter.push(chunk.slice());
    return rewriter.pieces[0];
  });
  assert.equal(asked, 1);
  assert.ok(made.every((bytes) => bytes === made[0]));
});

const PIECES = [
  "GET / HTTP/1.1\r\nX: y\r\n\r\n",
  "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
  "\r\n",
  "GET /",
  "3\r\nabc\r\n",
  "0\r\n\r\n",
  "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
  "CONNECT a:1 HTTP/1.1\r\n\r\n",
  ": ",
  "\0",
];

Deno.test("where no head has a Host, any bytes in any cuts come out as they went in, each once", () => {
  const wire = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 9 }).map(latin1)), {
    maxLength: 10,
  }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(
      wire,
      fc.array(fc.nat(200)),
      fc.array(fc.boolean()),
      fc.nat(10),
      (text, cuts, upgrades, upgradeAfter) => {
        const rewriting = new Rewriting(upgrades);
        cutAt(bytesOf(text), cuts.filter((at) => at <= text.length)).forEach((piece, i) => {
          rewriting.push(piece);
          if (i === upgradeAfter) rewriting.rewriter.resume(true);
        });
        rewriting.end();
        assert.equal(rewriting.sent, text);
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("what a rule refuses is not sent on, and neither is anything behind it", () => {
  const rule = remembered((head) => head.target === "/no" ? { refuse: "not that" } : undefined, "no HTTP");
  const ask = (wire: string) => {
    const rewriting = new Rewriting([], { rule });
    const taken = rewriting.pushOnce(bytesOf(wire));
    const { mustAnswer, refusal } = rewriting.rewriter;
    rewriting.end();
    return { taken, sent: rewriting.sent, refusal, answer: mustAnswer && latin1(mustAnswer) };
  };
  const good = "GET / HTTP/1.1\r\n\r\n";
  const bad = "POST /no HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
  const refused = ask(`${good}${bad}12345${good}`);
  assert.deepEqual([refused.taken, refused.sent, refused.refusal], [
    good.length + bad.length,
    good,
    "not that",
  ]);
  assert.match(refused.answer!, /^HTTP\/1\.1 400 [^]*not that\n$/);
  const other = ask(`${good}\x16\x03\x01`);
  assert.deepEqual([other.sent, other.refusal], [good, "no HTTP"]);
  const chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const inside = ask(`${chunked}zz\r\n`);
  assert.deepEqual([inside.sent.includes("zz\r\n\r\n"), inside.refusal, inside.answer], [
    false,
    "no HTTP",
    "",
  ]);
  const half = ask("GET http://b/ HTTP/1.1\r\nHost:");
  assert.equal(half.sent, "");
  const upgrading = new Rewriting([true], { rule });
  upgrading.push(bytesOf("GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n\x00\x01"));
  assert.ok(upgrading.sent.endsWith("\r\n\r\n\x00\x01"));
});
