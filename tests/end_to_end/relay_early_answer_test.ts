/** An answer that comes while the request is still being sent reaches the client, though the target takes no more. */
import assert from "node:assert/strict";
import { Program, within } from "./program.ts";

const BODY = "x".repeat(100_000);
const ANSWER =
  `HTTP/1.1 413 Content Too Large\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`;

/** Answers as soon as a connection sends anything, and closes it with the rest unread. */
async function refuseUploads(listener: Deno.Listener): Promise<void> {
  for await (const conn of listener) {
    await conn.read(new Uint8Array(1_000)).catch(() => {});
    const answer = new TextEncoder().encode(ANSWER);
    for (let sent = 0; sent < answer.length;) sent += await conn.write(answer.subarray(sent));
    await conn.closeWrite();
    // The client has all when it closes; what it uploads meanwhile is not read.
    await new Promise((resolve) => setTimeout(resolve, 50));
    conn.close();
  }
}

/** Uploads without end until it is refused, and reads all that comes meanwhile. */
async function upload(port: number): Promise<string> {
  const conn = await Deno.connect({ port });
  const uploading = (async () => {
    const head = new TextEncoder().encode("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
    const piece = new Uint8Array(64 * 1024);
    try {
      await conn.write(head);
      for (let sent = 0; sent < 100_000_000;) sent += await conn.write(piece);
    } catch {
      // It was refused.
    }
  })();
  let text = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  try {
    while (text.length < ANSWER.length) {
      const read = await conn.read(buffer);
      if (read === null) break;
      text += decoder.decode(buffer.subarray(0, read));
    }
  } catch {
    // Reset: what came until then counts.
  }
  conn.close();
  await uploading;
  return text;
}

Deno.test("a refused upload: the answer reaches the client whole, each time", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = refuseUploads(listener);
  await using program = Program.start([
    "relay",
    `0=127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    "--format",
    "json",
  ]);
  const port = await program.port();
  for (let i = 0; i < 5; i++) {
    assert.equal(await within(upload(port), "the upload was neither answered nor refused"), ANSWER);
  }
  for (const { response } of await program.records("exchange", 5)) {
    assert.equal(response.status, 413);
    assert.equal(response.body.bytes, BODY.length);
  }
  listener.close();
  await serving;
});
