import assert from "node:assert/strict";
import type { Target } from "../../src/net/address.ts";
import type { Connection } from "../../src/net/connection.ts";
import {
  connectDirectly,
  NoAnswerError,
  OwnListenerError,
  reasonOf,
  within,
  withoutLoops,
} from "../../src/net/dial.ts";
import { MemoryConnection } from "./ends.ts";

const never = new AbortController().signal;
const connect = (timeoutMs: number, target: Target, signal: AbortSignal) =>
  within(timeoutMs, signal, (signal) => connectDirectly(target, signal)) as Promise<Deno.Conn>;
const tcp = (host: string, port: number): Target => ({ kind: "tcp", host, port, http: false });

/** A port on which nobody listens. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("a target that listens is reached", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  using conn = await connect(1000, tcp("127.0.0.1", listener.addr.port), never);
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
      await assert.rejects(connect(1000, { kind: "unix", path }, never), {
        message: "no such file or directory",
      });
      using listener = Deno.listen({ transport: "unix", path });
      const accepted = listener.accept();
      using _conn = await connect(1000, { kind: "unix", path }, never);
      using _server = await accepted;
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

Deno.test("a refusal is told in words", async () => {
  const dial = connect(10_000, tcp("127.0.0.1", freePort()), never);
  await assert.rejects(dial, { message: "connection refused" });
});

Deno.test({
  name: "a name that does not resolve is told in words",
  // Deno 2.4 forgets to free what watches the signal.
  sanitizeResources: false,
  async fn() {
    const dial = connect(10_000, tcp("nosuch.invalid", 80), never);
    await assert.rejects(dial, { message: "host name does not resolve" });
  },
});

Deno.test("a dial ends when it is told to", async () => {
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(connect(0, tcp("127.0.0.1", freePort()), stop.signal), Error);
});

Deno.test("a target that does not answer is given up after the time-out, which the message names", async () => {
  // The queue of a listener that never accepts fills up; what comes then is not answered.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const target = tcp("127.0.0.1", listener.addr.port);
  const opened: Deno.Conn[] = [];
  try {
    // Where the backlog cannot be set (Deno 2.4) it is 128.
    const results = await Promise.allSettled(Array.from({ length: 400 }, () => connect(150, target, never)));
    for (const result of results) if (result.status === "fulfilled") opened.push(result.value);
    const failed = results.filter((result) => result.status === "rejected");
    assert.ok(failed.length > 0);
    for (const { reason } of failed) assert.equal(reason.message, "no answer within 150 ms");
  } finally {
    for (const conn of opened) conn.close();
  }
});

Deno.test("what takes long is given up after its time, or when it is told to, and says which", async () => {
  const waits = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  await assert.rejects(within(1, never, waits), (error) => {
    assert.ok(error instanceof NoAnswerError);
    assert.equal(error.message, "no answer within 1 ms");
    return true;
  });
  const stop = new AbortController();
  const stopped = within(10_000, stop.signal, waits);
  const reason = new Error("stopped");
  stop.abort(reason);
  await assert.rejects(stopped, reason);
});

Deno.test("what ends in time gives its result, or its own error; without a limit nothing is added", async () => {
  assert.equal(await within(10_000, never, () => Promise.resolve(7)), 7);
  const error = new Error("refused");
  await assert.rejects(within(10_000, never, () => Promise.reject(error)), error);
  assert.equal(await within(0, never, (signal) => Promise.resolve(signal === never)), true);
});

Deno.test("a target that leads to a listener of our own is refused, for a second without being dialled", async () => {
  const own: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  const opened: MemoryConnection[] = [];
  let time = 0;
  let listening = [own];
  const connect = withoutLoops(
    () => {
      const conn = new MemoryConnection();
      opened.push(conn);
      return Promise.resolve<Connection>(conn);
    },
    () => listening,
    () => time,
  );
  // By its address it is refused at once; another name shows where it leads once it was dialled.
  await assert.rejects(connect(tcp("127.0.0.1", 1), never), OwnListenerError);
  assert.equal(opened.length, 0);
  const target = tcp("own.example", 1);
  await assert.rejects(connect(target, never), OwnListenerError);
  assert.deepEqual(opened.map(({ closed }) => closed), [true]);
  time = 999;
  await assert.rejects(connect(target, never), OwnListenerError);
  assert.equal(opened.length, 1);
  listening = [];
  time = 1_000;
  assert.equal(await connect(target, never), opened[1]);
  assert.equal(opened[1].closed, false);
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
