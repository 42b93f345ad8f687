/** `Expect: 100-continue` that gets its final answer at once: what follows, and requests that were not rewritten. */
import assert from "node:assert/strict";
import { get, ok, post, run, type Step } from "./connection_script.ts";

const EXPECT = "Expect: 100-continue\r\n";
const NO = ok("no", "417 Expectation Failed");
const head = (path: string, body: string) => post(path, body, EXPECT).slice(0, -body.length);
const BODY = "x".repeat(300);

function tells(name: string, steps: readonly Step[], lines: readonly string[]): void {
  Deno.test(name, () => assert.deepEqual(run(steps).lines, lines));
}

const LEFT = '#1 POST /a -> 417 "no" complete [early-response body-left-out]';

tells("the next request in place of the body is an exchange of its own", [
  ["up", head("/a", BODY)],
  ["down", NO],
  ["up", post("/b", "body")],
  ["down", ok("yes")],
], [LEFT, '#2 POST /b "body" -> 200 "yes" complete']);

tells("and so is the one after that, however the start line is cut", [
  ["up", head("/a", BODY)],
  ["down", NO],
  ["up", "G"],
  ["up", get("/b").slice(1)],
  ["down", ok("1")],
  ["up", get("/c")],
  ["down", ok("2")],
], [LEFT, '#2 GET /b -> 200 "1" complete', '#3 GET /c -> 200 "2" complete']);

tells("a client that then ends, or is closed, has left the body out", [
  ["up", head("/a", BODY)],
  ["down", NO],
  ["up-end"],
  ["end"],
], [LEFT]);

tells("the body that comes all the same is the body", [
  ["up", head("/a", "body")],
  ["down", NO],
  ["up", `body${get("/b")}`],
  ["down", ok("1")],
], ['#1 POST /a "body" -> 417 "no" complete [early-response]', '#2 GET /b -> 200 "1" complete']);

tells("after 100, and without Expect, what looks like a request is the body", [
  ["up", head("/a", get("/b"))],
  ["down", `HTTP/1.1 100 Continue\r\n\r\n${NO}`],
  ["up", get("/b")],
  ["up", post("/c", get("/d")).slice(0, -get("/d").length)],
  ["down", NO],
  ["up", get("/d")],
], [
  `#1 POST /a "${get("/b")}" -> 100 417 "no" complete [early-response]`,
  `#2 POST /c "${get("/d")}" -> 417 "no" complete [early-response]`,
]);

tells("the answer to an earlier request says nothing of the body of the last", [
  ["up", get("/1") + head("/a", get("/b"))],
  ["down", ok("1")],
  ["up", get("/b")],
  ["down", ok("2")],
], ['#1 GET /1 -> 200 "1" complete', `#2 POST /a "${get("/b")}" -> 200 "2" complete`]);

Deno.test("its time is that of the answer, not of the next request", () => {
  const { exchanges } = run([
    ["up", head("/a", BODY), 10, 10],
    ["down", NO, 12, 12],
    ["up", get("/b"), 5000, 5000],
  ]);
  assert.deepEqual([exchanges[0].ms.total, exchanges[0].ms.send], [2, undefined]);
});

Deno.test("requests that are not rewritten any more are marked, the ambiguous one before them is rewritten", () => {
  const ambiguous =
    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  const steps = (more: readonly Step[]): Step[] => [...more, ["down", ok("") + ok("") + ok("")]];
  const wanted = [["cl-and-te", "host-rewritten"], ["not-rewritten"], ["not-rewritten"]];
  for (
    const more of [
      [["up", ambiguous + get("/b") + get("/c")]],
      [["up", ambiguous], ["up", get("/b")], ["up", get("/c").slice(0, 9)], ["up", get("/c").slice(9)]],
    ] as Step[][]
  ) {
    const { exchanges } = run(steps(more), { hostField: "t" });
    assert.deepEqual(exchanges.map(({ flags }) => flags), wanted);
    assert.deepEqual(exchanges.map(({ request }) => request?.rewritten !== undefined), [true, false, false]);
  }
});
