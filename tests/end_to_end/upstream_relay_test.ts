/** Relays whose targets are reached through another proxy: real ones, and another tcpmon. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { RealProxy } from "../net/upstream/proxies.ts";
import { random, randomBytes, sha256 } from "./capture.ts";
import { Peer, Server } from "./peers.ts";
import { installed, Program } from "./program.ts";
import { echo, proxyPort, TlsNginx } from "./tls.ts";
import { curl } from "./tools.ts";

const LOGIN = { user: "duke", password: "s3cret" };
const needed = ["curl", "nginx", "openssl"].every((name) => installed(name));

/** A proxy upstream: its address for `--upstream-proxy`, with the login in it. */
interface Upstream extends AsyncDisposable {
  readonly port: number;
}

async function ownProxy(): Promise<Upstream> {
  const login = `${LOGIN.user}:${LOGIN.password}`;
  const program = Program.start(["proxy", "0", "--proxy-auth", login, "--format", "none"]);
  return {
    port: await proxyPort(program),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

const PROXIES: Readonly<Record<string, { readonly ignore: boolean; start(): Promise<Upstream> }>> = {
  tinyproxy: { ignore: !needed || !installed("tinyproxy"), start: () => RealProxy.start("tinyproxy", LOGIN) },
  squid: { ignore: !needed || !installed("squid"), start: () => RealProxy.start("squid", LOGIN) },
  tcpmon: { ignore: !needed, start: ownProxy },
};

for (const [name, { ignore, start }] of Object.entries(PROXIES)) {
  for (const scheme of name === "tcpmon" ? ["http", "socks5"] : ["http"]) {
    Deno.test({
      name: `raw, http and https targets are reached through ${name} as ${scheme} proxy, with a login`,
      ignore,
      async fn() {
        await using certificates = await makeCertificates();
        await using nginx = await TlsNginx.start(certificates);
        await using server = new Server(echo);
        await using upstream = await start();
        const { user, password } = LOGIN;
        await using program = Program.start([
          "relay",
          `0=${server.target}`,
          `0=http://localhost:${nginx.plainPort}`,
          `0=https://localhost:${nginx.port}`,
          ...["--upstream-proxy", `${scheme}://${user}:${password}@127.0.0.1:${upstream.port}`],
          ...["--ca", certificates.ca.certFile, "--format", "json"],
        ]);
        const [raw, http, https] = await program.ports(3);
        const line = await program.says(/relaying .* through/);
        assert.match(line, new RegExp(`through ${scheme}://127\\.0\\.0\\.1:${upstream.port}`));

        using client = await Peer.connect(raw);
        const bytes = randomBytes(300_001, random(4));
        const sending = client.send(bytes);
        // tinyproxy drops what is still to come once one side has ended.
        assert.equal(sha256(await client.read(bytes.length)), sha256(bytes));
        await sending;
        await client.end();
        assert.equal(await client.readSome(), null);

        const url = `http://127.0.0.1:${http}/said`;
        // One by one: tinyproxy closes behind an answer, without having said so.
        for (let i = 0; i < 2; i++) {
          const { text, stderr } = await curl(url);
          assert.match(text, new RegExp(`^HTTP/1\\.[01] localhost:${nginx.plainPort} sni= $`), stderr);
        }
        const secure = await curl(`http://127.0.0.1:${https}/said`);
        assert.equal(secure.text, `HTTP/1.1 localhost:${nginx.port} sni=localhost `, secure.stderr);

        const records = await program.records("exchange", 3);
        assert.deepEqual(records.map(({ outcome, request }) => [outcome, request.target]), [
          ["complete", "/said"],
          ["complete", "/said"],
          ["complete", "/said"],
        ]);
        const all = program.log.join("\n") + program.said.join("\n");
        assert.doesNotMatch(all, /s3cret|duke|Proxy-Authorization/i);
        assert.ok(!all.includes(btoa(`${user}:${password}`)), "credentials in the log");
      },
    });
  }
}

/** A proxy that knows one name, which nobody else does, and says what it was asked. */
function knowing(name: string, port: number, asked: string[]): Server {
  return new Server(async (peer) => {
    const head = await peer.readHead();
    asked.push(head);
    using target = await Peer.connect(port);
    const [method, where] = head.split(" ");
    if (!where.includes(name)) return await peer.send("HTTP/1.1 404 Not Known\r\n\r\n");
    if (method === "CONNECT") await peer.send("HTTP/1.1 200 OK\r\n\r\n");
    else await target.send(head.replace(/http:\/\/[^/ ]+/, ""));
    const down = (async () => {
      for (let bytes = await target.readSome(); bytes !== null; bytes = await target.readSome()) {
        await peer.send(bytes);
      }
      await peer.end();
    })();
    for (let bytes = await peer.readSome(); bytes !== null; bytes = await peer.readSome()) {
      await target.send(bytes);
    }
    await target.end();
    await down;
  });
}

Deno.test({
  name:
    "names that only the proxy can resolve are left to it, and Host has no port where it is the scheme's own",
  ignore: !needed,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    const asked: string[] = [];
    await using plainProxy = knowing("intranet.invalid", nginx.plainPort, asked);
    await using tlsProxy = knowing("intranet.invalid", nginx.port, asked);
    for (
      const [target, proxy, said] of [
        ["http://intranet.invalid", plainProxy, "HTTP/1.1 intranet.invalid sni= "],
        ["https://intranet.invalid", tlsProxy, "HTTP/1.1 intranet.invalid sni=intranet.invalid "],
      ] as const
    ) {
      await using program = Program.start([
        ...["relay", `0=${target}`, "--upstream-proxy", proxy.target, "--format", "json"],
        ...target.startsWith("https") ? ["--insecure"] : [],
      ]);
      const { text, stderr } = await curl(`http://127.0.0.1:${await program.port()}/said?x=1`);
      assert.equal(text, said, stderr);
      assert.ok(!program.said.some((line) => line.includes("resolve")), program.said.join("\n"));
      const [{ request }] = await program.records("exchange");
      assert.equal(request.target, "/said?x=1");
    }
    assert.match(
      asked[0],
      /^GET http:\/\/intranet\.invalid\/said\?x=1 HTTP\/1\.1\r\nHost: intranet\.invalid\r\n/,
    );
    assert.match(asked[1], /^CONNECT intranet\.invalid:443 HTTP\/1\.1\r\n/);
  },
});
