/** Files and uploads between curl and nginx: the same bytes as without the relay, and a record of each exchange. */
import assert from "node:assert/strict";
import { bytesOf, field, random, randomBytes, sha256 } from "./capture.ts";
import { Nginx } from "./nginx.ts";
import { installed, Program } from "./program.ts";
import { curl, run } from "./tools.ts";

const missing = ["curl", "nginx"].filter((name) => !installed(name));
const ignore = missing.length > 0;

Deno.test({
  name: "files of any size and content come through as they are on the server's disk",
  ignore,
  async fn() {
    await using nginx = await Nginx.start();
    const next = random(1);
    const files = [0, 1, 4_095, 4_096, 65_537, 3_000_001].map((size) => randomBytes(size, next));
    for (const [i, bytes] of files.entries()) await Deno.writeFile(`${nginx.files}/${i}.bin`, bytes);
    await using program = Program.start(["relay", `0=127.0.0.1:${nginx.port}`, "--format", "json"]);
    const url = `http://127.0.0.1:${await program.port()}`;
    for (const [i, bytes] of files.entries()) {
      const { code, stdout } = await curl(`${url}/${i}.bin`);
      assert.equal(code, 0);
      assert.equal(sha256(stdout), sha256(bytes), `${bytes.length} bytes`);
    }
    const records = await program.records("exchange", files.length);
    for (const [i, { request, response, outcome }] of records.entries()) {
      assert.equal(outcome, "complete");
      assert.equal(request.target, `/${i}.bin`);
      assert.equal(response.status, 200);
      const { body } = response;
      assert.equal(body.bytes, files[i].length);
      const kept = bytesOf(body);
      assert.equal(sha256(kept), sha256(files[i].subarray(0, kept.length)));
      assert.equal(body.truncated ?? false, files[i].length > 1024 * 1024);
      assert.equal(kept.length, Math.min(files[i].length, 1024 * 1024));
    }
  },
});

Deno.test({
  name: "uploads reach the server's disk as they were sent, with a length and in chunks",
  ignore,
  async fn() {
    await using nginx = await Nginx.start();
    await using program = Program.start([
      "relay",
      `0=127.0.0.1:${nginx.port}`,
      "--format",
      "json",
      "--max-body",
      "100k",
    ]);
    const url = `http://127.0.0.1:${await program.port()}`;
    const bytes = randomBytes(2_500_000, random(2));
    await Deno.writeFile(`${nginx.files}/source`, bytes);
    const withLength = await curl("-T", `${nginx.files}/source`, `${url}/a`);
    const inChunks = await run("curl", ["-sS", "-T", "-", `${url}/b`], bytes);
    assert.deepEqual([withLength.code, withLength.stderr], [0, ""]);
    assert.deepEqual([inChunks.code, inChunks.stderr], [0, ""]);
    assert.equal(sha256(await Deno.readFile(`${nginx.files}/a`)), sha256(bytes));
    assert.equal(sha256(await Deno.readFile(`${nginx.files}/b`)), sha256(bytes));
    const [first, second] = await program.records("exchange", 2);
    assert.equal(field(first.request, "Content-Length"), "2500000");
    assert.equal(field(second.request, "Transfer-Encoding"), "chunked");
    for (const { request, response, outcome } of [first, second]) {
      assert.deepEqual([outcome, response.status], ["complete", 201]);
      assert.deepEqual([request.body.bytes, request.body.truncated], [bytes.length, true]);
      assert.equal(sha256(bytesOf(request.body)), sha256(bytes.subarray(0, 100 * 1024)));
    }
  },
});

Deno.test({
  name: "curl waits for 100 Continue, and the log shows the interim response",
  ignore,
  async fn() {
    await using nginx = await Nginx.start();
    await using program = Program.start(["relay", `0=127.0.0.1:${nginx.port}`, "--format", "json"]);
    const url = `http://127.0.0.1:${await program.port()}/a`;
    const { code, stderr } = await curl(
      "-v",
      "-X",
      "PUT",
      "-H",
      "Expect: 100-continue",
      "--expect100-timeout",
      "20",
      "-d",
      "<a/>",
      url,
    );
    assert.equal(code, 0);
    assert.match(stderr, /HTTP\/1\.1 100 Continue/);
    const [{ interim, request, response, flags }] = await program.records("exchange");
    assert.deepEqual(interim.map(({ status }: { status: number }) => status), [100]);
    assert.equal(request.body.text, "<a/>");
    assert.equal(response.status, 201);
    assert.deepEqual(flags, []);
  },
});

Deno.test({
  name: "gzip from nginx goes on as it is, and the log has it both ways",
  ignore,
  async fn() {
    await using nginx = await Nginx.start();
    const text = JSON.stringify({ symbol: "AAA", price: 66.4, note: "ä".repeat(500) });
    await Deno.writeTextFile(`${nginx.files}/quote.json`, text);
    await using program = Program.start(["relay", `0=127.0.0.1:${nginx.port}`, "--format", "json"]);
    const url = `http://127.0.0.1:${await program.port()}/quote.json`;
    const decoded = await curl("--compressed", url);
    assert.equal(decoded.text, text);
    const raw = await curl("-H", "Accept-Encoding: gzip", url);
    const records = await program.records("exchange", 2);
    const { body } = records[1].response;
    assert.equal(sha256(bytesOf(body)), sha256(raw.stdout));
    assert.equal(body.decoded.text, text);
    assert.equal(body.decoded.bytes, new TextEncoder().encode(text).length);
  },
});

Deno.test({
  name: "one keep-alive connection, many exchanges: each has its record, in order, with its times",
  ignore,
  async fn() {
    await using nginx = await Nginx.start();
    await Deno.writeTextFile(`${nginx.files}/a.html`, "<p>a</p>");
    await using program = Program.start(["relay", `0=127.0.0.1:${nginx.port}`, "--format", "json"]);
    const url = `http://127.0.0.1:${await program.port()}`;
    const { code } = await curl(...Array.from({ length: 100 }, (_, i) => `${url}/a.html?${i}`));
    assert.equal(code, 0);
    const records = await program.records("exchange", 100);
    assert.deepEqual(
      records.map(({ id, connection, request }) => [id, connection, request.target]),
      records.map((_, i) => [i + 1, 1, `/a.html?${i}`]),
    );
    for (const [i, { ms, time }] of records.entries()) {
      assert.equal(ms.connect !== undefined, i === 0);
      assert.ok(
        ms.send >= 0 && ms.wait >= 0 && ms.receive >= 0 && ms.relay >= 0 && ms.relay <= ms.total + 0.002,
      );
      assert.ok(Math.abs(Date.now() - Date.parse(time)) < 60_000);
    }
    const [, closed] = await program.records("connection", 2);
    assert.deepEqual([closed.end, closed.exchanges], ["client-closed", 100]);
  },
});
