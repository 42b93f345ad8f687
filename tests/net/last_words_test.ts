/** What a client gets whose target cannot be reached. */
import assert from "node:assert/strict";
import type { GuardedCapture } from "../../src/net/guarded_capture.ts";
import { recordLastWords } from "../../src/net/last_words.ts";
import { MemoryConnection } from "./ends.ts";

/** What a client that sends this gets, and what the capture is told. */
async function lost(text: string, explains = true): Promise<{ got: string; told: string[] }> {
  const client = new MemoryConnection().feed(text, null);
  const told: string[] = [];
  const capture = {
    up: (chunk: Uint8Array) => told.push(`up ${chunk.length}`),
    down: (chunk: Uint8Array) => told.push(`down ${chunk.length}`),
    refused: (reason: string) => told.push(reason),
    ended: () => told.push("ended"),
  };
  const progress = () => ({ bytes: 0, sentBytes: 0, activeAt: 0 });
  const clock = { now: () => 5, turn: () => 5, wall: (at: number) => at };
  await recordLastWords(
    { client, reason: "no way", explains, up: progress(), down: progress() },
    capture as unknown as GuardedCapture,
    clock,
  );
  return { got: client.written, told };
}

Deno.test("a request is answered with 502 and why; HEAD gets the head of that alone", async () => {
  const { got, told } = await lost("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.match(
    got,
    /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*\r\nContent-Length: 15\r\n[^]*\r\n\r\ntcpmon: no way\n$/,
  );
  assert.deepEqual(told, ["up 27", "no way", `down ${got.length}`, "ended"]);
  const head = await lost("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  assert.equal(head.got, got.slice(0, -15));
});

Deno.test("what is no request, and where nothing is explained, is recorded only", async () => {
  assert.equal((await lost("\x16\x03\x01")).got, "");
  assert.equal((await lost("GET / HTTP/1.1\r\nHost:")).got, "");
  assert.deepEqual(await lost("GET / HTTP/1.1\r\n\r\n", false), { got: "", told: ["up 18", "ended"] });
});
