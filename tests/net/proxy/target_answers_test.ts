import assert from "node:assert/strict";
import { type RequestHead } from "../../../src/http/head.ts";
import { parseRequestHead } from "../../../src/http/head_parser.ts";
import { type RequestSent, TargetAnswers } from "../../../src/net/proxy/target_answers.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function request(text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"): RequestHead {
  const head = parseRequestHead(encoder.encode(text));
  if (typeof head === "string") throw new Error(head);
  return head;
}

interface Outcome {
  readonly text: string;
  readonly state: string;
  readonly closes: boolean;
  readonly reusable: boolean;
  readonly problem: string | undefined;
}

/** What the client gets of these bytes, given in pieces of that size. */
function answer(
  bytes: string,
  {
    asked = request(),
    sent = "whole" as RequestSent,
    persists = true,
    ends = false,
    size = bytes.length,
  } = {},
): Outcome {
  const answers = new TargetAnswers([]);
  answers.requestSent = sent;
  answers.expect(asked, persists);
  const came = encoder.encode(bytes);
  let text = "";
  for (let at = 0; at < came.length; at += size) {
    answers.push(came.subarray(at, at + size));
    for (const piece of answers.pieces) text += decoder.decode(piece);
  }
  if (ends) answers.close();
  const { state, closes, reusable, problem } = answers;
  return { text, state, closes, reusable, problem };
}

/** As {@link answer}, and the same in whatever pieces it comes. */
function everyCut(bytes: string, options: Parameters<typeof answer>[1] = {}): Outcome {
  const whole = answer(bytes, options);
  for (let size = 1; size < bytes.length; size++) {
    assert.deepEqual(answer(bytes, { ...options, size }), whole, `in pieces of ${size}`);
  }
  return whole;
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Deno.test("an ordinary answer passes as it is, and both connections stay open", () => {
  assert.deepEqual(everyCut(OK), {
    text: OK,
    state: "done",
    closes: false,
    reusable: true,
    problem: undefined,
  });
});

Deno.test("fields for the next hop alone are taken out, in interim answers, too", () => {
  const { text } = everyCut(
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nKeep-Alive: a\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nConnection: x-secret, keep-alive\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\n" +
      "Proxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nok",
  );
  assert.equal(text, `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`);
});

Deno.test("a target that closes keeps the client's connection open, and the other way round", () => {
  const closing = OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
  const first = everyCut(closing);
  assert.deepEqual([first.text, first.closes, first.reusable], [OK, false, false]);
  const second = everyCut(OK, { persists: false });
  assert.deepEqual([second.text, second.closes, second.reusable], [closing, true, true]);
});

Deno.test("a body that lasts until the target closes ends the client's connection, and is said to", () => {
  const bytes = "HTTP/1.1 200 OK\r\n\r\nto the end";
  const open = everyCut(bytes);
  assert.deepEqual([open.state, open.closes, open.reusable], ["begun", true, false]);
  assert.equal(open.text, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end");
  assert.equal(everyCut(bytes, { ends: true }).state, "done");
  assert.equal(everyCut(OK.slice(0, -1), { ends: true }).state, "begun", "a cut body is not done");
});

const DOUBTFUL: Record<string, string> = {
  "both lengths":
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  "white space before a colon": "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
  "a folded field": "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\nok",
  "bare LF": "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
  "a length twice": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
  "an odd chunk size": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n",
  "bare LF in chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n",
  "HTTP/1.0": "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
};

for (const [what, bytes] of Object.entries(DOUBTFUL)) {
  Deno.test(`an answer whose end others may find elsewhere is the last of its connections: ${what}`, () => {
    const { state, closes, reusable, text } = everyCut(bytes);
    assert.deepEqual([state, closes, reusable], ["done", true, false]);
    assert.match(text, /ok/);
  });
}

Deno.test("of both lengths the client gets the one that counts", () => {
  assert.doesNotMatch(everyCut(DOUBTFUL["both lengths"]).text, /content-length/i);
});

for (
  const [what, odd] of [
    ["differing lengths", "Content-Length: 2\r\nContent-Length: 3"],
    ["a length that is none", "Content-Length: 2x"],
    ["an unknown transfer coding", "Transfer-Encoding: chunked, x"],
  ]
) {
  Deno.test(`an answer with ${what} lasts until the target closes`, () => {
    const bytes = `HTTP/1.1 200 OK\r\n${odd}\r\n\r\nok${OK}`;
    const { closes, reusable, state, text } = everyCut(bytes, { ends: true });
    assert.deepEqual([closes, reusable, state], [true, false, "done"]);
    assert.ok(text.endsWith(OK), "it is all body");
  });
}

Deno.test("what answers no request never reaches the client", () => {
  for (
    const extra of [OK, "HTTP/1.1 100 Continue\r\n\r\n", "garbage", "HTTP/1.1 101 Go\r\n\r\nraw", "\r\n\r\nx"]
  ) {
    const { text, state, reusable, problem } = everyCut(OK + extra);
    assert.deepEqual([text, state, reusable], [OK, "done", false], extra);
    assert.match(problem ?? "", /^the target sent /);
  }
});

Deno.test("once something came that answers nothing, no later answer is believed", () => {
  const answers = new TargetAnswers([]);
  answers.push(encoder.encode(OK));
  answers.expect(request(), true);
  answers.push(encoder.encode(OK));
  assert.deepEqual([answers.pieces, answers.state], [[], "waiting"]);
});

Deno.test("101 without being asked is no answer; with it, what follows is passed as it is", () => {
  const bytes = "HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\x00";
  const unasked = everyCut(bytes);
  assert.deepEqual([unasked.text, unasked.state], ["", "waiting"]);
  assert.match(unasked.problem!, /without being asked/);
  const asked = request("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
  const { text, state } = everyCut(bytes, { asked });
  assert.equal(state, "upgraded");
  assert.match(text, /^HTTP\/1\.1 101 Go\r\n/);
  assert.match(text, /\r\nConnection: Upgrade\r\n/);
  assert.ok(text.endsWith("\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\x00"));
});

Deno.test("a client that speaks HTTP/1.0 gets no interim answer", () => {
  const asked = request("GET / HTTP/1.0\r\n\r\n");
  const { text } = everyCut(`HTTP/1.1 100 Continue\r\n\r\n${OK}`, { asked, persists: false });
  assert.equal(text, OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
});

Deno.test("interim answers leave room for one of tcpmon's own", () => {
  assert.equal(everyCut("HTTP/1.1 100 Continue\r\n\r\n").state, "waiting");
  assert.equal(everyCut("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 20", { ends: true }).state, "waiting");
});

Deno.test("an answer to HEAD has no body, whatever its length says", () => {
  const asked = request("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const { state, text } = everyCut("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", { asked });
  assert.deepEqual([state, text], ["done", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"]);
});

Deno.test("chunks that cannot be read end the answer where they begin", () => {
  const { text, problem, state } = everyCut(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\nno\r\n0\r\n\r\n",
  );
  assert.equal(state, "begun");
  assert.match(problem!, /no HTTP/);
  assert.doesNotMatch(text, /no\r\n/);
});

Deno.test("a login that an upstream proxy wants is told as a failure, a target's own 407 is not", () => {
  const bytes = encoder.encode("HTTP/1.1 407 Who\x1b?\r\nContent-Length: 0\r\n\r\n");
  const seen = [{ authorization: "Basic x" }, {}, undefined].map((upstream) => {
    const answers = new TargetAnswers([], upstream);
    answers.expect(request(), true);
    answers.push(bytes);
    return [answers.isWaiting, answers.isRefusedUpstream, answers.problem, answers.pieces.length];
  });
  const login = "wants a login, give USER:PASSWORD@ before its host";
  assert.deepEqual(seen, [
    [true, true, "the upstream proxy wants other credentials: 407 Who\\u001b?", 0],
    [true, true, `the upstream proxy ${login}: 407 Who\\u001b?`, 0],
    [false, false, undefined, 1],
  ]);
});

const EXPECTING = request("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
const ended = (text: string, options: Parameters<typeof answer>[1]) => {
  const { closes, reusable, text: got } = everyCut(text, { asked: EXPECTING, sent: "head", ...options });
  return { closes, reusable, told: got.includes("Connection: close") };
};
const refused = (status: number) => `HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`;

Deno.test("a request that got no leave to send its body is the last: nobody need guess what follows", () => {
  for (const status of [302, 401, 413, 500]) {
    assert.deepEqual(ended(refused(status), {}), { closes: true, reusable: false, told: true });
  }
  // curl sends it again without Expect, unless it is told that the connection closes.
  assert.deepEqual(ended(refused(417), {}), { closes: true, reusable: false, told: false });
  assert.deepEqual(ended(refused(417), { persists: false }), { closes: true, reusable: false, told: true });
});

Deno.test("with leave, without Expect, with a success, or once its body has begun, the body is still to come", () => {
  const goesOn = { closes: false, reusable: true, told: false };
  assert.deepEqual(ended(`HTTP/1.1 100 Continue\r\n\r\n${refused(417)}`, {}), goesOn);
  assert.deepEqual(ended(refused(413), { asked: request() }), goesOn);
  assert.deepEqual(ended(OK, {}), goesOn);
  assert.deepEqual(ended(refused(413), { sent: "body begun" }), goesOn);
  assert.deepEqual(ended(refused(413), { sent: "whole" }), goesOn);
});
