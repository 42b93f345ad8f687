/** `tcpmon send`: the ways to a target: TLS, Unix sockets, upstream proxies, a running relay, redirects. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { RealProxy } from "../net/upstream/proxies.ts";
import { inDirectory } from "./log_of.ts";
import { installed, Program } from "./program.ts";
import { answered, Backend, field, ok, tcpmon } from "./sending.ts";
import { TlsNginx } from "./tls.ts";

const LOGIN = { user: "duke", password: "s3cret" };
const needed = ["nginx", "openssl"].every((name) => installed(name));
const short = ["--format", "short"];

Deno.test({
  name:
    "https needs a certificate that is trusted: --ca, or --insecure, which is told; --client-cert shows one",
  ignore: !needed,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    const { ca, client } = certificates;
    const url = (port: number) => `https://localhost:${port}/said`;
    const send = (...args: string[]) => tcpmon(["send", ...args]);

    const unknown = await send(url(nginx.port), ...short);
    assert.equal(unknown.code, 1);
    assert.match(
      unknown.stderr,
      /^tcpmon: cannot send to localhost:\d+: cannot connect to [^\n]*certificate[^\n]*\n$/,
    );

    const trusted = await send(url(nginx.port), "--ca", ca.certFile);
    assert.equal(trusted.code, 0, trusted.stderr);
    assert.match(trusted.text, new RegExp(`^ {4}HTTP/1\\.1 localhost:${nginx.port} sni=localhost`, "m"));

    const expired = await send(url(nginx.expiredPort), "--ca", ca.certFile, ...short);
    assert.equal(expired.code, 1);
    const careless = await send(url(nginx.expiredPort), "--insecure", ...short);
    assert.equal(careless.code, 0);
    assert.match(careless.stderr, /^tcpmon: certificates of any host are NOT VERIFIED \(--insecure\)/);

    const stranger = await send(
      url(nginx.mutualPort),
      "--ca",
      ca.certFile,
      "--expect-status",
      "200",
      ...short,
    );
    assert.notEqual(stranger.code, 0);
    const shown = ["--client-cert", client.certFile, "--client-key", client.keyFile];
    const known = await send(url(nginx.mutualPort), "--ca", ca.certFile, ...shown);
    assert.equal(known.code, 0, known.stderr);
    assert.match(known.text, /CN=client/);

    const plain = await send(`http://localhost:${nginx.port}/`, "--expect-status", "2xx", ...short);
    assert.equal(plain.code, 3, "nginx answers 400 to plain HTTP");
  },
});

Deno.test("unix:PATH:/x is sent to a socket of this machine", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/app.sock`;
    await using backend = new Backend(
      () => ok("hi"),
      Deno.listen({ transport: "unix", path }) as unknown as Deno.Listener,
    );
    const { code, text, stderr } = await tcpmon(["send", `unix:${path}:/x`, ...short]);
    assert.equal(code, 0, stderr);
    assert.match(text, / GET \/x 200 OK /);
    assert.equal(field(backend.received[0], "Host"), "localhost");
  }));

for (const name of ["tinyproxy", "squid"] as const) {
  Deno.test({
    name: `--upstream-proxy: http and https through ${name}, which wants a password that no log shows`,
    ignore: !needed || !installed(name),
    async fn() {
      await using certificates = await makeCertificates();
      await using nginx = await TlsNginx.start(certificates);
      await using proxy = await RealProxy.start(name, LOGIN);
      await using backend = new Backend();
      const way = ["--upstream-proxy", `http://${LOGIN.user}:${LOGIN.password}@127.0.0.1:${proxy.port}`];
      const plain = await tcpmon(["send", `http://${backend.target}/x`, "--format", "json", ...way]);
      assert.equal(plain.code, 0, plain.stderr);
      assert.match(backend.received[0].head, /^GET \/x HTTP\/1\.[01]\r\n/);
      assert.ok(field(backend.received[0], "Via") !== undefined, "the proxy has been there");
      assert.equal(field(backend.received[0], "Proxy-Authorization"), undefined);
      const tls = await tcpmon([
        ...["send", `https://localhost:${nginx.port}/said`, "--ca", certificates.ca.certFile, ...way],
      ]);
      assert.equal(tls.code, 0, tls.stderr);
      assert.match(tls.text, /sni=localhost/);

      const wrong = await tcpmon([
        ...["send", `https://localhost:${nginx.port}/`, "--ca", certificates.ca.certFile, ...short],
        ...["--upstream-proxy", `http://duke:wrong@127.0.0.1:${proxy.port}`],
      ]);
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /^tcpmon: cannot send to [^\n]*\n$/);
      for (const { text, stderr } of [plain, tls, wrong]) {
        assert.doesNotMatch(text + stderr, /s3cret|duke:wrong|proxy-authorization/i);
      }
    },
  });
}

Deno.test("--via sends through a running relay, with the Host of the URL, and the relay captures it", async () => {
  await using backend = new Backend();
  await using relay = Program.start(["relay", `0=${backend.target}`, "--format", "json"]);
  const port = await relay.port();
  const ended = await tcpmon(["send", "http://shop.test/x", "a=b", "--via", String(port), ...short]);
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.text, new RegExp(`→ 127\\.0\\.0\\.1:${port} POST /x 200 OK`));
  const [exchange] = await relay.records("exchange");
  assert.equal(exchange.request.body.text, '{"a": "b"}');
  assert.equal(field(backend.received[0], "Host"), "shop.test");
});

Deno.test("a redirect is shown, and not followed unless --follow is given", async () => {
  await using backend = new Backend(({ head }) =>
    head.includes(" /old ") ? answered("302 Found", "", "Location: /new?a=b#c") : ok("here")
  );
  const url = `http://${backend.target}/old`;
  const stays = await tcpmon(["send", url, ...short]);
  assert.deepEqual([stays.code, backend.paths], [0, ["/old"]]);
  const goes = await tcpmon(["send", url, "name=x", "--follow", "--expect-status", "200"]);
  assert.equal(goes.code, 0, goes.stderr);
  assert.deepEqual(backend.paths, ["/old", "/old", "/new?a=b"]);
  assert.match(goes.text, /POST \/old 302[^]*GET \/new\?a=b 200/);
  assert.deepEqual([backend.received[2].text, field(backend.received[2], "Content-Type")], ["", undefined]);
});

Deno.test("--follow keeps method and body for 307, and credentials within one origin", async () => {
  await using backend = new Backend(({ head }) =>
    head.includes(" /old ") ? answered("307 Go", "", "Location: new") : ok("here")
  );
  const url = `http://u:p@${backend.target}/old`;
  const { code } = await tcpmon(["send", "PUT", url, "a=b", "Cookie:c=d", "--follow", "--format", "none"]);
  assert.equal(code, 0);
  const [, second] = backend.received;
  assert.match(second.head, /^PUT \/new /);
  assert.equal(second.text, '{"a": "b"}');
  assert.equal(field(second, "Cookie"), "c=d");
  assert.equal(field(second, "Authorization"), `Basic ${btoa("u:p")}`);
});

Deno.test("--follow never carries credentials to another host, nor to another port, and says so", async () => {
  await using other = new Backend();
  await using backend = new Backend(() => answered("307 Go", "", `Location: http://${other.target}/`));
  const url = `http://u:p@${backend.target}/`;
  const ended = await tcpmon(["send", url, "Cookie:c=d", "X-A:1", "--follow", "--format", "none"]);
  assert.equal(ended.code, 0, ended.stderr);
  const [{ head }] = other.received;
  assert.doesNotMatch(head, /authorization|cookie/i);
  assert.equal(field({ head }, "X-A"), "1");
  assert.equal(field({ head }, "Host"), other.target);
  assert.match(
    ended.stderr,
    /^tcpmon: not sent to 127\.0\.0\.1:\d+: (Authorization, Cookie|Cookie, Authorization) /,
  );
});

Deno.test("--follow ends at a loop, at too many, and at what is no http: exit code 1 and a line that says why", async () => {
  await using backend = new Backend(({ head }) => {
    const path = head.split(" ")[1];
    if (path === "/loop") return answered("302 Found", "", "Location: /loop");
    if (path === "/ftp") return answered("302 Found", "", "Location: ftp://x/");
    if (path === "/odd") return answered("302 Found", "", "Location: http://[x");
    return answered("302 Found", "", `Location: ${path}x`);
  });
  const rows: readonly (readonly [string, RegExp])[] = [
    ["/loop", /was asked before, it is a loop/],
    ["/ftp", /found the scheme "ftp"/],
    ["/odd", /found "\[x"/],
    ["/more", /found more than 10 of them/],
  ];
  for (const [path, said] of rows) {
    const { code, stderr } = await tcpmon([
      "send",
      `http://${backend.target}${path}`,
      "--follow",
      "--format",
      "none",
    ]);
    assert.equal(code, 1, path);
    assert.match(stderr, /^tcpmon: redirect 302 not followed: [^\n]*\n$/);
    assert.match(stderr, said);
  }
});
