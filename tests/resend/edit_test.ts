import assert from "node:assert/strict";
import fc from "fast-check";
import { EditError, parseEdit } from "../../src/resend/edit.ts";
import { anyText } from "../any_text.ts";

Deno.test("edits are read as they are written", () => {
  assert.deepEqual(parseEdit("header:X-Id=a=b "), { kind: "header", name: "X-Id", value: "a=b" });
  assert.deepEqual(parseEdit("header:X-Id="), { kind: "header", name: "X-Id", value: "" });
  assert.deepEqual(parseEdit("header:X-Id"), { kind: "header", name: "X-Id" });
  assert.deepEqual(parseEdit("method=PUT"), { kind: "method", method: "PUT" });
  assert.deepEqual(parseEdit("target=/a?b=1"), { kind: "target", target: "/a?b=1" });
  assert.deepEqual(parseEdit("path=/x"), { kind: "path", path: "/x" });
  assert.deepEqual(parseEdit("query:a=b c"), { kind: "query", name: "a", value: "b c" });
  assert.deepEqual(parseEdit("query:a"), { kind: "query", name: "a" });
  assert.deepEqual(parseEdit("body="), { kind: "body", text: "" });
  assert.deepEqual(parseEdit("body=a=b"), { kind: "body", text: "a=b" });
  assert.deepEqual(parseEdit("body=@x.json"), { kind: "body-file", file: "x.json" });
});

Deno.test("the value of a path begins behind the = that stands outside brackets and quotes", () => {
  assert.deepEqual(parseEdit("json:$.id=5"), { kind: "json", path: "$.id", value: "5" });
  assert.deepEqual(parseEdit("json:$[?@.a=='=']['b=c']=[1]"), {
    kind: "json",
    path: "$[?@.a=='=']['b=c']",
    value: "[1]",
  });
  assert.deepEqual(parseEdit("xml://item[@id='a=\"b']/price=x=y"), {
    kind: "xml",
    path: "//item[@id='a=\"b']/price",
    value: "x=y",
  });
  assert.deepEqual(parseEdit("xml://a[contains(., '=')]="), {
    kind: "xml",
    path: "//a[contains(., '=')]",
    value: "",
  });
});

Deno.test("what would break out of a header, or of the request line, is refused in one line", () => {
  const hostile = [
    "header:X=a\r\nEvil: 1",
    "header:X=a\nEvil: 1",
    "header:X=a\rb",
    "header:X=a\0b",
    "header:X=a\x1b[2J",
    "header:X: y=1",
    "header:X\r\nY=1",
    "header:=1",
    "header:",
    "method=GET /x HTTP/1.1\r\n",
    "method=",
    "target=/a b",
    "target=/a\r\nX: 1",
    "target=",
    "path=x",
    "path=/x?y",
    "path=/x HTTP/1.1",
    "query:=1",
    "status=200",
    "json:id=5",
    "json:$.id",
    "xml:=5",
    "body",
    "body=@",
    "nonsense=1",
    "",
    "header:X=\ud800",
  ];
  for (const text of hostile) {
    assert.throws(() => parseEdit(text), (error: unknown) => {
      assert.ok(error instanceof EditError, text);
      assert.match(
        error.message,
        /^cannot read the edit: found "\P{Cc}*", wanted \P{Cc}+$/u,
      );
      return true;
    });
  }
});

Deno.test("whatever is written, an edit is read or refused, and what is read holds no line break", () => {
  const text = fc.tuple(
    fc.constantFrom(
      "header:",
      "header:A=",
      "query:",
      "method=",
      "target=",
      "path=/",
      "json:$",
      "xml:",
      "body=",
      "",
    ),
    anyText(),
  ).map((parts) => parts.join(""));
  fc.assert(fc.property(text, (text) => {
    try {
      const edit = parseEdit(text);
      if (edit.kind === "header") assert.doesNotMatch(edit.name + (edit.value ?? ""), /[\r\n\0]/);
      if (edit.kind === "target" || edit.kind === "path") {
        assert.doesNotMatch(JSON.stringify(edit), /[\r\n ]/);
      }
    } catch (error) {
      assert.ok(error instanceof EditError);
    }
  }));
});
