/** Requests through the forward proxy that are not over when their answer is: nobody hangs, nothing gets lost. */
import assert from "node:assert/strict";
import { answering, message } from "./log_of.ts";
import { freePort } from "./nginx.ts";
import { Peer, Server, Target } from "./peers.ts";
import { Program } from "./program.ts";

const MEGABYTE = new Uint8Array(1024 * 1024);
const proxy = (...options: string[]) => Program.start(["proxy", "0", "--format", "json", ...options]);
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);

/** Sends a head with a megabyte behind it, as far as that is taken, and gives what comes back until the end. */
async function flood(port: number, head: string): Promise<string> {
  using client = await Peer.connect(port);
  await client.send(head);
  const sending = client.send(MEGABYTE).catch(() => {});
  const answer = await client.textToEnd();
  client.close();
  await sending;
  return answer;
}

const upload = (target: string) =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${MEGABYTE.length}\r\n\r\n`;

const REFUSED: Record<
  string,
  readonly [status: number, options: readonly string[], head: (port: number) => string]
> = {
  "without the password": [407, ["--proxy-auth", "u:p"], () => upload("http://a.test/")],
  "to a target that refuses": [502, [], () => upload(`http://127.0.0.1:${freePort()}/`)],
  "to the proxy itself": [403, [], (port) => upload(`http://127.0.0.1:${port}/`)],
  "that is none for a proxy": [400, [], () => upload("/")],
  "that a fault answers": [503, ["--fault", "status=503"], () => upload("http://a.test/")],
  "that is garbage": [400, [], () => "\0\0\0\0"],
};

for (const [what, [status, options, head]] of Object.entries(REFUSED)) {
  Deno.test(`an upload ${what} is answered with ${status}, others are served, and the program stops`, async () => {
    await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "fine") });
    await using program = proxy(...options);
    const port = await program.port();
    assert.equal(statusOf(await flood(port, head(port))), status);
    using other = await Peer.connect(port);
    await other.send(`GET http://${server.target}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    assert.equal(statusOf(await other.textToEnd()), status === 407 || status === 503 ? status : 200);
    await program.stop();
  });
}

/** What a target answers to the head of an upload that does not go on, and what the client then gets. */
const EARLY: Record<string, readonly [answer: string, got: RegExp]> = {
  "nothing": ["", /^HTTP\/1\.1 502 /],
  "an interim response": ["HTTP/1.1 100 Continue\r\n\r\n", /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 502 /],
  "until it closes": [
    "HTTP/1.1 417 No\r\n\r\nsorry",
    /^HTTP\/1\.1 417 No\r\nConnection: close\r\n\r\nsorry$/,
  ],
  "half": [
    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    /^HTTP\/1\.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf$/,
  ],
};

for (const [what, [answer, got]] of Object.entries(EARLY)) {
  Deno.test(`a target that answers ${what} to half an upload and closes: so it ends for the client`, async () => {
    await using server = new Server(async (peer) => {
      await peer.readHead();
      await peer.send(answer);
    });
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    await client.send(`POST http://${server.target}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf`);
    assert.match(await client.textToEnd(), got);
    const exchanges = await program.records("exchange", 1);
    await program.stop();
    assert.equal(exchanges.length, 1);
    assert.equal(exchanges[0].request.body.text, "half");
  });
}

Deno.test("bytes behind a CONNECT that followed another request reach the tunnel", async () => {
  await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "fine") });
  await using target = new Target();
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(
    `GET http://${server.target}/ HTTP/1.1\r\nHost: a\r\n\r\nCONNECT ${target.target} HTTP/1.1\r\nHost: b\r\n\r\n`,
  );
  assert.match(await client.readHead(), /^HTTP\/1\.1 200 OK/);
  await client.read("fine".length);
  assert.match(await client.readHead(), /^HTTP\/1\.1 200 Connection established/);
  const tunnel = await target.accept();
  await client.send("first");
  assert.deepEqual(await tunnel.read(5), new TextEncoder().encode("first"));
  await client.send("second");
  assert.deepEqual(await tunnel.read(6), new TextEncoder().encode("second"));
  tunnel.close();
});
