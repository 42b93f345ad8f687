import assert from "node:assert/strict";
import { readArchive } from "../../src/archive/archive.ts";
import type { Record } from "../../src/capture/record.ts";
import { createRedactor, parseRedactNames } from "../../src/capture/redact/redact.ts";
import { decodeContent } from "../../src/http/coding.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../src/log/json.ts";
import { readyEdits } from "../../src/resend/apply_edits.ts";
import { parseEdit } from "../../src/resend/edit.ts";
import { get, ok, post, Script, type Step } from "../capture/connection_script.ts";
import { Backend, resent, sentOf, towards } from "./backend.ts";

/** Records as a log has them. */
function logOf(records: readonly Record[]): Uint8Array {
  const out = new ByteWriter();
  const format = createJsonFormat({ limitBytes: 1 << 20 });
  for (const record of records) format(record, out);
  return out.copy();
}

/** The records of a file. */
async function readBack(bytes: Uint8Array): Promise<Record[]> {
  const records: Record[] = [];
  const source = async function* () {
    await Promise.resolve();
    yield bytes;
  };
  const options = { onProblem: ({ message }: { readonly message: string }) => assert.fail(message) };
  for await (const batch of readArchive(source(), options)) {
    for (const { record } of batch) records.push(record);
  }
  return records;
}

function captured(steps: readonly Step[], target: string): Record[] {
  const script = new Script();
  for (const step of steps) script.step(step);
  return towards(script.records, target);
}

Deno.test("what a log tells reaches the target byte for byte", async () => {
  await using backend = new Backend();
  const requests = [
    get("/a"),
    "\r\nGET  /odd HTTP/1.1\nhost :x\r\nX-L: \xe9\r\n\tfolded\r\n\r\n",
    post("/b", "\x00\x01\xff"),
    post("/c", "caf\xe9", "Content-Type: text/plain; charset=ISO-8859-1\r\n"),
    post("/d", "caf\xc3\xa9"),
    "POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
  ];
  const steps = requests.flatMap((text): Step[] => [["up", text], ["down", ok("ok")]]);
  const result = await resent(await readBack(logOf(captured(steps, backend.name))));
  assert.equal(backend.accepted[0].text, requests.join(""));
  assert.equal(result.totals.sent, requests.length);
});

Deno.test("a raw stream and a request without an end come back from a log in their order", async () => {
  const text = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd";
  await using backend = new Backend(undefined, async (conn, accepted) => {
    const buffer = new Uint8Array(1024);
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      accepted.text += String.fromCharCode(...buffer.subarray(0, read));
    }
  });
  await resent(await readBack(logOf(captured([["up", text], ["end"]], backend.name))), {
    dialogueTimeoutMs: 20,
  });
  assert.equal(backend.accepted[0].text, text);
});

Deno.test("a redacted log is sent only where edits have replaced all that was redacted", async () => {
  await using backend = new Backend();
  const redact = createRedactor({
    names: parseRedactNames(""),
    key: new Uint8Array(32),
    decode: decodeContent,
  });
  const steps: Step[] = [
    [
      "up",
      post(
        "/a",
        '{"password":"secret","x":1}',
        "Authorization: Bearer abc\r\nContent-Type: application/json\r\n",
      ),
    ],
    ["down", ok("ok")],
    ["up", get("/b")],
    ["down", ok("ok")],
  ];
  const records = await readBack(logOf(captured(steps, backend.name).map(redact)));
  const ready = async (...texts: string[]) =>
    await readyEdits(texts.map(parseEdit), {
      readFile: () => Promise.reject(new Error("none")),
      loadSelecting: () => import("../../src/select/selector.ts"),
    });
  const none = await resent(records);
  assert.match(sentOf(none)[0] as string, /^it holds what was redacted/);
  assert.equal(none.totals.sent, 1);
  const half = await resent(records, { edits: await ready("header:Authorization=Bearer mine") });
  assert.match(sentOf(half)[0] as string, /^it holds what was redacted/);
  const first = ({ place }: { readonly place: number }) => place === 1;
  const whole = await resent(records, {
    edits: await ready("header:Authorization=Bearer mine", "json:$.password=mine"),
  }, first);
  assert.equal(whole.totals.sent, 1);
  assert.match(
    backend.accepted.at(-1)!.text,
    /Content-Length: 25\r\n.*Bearer mine\r\n.*\{"password":"mine","x":1\}$/s,
  );
});

Deno.test("a HAR is sent to the hosts that it names, what was HTTP/2 as HTTP/1.1", async () => {
  await using backend = new Backend();
  const entry = {
    startedDateTime: "2026-11-20T10:31:06.123Z",
    time: 5,
    request: {
      method: "POST",
      url: `http://${backend.name}/a?b=1`,
      httpVersion: "h2",
      headers: [{ name: ":authority", value: backend.name }, { name: "content-type", value: "text/plain" }],
      postData: { mimeType: "text/plain", text: "caf\u00e9" },
    },
    response: {
      status: 200,
      statusText: "",
      httpVersion: "h2",
      headers: [],
      content: { size: 2, text: "ok" },
    },
    timings: { send: 0, wait: 5, receive: 0 },
  };
  const har = { log: { version: "1.2", creator: { name: "x", version: "1" }, entries: [entry] } };
  const records: Record[] = [];
  const source = async function* () {
    await Promise.resolve();
    yield new TextEncoder().encode(JSON.stringify(har));
  };
  for await (const batch of readArchive(source(), { onProblem: () => {} })) {
    for (const { record } of batch) records.push(record);
  }
  const result = await resent(records);
  assert.equal(result.totals.sent, 1);
  const { text } = backend.accepted[0];
  assert.match(text, /^POST \/a\?b=1 HTTP\/1\.1\r\n/);
  assert.match(text, new RegExp(`\r\nHost: ${backend.name}\r\n`));
  assert.match(text, /\r\nContent-Length: 5\r\n/i);
  assert.match(text, /\r\n\r\ncaf\xc3\xa9$/);
});
