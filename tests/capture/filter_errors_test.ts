import assert from "node:assert/strict";
import { filterErrorPlace, FilterSyntaxError, parseFilter } from "../../src/capture/filter/filter.ts";

function failure(source: string): FilterSyntaxError {
  try {
    parseFilter(source);
  } catch (error) {
    assert.ok(error instanceof FilterSyntaxError);
    assert.equal(error.source, source);
    return error;
  }
  throw new assert.AssertionError({ message: `${source} was read` });
}

/** Asserts the place of an error, and something that its message says. */
function fails(source: string, position: number, length: number, message: RegExp): void {
  const error = failure(source);
  assert.match(error.message, message);
  assert.deepEqual([error.position, error.length], [position, length], `${source}: ${error.message}`);
  assert.ok(!error.message.includes("\n"));
}

Deno.test("an unknown key is answered with the nearest one, or with how to search for its text", () => {
  fails("a stauts:5xx", 2, 6, /unknown key "stauts": did you mean "status"\?/);
  fails("-mehtod:GET", 1, 6, /did you mean "method"\?/);
  fails("larger-then:1k", 0, 11, /did you mean "larger-than"\?/);
  fails("faults:reset", 0, 6, /did you mean "fault"\?/);
  fails("tsl:example.com", 0, 3, /did you mean "tls"\?/);
  fails("handshak:>1ms", 0, 8, /did you mean "handshake"\?/);
  fails("localhost:8081", 0, 9, /put it in quotes/);
  fails("http://x", 0, 4, /put it in quotes/);
});

Deno.test("an unknown word is answered with the nearest one, or with all there are", () => {
  fails("outcome:complet", 8, 7, /unknown outcome "complet": did you mean "complete"\?/);
  fails("outcome:refuse", 8, 6, /did you mean "refused"\?/);
  fails("end:tls-fail", 4, 8, /did you mean "tls-failed"\?/);
  fails("direction:left", 10, 4, /wanted one of up, down/);
  fails("flag:bare-lf,cl-an-te", 13, 8, /did you mean "cl-and-te"\?/);
});

Deno.test("a missing value says what could stand there", () => {
  fails("status:", 7, 0, /found the end, wanted a value right after "status:", for example status:404,5xx/);
  fails("status: 404", 7, 1, /found a space/);
  fails("(status:)", 8, 1, /found "\)"/);
  fails("id:1,,2", 5, 1, /found ","/);
  fails("id:1,", 5, 0, /found the end/);
  fails("path:=", 5, 1, /write =""/);
  fails("header:=3", 7, 2, /without a name/);
});

Deno.test("a number that is none says what was wanted", () => {
  fails("status:ok", 7, 2, /found "ok", wanted a status code such as 404/);
  fails("status:1234", 7, 4, /wanted a status code/);
  fails("status:>", 7, 1, /found "", wanted a status code/);
  fails("status:!=404", 7, 5, /found "!=404"/);
  fails("size:>1X", 5, 3, /found "1X", wanted a size such as 500, 64k/);
  fails("size:-1", 5, 2, /wanted a size/);
  fails("duration:>1e9", 9, 4, /wanted a duration/);
  fails("duration:1...2", 9, 5, /wanted a duration/);
  fails("id:1.5", 3, 3, /wanted a whole number/);
  fails("id:99999999999999999999", 3, 20, /wanted a whole number/);
  fails("size:9999999999G", 5, 11, /wanted a size/);
  fails("id:7..3", 3, 4, /write the smaller one first/);
  fails("larger-than:>3", 12, 2, /wanted a number alone/);
  fails("before:2026-11-20..2026-11-21", 7, 22, /wanted a number alone/);
});

Deno.test("a time that no calendar has is not read", () => {
  for (
    const time of [
      "2026-02-30",
      "2026-13-01",
      "2026-00-10",
      "2026-11-00",
      "2026-11-20T25:00",
      "10:31",
      "2026-11-20T",
      "2026-11-20T10:31:61Z",
      "1969-12-31",
      "9999-12-31T23:59-01:00",
    ]
  ) fails(`time:${time}`, 5, time.length, /wanted a time such as/);
});

Deno.test("what joins terms needs terms on both sides", () => {
  fails("|", 0, 1, /found "\|", wanted a term/);
  fails("a |", 3, 0, /found the end, wanted a term/);
  fails("a | | b", 4, 1, /found "\|", wanted a term/);
  fails("a || b", 2, 2, /one is enough/);
  fails("()", 1, 1, /found "\)", wanted a term/);
  fails("-", 0, 1, /found "-" alone/);
  fails("a - b", 2, 1, /found "-" alone/);
});

Deno.test("brackets and quotes that do not pair are shown where they stand", () => {
  fails("a (b", 2, 1, /this "\(" is never closed/);
  fails("a b)", 3, 1, /found "\)" without a "\("/);
  fails("path:/a(b)", 7, 1, /found "\(" inside a word/);
  fails('body:"abc', 5, 4, /never closed/);
  fails('"a\\"', 0, 4, /never closed/);
  fails('"a\\', 0, 3, /never closed/);
  fails('"C:\\dir"', 3, 2, /write \\\\ for a backslash/);
});

Deno.test("operators of other languages are answered with those of this one", () => {
  fails("a AND b", 2, 3, /a space means and/);
  fails("a && b", 2, 2, /a space means and/);
  fails("a OR b", 2, 2, /\| means or/);
  fails("NOT a", 0, 3, /- before a term means not/);
});

Deno.test("the place is shown as the filter with carets under it", () => {
  assert.equal(filterErrorPlace(failure("a stauts:5xx")), "a stauts:5xx\n  ^^^^^^");
  assert.equal(filterErrorPlace(failure("status:")), "status:\n       ^");
});

Deno.test("carets stand under the place also after wide characters and marks", () => {
  assert.equal(filterErrorPlace(failure("日本 ab🙂 stauts:5")), "日本 ab🙂 stauts:5\n          ^^^^^^");
  assert.equal(filterErrorPlace(failure("e\u0301 stauts:5")), "e\u0301 stauts:5\n  ^^^^^^");
});

Deno.test("what could steer a terminal or break the line is not shown raw", () => {
  const error = failure("a\n\x1b[31m\u202e\u009b \ud800 \u200b\u0007:( stauts\x1b:5");
  const [line, carets, ...more] = filterErrorPlace(error).split("\n");
  assert.deepEqual(more, []);
  assert.match(carets, /^ *\^+$/);
  assert.doesNotMatch(line + error.message, /[\p{Cc}\p{Cf}\p{Cs}]/u);
});

Deno.test("a long filter is cut around the place", () => {
  for (const before of [0, 10, 36, 37, 5000]) {
    const error = failure(`${"🙂".repeat(before)} stauts:5 ${"y".repeat(5000)}`);
    const [line, carets] = filterErrorPlace(error).split("\n");
    assert.ok(line.length < 90 && line.endsWith("…") && !line.includes("·"), line);
    assert.equal(line.startsWith("…"), before > 36 / 2);
    assert.equal(carets.trim(), "^^^^^^");
  }
  const unclosed = filterErrorPlace(failure(`"${"x".repeat(100_000)}`)).split("\n");
  assert.ok(unclosed.every((line) => line.length < 90));
});

Deno.test("nesting has a limit, far below that of the stack", () => {
  assert.ok(parseFilter("(".repeat(64) + "a" + ")".repeat(64)));
  assert.ok(parseFilter("-".repeat(64) + "a"));
  fails("(".repeat(65) + "a" + ")".repeat(65), 65, 1, /more than 64 groups/);
  fails("-".repeat(100_000), 65, 1, /more than 64 groups/);
  fails("(".repeat(100_000), 65, 1, /more than 64 groups/);
  fails("-(".repeat(50_000), 65, 1, /more than 64 groups/);
});

Deno.test("a filter of 100 kB is read, or refused, in a moment", () => {
  const size = 100_000;
  const started = performance.now();
  assert.ok(parseFilter("a".repeat(size)));
  assert.ok(parseFilter("a ".repeat(size / 2)));
  assert.ok(parseFilter("a|".repeat(size / 2) + "a"));
  assert.ok(parseFilter(`(${"a|".repeat(size / 2)}b)|c`));
  assert.ok(parseFilter("*".repeat(size)));
  assert.ok(parseFilter("a*".repeat(size / 2)));
  assert.ok(parseFilter(`id:${"1,".repeat(size / 2)}1`));
  assert.ok(parseFilter(`header:${"a=b,".repeat(size / 4)}c`));
  assert.ok(parseFilter(`"${"\\\\".repeat(size / 2)}"`));
  assert.ok(parseFilter('"a"'.repeat(size / 3)));
  fails(`${"k".repeat(size)}:v`, 0, size, /^unknown key "k{40}…"/);
  fails(`id:${"9".repeat(size)}`, 3, size, /^found "9{40}…"/);
  fails(`duration:${"1.".repeat(size / 2)}`, 9, size, /^found/);
  fails(`outcome:${"x".repeat(size)}`, 8, size, /^unknown outcome/);
  assert.ok(performance.now() - started < 5000);
});
