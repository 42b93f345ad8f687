/** `Expect: 100-continue` that gets a refusal instead of leave: many clients then leave the body out, and go on. */
import assert from "node:assert/strict";
import { Peer, Server, Target } from "./peers.ts";
import { installed, Program } from "./program.ts";
import { curl, curlThrough } from "./tools.ts";

const NO = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno";
const YES = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes";
const expecting = (target: string) =>
  `POST ${target} HTTP/1.1\r\nHost: me.example\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n`;
const plain = (target: string) =>
  `POST ${target} HTTP/1.1\r\nHost: me.example\r\nContent-Length: 4\r\n\r\nbody`;

for (const rewrites of [true, false]) {
  Deno.test(`a relay ${rewrites ? "that rewrites Host" : "of bytes"}: the next request is one, in place of the body`, async () => {
    await using target = new Target();
    await using program = Program.start([
      ...["relay", `0=${rewrites ? "http://" : ""}${target.target}`, "--format", "json"],
    ]);
    using client = await Peer.connect(await program.port());
    const server = await target.accept();
    await client.send(expecting("/1"));
    await server.readHead();
    await server.send(NO);
    assert.equal(new TextDecoder().decode(await client.read(NO.length)), NO);
    await client.send(plain("/2"));
    const seen = await server.readUntil("body");
    assert.equal(seen, plain("/2").replace("me.example", rewrites ? target.target : "me.example"));
    await server.send(YES);
    const [first, second] = await program.records("exchange", 2);
    assert.deepEqual(
      [first.request.body, first.response.status, first.outcome],
      [{ bytes: 0, text: "" }, 417, "complete"],
    );
    const flags = rewrites ? ["host-rewritten"] : [];
    assert.deepEqual(first.flags, ["early-response", "body-left-out", ...flags]);
    assert.deepEqual([second.request.body.text, second.response.status, second.flags], ["body", 200, flags]);
  });
}

Deno.test("a proxy closes after the refusal: what follows is neither taken for a body nor for a request", async () => {
  await using target = new Target();
  await using program = Program.start(["proxy", "0", "--format", "json"]);
  using client = await Peer.connect(await program.port());
  const url = `http://${target.target}/1`;
  await client.send(expecting(url));
  const server = await target.accept();
  await server.readHead();
  await server.send(NO);
  await client.read(NO.length);
  await client.send(plain(url)).catch(() => {});
  assert.equal(await client.textToEnd(), "");
  assert.equal(await server.textToEnd(), "");
  const [{ outcome, flags, request }] = await program.records("exchange");
  assert.deepEqual([outcome, request.body.bytes], ["complete", 0]);
  assert.deepEqual(flags, ["early-response", "body-left-out", "host-rewritten"]);
});

Deno.test({
  name: "curl, which repeats such a request without Expect, gets its answer through relay and proxy",
  ignore: !installed("curl"),
  async fn() {
    await using server = new Server(async (peer) => {
      for (;;) {
        const head = await peer.readHead().catch(() => undefined);
        if (head === undefined) return;
        const isRefused = /^expect:/im.test(head);
        if (!isRefused) await peer.read(Number(/^content-length: (\d+)/im.exec(head)![1]));
        await peer.send(isRefused ? NO : YES);
      }
    });
    const file = await Deno.makeTempFile();
    try {
      // From a megabyte on curl asks for leave.
      await Deno.writeFile(file, new Uint8Array(1_200_000).fill(97));
      const url = `http://${server.target}/`;
      const upload = ["--data-binary", `@${file}`];
      await using relay = Program.start(["relay", `0=${url}`, "--format", "json"]);
      await using proxy = Program.start(["proxy", "0", "--format", "json"]);
      const proxyPort = await proxy.port();
      const relayed = await curl(...upload, `http://127.0.0.1:${await relay.port()}/`);
      assert.equal(relayed.text, "yes", relayed.stderr);
      const proxied = await curlThrough(proxyPort, ...upload, url);
      assert.equal(proxied.text, "yes", proxied.stderr);
      for (const program of [relay, proxy]) {
        const records = await program.records("exchange", 2);
        assert.deepEqual(records.map(({ response, outcome }) => [response.status, outcome]), [
          [417, "complete"],
          [200, "complete"],
        ]);
      }
    } finally {
      await Deno.remove(file);
    }
  },
});
