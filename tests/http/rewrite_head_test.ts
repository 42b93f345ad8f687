/** What is to be changed in a head is, and every other byte stays. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Field } from "../../src/http/head.ts";
import { parseRequestHead, parseResponseHead } from "../../src/http/head_parser.ts";
import { joined } from "../../src/http/joined.ts";
import { type HeadEdits, rewriteHead } from "../../src/http/rewrite_head.ts";
import { bytesOf, latin1 } from "./events.ts";

function rewrite(wire: string, edits: HeadEdits): { text: string; fields: readonly Field[]; same: boolean } {
  const head = wire.startsWith("HTTP/") ? parseResponseHead(bytesOf(wire)) : parseRequestHead(bytesOf(wire));
  assert.ok(typeof head === "object", "not a head");
  const { bytes, fields } = rewriteHead(head, edits);
  return { text: latin1(bytes), fields, same: bytes === head.raw };
}

const values = (...pairs: [string, string][]) => ({ values: new Map(pairs) });
const drop = (...names: string[]) => ({ drop: (name: string) => names.includes(name) });
const add = (...fields: Field[]) => ({ add: fields });

const HEAD = "GET /a HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-b:2\r\n\r\n";

for (
  const [name, wire, edits, want] of [
    ["the target", HEAD, { target: "/b" }, HEAD.replace("/a", "/b")],
    ["a target between odd white space", "GET \t /a b \t HTTP/1.1 \r\n\r\n", {
      target: "*",
    }, "GET \t * \t HTTP/1.1 \r\n\r\n"],
    [
      "a target behind empty lines",
      `\r\n\r\n${HEAD}`,
      { target: "/b" },
      `\r\n\r\n${HEAD.replace("/a", "/b")}`,
    ],
    ["a target, the empty lines before it taken out", `\r\n\r\n${HEAD}`, {
      target: "/b",
      dropBlankLines: true,
    }, HEAD.replace("/a", "/b")],
    ["nothing but empty lines", `\r\n${HEAD}`, { dropBlankLines: true }, HEAD],
    [
      "a target of UTF-8",
      "GET /\xc3\xa9?a HTTP/1.1\r\n\r\n",
      { target: "/é" },
      "GET /\xc3\xa9 HTTP/1.1\r\n\r\n",
    ],
    ["a target of other bytes, kept as they are", "GET http://h/\xe9?\xff HTTP/1.1\r\n\r\n", {
      target: "/\xe9?\xff",
    }, "GET /\xe9?\xff HTTP/1.1\r\n\r\n"],
    ["a value", HEAD, values(["x-b", "3"]), HEAD.replace("x-b:2", "x-b: 3")],
    [
      "a value that is empty",
      HEAD.replace("x-b:2", "x-b:"),
      values(["x-b", "3"]),
      HEAD.replace("x-b:2", "x-b: 3"),
    ],
    [
      "the values of two",
      HEAD,
      values(["host", "g"], ["x-a", "z"]),
      HEAD.replace(": h", ": g").replace("1\r\nx", "z\r\nx"),
    ],
    [
      "a value of characters that are no ASCII",
      HEAD,
      values(["host", "é"]),
      HEAD.replace(": h", ": \xc3\xa9"),
    ],
    ["a field", HEAD, drop("x-a"), HEAD.replace("X-A: 1\r\n", "")],
    ["the first field", HEAD, drop("host"), HEAD.replace("Host: h\r\n", "")],
    ["all fields", HEAD, { drop: () => true }, "GET /a HTTP/1.1\r\n\r\n"],
    [
      "each of two fields of a name",
      "GET / HTTP/1.0\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\n",
      drop("a"),
      "GET / HTTP/1.0\r\nB: 2\r\n\r\n",
    ],
    [
      "a folded field, with all its lines",
      "GET / HTTP/1.0\r\nA: 1\r\n 2\r\n\t3\r\nB: 4\r\n 5\r\n\r\n",
      drop("a"),
      "GET / HTTP/1.0\r\nB: 4\r\n 5\r\n\r\n",
    ],
    [
      "what is added, at the end",
      HEAD,
      add(["Via", "x"], ["Y", ""]),
      HEAD.replace("x-b:2\r\n", "x-b:2\r\nVia: x\r\nY: \r\n"),
    ],
    [
      "what is added behind a folded field",
      "GET / HTTP/1.0\r\nA: 1\r\n 2\r\n\r\n",
      add(["B", "3"]),
      "GET / HTTP/1.0\r\nA: 1\r\n 2\r\nB: 3\r\n\r\n",
    ],
    [
      "what is added where there is no field",
      "GET / HTTP/1.0\r\n\r\n",
      add(["B", "3"]),
      "GET / HTTP/1.0\r\nB: 3\r\n\r\n",
    ],
    [
      "what is added where the last line was taken out",
      HEAD,
      { ...drop("x-b"), ...add(["B", "3"]) },
      HEAD.replace("x-b:2", "B: 3"),
    ],
    ["lines that end in LF", "GET /a HTTP/1.1\nHost: h\nA: 1\nB: 2\n\n", {
      target: "/b",
      ...values(["host", "g"]),
      ...drop("a"),
      ...add(["C", "3"]),
    }, "GET /b HTTP/1.1\nHost: g\nB: 2\nC: 3\r\n\n"],
    [
      "a head without its empty line",
      "GET /a HTTP/1.1\r\nHost: h\r\n",
      add(["B", "3"]),
      "GET /a HTTP/1.1\r\nHost: h\r\nB: 3\r\n",
    ],
    ["a head whose last line has no end", "GET /a HTTP/1.1\r\nHost: h", {
      ...values(["host", "g"]),
      ...add(["B", "3"]),
    }, "GET /a HTTP/1.1\r\nHost: g\r\nB: 3\r\n"],
    ["a start line without an end", "GET /a HTTP/1.1", { target: "/b" }, "GET /b HTTP/1.1"],
    [
      "an indented first field",
      "GET / HTTP/1.0\r\n  A : 1\r\n\r\n",
      values(["a", "2"]),
      "GET / HTTP/1.0\r\n  A : 2\r\n\r\n",
    ],
    [
      "a CR in a line is a part of it",
      "GET / HTTP/1.0\r\nA: 1\rB: 2\r\nC: 3\r\n\r\n",
      drop("a"),
      "GET / HTTP/1.0\r\nC: 3\r\n\r\n",
    ],
    [
      "a response",
      "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n",
      { target: "/never", ...drop("a") },
      "HTTP/1.1 200 OK\r\nB: 2\r\n\r\n",
    ],
    [
      "a name of many characters",
      `GET / HTTP/1.0\r\n${"a".repeat(9_000)}: 1\r\nB: 2\r\n\r\n`,
      drop("a".repeat(9_000)),
      "GET / HTTP/1.0\r\nB: 2\r\n\r\n",
    ],
  ] as const
) {
  Deno.test(`a head with other: ${name}`, () => assert.equal(rewrite(wire, edits).text, want));
}

for (
  const [name, wire] of [
    ["a line without a colon", "GET / HTTP/1.0\r\nA\r\n\r\n"],
    ["a name in a value", "GET / HTTP/1.0\r\nB: A: 1\r\n\r\n"],
    ["a name in a continued line", "GET / HTTP/1.0\r\nB: 1\r\n A: 2\r\n\r\n"],
    [
      "a name behind a character that is no white space of HTTP",
      "GET / HTTP/1.0\r\n\x0bA: 1\r\nA\xa0: 2\r\n\r\n",
    ],
    ["a name behind a bare CR", "GET / HTTP/1.0\r\nB: 1\rA: 2\r\n\r\n"],
    ["a start line that looks like it", "A : HTTP/1.0\r\n\r\n"],
  ] as const
) {
  Deno.test(`not taken for a field: ${name}`, () => {
    const { same, fields } = rewrite(wire, { ...drop("a"), ...values(["a", "9"]) });
    assert.ok(same);
    assert.deepEqual(fields, []);
  });
}

Deno.test("what differs is told: replaced fields in wire case, then those that were added", () => {
  const { fields } = rewrite("GET / HTTP/1.0\r\nhOST : a\r\nB: 1\r\nHost: c\r\n\r\n", {
    ...values(["host", "h"]),
    ...drop("b"),
    ...add(["C", "d"]),
  });
  assert.deepEqual(fields, [["hOST", "h"], ["Host", "h"], ["C", "d"]]);
});

Deno.test("a line that is taken out is not replaced as well", () => {
  const { text, fields } = rewrite(HEAD, { ...drop("host"), ...values(["host", "g"]) });
  assert.equal(text, HEAD.replace("Host: h\r\n", ""));
  assert.deepEqual(fields, []);
});

const lines = fc.array(
  fc.constantFrom(
    "A: 1",
    "a:2",
    "B : 3",
    " fold",
    "\tA: 4",
    "A",
    "",
    "C:",
    ":",
    " A: 5",
    "\x0bA: 6",
    "A\r: 7",
  ),
  { maxLength: 8 },
);

Deno.test("what is read of the new head is what was read of the old one, with the changes", () => {
  fc.assert(
    fc.property(lines, fc.constantFrom("\r\n", "\n"), fc.boolean(), (lines, ending, takesOut) => {
      const body = lines.filter((line) => line !== "").map((line) => `${line}${ending}`).join("");
      const wire = `GET / HTTP/1.0${ending}${body}${ending}`;
      const head = parseRequestHead(bytesOf(wire));
      assert.ok(typeof head === "object");
      const { bytes } = rewriteHead(head, {
        ...takesOut ? drop("a") : values(["a", "9"]),
        ...add(["Z", "z"]),
      });
      const again = parseRequestHead(bytes);
      assert.ok(typeof again === "object");
      const isA = ([name]: Field) => name.toLowerCase() === "a";
      // A line without a colon has no value that could be replaced.
      const bare = head.flags.includes("no-colon");
      const wanted = takesOut && !bare
        ? head.fields.filter((field) => !isA(field))
        : head.fields.map((field): Field => isA(field) && !bare ? [field[0], "9"] : field);
      if (!bare) assert.deepEqual(again.fields, [...wanted, ["Z", "z"]]);
      assert.deepEqual(again.fields.at(-1), ["Z", "z"]);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("byte arrays are joined in order; one alone is given back", () => {
  const one = bytesOf("a");
  assert.equal(joined([one]), one);
  assert.equal(latin1(joined([one, bytesOf(""), bytesOf("bc")])), "abc");
  assert.equal(joined([]).length, 0);
});
