import assert from "node:assert/strict";
import type { Target } from "../../src/net/address.ts";
import { directDial, reasonOf } from "../../src/net/dial.ts";

const never = new AbortController().signal;
const tcp = (host: string, port: number): Target => ({ kind: "tcp", host, port, http: false });

/** A port on which nobody listens. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("a target that listens is reached", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  using conn = await directDial(1000)(tcp("127.0.0.1", listener.addr.port), never);
  using server = await accepted;
  await conn.write(Uint8Array.of(7));
  const buffer = new Uint8Array(4);
  assert.equal(await server.read(buffer), 1);
  assert.equal(buffer[0], 7);
});

Deno.test({
  name: "a Unix socket is reached, and a missing one is named",
  ignore: Deno.build.os === "windows",
  async fn() {
    const directory = await Deno.makeTempDir();
    try {
      const path = `${directory}/a.sock`;
      await assert.rejects(directDial(1000)({ kind: "unix", path }, never), {
        message: "no such file or directory",
      });
      using listener = Deno.listen({ transport: "unix", path });
      const accepted = listener.accept();
      using _conn = await directDial(1000)({ kind: "unix", path }, never);
      using _server = await accepted;
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

Deno.test("a refusal is told in words", async () => {
  const dial = directDial(10_000)(tcp("127.0.0.1", freePort()), never);
  await assert.rejects(dial, { message: "connection refused" });
});

Deno.test({
  name: "a name that does not resolve is told in words",
  // Deno 2.4 forgets to free what watches the signal.
  sanitizeResources: false,
  async fn() {
    const dial = directDial(10_000)(tcp("nosuch.invalid", 80), never);
    await assert.rejects(dial, { message: "host name does not resolve" });
  },
});

Deno.test("a dial ends when it is told to", async () => {
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(directDial(0)(tcp("127.0.0.1", freePort()), stop.signal), Error);
});

Deno.test("a target that does not answer is given up after the time-out, which the message names", async () => {
  // The queue of a listener that never accepts fills up; what comes then is not answered.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const target = tcp("127.0.0.1", listener.addr.port);
  const dial = directDial(150);
  const opened: Deno.Conn[] = [];
  try {
    // Where the backlog cannot be set (Deno 2.4) it is 128.
    const results = await Promise.allSettled(Array.from({ length: 400 }, () => dial(target, never)));
    for (const result of results) if (result.status === "fulfilled") opened.push(result.value);
    const failed = results.filter((result) => result.status === "rejected");
    assert.ok(failed.length > 0);
    for (const { reason } of failed) assert.equal(reason.message, "no answer within 150 ms");
  } finally {
    for (const conn of opened) conn.close();
  }
});

Deno.test("errors of the network are told without the system's numbers", () => {
  assert.equal(reasonOf(new Deno.errors.ConnectionReset("x (os error 104)")), "connection reset by peer");
  assert.equal(reasonOf(new Deno.errors.AddrInUse("x")), "address already in use");
  assert.equal(reasonOf(new Error("No route to host (os error 113)")), "no route to host");
  assert.equal(
    reasonOf(new Error("failed to lookup address information: Name or service not known")),
    "host name does not resolve",
  );
  assert.equal(reasonOf("Odd"), "odd");
});
