import assert from "node:assert/strict";
import { Status } from "../../src/log/status.ts";

/** A stderr that stalls until it is released, and takes at most `most` bytes at a time. */
function stalling(most = Infinity) {
  const gate = Promise.withResolvers<void>();
  const written: number[] = [];
  return {
    release: gate.resolve,
    get text() {
      return new TextDecoder().decode(Uint8Array.from(written));
    },
    async write(bytes: Uint8Array): Promise<number> {
      await gate.promise;
      const taken = bytes.subarray(0, most);
      written.push(...taken);
      return taken.length;
    },
  };
}

Deno.test("lines say who speaks, and their further lines are indented", async () => {
  const stderr = stalling();
  const status = new Status(stderr.write);
  status.line("relaying");
  status.line("cannot read\na:b\n  ^");
  stderr.release();
  await status.flush(1000);
  assert.equal(stderr.text, "tcpmon: relaying\ntcpmon: cannot read\n        a:b\n          ^\n");
});

Deno.test("texts are written as they are, short writes are completed, the order is kept", async () => {
  const stderr = stalling(3);
  const status = new Status(stderr.write);
  status.line("one");
  status.text("two: grün\n");
  status.line("three");
  stderr.release();
  await status.flush(1000);
  assert.equal(stderr.text, "tcpmon: one\ntwo: grün\ntcpmon: three\n");
});

Deno.test("a stalled stderr holds nobody up, and what waits for it is bounded", async () => {
  const stderr = stalling();
  const status = new Status(stderr.write);
  for (let i = 0; i < 10_000; i++) status.line(`line ${i}`);
  const begun = performance.now();
  await status.flush(1);
  assert.ok(performance.now() - begun < 5000, "flush gives up");
  stderr.release();
  await status.flush(1000);
  const lines = stderr.text.trimEnd().split("\n");
  assert.equal(lines[0], "tcpmon: line 0");
  assert.ok(lines.length >= 100 && lines.length < 1000, `${lines.length} lines were kept`);
  status.line("later");
  await status.flush(1000);
  assert.match(stderr.text, /\ntcpmon: later\n$/);
});

Deno.test("a stderr that nobody reads any more is given up silently", async () => {
  let writes = 0;
  const status = new Status(() => {
    writes++;
    return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe"));
  });
  status.line("one");
  status.line("two");
  await status.flush(1000);
  assert.equal(writes, 1);
  status.line("three");
  await status.flush(1000);
  assert.equal(writes, 2);
});

Deno.test("flush has nothing to wait for where nothing was said", async () => {
  await new Status(() => assert.fail("nothing to write")).flush(1000);
});
