/** Request items as HTTPie's users write them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readHeader, readItems, type RequestItem } from "../../src/send/request_items.ts";
import { jsonFault } from "../../src/send/json_fault.ts";
import { SendUsageError } from "../../src/send/send_error.ts";

const files: { readonly [path: string]: string } = {
  "a.txt": "text\n",
  "dir/b.json": '{"x": 12345678901234567890}',
  "bad.json": "{x}",
};

async function readFile(path: string): Promise<Uint8Array> {
  await Promise.resolve();
  if (path === "binary") return new Uint8Array([255, 254, 0]);
  if (!(path in files)) throw new Error("no such file or directory");
  return new TextEncoder().encode(files[path]);
}

async function item(text: string): Promise<RequestItem> {
  return (await readItems([text], readFile))[0];
}

for (
  const [text, wanted] of [
    ["X-Id:5", { kind: "header", name: "X-Id", value: "5" }],
    ["X-Id: a b ", { kind: "header", name: "X-Id", value: "a b" }],
    ["Referer:http://a/?x=y@z", { kind: "header", name: "Referer", value: "http://a/?x=y@z" }],
    ["X-Id;", { kind: "header", name: "X-Id", value: "" }],
    ["Accept:", { kind: "no-header", name: "Accept" }],
    ["q==a=b&c", { kind: "query", name: "q", value: "a=b&c" }],
    ["q==", { kind: "query", name: "q", value: "" }],
    ["name=a:=b", { kind: "field", name: "name", value: "a:=b" }],
    ["name=", { kind: "field", name: "name", value: "" }],
    ["n:=12345678901234567890", { kind: "json", name: "n", json: "12345678901234567890" }],
    ['o:={"a": [1]}', { kind: "json", name: "o", json: '{"a": [1]}' }],
    ["t=@a.txt", { kind: "field", name: "t", value: "text\n" }],
    ["j:=@dir/b.json", { kind: "json", name: "j", json: files["dir/b.json"] }],
    ["a\\=b=c", { kind: "field", name: "a=b", value: "c" }],
    ["a\\:b:c", undefined],
    ["name=\\@home", { kind: "field", name: "name", value: "@home" }],
    ["path=C:\\dir", { kind: "field", name: "path", value: "C:\\dir" }],
    ["a;b=c", { kind: "field", name: "a;b", value: "c" }],
    ["__proto__=x", { kind: "field", name: "__proto__", value: "x" }],
  ] as const
) {
  Deno.test(`the item ${text} is ${wanted === undefined ? "refused" : wanted.kind}`, async () => {
    if (wanted === undefined) await assert.rejects(item(text), SendUsageError);
    else assert.deepEqual(await item(text), wanted);
  });
}

Deno.test("a file keeps its last name, its bytes and its type", async () => {
  const found = await item("data@dir/b.json;type=application/json");
  assert.ok(found.kind === "file");
  assert.deepEqual([found.name, found.filename, found.type], ["data", "b.json", "application/json"]);
  assert.equal(new TextDecoder().decode(found.bytes), files["dir/b.json"]);
  assert.deepEqual(await item("data@binary"), {
    kind: "file",
    name: "data",
    filename: "binary",
    bytes: new Uint8Array([255, 254, 0]),
  });
});

for (
  const [text, message] of [
    ["nothing", 'found the item "nothing", wanted Name:value'],
    ["", 'found the item ""'],
    ["=x", 'found no name in the item "=x"'],
    ["X Y:z", 'found the header name "X Y"'],
    ["X:a\r\nEvil: b", "found a carriage return in the value of the header X"],
    ["X:a\nEvil: b", "found a line feed in the value of the header X"],
    ["X:a\0", "found a NUL in the value of the header X"],
    ["a:={x}", 'found what is no JSON after := in the item "a:={x}" at line 1, column 2'],
    ["a:=@bad.json", 'found what is no JSON in the file "bad.json" at line 1, column 2'],
    ["a@nowhere", 'found no readable file at "nowhere" (no such file or directory)'],
    ["a=@binary", 'found bytes that are no UTF-8 in "binary"'],
    ["a@", "found no path after @"],
    ["a@a.txt;type=x\r\nEvil: y", "found a carriage return"],
  ] as const
) {
  Deno.test(`the item ${JSON.stringify(text)} is refused in one line`, async () => {
    await assert.rejects(item(text), (error) => {
      assert.ok(error instanceof SendUsageError);
      assert.ok(error.message.startsWith(message), error.message);
      assert.doesNotMatch(error.message, /[\r\n\0]/);
      return true;
    });
  });
}

Deno.test("headers are read as curl takes them", () => {
  assert.deepEqual(readHeader("X-A:  b: c "), { kind: "header", name: "X-A", value: "b: c" });
  assert.deepEqual(readHeader("X-A;"), { kind: "header", name: "X-A", value: "" });
  assert.deepEqual(readHeader("X-A:"), { kind: "no-header", name: "X-A" });
  assert.deepEqual(readHeader("Cookie: a=1;"), { kind: "header", name: "Cookie", value: "a=1;" });
  for (const bad of ["X-A", "X-A; b", ": b", "X\u0000: b", "é: b"]) {
    assert.throws(() => readHeader(bad), SendUsageError);
  }
});

Deno.test("whatever is written as an item is read, or refused in one line", async () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("a", ":", "=", "@", ";", "\\", "\n", "{") }),
  );
  await fc.assert(fc.asyncProperty(texts, async (text) => {
    try {
      const found = await item(text);
      if (found.kind === "header") assert.doesNotMatch(found.value, /[\r\n\0]/);
    } catch (error) {
      assert.ok(error instanceof SendUsageError, String(error));
      assert.doesNotMatch(error.message, /[\r\n\0]/);
    }
  }));
});

Deno.test("a name whose separators are escaped comes back", async () => {
  await fc.assert(fc.asyncProperty(fc.string({ minLength: 1 }), fc.string(), async (name, value) => {
    // A backslash before a separator of the name itself cannot be written.
    fc.pre(!/\\[:=@;\\]|\\$/.test(name) && !/\\[:=@;\\]|\\$/.test(value) && !/^[=@]/.test(value));
    const text = `${name.replace(/[:=@;]/g, "\\$&")}=${value}`;
    assert.deepEqual(await item(text), { kind: "field", name, value });
  }));
});

Deno.test("a JSON fault is found exactly where the runtime refuses", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    "1",
    "-0.5e3",
    "true",
    "nul",
    " ",
    "\n",
    "01",
    '"\n"',
    "\\",
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((all) => all.join("")),
    fc.json(),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      assert.equal(jsonFault(text) === undefined, isJson);
    }),
    { numRuns: 2_000 },
  );
  assert.deepEqual(jsonFault('{\n  "a": b}'), { line: 2, column: 8 });
  assert.deepEqual(jsonFault("[1,]"), { line: 1, column: 4 });
  assert.deepEqual(jsonFault('{"a":1'), { line: 1, column: 7 });
  assert.equal(jsonFault(`"${"a".repeat(5 << 20)}"`), undefined);
  assert.equal(jsonFault("[".repeat(100_000) + "]".repeat(100_000)), undefined);
});
