import assert from "node:assert/strict";
import { SMALL_BODY } from "./backend.ts";
import { Crowd, HoldingBackend } from "./crowd.ts";
import { freePort } from "./workshop.ts";

/** A backend that answers every request with `answer(n)`, `n` counting the requests of a connection from 1. */
function serve(answer: (n: number) => string | null) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const handle = async (connection: Deno.Conn) => {
    using _connection = connection;
    const buffer = new Uint8Array(1024);
    for (let n = 1; await connection.read(buffer) !== null; n++) {
      const text = answer(n);
      if (text === null) return;
      await connection.write(new TextEncoder().encode(text));
    }
  };
  const handled: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) handled.push(handle(connection));
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      await Promise.all(handled);
    },
  };
}

const GOOD = `HTTP/1.1 200 OK\r\nContent-Length: ${SMALL_BODY.length}\r\n\r\n${SMALL_BODY}`;

Deno.test("a crowd larger than a batch reaches the backend that holds it", async () => {
  using backend = new HoldingBackend();
  using crowd = await Crowd.open(backend.port, 150);
  assert.equal(crowd.refused, 0);
  assert.equal(await backend.holds(150), 150);
});

Deno.test("connections that are all answered do not count as failed", async () => {
  await using backend = serve(() => GOOD);
  using crowd = await Crowd.open(backend.port, 70);
  assert.equal(await crowd.exchange(5), 0);
});

Deno.test("a connection that is closed early, or answered otherwise, counts as failed", async () => {
  for (const bad of [null, GOOD.replace("200 OK", "502 Bad Gateway")]) {
    await using backend = serve((n) => n < 3 ? GOOD : bad);
    using crowd = await Crowd.open(backend.port, 3);
    assert.equal(await crowd.exchange(2), 0);
    assert.equal(await crowd.exchange(1), 3);
  }
});

Deno.test("connections that cannot be opened are counted and fail", async () => {
  using crowd = await Crowd.open(freePort(), 3);
  assert.equal(crowd.refused, 3);
  assert.equal(await crowd.exchange(1), 3);
});
