/** A forward proxy, intercepting or not, behind another proxy; and which targets the environment sends there. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { RealProxy } from "../net/upstream/proxies.ts";
import { Peer, Server } from "./peers.ts";
import { installed, Program, runProgram } from "./program.ts";
import { proxyPort, TlsNginx, withAuthority } from "./tls.ts";
import { run } from "./tools.ts";

const LOGIN = { user: "duke", password: "s3cret" };
const needed = ["curl", "nginx", "openssl"].every((name) => installed(name));

for (const name of ["squid", "tinyproxy"] as const) {
  Deno.test({
    name: `absolute-form, tunnels and intercepted tunnels go on through ${name}, from HTTP and SOCKS clients`,
    ignore: !needed || !installed(name),
    async fn() {
      await using certificates = await makeCertificates();
      await using nginx = await TlsNginx.start(certificates);
      await using upstream = await RealProxy.start(name, LOGIN);
      const ca = certificates.ca.certFile;
      const way = ["--upstream-proxy", `http://${LOGIN.user}:${LOGIN.password}@127.0.0.1:${upstream.port}`];
      await using tcpmon = await withAuthority([
        ...["proxy", "0", "--intercept=localhost", "--ca", ca, "--format", "json", ...way],
      ]);
      const { program, caFile } = tcpmon;
      const port = await proxyPort(program);
      const get = async (trust: string, url: string, via = ["-x", `http://127.0.0.1:${port}`]) => {
        const { text, stderr } = await run("curl", ["-sS", ...via, "--cacert", trust, url]);
        assert.match(text, /^HTTP\/[\d.]+ (localhost|127\.0\.0\.1)/, `${url}: ${stderr}`);
      };
      const socks = ["--socks5-hostname", `127.0.0.1:${port}`];
      await get(ca, `http://localhost:${nginx.plainPort}/said`);
      await get(ca, `http://localhost:${nginx.plainPort}/said`, socks);
      await get(caFile, `https://localhost:${nginx.port}/said`);
      await get(caFile, `https://localhost:${nginx.port}/said`, socks);
      await get(ca, `https://127.0.0.1:${nginx.port}/said`);
      const gets = (await program.records("exchange", 6)).filter(({ request }) => request.method === "GET");
      assert.equal(gets.length, 4, "the last one's TLS was not looked into");
      assert.ok(gets.every(({ outcome }) => outcome === "complete"));
      const all = program.log.join("\n") + program.said.join("\n");
      assert.doesNotMatch(all, /s3cret|duke|Proxy-Authorization/i);
    },
  });
}

/** A proxy that answers every request itself with its name. */
function answering(name: string): Server {
  return new Server(async (peer) => {
    const head = await peer.readHead();
    if (head.startsWith("CONNECT")) {
      return await peer.send(`HTTP/1.1 403 ${name}\r\nContent-Length: 0\r\n\r\n`);
    }
    await peer.send(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${name.length}\r\n\r\n${name}`);
  });
}

Deno.test({
  name: "the environment says which proxy a target goes to, whatever the case of its variables",
  ignore: !needed,
  async fn() {
    await using one = answering("one");
    await using two = answering("two");
    await using backend = answering("none");
    const cases: readonly (readonly [Record<string, string>, string])[] = [
      [{ http_proxy: `http://${one.target}` }, "one"],
      [{ HTTP_PROXY: `http://${one.target}` }, "one"],
      [{ http_proxy: one.target, HTTP_PROXY: two.target }, "one"],
      [{ ALL_PROXY: `http://${two.target}` }, "two"],
      [{ all_proxy: two.target, http_proxy: one.target }, "one"],
      [{ https_proxy: one.target }, "none"],
      [{ http_proxy: one.target, NO_PROXY: "127.0.0.1" }, "none"],
      [{ http_proxy: one.target, no_proxy: "example.com,127.0.0.0/8" }, "none"],
      [{ http_proxy: one.target, no_proxy: "*" }, "none"],
      [{ http_proxy: one.target, no_proxy: "example.com" }, "one"],
      [{ HTTP_PROXY: one.target, REQUEST_METHOD: "GET" }, "none"],
      [{}, "none"],
    ];
    await Promise.all(cases.map(async ([variables, expected]) => {
      const env = { ...NO_VARIABLES, ...variables };
      const args = ["relay", `0=http://${backend.target}`, "--upstream-proxy", "env", "--format", "none"];
      await using program = Program.start(args, { env });
      const { text } = await run("curl", [
        "-sS",
        "--noproxy",
        "*",
        `http://127.0.0.1:${await program.port()}/`,
      ]);
      assert.equal(text, expected, JSON.stringify(variables));
    }));
  },
});

/** Whatever the tests' own environment says of proxies is not theirs. */
const NO_VARIABLES: Record<string, string> = Object.fromEntries(
  ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((
    name,
  ) => [[name, ""], [name.toUpperCase(), ""]]),
);

Deno.test({
  name: "--no-proxy names targets that are reached directly, together with those of the environment",
  ignore: !needed,
  async fn() {
    await using one = answering("one");
    await using backend = answering("none");
    const ask = async (...options: string[]) => {
      await using program = Program.start(
        ["relay", `0=http://${backend.target}`, "--format", "none", ...options],
        { env: { ...NO_VARIABLES, http_proxy: one.target, no_proxy: "example.com" } },
      );
      return (await run("curl", ["-sS", "--noproxy", "*", `http://127.0.0.1:${await program.port()}/`])).text;
    };
    assert.equal(await ask("--upstream-proxy", one.target), "one");
    assert.equal(await ask("--upstream-proxy", one.target, "--no-proxy", "127.0.0.1"), "none");
    assert.equal(
      await ask("--upstream-proxy", one.target, "--no-proxy", `a.example,${backend.target}`),
      "none",
    );
    assert.equal(await ask("--upstream-proxy", one.target, "--no-proxy", "127.0.0.1:1"), "one");
    assert.equal(await ask("--upstream-proxy", "env", "--no-proxy", "127.0.0.1"), "none");
    assert.equal(await ask("--upstream-proxy", "env"), "one");
    assert.equal(await ask(), "none");
  },
});

Deno.test({
  name:
    "a variable of the environment that is no proxy ends the start in one line that names it, not its password",
  async fn() {
    const env = { ...NO_VARIABLES, HTTPS_PROXY: "ftp://duke:s3cret@proxy:21" };
    const { code, stderr } = await runProgram(["proxy", "0", "--upstream-proxy", "env"], { env });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^tcpmon: cannot read --upstream-proxy: .* in the variable HTTPS_PROXY, wanted [^\n]*$/,
    );
    assert.doesNotMatch(stderr, /s3cret/);
  },
});

Deno.test({
  name: "a tcpmon that is its own upstream proxy refuses to go in a circle",
  ignore: !needed,
  async fn() {
    // The port is not known before; so a free one is looked for, which nobody else is likely to take meanwhile.
    const { port } = (() => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      return listener.addr as Deno.NetAddr;
    })();
    await using backend = answering("none");
    for (const own of [`http://127.0.0.1:${port}`, `socks5://localhost:${port}`]) {
      await using program = Program.start([
        "proxy",
        String(port),
        "--upstream-proxy",
        own,
        "--format",
        "json",
      ]);
      await proxyPort(program);
      using client = await Peer.connect(port);
      await client.send(`GET http://${backend.target}/ HTTP/1.1\r\nHost: ${backend.target}\r\n\r\n`);
      assert.match(await client.readHead(), /^HTTP\/1\.1 (403|502) /);
      const [{ error }] = await program.records("exchange");
      assert.match(error, /cannot reach the proxy .*: it is a listener of this tcpmon itself/);
    }
  },
});
