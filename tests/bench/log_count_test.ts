import assert from "node:assert/strict";
import fc from "fast-check";
import { countLog, RecordCounter } from "./log_count.ts";

const LOG = new TextEncoder().encode([
  '{"type":"connection","id":1}',
  '{"type":"exchange","id":1,"note":"{\\"type\\":\\"lost\\""}',
  '{"type":"exchange"}',
  "",
  "{}",
  ' {"type":"exchange"}',
  '{"type":"exchange","id":3}',
  '{"type":"lost","records":4}',
  '{"type":"exchang',
].join("\n"));

Deno.test("records are counted by how their line starts, however the log is cut", () => {
  const cuts = fc.array(fc.nat(LOG.length), { maxLength: 40 });
  fc.assert(fc.property(cuts, (offsets) => {
    const counter = new RecordCounter();
    const bounds = [0, ...offsets.sort((a, b) => a - b), LOG.length];
    for (let at = 1; at < bounds.length; at++) counter.push(LOG.subarray(bounds[at - 1], bounds[at]));
    assert.deepEqual(counter.count, { exchanges: 3, lost: 1 });
  }));
});

Deno.test("byte by byte and empty chunks between count the same", () => {
  const counter = new RecordCounter();
  for (const byte of LOG) {
    counter.push(new Uint8Array());
    counter.push(Uint8Array.of(byte));
  }
  assert.deepEqual(counter.count, { exchanges: 3, lost: 1 });
});

Deno.test("a log file is counted, an empty one too", async () => {
  const file = await Deno.makeTempFile();
  try {
    assert.deepEqual(await countLog(file), { exchanges: 0, lost: 0 });
    await Deno.writeFile(file, LOG);
    assert.deepEqual(await countLog(file), { exchanges: 3, lost: 1 });
    const third = LOG.length - '{"type":"lost","records":4}\n{"type":"exchang'.length;
    assert.deepEqual(await countLog(file, third), { exchanges: 0, lost: 1 });
  } finally {
    await Deno.remove(file);
  }
});
