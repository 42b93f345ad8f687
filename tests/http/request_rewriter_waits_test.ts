/** What the rewriter holds back, leaves or swallows: upgrades, requests that are answered here, ambiguous framing. */
import assert from "node:assert/strict";
import { bytesOf, cutAt } from "./events.ts";
import { becomes, get, Rewriting, VALUE } from "./rewriting.ts";

Deno.test("behind a CONNECT or an upgrade nothing is taken before its answer has come, not a byte", () => {
  const rest = get("Host: a", "Content-Length: 3\r\n") + "abc" + get("Host: b");
  for (
    const first of [
      "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
      get("Host: a:1", "Upgrade: websocket\r\n"),
      get("Host: a:1", "Upgrade: x\r\nContent-Length: 2\r\n") + "hi",
      get("Host: a:1", "Upgrade: x\r\nTransfer-Encoding: chunked\r\n") + "1\r\na\r\n0\r\nX: y\r\n\r\n",
    ]
  ) {
    const wanted = first.replace("Host: a:1", `Host: ${VALUE}`);
    for (let at = 0; at <= first.length + rest.length; at++) {
      const rewriting = new Rewriting();
      const [early, late] = cutAt(bytesOf(first + rest), [at]);
      const taken = rewriting.pushOnce(early);
      assert.equal(taken, Math.min(at, first.length));
      if (at < first.length) continue;
      assert.equal(rewriting.sent, wanted);
      assert.ok(rewriting.rewriter.waits);
      assert.equal(rewriting.pushOnce(late), 0);
      assert.equal(rewriting.sent, wanted);
    }
    becomes(first + rest, wanted + rest, [true]);
    becomes(first + rest, wanted + rest.replaceAll(/Host: [ab]/g, `Host: ${VALUE}`), [false]);
  }
});

Deno.test("a CONNECT that is refused, then one that is accepted", () => {
  const connect = (host: string) => `CONNECT x:1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  becomes(
    connect("a") + connect("b") + get("Host: c"),
    connect(VALUE) + connect(VALUE) + get("Host: c"),
    [false, true],
  );
});

Deno.test("an answer that decides while the request is under way decides nothing of its body", () => {
  for (const upgraded of [false, true]) {
    const rewriting = new Rewriting();
    rewriting.pushOnce(bytesOf(get("Host: a", "Upgrade: x\r\nContent-Length: 18\r\n") + "Host"));
    rewriting.rewriter.resume(upgraded);
    rewriting.pushOnce(bytesOf(`: body\r\n\r\nab${get("Host: a")}`));
    rewriting.end();
    assert.equal(
      rewriting.sent,
      get(`Host: ${VALUE}`, "Upgrade: x\r\nContent-Length: 18\r\n") + "Host: body\r\n\r\nab" +
        get(upgraded ? "Host: a" : `Host: ${VALUE}`),
    );
  }
});

Deno.test("half a head that an unasked-for upgrade makes a stream is sent on, with what follows or at the end", () => {
  for (const more of ["st: a\r\n\r\n", ""]) {
    const rewriting = new Rewriting();
    rewriting.pushOnce(bytesOf("GET / HTTP/1.1\r\nHo"));
    assert.equal(rewriting.sent, "");
    rewriting.rewriter.resume(true);
    if (more !== "") rewriting.pushOnce(bytesOf(more));
    rewriting.end();
    assert.equal(rewriting.sent, `GET / HTTP/1.1\r\nHo${more}`);
  }
});

Deno.test("a decision without upgrade that nobody waits for changes nothing", () => {
  const rewriting = new Rewriting();
  rewriting.pushOnce(bytesOf("GET / HTTP/1.1\r\nHo"));
  rewriting.rewriter.resume(false);
  rewriting.rewriter.answered();
  rewriting.pushOnce(bytesOf("st: a\r\n\r\n"));
  assert.equal(rewriting.sent, `GET / HTTP/1.1\r\nHost: ${VALUE}\r\n\r\n`);
});

for (
  const [name, fields] of [
    ["both lengths", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"],
    ["two different lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"],
    ["a length that is none", "Content-Length: 0x5\r\n"],
    ["a coding that is nearly chunked", "Transfer-Encoding: xchunked\r\n"],
    ["a coding behind chunked", "Transfer-Encoding: chunked, identity\r\n"],
    ["an empty coding beside a length", "Transfer-Encoding:\r\nContent-Length: 5\r\n"],
  ] as const
) {
  Deno.test(`of a request with ${name}, nothing behind its head is changed`, () => {
    const rest = "0\r\n\r\n" + get("Host: a");
    becomes(get("Host: a", fields) + rest, get(`Host: ${VALUE}`, fields) + rest);
  });
}

Deno.test("chunked in HTTP/1.0: nothing behind it is changed", () => {
  const post = (host: string) => `POST / HTTP/1.0\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  becomes(`${post("a")}0\r\n\r\n${get("Host: a")}`, `${post(VALUE)}0\r\n\r\n${get("Host: a")}`);
});

Deno.test("where responses can no longer be told apart, what follows goes through as it came", () => {
  let left = 2;
  const rewriting = new Rewriting([], { sending: () => left-- > 0 });
  rewriting.push(bytesOf(get("Host: a") + get("Host: b") + get("Host: c", "Content-Length: 1\r\n") + "x"));
  rewriting.push(bytesOf(get("Host: d")));
  rewriting.end();
  assert.equal(
    rewriting.sent,
    get(`Host: ${VALUE}`).repeat(2) + get(`Host: ${VALUE}`, "Content-Length: 1\r\n") + "x" + get("Host: d"),
  );
});

/** A rewriter that answers what asks for `/no`, with that offset. */
function answering(): Rewriting {
  return new Rewriting([], {
    answer: (head, offset) => head.target === "/no" ? bytesOf(`<${offset}>`) : undefined,
  });
}

Deno.test("a request that is answered here is swallowed, its body included, and others are not", () => {
  const no = (more: string) => get("Host: a", more).replace("/", "/no");
  const length = `${no("Content-Length: 4\r\n")}body`;
  const chunked = `${no("Transfer-Encoding: chunked\r\n")}3\r\nabc\r\n0\r\nX: y\r\n\r\n`;
  const wire = get("Host: a") + length + chunked + no("") + get("Host: b");
  const offsets = [get("Host: a").length];
  offsets.push(offsets[0] + length.length, offsets[0] + length.length + chunked.length);
  const wanted = get(`Host: ${VALUE}`).repeat(2);
  const bytes = bytesOf(wire);
  const cuts = [[], Array.from(bytes, (_, at) => at), ...Array.from(bytes, (_, at) => [at])];
  for (const cut of cuts) {
    const rewriting = answering();
    for (const piece of cutAt(bytes, cut)) rewriting.push(piece);
    rewriting.end();
    assert.equal(rewriting.sent, wanted);
    assert.equal(rewriting.answers, offsets.map((offset) => `<${offset}>`).join(""));
    assert.equal(rewriting.sending.length, 2);
    assert.equal(rewriting.changed.length, 5);
  }
});

Deno.test("an answer is due when its request has come whole; the next request waits for it", () => {
  const rewriting = answering();
  const post = bytesOf("POST /no HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo");
  assert.equal(rewriting.pushOnce(post), post.length);
  assert.equal(rewriting.rewriter.mustAnswer, undefined);
  // What the target decides meanwhile is about a request before: the body must not go to it.
  rewriting.rewriter.resume(false);
  rewriting.rewriter.resume(true);
  rewriting.rewriter.answered();
  assert.equal(rewriting.pushOnce(bytesOf(`dy${get("Host: a")}`)), 2);
  assert.equal(rewriting.sent, "");
  assert.ok(rewriting.rewriter.waits);
  assert.equal(rewriting.pushOnce(bytesOf(get("Host: a"))), 0);
  rewriting.answer();
  assert.equal(rewriting.rewriter.mustAnswer, undefined);
  assert.equal(rewriting.rewriter.waits, false);
  rewriting.push(bytesOf(get("Host: a")));
  assert.equal(rewriting.sent, get(`Host: ${VALUE}`));
});

Deno.test("an upgrade and an ambiguous request can be answered, or not, without what follows being lost", () => {
  const rewriting = answering();
  rewriting.push(bytesOf(`GET /no HTTP/1.1\r\nUpgrade: x\r\n\r\n${get("Host: a")}`));
  const odd = "POST /no HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  rewriting.push(bytesOf(odd + get("Host: b")));
  rewriting.end();
  assert.equal(rewriting.answers, "<0>");
  assert.equal(rewriting.sent, get(`Host: ${VALUE}`) + odd + get("Host: b"));
});
