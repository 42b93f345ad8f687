import assert from "node:assert/strict";
import { openHistory } from "../../src/store/history.ts";
import { readHistory } from "../../src/store/read_history.ts";
import { HistoryReader } from "../../src/store/history_reader.ts";
import { exchange } from "../capture/filter_samples.ts";

/** How often it is killed: each time somewhere else in a batch. */
const KILLS = 3;
/** Batches that are stored before it is. */
const BATCHES = 4;
const BATCH = 400;

/** Runs the program that writes, and kills it while it does. @returns How many records it said were stored. */
async function writtenUntilKilled(path: string): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-all", `${import.meta.dirname}/killed_writer.ts`, path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let stored = "";
  let isKilled = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    stored += text;
    if (isKilled || stored.split("\n").length <= BATCHES) continue;
    child.kill("SIGKILL");
    isKilled = true;
  }
  assert.equal((await child.status).success, false);
  return Number(stored.split("\n").at(-2));
}

Deno.test("what was stored is there after the program was killed while it wrote, and is gone on with", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-test-" });
  try {
    const path = `${folder}/history`;
    let before = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const stored = await writtenUntilKilled(path);
      assert.ok(stored >= BATCHES * BATCH, String(stored));
      const problems: string[] = [];
      const ids: number[] = [];
      for await (const batch of readHistory(path, { onProblem: ({ message }) => problems.push(message) })) {
        for (const { record } of batch) if (record.type === "exchange") ids.push(record.id);
      }
      assert.deepEqual(problems, []);
      const own = ids.slice(before);
      assert.deepEqual(own, own.map((_, i) => i + 1));
      // Of the batch that was on its way all, a part or nothing is there.
      assert.ok(own.length >= stored && own.length <= stored + BATCH, `${own.length} of ${stored}`);
      before = ids.length;
    }
    const history = await openHistory(
      { path, keep: {}, maxBodyBytes: 65536, queueBytes: 1 << 20 },
      { epochNow: Date.now, warn() {} },
    );
    history.write(exchange());
    await history.flush();
    assert.deepEqual(await history.reader.span(), { first: 1, last: before + 1 });
    await history.close(5000);
    await using reader = await HistoryReader.open({ path, maxBodyBytes: 65536 });
    assert.equal((await reader.count("type:exchange")).count, before + 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
