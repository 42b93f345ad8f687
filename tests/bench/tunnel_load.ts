/**
 * Loads a proxy with requests inside TLS inside CONNECT, which wrk cannot: so many tunnels, each with one request at a
 * time, kept open. With `handshakes` it opens tunnels one after the other instead. It prints one line of JSON.
 *
 *     deno run --allow-net --allow-read tunnel_load.ts PROXY_PORT TARGET_PORT CA_FILE TUNNELS SECONDS
 *     deno run --allow-net --allow-read tunnel_load.ts PROXY_PORT TARGET_PORT CA_FILE handshakes COUNT
 */

const CRLF2 = "\r\n\r\n";
const READ_BYTES = 16 * 1024;
const REQUEST = new TextEncoder().encode(`GET / HTTP/1.1\r\nHost: localhost${CRLF2}`);
const decoder = new TextDecoder();

interface Way {
  readonly proxyPort: number;
  readonly targetPort: number;
  readonly caPem: string;
}

/** Opens a tunnel, and gives it with the time that its TLS handshake took. */
async function tunnel({ proxyPort, targetPort, caPem }: Way): Promise<readonly [Deno.TlsConn, number]> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: proxyPort });
  conn.setNoDelay(true);
  const authority = `localhost:${targetPort}`;
  await conn.write(new TextEncoder().encode(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}${CRLF2}`));
  const buffer = new Uint8Array(READ_BYTES);
  let answer = "";
  while (!answer.includes(CRLF2)) {
    const read = await conn.read(buffer);
    if (read === null) throw new Error(`the proxy closed after ${JSON.stringify(answer)}`);
    answer += decoder.decode(buffer.subarray(0, read));
  }
  if (!/^HTTP\/1\.[01] 200 /.test(answer)) throw new Error(`no tunnel: ${answer.split("\r\n", 1)[0]}`);
  const begin = performance.now();
  const tls = await Deno.startTls(conn, {
    hostname: "localhost",
    caCerts: [caPem],
    alpnProtocols: ["http/1.1"],
  });
  await tls.handshake();
  return [tls, performance.now() - begin];
}

/** Sends a request and reads its response. The body has a length, and is small. */
async function exchange(conn: Deno.TlsConn, buffer: Uint8Array): Promise<void> {
  for (let at = 0; at < REQUEST.length;) at += await conn.write(REQUEST.subarray(at));
  let length = 0;
  for (;;) {
    const read = await conn.read(buffer.subarray(length));
    if (read === null) throw new Error("the tunnel ended inside a response");
    length += read;
    const text = decoder.decode(buffer.subarray(0, length));
    const end = text.indexOf(CRLF2);
    if (end < 0) continue;
    if (!text.startsWith("HTTP/1.1 200 ")) throw new Error(text.slice(0, text.indexOf("\r\n")));
    const bodyLength = Number(/^content-length: *(\d+)/im.exec(text)?.[1]);
    if (length >= end + CRLF2.length + bodyLength) return;
  }
}

async function load(way: Way, tunnels: number, seconds: number): Promise<unknown> {
  const conns = await Promise.all(Array.from({ length: tunnels }, async () => (await tunnel(way))[0]));
  const begin = performance.now();
  const until = begin + seconds * 1000;
  let requests = 0;
  await Promise.all(conns.map(async (conn) => {
    const buffer = new Uint8Array(READ_BYTES);
    while (performance.now() < until) {
      await exchange(conn, buffer);
      requests++;
    }
    conn.close();
  }));
  const elapsed = (performance.now() - begin) / 1000;
  return { requests, seconds: elapsed, requestsPerSecond: requests / elapsed };
}

async function handshakes(way: Way, count: number): Promise<unknown> {
  const handshakesMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const [conn, ms] = await tunnel(way);
    await exchange(conn, new Uint8Array(READ_BYTES));
    conn.close();
    handshakesMs.push(ms);
  }
  return { handshakesMs };
}

if (import.meta.main) {
  const [proxyPort, targetPort, caFile, tunnels, amount] = Deno.args;
  const caPem = await Deno.readTextFile(caFile);
  const way = { proxyPort: Number(proxyPort), targetPort: Number(targetPort), caPem };
  const done = tunnels === "handshakes"
    ? await handshakes(way, Number(amount))
    : await load(way, Number(tunnels), Number(amount));
  console.log(JSON.stringify(done));
}
