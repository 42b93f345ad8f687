import assert from "node:assert/strict";
import type { RowView } from "../../../../src/ui/api.ts";
import {
  readTargets,
  seenTargets,
  sendableTarget,
  targetProblem,
  withTarget,
} from "../../../../src/ui/client/actions/targets.ts";

Deno.test("the target that was named last comes first, each once, and only some are kept", () => {
  assert.deepEqual(withTarget(["a:1", "b:2"], "b:2"), ["b:2", "a:1"]);
  let targets: readonly string[] = [];
  for (let port = 1; port <= 20; port++) targets = withTarget(targets, `a:${port}`);
  assert.equal(targets.length, 8);
  assert.equal(targets[0], "a:20");
});

Deno.test("what was stored may be anything", () => {
  for (
    const text of [null, "", "{", "7", "null", '{"a":1}', '[1,null,"",{}]', JSON.stringify(["x".repeat(301)])]
  ) {
    assert.deepEqual(readTargets(text), [], `${text}`);
  }
  assert.deepEqual(readTargets('["a:1",2,"b:2"]'), ["a:1", "b:2"]);
});

Deno.test("a target of the table is offered as a request can be sent there", () => {
  assert.equal(sendableTarget("localhost:8080"), "localhost:8080");
  assert.equal(sendableTarget("tls://localhost:9443"), "https://localhost:9443");
  assert.equal(sendableTarget("https://api.example"), "https://api.example");
  assert.equal(sendableTarget("api.example:443"), "https://api.example:443");
  assert.equal(sendableTarget("[::1]:443"), "https://[::1]:443");
  for (const none of ["unix:/run/x.sock", "", "x".repeat(301)]) assert.equal(sendableTarget(none), undefined);
});

Deno.test("targets that are seen are offered once, without those that are offered already", () => {
  const rows = ["b:2", "a:1", "b:2", "unix:/x", "c:3"].map((target) => ({ target }) as RowView);
  assert.deepEqual(seenTargets(rows, [], ["c:3"]), ["b:2", "a:1"]);
  const many = Array.from({ length: 100 }, (_, at) => ({ target: `host:${at + 1}` }) as RowView);
  assert.equal(seenTargets(many, [], []).length, 12);
});

Deno.test("a target is a host, and perhaps a port and a scheme of HTTP", () => {
  for (
    const target of [
      "localhost",
      "localhost:80",
      "[::1]:80",
      "http://a.example",
      "https://[fe80::1%eth0]:1",
      "http://a/",
    ]
  ) assert.equal(targetProblem(target), undefined, target);
  for (
    const target of [
      "ftp://a",
      "a b",
      "http://",
      "a:b",
      "a:123456",
      "http://u:p@a/",
      "http://a/x",
      "unix:/x",
      ":80",
    ]
  ) assert.match(targetProblem(target) ?? "", /^Cannot send to .* wanted HOST:PORT/, target);
});
