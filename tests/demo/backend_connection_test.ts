/** The demo's backend over a bare connection: what stands on the wire, and how connections end. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type DemoBackend, startBackend } from "../../src/demo/backend.ts";

const encoder = new TextEncoder();

/** Sends bytes, ends its side, and gives all that comes back until the other side ends. */
async function talk(port: number, request: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const connection = await Deno.connect({ port });
  const received = new Response(connection.readable).text();
  const bytes = typeof request === "string" ? encoder.encode(request) : request;
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    await connection.closeWrite();
  } catch {
    // The backend may have answered and closed before it took everything.
  }
  return await received;
}

async function withBackend(use: (backend: DemoBackend) => Promise<void>): Promise<void> {
  const backend = startBackend();
  try {
    await use(backend);
  } finally {
    await backend.stop();
  }
}

/** Reads until the text received ends with `end`. */
async function readUntil(connection: Deno.Conn, end: string): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!text.endsWith(end)) {
    const size = await connection.read(buffer);
    assert.notEqual(size, null, `ended after ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(buffer.subarray(0, size!));
  }
  return text;
}

Deno.test("chunks and the trailer stand on the wire as RFC 9112 writes them", async () => {
  await withBackend(async ({ port }) => {
    const answer = await talk(port, "GET /chunked HTTP/1.1\r\nHost: a\r\n\r\n");
    const [head, body] = answer.split(/\r\n\r\n(.*)/s);
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(head, /\r\nTrailer: Content-Digest\r\nTransfer-Encoding: chunked$/);
    const digest = createHash("sha256").update("one\ntwo\nthree\n").digest("base64");
    const chunks = "4\r\none\n\r\n4\r\ntwo\n\r\n6\r\nthree\n\r\n0\r\n";
    assert.equal(body, `${chunks}Content-Digest: sha-256=:${digest}:\r\n\r\n`);
  });
});

Deno.test("a client of HTTP/1.0 gets no chunks, and the end of the connection instead", async () => {
  await withBackend(async ({ port }) => {
    const answer = await talk(port, "GET /chunked HTTP/1.0\r\n\r\n");
    assert.match(answer, /\r\nConnection: close\r\n\r\none\ntwo\nthree\n$/);
    assert.doesNotMatch(answer, /Transfer-Encoding/);
  });
});

Deno.test("pipelined requests are answered in order, HEAD without a body, close last", async () => {
  await withBackend(async ({ port }) => {
    const answer = await talk(
      port,
      "GET /api/quotes/IBM HTTP/1.1\r\nHost: a\r\n\r\n" +
        "HEAD /api/quotes/IBM HTTP/1.1\r\nHost: a\r\n\r\n" +
        "HEAD /chunked HTTP/1.1\r\nHost: a\r\n\r\n" +
        "GET http://a/api/quotes/SAP?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" +
        "GET /error HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    const parts = answer.split(/(?=HTTP\/1\.1 )/);
    assert.equal(parts.length, 4);
    const [get, head, chunked, last] = parts;
    const [, length] = /Content-Length: (\d+)\r\n\r\n/.exec(get)!;
    assert.equal(get.split("\r\n\r\n")[1].length, Number(length));
    assert.match(get, /\r\n\r\n\{"symbol":"IBM",.*\}\n$/);
    assert.equal(head.endsWith(`Content-Length: ${length}\r\n\r\n`), true);
    assert.match(chunked, /Transfer-Encoding: chunked\r\n\r\n$/);
    assert.match(last, /Connection: close\r\n\r\n\{"symbol":"SAP",/);
  });
});

Deno.test("a body is asked for with 100 Continue where the client waits for that", async () => {
  await withBackend(async ({ port }) => {
    const connection = await Deno.connect({ port });
    try {
      const head =
        "POST /api/orders HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 27\r\n\r\n";
      await connection.write(encoder.encode(head));
      assert.equal(await readUntil(connection, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
      await connection.write(encoder.encode('{"symbol":"XXX","shares":2}'));
      assert.match(await readUntil(connection, "}\n"), /^HTTP\/1\.1 200 OK\r\n.*"total":110\.5/s);
    } finally {
      connection.close();
    }
  });
});

Deno.test("a chunked request is read", async () => {
  await withBackend(async ({ port }) => {
    const answer = await talk(
      port,
      "POST /api/orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
        '10\r\n{"symbol":"XXX",\r\nb\r\n"shares":4}\r\n0\r\n\r\n',
    );
    assert.match(answer, /"total":221/);
  });
});

Deno.test("gzip is sent to those who take it, and to nobody else", async () => {
  await withBackend(async ({ port, address }) => {
    const plain = await (await fetch(`http://${address}/api/quotes`)).json();
    assert.equal(plain.quotes.length, 5);
    const ask = (accept: string) =>
      talk(port, `GET /api/quotes HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${accept}\r\n\r\n`);
    for (const yes of ["gzip", "br, GZIP", "deflate;q=0.5, gzip;q=0.8", "gzip; q=1"]) {
      assert.match(
        await ask(yes),
        /\r\nVary: Accept-Encoding\r\nContent-Encoding: gzip\r\nContent-Length: \d+\r\n\r\n(?!\{)/,
        yes,
      );
    }
    for (const no of ["", "identity", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip-not"]) {
      assert.match(await ask(no), /\r\nVary: Accept-Encoding\r\nContent-Length: \d+\r\n\r\n\{"currency"/, no);
    }
  });
});

Deno.test("what is not HTTP is answered with 400 and the end", async () => {
  await withBackend(async ({ port }) => {
    for (const bytes of ["\x16\x03\x01\x02\x00 hello\r\n\r\n", "SSH-2.0-OpenSSH_9\r\n"]) {
      assert.match(await talk(port, bytes), /^HTTP\/1\.1 400 Bad Request\r\n.*this is not HTTP\n$/s);
    }
    const conflicting =
      "POST /api/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab";
    assert.match(await talk(port, conflicting), /^HTTP\/1\.1 400 /);
  });
});

Deno.test("a body that is too large is read to its end and refused", async () => {
  await withBackend(async ({ port }) => {
    const head = encoder.encode("POST /api/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 1500000\r\n\r\n");
    const request = new Uint8Array(head.length + 1_500_000);
    request.set(head);
    assert.match(await talk(port, request), /^HTTP\/1\.1 413 Content Too Large\r\n/);
  });
});

Deno.test("a request that is cut short is not answered, and a client that goes away harms nobody", async () => {
  await withBackend(async ({ port, address }) => {
    assert.equal(await talk(port, "POST /api/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"), "");
    assert.equal(await talk(port, ""), "");
    const rude = await Deno.connect({ port });
    await rude.write(encoder.encode("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
    await rude.read(new Uint8Array(1));
    rude.close();
    const response = await fetch(`http://${address}/api/quotes/IBM`);
    assert.equal((await response.json()).symbol, "IBM");
  });
});

Deno.test("stop ends idle connections, slow answers and itself, once or twice", async () => {
  const backend = startBackend();
  const idle = await Deno.connect({ port: backend.port });
  const slow = await Deno.connect({ port: backend.port });
  await slow.write(encoder.encode("GET /slow?ms=9999 HTTP/1.1\r\nHost: a\r\n\r\n"));
  const used = await Deno.connect({ port: backend.port });
  await used.write(encoder.encode("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await readUntil(used, "\r\n\r\n");
  const from = performance.now();
  await Promise.all([backend.stop(), backend.stop()]);
  assert.equal(performance.now() - from < 5_000, true);
  for (const connection of [idle, slow, used]) {
    // The end may show as an end or as a reset, by what was still unread.
    const rest = await connection.read(new Uint8Array(4096)).catch(() => null);
    assert.equal(rest, null);
    connection.close();
  }
  await assert.rejects(Deno.connect({ port: backend.port }), Deno.errors.ConnectionRefused);
});

Deno.test("an address in use is refused at once", async () => {
  await withBackend(({ port }) => {
    assert.throws(() => startBackend({ port }), Deno.errors.AddrInUse);
    return Promise.resolve();
  });
});
