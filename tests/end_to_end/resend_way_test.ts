/** `tcpmon resend`: TLS, proxies, and what a relay or a proxy had recorded there. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { RealProxy } from "../net/upstream/proxies.ts";
import { installed, Program } from "./program.ts";
import { Backend, exchangeLine, field, records, tcpmon } from "./sending.ts";
import { TlsNginx } from "./tls.ts";
import { curl, curlThrough, run } from "./tools.ts";

const LOGIN = { user: "duke", password: "s3cret" };
const needed = ["nginx", "openssl", "curl"].every((name) => installed(name));
const max = ["--speed", "max"];

Deno.test({
  name: "what a relay recorded of a TLS target is sent there with TLS, whose certificate has to be trusted",
  ignore: !needed,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    const trust = ["--ca", certificates.ca.certFile];
    await using relay = Program.start([
      ...["relay", `0=https://localhost:${nginx.port}`, "--format", "json", ...trust],
    ]);
    assert.match((await curl(`http://127.0.0.1:${await relay.port()}/said`)).text, /sni=localhost/);
    await relay.records("exchange");
    await relay.stop();
    const stdin = `${relay.log.join("\n")}\n`;
    const same = await tcpmon(["resend", "-", "--diff", ...trust], { stdin });
    assert.equal(same.code, 0, same.text + same.stderr);
    const doubted = await tcpmon(["resend", "-", "--format", "none"], { stdin });
    assert.equal(doubted.code, 1);
    assert.match(doubted.stderr, /^tcpmon: #1 GET \/said[^\n]*: cannot connect to [^\n]*certificate/);
    const careless = await tcpmon(["resend", "-", "--format", "none", "--insecure"], { stdin });
    assert.equal(careless.code, 0, careless.stderr);
    assert.match(careless.stderr, /NOT VERIFIED/);

    const elsewhere = ["--to", `https://localhost:${nginx.mutualPort}`, ...trust, "--format", "json"];
    const { client } = certificates;
    const shown = await tcpmon(
      ["resend", "-", ...elsewhere, "--client-cert", client.certFile, "--client-key", client.keyFile],
      { stdin },
    );
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(records(shown)[0].response.body.text, /CN=client/);
    const plain = await tcpmon(["resend", "-", "--to", `localhost:${nginx.plainPort}`, "--format", "json"], {
      stdin,
    });
    assert.match(records(plain)[0].response.body.text, new RegExp(`localhost:${nginx.plainPort} sni= `));
  },
});

Deno.test({
  name: "what a proxy recorded goes to its own host, in origin-form, without what was meant for the proxy",
  ignore: !needed,
  async fn() {
    await using backend = new Backend();
    await using proxy = Program.start(["proxy", "0", "--format", "json"]);
    const port = Number(/proxy on \S*:(\d+) /.exec(await proxy.says(/proxy on /))![1]);
    await curlThrough(port, `http://${backend.target}/x?y=z`);
    await proxy.records("exchange");
    await proxy.stop();
    const ended = await tcpmon(["resend", "-", "--diff", ...max], { stdin: `${proxy.log.join("\n")}\n` });
    assert.equal(ended.code, 0, ended.stderr);
    const [byProxy, again] = backend.received;
    assert.match(again.head, /^GET \/x\?y=z HTTP\/1\.1\r\n/);
    assert.equal(field(again, "Host"), backend.target);
    assert.equal(field(again, "Proxy-Connection"), undefined);
    assert.equal(again.head.split("\r\n").sort().join(), byProxy.head.split("\r\n").sort().join());
  },
});

for (const name of ["tinyproxy", "squid"] as const) {
  Deno.test({
    name: `--upstream-proxy: resent through ${name}, plain and TLS, and the password is in no log`,
    ignore: !needed || !installed(name),
    async fn() {
      await using certificates = await makeCertificates();
      await using nginx = await TlsNginx.start(certificates);
      await using proxy = await RealProxy.start(name, LOGIN);
      await using backend = new Backend();
      const way = ["--upstream-proxy", `http://${LOGIN.user}:${LOGIN.password}@127.0.0.1:${proxy.port}`];
      const log = exchangeLine({ target: backend.target, path: "/x", method: "POST", body: "a=b" });
      const plain = await tcpmon(["resend", "-", ...way, "--format", "json"], { stdin: log });
      assert.equal(plain.code, 0, plain.stderr);
      const [received] = backend.received;
      assert.match(received.head, /^POST \/x HTTP\/1\.[01]\r\n/);
      assert.equal(received.text, "a=b");
      assert.ok(field(received, "Via") !== undefined, "the proxy has been there");
      const tls = await tcpmon(
        ["resend", "-", "--to", `https://localhost:${nginx.port}`, "--ca", certificates.ca.certFile, ...way],
        { stdin: exchangeLine({ path: "/said" }) },
      );
      assert.equal(tls.code, 0, tls.stderr);
      assert.match(tls.text, /sni=localhost/);
      for (const { text, stderr } of [plain, tls]) {
        assert.doesNotMatch(text + stderr, /s3cret|proxy-authorization/i);
      }
      const refused = await tcpmon(
        ["resend", "-", "--upstream-proxy", `http://127.0.0.1:${proxy.port}`, "--format", "json"],
        { stdin: log },
      );
      assert.ok([401, 407].includes(records(refused)[0].response.status));
      assert.equal(backend.received.length, 1);
    },
  });
}

Deno.test({
  name: "the demo is resent against its own backend without a difference, WebSocket and events included",
  ignore: !installed("jq"),
  async fn() {
    const log = await tcpmon(["demo", "--once", "--format", "json"]);
    await using demo = Program.start(["demo", "--format", "none"]);
    const port = /demo backend on 127\.0\.0\.1:(\d+):/.exec(await demo.says(/demo backend on/))![1];
    for (const way of [[], ["--keep-connections"], ["--concurrency", "3"]]) {
      const ended = await tcpmon(["resend", "-", "--to", `localhost:${port}`, "--diff", ...max, ...way], {
        stdin: log.stdout,
      });
      assert.equal(ended.code, 0, ended.text + ended.stderr);
      assert.match(ended.stderr, /^tcpmon: 10 sent .*; 1 streams; no differences$/m);
    }
    const changed = await tcpmon(
      [
        "resend",
        "-",
        "3",
        "--to",
        `localhost:${port}`,
        "--diff",
        "--format",
        "json",
        "--set",
        "json:$.shares=11",
      ],
      { stdin: log.stdout },
    );
    assert.equal(changed.code, 3);
    const { text } = await run("jq", [
      "-c",
      '[.id, (.differences[] | select(.path=="$.shares") | .before, .after)]',
    ], changed.stdout);
    assert.equal(text, '[3,"10","11"]\n');
  },
});
