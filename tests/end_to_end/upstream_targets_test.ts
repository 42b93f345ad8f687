/** What a proxy upstream is asked for: nothing but a relay's own target, in one form, and by whom the environment says. */
import assert from "node:assert/strict";
import { Peer, Server } from "./peers.ts";
import { type LogRecord, Program } from "./program.ts";
import { proxyPort } from "./tls.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A proxy that keeps what comes, whole, and answers each head with this. */
function keeping(came: string[], answer = OK): Server {
  return new Server(async (peer) => {
    const at = came.push("") - 1;
    const decoder = new TextDecoder();
    for (let bytes = await peer.readSome(); bytes !== null; bytes = await peer.readSome()) {
      came[at] += decoder.decode(bytes);
      if (came[at].endsWith("\r\n\r\n")) await peer.send(answer);
    }
  });
}

/** What a client of a relay gets, what the proxy gets, and the records. */
async function throughRelay(
  sent: string,
  answer?: string,
): Promise<{ readonly text: string; readonly came: string; readonly records: readonly LogRecord[] }> {
  const came: string[] = [];
  await using proxy = keeping(came, answer);
  await using program = Program.start([
    ...["relay", "0=http://target.example:8080", "--upstream-proxy", `http://duke:s3cret@${proxy.target}`],
    ...["--format", "json"],
  ]);
  using client = await Peer.connect(await program.port());
  await client.send(sent);
  const head = await client.readHead();
  // After a refusal the connection ends by itself.
  const text = head.startsWith("HTTP/1.1 400 ") ? head + await client.textToEnd() : head;
  await client.end().catch(() => {});
  const records = await program.records("connection", 2);
  return { text, came: came.join(""), records: [...records, ...await program.records("exchange", 1)] };
}

Deno.test("a relay asks the proxy for its own target alone, whatever target a request names", async () => {
  for (
    const [target, asked] of [
      ["/a?b", "/a?b"],
      ["http://other.example/a?b#c", "/a?b"],
      ["https://other.example", "/"],
      ["HTTP://other.example:99/x", "/x"],
    ]
  ) {
    const { text, came } = await throughRelay(`GET ${target} HTTP/1.1\r\nHost: other.example\r\n\r\n`);
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.ok(
      came.startsWith(`GET http://target.example:8080${asked} HTTP/1.1\r\nHost: target.example:8080\r\n`),
      came,
    );
    assert.match(came, /\r\nProxy-Authorization: Basic /);
  }
});

Deno.test("what a relay cannot ask the proxy for is answered with 400, and none of it is sent there", async () => {
  for (
    const [sent, reason] of [
      ["CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n", /found "CONNECT other/],
      ["GET other.example:80 HTTP/1.1\r\nHost: a\r\n\r\n", /found "GET other/],
      ["GET ftp:x HTTP/1.1\r\nHost: a\r\n\r\n", /found "GET ftp:x"/],
      ["GET http://x@y/ HTTP/1.1\r\nHost: a\r\n\r\n", /found a user name/],
      [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET http://b/ HTTP/1.1\r\n\r\n",
        /both Content-Length and Transfer-Encoding/,
      ],
      ["SSH-2.0-OpenSSH_9.6\r\n\r\n", /what is no HTTP request/],
    ] as const
  ) {
    const { text, came, records } = await throughRelay(sent);
    assert.match(text, /^HTTP\/1\.1 400 [^]*\r\nConnection: close\r\n/, sent);
    assert.match(text, reason);
    assert.equal(came, "", sent);
    assert.ok(records.some(({ error }) => reason.test(error ?? "")), JSON.stringify(records));
  }
});

Deno.test("what follows a request goes to the proxy only as another request for the target", async () => {
  const head = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  const { came } = await throughRelay(`${head}CONNECT other.example:443 HTTP/1.1\r\n\r\n`);
  assert.equal(came.match(/HTTP\/1\.1/g)?.length, 1);
  assert.doesNotMatch(came, /other/);
});

Deno.test("that the proxy wants another login stands in the record of a relay", async () => {
  const { text, records } = await throughRelay(
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
  );
  assert.match(text, /^HTTP\/1\.1 407 /);
  assert.match(JSON.stringify(records), /the upstream proxy wants other credentials: 407/);
});

Deno.test("a proxy upstream is asked for http URLs, with a path and without a fragment", async () => {
  const came: string[] = [];
  await using upstream = keeping(came);
  await using program = Program.start([
    "proxy",
    "0",
    "--upstream-proxy",
    upstream.target,
    "--format",
    "none",
  ]);
  using client = await Peer.connect(await proxyPort(program));
  for (
    const asked of [
      "GET ws://a.example:80/x",
      "GET http://a.example",
      "OPTIONS http://a.example",
      "GET http://a.example?q#f",
    ]
  ) {
    await client.send(`${asked} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    await client.readHead();
    await client.read(2);
  }
  assert.deepEqual(came.join("").match(/^[A-Z]+ \S+ HTTP/gm), [
    "GET http://a.example/x HTTP",
    "GET http://a.example/ HTTP",
    "OPTIONS http://a.example HTTP",
    "GET http://a.example/?q HTTP",
  ]);
});

Deno.test("tunnels go to the proxy that the environment names for https", async () => {
  const NONE = {
    http_proxy: "",
    https_proxy: "",
    all_proxy: "",
    no_proxy: "",
    HTTP_PROXY: "",
    ALL_PROXY: "",
    NO_PROXY: "",
  };
  const came: string[] = [];
  await using one = keeping(came, "HTTP/1.1 200 OK\r\n\r\n");
  for (const options of [[], ["--intercept=all.example"]]) {
    await using program = Program.start([
      "proxy",
      "0",
      "--upstream-proxy",
      "env",
      "--format",
      "none",
      ...options,
    ], {
      env: { ...NONE, HTTPS_PROXY: one.target },
    });
    const port = await proxyPort(program);
    for (const to of ["all.example:443", "all.example:8443"]) {
      using client = await Peer.connect(port);
      await client.send(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`);
      assert.match(await client.readHead(), /^HTTP\/1\.1 200 /);
      assert.match(came.at(-1)!, new RegExp(`^CONNECT ${to} `));
    }
    using client = await Peer.connect(port);
    await client.send(Uint8Array.of(5, 1, 0));
    await client.read(2);
    await client.send(Uint8Array.of(5, 1, 0, 1, 192, 0, 2, 1, 1, 187));
    assert.equal((await client.read(10))[1], 0);
    assert.match(came.at(-1)!, /^CONNECT 192\.0\.2\.1:443 /);
  }
});
