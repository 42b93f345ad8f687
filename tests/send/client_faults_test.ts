/** The client where something goes wrong: early answers, silence, resets, garbage, and being stopped. */
import assert from "node:assert/strict";
import type { Connection } from "../../src/net/connection.ts";
import { ClientConnection, SendError } from "../../src/send/client.ts";
import { Backend, bytes, kinds, recording, silence, text } from "./backend.ts";

const never = new AbortController().signal;
const GET = [bytes("GET /a HTTP/1.1\r\nHost: t\r\n\r\n")];
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

function post(size: number, fields = ""): Uint8Array[] {
  const head = `POST /a HTTP/1.1\r\nHost: t\r\n${fields}Content-Length: ${size}\r\n\r\n`;
  return [bytes(head), new Uint8Array(size).fill(97)];
}

Deno.test("a large upload and a large answer pass each other", async () => {
  const size = 4 << 20;
  await using backend = new Backend(async (peer) => {
    await peer.head();
    const answering = peer.say(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      .then(() => peer.say(new Uint8Array(size)));
    await Promise.all([answering, peer.take(size)]);
    await peer.head();
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const exchange = await client.exchange(post(size), never);
  assert.equal(exchange.outcome, "complete");
  assert.equal(exchange.request?.body.bytes, size);
  assert.equal(exchange.response?.body.bytes, size);
  client.close();
});

Deno.test("an early refusal that closes ends the upload at once, and is recorded", async () => {
  await using backend = new Backend(async (peer, ended) => {
    await peer.head();
    await peer.say("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nno\n");
    await silence(ended);
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  const exchange = await client.exchange(post(64 << 20), never);
  assert.equal(exchange.outcome, "request-cut");
  assert.equal(exchange.response?.head.status, 413);
  assert.equal(text(exchange.response?.body.kept), "no\n");
  assert.equal(client.isReusable, false);
  client.close();
  assert.deepEqual(kinds(records), ["opened", "exchange request-cut", "closed client-closed"]);
});

Deno.test("an early answer that keeps the connection but takes no more does not block for ever", async () => {
  await using backend = new Backend(async (peer, ended) => {
    await peer.head();
    await peer.say(OK);
    await silence(ended);
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const exchange = await client.exchange(post(64 << 20), never);
  assert.equal(exchange.outcome, "request-cut");
  assert.equal(exchange.response?.head.status, 200);
  assert.match(exchange.error ?? "", /answered and takes no more/);
  client.close();
});

Deno.test("a body that needs leave is sent once it is given", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say("HTTP/1.1 100 Continue\r\n\r\n");
    assert.equal(await peer.take(10), "a".repeat(10));
    await peer.say(OK);
    await peer.head();
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const exchange = await client.exchange(post(10, "expect: 100-Continue\r\n"), never);
  assert.equal(exchange.outcome, "complete");
  assert.deepEqual(exchange.interim.map(({ status }) => status), [100]);
  assert.equal(client.isReusable, true);
  client.close();
});

Deno.test("a body that needs leave is sent after a second where none is given", async () => {
  let waitedMs = 0;
  await using backend = new Backend(async (peer) => {
    await peer.head();
    const from = performance.now();
    await peer.take(10);
    waitedMs = performance.now() - from;
    await peer.say(OK);
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const [head, body] = post(10, "Expect: 100-continue\r\n");
  const whole = new Uint8Array([...head, ...body]);
  assert.equal((await client.exchange([whole], never)).outcome, "complete");
  assert.ok(waitedMs > 900, `waited ${waitedMs} ms`);
  client.close();
});

Deno.test("a body that needs leave stays back where the answer is final", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    assert.equal(await peer.take(1), "");
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const exchange = await client.exchange(post(10, "Expect: 100-continue\r\n"), never);
  assert.equal(exchange.response?.head.status, 417);
  assert.equal(exchange.request?.body.bytes, 0);
  assert.equal(exchange.outcome, "complete");
  assert.deepEqual(exchange.flags, ["early-response", "body-left-out"]);
  assert.equal(client.isReusable, false);
  client.close();
});

Deno.test("silence ends in a time-out that is recorded", async () => {
  await using backend = new Backend(async (peer, ended) => {
    await peer.head();
    await silence(ended);
  });
  const { context, records } = recording({ timeoutMs: 50 });
  const client = await ClientConnection.open(context, backend.target, never);
  const from = performance.now();
  const exchange = await client.exchange(GET, never);
  assert.ok(performance.now() - from < 1_000);
  assert.equal(exchange.outcome, "no-response");
  assert.equal(exchange.error, "no complete answer within 50 ms");
  assert.deepEqual(kinds(records), ["opened", "exchange no-response", "closed client-closed"]);
});

Deno.test("an answer that stops in its middle ends in a time-out", async () => {
  await using backend = new Backend(async (peer, ended) => {
    await peer.head();
    await peer.say(OK.slice(0, -1));
    await silence(ended);
  });
  const client = await ClientConnection.open(recording({ timeoutMs: 50 }).context, backend.target, never);
  const exchange = await client.exchange(GET, never);
  assert.equal(exchange.outcome, "response-cut");
  assert.match(exchange.error ?? "", /within 50 ms/);
});

Deno.test("a time-out counts for each exchange anew", async () => {
  await using backend = new Backend(async (peer) => {
    while (await peer.head() !== "") {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await peer.say(OK);
    }
  });
  const client = await ClientConnection.open(recording({ timeoutMs: 400 }).context, backend.target, never);
  for (let i = 0; i < 8; i++) assert.equal((await client.exchange(GET, never)).outcome, "complete");
  client.close();
});

Deno.test("an answer cut by the end of the connection is recorded as cut", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say(OK.slice(0, -1));
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  const exchange = await client.exchange(GET, never);
  assert.equal(exchange.outcome, "response-cut");
  assert.equal(exchange.error, "the response ended after 1 bytes of its body");
  client.close();
  assert.deepEqual(kinds(records), ["opened", "exchange response-cut", "closed target-closed"]);
});

Deno.test("what is no HTTP is an exchange that is not HTTP, and data", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say("220 smtp.example.com ESMTP\r\n");
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  const exchange = await client.exchange(GET, never);
  assert.equal(exchange.outcome, "not-http");
  client.close();
  assert.ok(kinds(records).includes("data"));
});

Deno.test("what cannot be read as a request is sent all the same, and its answer is the result", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const exchange = await client.exchange([bytes("{garbage}\r\n\r\n")], never);
  assert.equal(exchange.outcome, "unrequested");
  assert.equal(exchange.response?.head.status, 400);
  assert.equal(client.isReusable, false);
  client.close();
});

Deno.test("what cannot be read as a request and gets no answer is an error in words", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const sending = client.exchange([bytes("{garbage}\r\n\r\n")], never);
  await assert.rejects(
    sending,
    (error) => error instanceof SendError && /what was sent cannot be read as HTTP/.test(error.message),
  );
  client.close();
});

Deno.test("a signal ends the exchange, and the connection with it", async () => {
  const stop = new AbortController();
  await using backend = new Backend(async (peer, ended) => {
    await peer.head();
    stop.abort();
    await silence(ended);
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, stop.signal);
  const exchange = await client.exchange(GET, stop.signal);
  assert.equal(exchange.outcome, "no-response");
  assert.deepEqual(kinds(records), ["opened", "exchange no-response", "closed stopped"]);
  await assert.rejects(ClientConnection.open(context, backend.target, stop.signal), /stopped/);
});

Deno.test("a reset in the middle of an upload is recorded, not thrown", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    // Closing with unread bytes resets the connection.
    peer.conn.close();
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  const exchange = await client.exchange(post(16 << 20), never);
  assert.ok(["request-cut", "no-response"].includes(exchange.outcome), exchange.outcome);
  client.close();
  assert.match(kinds(records).at(-1) ?? "", /^closed target-(reset|closed)$/);
});

/** A connection that answers at once, and never takes more than the first write. */
function stuck(answer: string): Connection {
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  const address = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const written = Promise.withResolvers<void>();
  let writes = 0;
  let answered = false;
  return {
    localAddr: address,
    remoteAddr: address,
    read: async (buffer) => {
      await written.promise;
      if (answered) return await closed.promise;
      answered = true;
      buffer.set(bytes(answer));
      return answer.length;
    },
    write: async (data) => {
      if (++writes === 1) return data.length;
      written.resolve();
      return await closed.promise;
    },
    closeWrite: () => Promise.resolve(),
    close: () => closed.reject(new Deno.errors.Interrupted("closed")),
  };
}

for (const fields of ["", "Connection: close\r\n"]) {
  Deno.test(`an answer ends an exchange whose last write is never over${fields && ", at once where it closes"}`, async () => {
    const { context, records } = recording({ timeoutMs: 100 });
    const connection = stuck(OK.replace("\r\n", `\r\n${fields}`));
    const dial = () => Promise.resolve({ connection });
    const target = { kind: "tcp", host: "t", port: 1, http: true } as const;
    const client = await ClientConnection.open({ ...context, dial }, target, never);
    const exchange = await client.exchange(post(20_000), never);
    assert.equal(exchange.outcome, "complete");
    assert.equal(exchange.response?.head.status, 200);
    assert.equal(client.isReusable, false);
    client.close();
    assert.deepEqual(kinds(records), ["opened", "exchange complete", "closed client-closed"]);
  });
}

Deno.test("after a request that others may read differently the connection is not used again", async () => {
  await using backend = new Backend(async (peer, ended) => {
    await peer.head();
    await peer.say(OK);
    await silence(ended);
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const head =
    "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  assert.equal((await client.exchange([bytes(head)], never)).outcome, "complete");
  assert.equal(client.isReusable, false);
  client.close();
});
