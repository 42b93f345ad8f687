import assert from "node:assert/strict";
import fc from "fast-check";
import { read } from "./archived.ts";
import { CHROME, entry, har } from "./har_samples.ts";

Deno.test("an entry that is none is one problem that names it, field, found and wanted, and the rest is read", async () => {
  const wrong: readonly (readonly [entry: unknown, message: string])[] = [
    [1, "found 1, wanted an entry"],
    ["]", 'found "]", wanted an entry'],
    [null, "found null, wanted an entry"],
    [[[]], "found […], wanted an entry"],
    [{}, 'found no "request", wanted an object'],
    [entry({ url: undefined }), 'found no "request.url", wanted a text'],
    [entry({ url: "/path" }), 'found "request.url" "/path", wanted a URL'],
    [entry({ url: "http://" }), 'found "request.url" "http://", wanted a URL'],
    [entry({ url: "http://a b/" }), 'found "request.url" "http://a b/", wanted a host'],
    [entry({ method: "GE T" }), 'found "request.method" "GE T", wanted a method'],
    [entry({ headers: {} }), 'found "request.headers" {…}, wanted an array'],
    [entry({ headers: [1] }), 'found "request.headers[0]" 1, wanted {"name":…,"value":…}'],
    [entry({ headers: [{ name: 1 }] }), 'found "request.headers[0].name" 1'],
    [entry({ postData: 1 }), 'found "request.postData" 1'],
    [entry({ postData: { text: 1 } }), 'found "request.postData.text" 1'],
    [entry({}, { status: 99999 }), 'found "response.status" 99999, wanted a whole number from 0 to 999'],
    [entry({}, { status: "200" }), 'found "response.status" "200"'],
    [
      entry({}, { content: { text: "§", encoding: "base64" } }),
      'found "response.content.text" "§", wanted bytes',
    ],
    [entry({}, {}, { startedDateTime: 1 }), 'found "startedDateTime" 1, wanted a time'],
    [entry({}, {}, { _webSocketMessages: [1] }), 'found "_webSocketMessages[0]" 1'],
  ];
  for (const [one, message] of wrong) {
    const { problems, order } = await read(har(entry(), one, entry()));
    assert.equal(problems.length, 1, message);
    assert.ok(problems[0].startsWith(`entry 2: ${message}`), problems[0]);
    assert.deepEqual(order.slice(0, 3), ["record 1", "problem 2", "record 3"]);
  }
});

Deno.test("a HAR of another shape is one problem", async () => {
  for (
    const file of [
      '{"log":{}}',
      '{"log":[]}',
      '{"log":{"entries":{}}}',
      '{\n  "type": "exchange"\n}',
      '{"log":1}',
      `{"log":{"x":{"entries":[${JSON.stringify(entry())}]}}}`,
    ]
  ) {
    const { problems, records } = await read(file);
    assert.equal(records.length, 0);
    assert.equal(problems.length, 1, file);
    assert.match(problems[0], /^found JSON without \{"log":\{"entries":\[…\]\}\}, wanted HAR, or one record/);
  }
});

Deno.test("no entries are no problem", async () => {
  const { problems, records } = await read(har());
  assert.deepEqual([problems.length, records.length], [0, 0]);
});

Deno.test("a HAR that is cut, anywhere, gives the entries before the cut and one problem", async () => {
  const whole = await read(CHROME);
  const bytes = new TextEncoder().encode(CHROME);
  const entriesFrom = CHROME.indexOf("_connectionId");
  for (let to = 20; to < bytes.length - 20; to += 37) {
    const { problems, records } = await read(bytes.subarray(0, to), { pieceBytes: 1000 });
    assert.ok(records.length <= whole.records.length);
    assert.equal(problems.length, 1, `cut at ${to}`);
    assert.match(problems[0], to < entriesFrom ? /^(found|entry 1)/ : /^entry \d: found the end of the file/);
  }
});

Deno.test("an entry over the limit is passed over", async () => {
  const long = entry({}, { content: { text: "x]},{".repeat(2000) } });
  for (const pieceBytes of [10, 1e6]) {
    const { problems, exchanges } = await read(har(entry(), long, entry()), {
      pieceBytes,
      lineLimitBytes: 5000,
    });
    assert.deepEqual(exchanges.map(({ id }) => id), [1, 3]);
    assert.deepEqual(problems, ["entry 2: found more than 5000 bytes, wanted less"]);
  }
});

Deno.test("brackets that do not match, and bytes that are not UTF-8, spoil their entries only", async () => {
  const good = JSON.stringify(entry());
  const { problems, exchanges } = await read(`{"log":{"entries":[}],{"a":],${good}]}}`);
  assert.ok(problems.length > 0 && exchanges.length <= 1);
  const bytes = new TextEncoder().encode(har(entry({ url: "http://a.test/@" }), entry()));
  bytes[bytes.indexOf(0x40)] = 0xff;
  const spoiled = await read(bytes);
  assert.deepEqual(spoiled.problems, ["entry 1: found bytes that are not UTF-8, wanted JSON"]);
  assert.equal(spoiled.exchanges.length, 1);
});

Deno.test("random changes to a HAR never throw", async () => {
  const bytes = new TextEncoder().encode(CHROME);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      async (changes) => {
        const changed = bytes.slice();
        for (const [at, byte] of changes) changed[at] = byte;
        const { records } = await read(changed, { pieceBytes: 777 });
        for (const record of records) if ("body" in record) assert.ok(record.body.kept.length >= 0);
      },
    ),
    { numRuns: 300 },
  );
});
