import assert from "node:assert/strict";
import { type Expression, formatExpression, parseFilter } from "../../src/capture/filter/filter.ts";

function word(text: string): Expression {
  return { kind: "search", value: { kind: "contains", text } };
}

function reads(source: string, expected: Expression): void {
  assert.deepEqual(parseFilter(source).expression, expected, source);
}

/** Asserts what a filter is once read and written again. */
function becomes(source: string, expected: string): void {
  const { expression } = parseFilter(source);
  assert.equal(formatExpression(expression), expected);
  assert.deepEqual(parseFilter(expected).expression, expression);
}

Deno.test("the empty filter and a lone asterisk ask for nothing", () => {
  reads("", { kind: "all" });
  reads(" \t\n", { kind: "all" });
  reads("*", { kind: "all" });
  reads('""', { kind: "all" });
});

Deno.test("a space binds closer than a bar, and a minus closer than both", () => {
  reads("a b|-c d", {
    kind: "or",
    terms: [
      { kind: "and", terms: [word("a"), word("b")] },
      { kind: "and", terms: [{ kind: "not", term: word("c") }, word("d")] },
    ],
  });
});

Deno.test("parentheses group, can be negated, and vanish where they change nothing", () => {
  reads("-(a|b)c", {
    kind: "and",
    terms: [{ kind: "not", term: { kind: "or", terms: [word("a"), word("b")] } }, word("c")],
  });
  becomes("((a) (b (c)))", "a b c");
  becomes("(a | (b | c))", "a | b | c");
  becomes("a (b | c)", "a (b | c)");
  becomes("--a", "--a");
});

Deno.test("a minus inside a word, and a colon after what is no key, are ordinary characters", () => {
  reads("not-found", word("not-found"));
  reads("127.0.0.1:8081", word("127.0.0.1:8081"));
  reads("10:31", word("10:31"));
});

Deno.test("quotes keep what would otherwise mean something, and backslashes what quotes would", () => {
  reads('"a b|c(*)"', word("a b|c(*)"));
  reads('"OR"', word("OR"));
  reads('"say \\"hi\\" \\\\ \\n\\r\\t"', word('say "hi" \\ \n\r\t'));
  reads('path:"/a,b"', { kind: "text", key: "path", values: [{ kind: "contains", text: "/a,b" }] });
  reads('path:/a" "b', { kind: "text", key: "path", values: [{ kind: "contains", text: "/a b" }] });
});

Deno.test("keys are read in any case and under the names that DevTools has for them", () => {
  becomes("METHOD:Get", "method:Get");
  becomes("status-code:500", "status:500");
  becomes("larger-than:10k", "size:>=10k");
  becomes("domain:*.x", "host:*.x");
  becomes("mime-type:image/png", "response-mime:image/png");
  becomes("has-response-header:etag", "response-header:etag");
  becomes("after:2026-11-20T10:31:06Z", "time:>=2026-11-20T10:31:06.000Z");
  becomes("before:2026-11-20", "time:<2026-11-20T00:00:00.000Z");
});

Deno.test("text is the whole, a part, or a pattern, as the key and the value say", () => {
  const method = (...values: readonly object[]) => ({ kind: "text", key: "method", values }) as Expression;
  reads("method:GET,HEAD", method({ kind: "exact", text: "GET" }, { kind: "exact", text: "HEAD" }));
  reads("method:=GET", method({ kind: "exact", text: "GET" }));
  reads("method:*E*", method({ kind: "contains", text: "E" }));
  reads("method:P**T", method({ kind: "glob", parts: ["P", "T"] }));
  reads('method:"P*"', method({ kind: "exact", text: "P*" }));
  reads('method:"=X"', method({ kind: "exact", text: "=X" }));
  reads("path:=/", { kind: "text", key: "path", values: [{ kind: "exact", text: "/" }] });
  reads("path:/a", { kind: "text", key: "path", values: [{ kind: "contains", text: "/a" }] });
  reads('error:=""', { kind: "text", key: "error", values: [{ kind: "exact", text: "" }] });
  reads("error:*", { kind: "text", key: "error", values: [{ kind: "glob", parts: ["", ""] }] });
  reads("body:<fault>", { kind: "text", key: "body", values: [{ kind: "contains", text: "<fault>" }] });
});

Deno.test("an asterisk in a bare word leaves both its ends open", () => {
  reads("a*b", { kind: "search", value: { kind: "glob", parts: ["", "a", "b", ""] } });
  reads("*a*", word("a"));
  reads("a*", word("a"));
});

Deno.test("a field is a name, or a name with a value; later values of a list belong to the same name", () => {
  const exact = (text: string) => ({ kind: "exact" as const, text });
  reads("header:x-id", { kind: "field", key: "header", values: [{ name: exact("x-id") }] });
  reads("header:etag,x-id=3,4,y=a=b", {
    kind: "field",
    key: "header",
    values: [
      { name: exact("etag") },
      { name: exact("x-id"), value: exact("3") },
      { name: exact("x-id"), value: exact("4") },
      { name: exact("y"), value: exact("a=b") },
    ],
  });
  reads('header:"x=y"', { kind: "field", key: "header", values: [{ name: exact("x=y") }] });
  reads('header:x="a b"*', {
    kind: "field",
    key: "header",
    values: [{ name: exact("x"), value: { kind: "glob", parts: ["a b", ""] } }],
  });
  becomes("cookie:a*=,b", 'cookie:a*="",a*=b');
});

Deno.test("numbers compare, range, and carry units", () => {
  becomes("status:404,5xx,40x,>=400,=200", "status:404,5xx,40x,>=400,200");
  becomes("status:>4xx,<=4xx,<5xx", "status:>499,<=499,<500");
  becomes("id:3..7,9..,..2,5..5", "id:3..7,>=9,<=2,5");
  becomes("size:>1M,64k,65536,1.5K,3GiB,7b,1MB,0", "size:>1M,64k,64k,1536B,3G,7B,1M,0B");
  becomes("duration:>500ms,1.5s,2m,1h,250us,7", "duration:>500ms,1500ms,2m,1h,0.25ms,7ms");
  becomes("duration:1..2s,100ms..1s", "duration:1s..2s,100ms..1s");
  becomes("relay:<60µs,<60μs", "relay:<0.06ms,<0.06ms");
});

Deno.test("a time stands for all of the span that it names", () => {
  becomes("time:2026-11-20", "time:2026-11-20T00:00:00.000Z..2026-11-20T23:59:59.999Z");
  becomes("time:2026-11-20T10:31", "time:2026-11-20T10:31:00.000Z..2026-11-20T10:31:59.999Z");
  becomes("time:2026-11-20t10:31:06+01:00", "time:2026-11-20T09:31:06.000Z..2026-11-20T09:31:06.999Z");
  becomes("time:2026-11-20T10:31:06.1239Z", "time:2026-11-20T10:31:06.123Z");
  becomes("time:>2026-11-20,<=2026-11-20", "time:>2026-11-20T23:59:59.999Z,<=2026-11-20T23:59:59.999Z");
});
