/** Exports of what curl, nginx and proxies made of it: TLS taken off, uploads, commands that reach the server again. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { random, randomBytes, sha256 } from "./capture.ts";
import { exchangeLine, exported, tcpmon } from "./exported.ts";
import { inDirectory } from "./log_of.ts";
import { Nginx } from "./nginx.ts";
import { installed, Program } from "./program.ts";
import { proxyPort, TlsNginx, withAuthority } from "./tls.ts";
import { curl, curlThrough, LINUX, run } from "./tools.ts";

const ignore = ["curl", "nginx", "openssl"].some((name) => !installed(name));

Deno.test({
  name: "of a relay to https the HAR has the target's URLs, and the command asks the target itself",
  ignore,
  fn: () =>
    inDirectory(async (directory) => {
      await using certificates = await makeCertificates();
      await using nginx = await TlsNginx.start(certificates);
      const ca = certificates.ca.certFile;
      const file = `${directory}/a.log`;
      const options = ["--ca", ca, "--format", "json", "-o", file];
      await using program = Program.start(["relay", `0=https://localhost:${nginx.port}`, ...options]);
      const { text: said } = await curl(`http://127.0.0.1:${await program.port()}/said?a=%20b`);
      assert.equal((await program.stop()).code, 0);
      const { log } = JSON.parse((await tcpmon(["export", file, "--as", "har"])).text);
      assert.equal(log.entries[0].request.url, `https://localhost:${nginx.port}/said?a=%20b`);
      assert.ok(log.entries[0].timings.ssl > 0);
      const { stdout } = await tcpmon(["export", file, "1", "--as", "curl"]);
      const again = await run("env", [`CURL_CA_BUNDLE=${ca}`, "no_proxy=*", "sh", "-s"], stdout);
      assert.deepEqual([again.code, again.text], [0, said], again.stderr);
    }),
});

Deno.test({
  name: "of an intercepting proxy there are https and http URLs as the client asked for them",
  ignore,
  fn: () =>
    inDirectory(async (directory) => {
      await using certificates = await makeCertificates();
      await using nginx = await TlsNginx.start(certificates);
      await using plain = await Nginx.start();
      const file = `${directory}/a.log`;
      const options = ["--ca", certificates.ca.certFile, "--format=json", "-o", file];
      await using authority = await withAuthority(["proxy", "0", "--intercept", ...options]);
      const { program, caFile } = authority;
      const port = await proxyPort(program);
      await curlThrough(port, "--cacert", caFile, `https://localhost:${nginx.port}/said`);
      await curlThrough(port, `http://127.0.0.1:${plain.port}/host`);
      assert.equal((await program.stop()).code, 0);
      const { text } = await tcpmon(["export", file, "--as", "curl"]);
      assert.match(text, new RegExp(`^curl https://localhost:${nginx.port}/said `, "m"));
      assert.match(text, new RegExp(`^curl http://127\\.0\\.0\\.1:${plain.port}/host `, "m"));
      assert.equal(text.match(/^curl /gm)?.length, 2);
    }),
});

Deno.test({
  name: "an upload of megabytes is there byte for byte: raw, in HAR, beside its command, and behind tshark",
  ignore: ignore || !LINUX || !installed("tshark"),
  fn: () =>
    inDirectory(async (directory) => {
      await using nginx = await Nginx.start();
      const body = randomBytes(3_000_000, random(5));
      await Deno.writeFile(`${directory}/body`, body);
      const file = `${directory}/a.log`;
      const options = ["--format=json", "--max-body", "4M", "-o", file];
      await using program = Program.start(["relay", `0=127.0.0.1:${nginx.port}`, ...options]);
      const url = `http://127.0.0.1:${await program.port()}/up.bin`;
      assert.equal((await curl("-T", `${directory}/body`, "-H", "Expect:", url)).code, 0);
      assert.equal((await program.stop()).code, 0);
      const digest = sha256(body);

      await tcpmon(["export", file, "--as", "raw", "-o", `${directory}/raw`]);
      const request = await Deno.readFile(`${directory}/raw/000001-request.http`);
      assert.equal(sha256(request.subarray(request.length - body.length)), digest);

      const { log } = JSON.parse((await tcpmon(["export", file, "--as", "har"])).text);
      const { _base64 } = log.entries[0].request.postData;
      assert.equal(sha256(Uint8Array.from(atob(_base64), (letter) => letter.charCodeAt(0))), digest);

      await tcpmon(["export", file, "--as", "curl", "-o", `${directory}/a.sh`]);
      assert.equal(sha256(await Deno.readFile(`${directory}/a.sh.bodies/000001-body.bin`)), digest);
      await Deno.remove(`${nginx.files}/up.bin`);
      assert.equal((await run("env", ["no_proxy=*", "sh", `${directory}/a.sh`])).code, 0);
      assert.equal(sha256(await Deno.readFile(`${nginx.files}/up.bin`)), digest);

      const packets = `${directory}/a.pcapng`;
      await tcpmon(["export", file, "--as", "pcapng", "-o", packets]);
      const length = await run("tshark", [
        "-r",
        packets,
        "-Y",
        "http.request",
        "-T",
        "fields",
        "-e",
        "http.content_length",
      ]);
      assert.equal(length.text.trim(), String(body.length));
      const back = await tcpmon(["export", packets, "--as", "raw", "-o", `${directory}/back`]);
      assert.equal(back.code, 0, back.stderr);
      assert.deepEqual(await Deno.readFile(`${directory}/back/000001-request.http`), request);
    }),
});

Deno.test("bodies that --max-body cut, and data that is not HTTP, are counted on stderr in every format", async () => {
  const cut = exchangeLine({
    response: {
      version: "HTTP/1.1",
      status: 200,
      reason: "OK",
      headers: [["Content-Length", "5000"]],
      body: { bytes: 5000, text: "begin", truncated: true },
    },
  });
  const data = JSON.stringify({
    type: "data",
    connection: 2,
    listener: "127.0.0.1:1",
    client: "127.0.0.1:3",
    target: "127.0.0.1:2",
    time: "2026-11-20T10:31:06.123Z",
    direction: "up",
    offset: 0,
    bytes: 2,
    text: "hi",
  });
  const cases: [string, string[]][] = [
    ["har", ["bodies cut by --max-body: only their beginning is there (1)", "data that is not HTTP (1)"]],
    ["tcpmon", ["bodies cut by --max-body: only their beginning is there (1)", "data that is not HTTP (1)"]],
    ["csv", ["data that is not HTTP (1)"]],
    ["curl", ["data that is not HTTP (1)"]],
    ["json", []],
  ];
  for (const [as, notes] of cases) {
    const { stderr } = await exported(`${cut}\n${data}\n`, as);
    assert.deepEqual(stderr, notes.map((note) => `tcpmon: not in the export: ${note}\n`).join(""), as);
    assert.equal((await exported(`${cut}\n${data}\n`, as, "--quiet")).stderr, "");
  }
  // What a filter leaves out is no loss.
  const { stderr } = await exported(`${cut}\n${data}\n`, "csv", "--filter", "type:exchange");
  assert.equal(stderr, "");
});
