/** The demo's exchanges through a relay, and how sending them ends where something is in the way. */
import assert from "node:assert/strict";
import { startBackend } from "../../src/demo/backend.ts";
import { DEMO_EXCHANGES } from "../../src/demo/exchanges.ts";
import { sendDemoExchanges } from "../../src/demo/send_exchanges.ts";

const HOSTNAME = "127.0.0.1";

/** A relay that passes bytes on, both ways, and keeps what it passed. */
function startPump(targetPort: number) {
  const listener = Deno.listen({ hostname: HOSTNAME, port: 0 });
  const seen = { connections: 0, up: "", down: "" };
  const pump = async (from: Deno.Conn, to: Deno.Conn, way: "up" | "down") => {
    const buffer = new Uint8Array(1024);
    try {
      for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
        for (const byte of buffer.subarray(0, size)) seen[way] += String.fromCharCode(byte);
        for (let at = 0; at < size;) at += await to.write(buffer.subarray(at, size));
      }
      await to.closeWrite();
    } catch {
      // One side has gone.
    }
  };
  const done = (async () => {
    for await (const client of listener) {
      seen.connections++;
      const target = await Deno.connect({ hostname: HOSTNAME, port: targetPort });
      await Promise.all([pump(client, target, "up"), pump(target, client, "down")]);
      client.close();
      target.close();
    }
  })();
  const stop = async () => {
    listener.close();
    await done;
  };
  return { port: listener.addr.port, seen, stop };
}

Deno.test("every exchange passes the relay once, in order, on one connection", async () => {
  const backend = startBackend();
  const relay = startPump(backend.port);
  const announced: string[] = [];
  try {
    await sendDemoExchanges({ hostname: HOSTNAME, port: relay.port }, {
      announce: ({ name }) => announced.push(name),
    });
  } finally {
    await relay.stop();
    await backend.stop();
  }
  assert.deepEqual(announced, DEMO_EXCHANGES.map(({ name }) => name));
  const { connections, up, down } = relay.seen;
  assert.equal(connections, 1);
  const requests = [...up.matchAll(/(\w+ \/\S*) HTTP\/1\.1\r\nHost: (\S+)\r\n/g)];
  assert.deepEqual(
    requests.map((match) => [match[1], match[2]]),
    DEMO_EXCHANGES.map(({ request }) => [`${request.method} ${request.path}`, `${HOSTNAME}:${relay.port}`]),
  );
  const statuses = [...down.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => Number(match[1]));
  assert.deepEqual(statuses, [200, 500, 100, 200, 200, 200, 200, 200, 404, 200, 101]);
  for (const { request } of DEMO_EXCHANGES.slice(0, 3)) {
    assert.equal(
      up.includes(`Content-Length: ${request.body!.length}\r\n\r\n${request.body}`),
      true,
      request.path,
    );
  }
});

Deno.test("each thing worth seeing is on the wire", async () => {
  const backend = startBackend();
  const relay = startPump(backend.port);
  try {
    await sendDemoExchanges({ hostname: HOSTNAME, port: relay.port });
  } finally {
    await relay.stop();
    await backend.stop();
  }
  const { up, down } = relay.seen;
  for (
    const part of [
      "text/xml",
      "application/soap+xml",
      "SOAPAction",
      "Expect: 100-continue",
      "Upgrade: websocket",
    ]
  ) {
    assert.equal(up.includes(part), true, part);
  }
  const answers = ["getQuoteReturn", "soapenv:Fault", "Content-Encoding: gzip", "Transfer-Encoding: chunked"];
  for (const part of [...answers, "0\r\nContent-Digest: ", "data: IBM", "\x89PNG", "text/event-stream"]) {
    assert.equal(down.includes(part), true, part);
  }
  // The WebSocket's message, unmasked, and the close frame are the last that comes back.
  assert.equal(down.endsWith("\x81\x17hello through the relay\x88\x02\x03\xe8"), true);
});

Deno.test("paced or not, an abort ends it at once with the signal's reason", async () => {
  const backend = startBackend();
  const address = { hostname: HOSTNAME, port: backend.port };
  try {
    for (const last of ["SOAP 1.1", "events"]) {
      const stopping = new AbortController();
      const announced: string[] = [];
      const announce = ({ name }: { readonly name: string }) => {
        announced.push(name);
        if (name === last) queueMicrotask(() => stopping.abort(new Error("enough")));
      };
      const sent = sendDemoExchanges(address, {
        signal: stopping.signal,
        paced: last === "SOAP 1.1",
        announce,
      });
      await assert.rejects(sent, /^Error: enough$/);
      assert.equal(announced.at(-1), last);
    }
    const aborted = AbortSignal.abort(new Error("before it began"));
    await assert.rejects(sendDemoExchanges(address, { signal: aborted }), /before it began/);
  } finally {
    await backend.stop();
  }
});

Deno.test("a relay that is not there, or gives up, is said in words", async () => {
  const listener = Deno.listen({ hostname: HOSTNAME, port: 0 });
  const address = { hostname: HOSTNAME, port: listener.addr.port };
  const givesUp = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    connection.close();
  })();
  await assert.rejects(
    sendDemoExchanges(address),
    /the demo's SOAP 1\.1 exchange \(POST .*\) was not answered/,
  );
  await givesUp;
  listener.close();
  const unreachable = `cannot reach the demo's relay at ${HOSTNAME}:${address.port}: `;
  await assert.rejects(sendDemoExchanges(address), (error: Error) => error.message.startsWith(unreachable));
});
