import assert from "node:assert/strict";
import { readCapture } from "../../src/program/captures.ts";
import { NEEDLE, writeLog } from "./viewer_log.ts";

Deno.test("the log that is made is one that the program reads without a complaint, with one word in one place", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/made.jsonl`;
    await writeLog(file, 5_010);
    const said: string[] = [];
    let exchanges = 0;
    for await (
      const batch of readCapture(file, {
        strict: true,
        status: { line: (text) => said.push(text) },
      })
    ) {
      exchanges += batch.filter(({ record }) => record.type === "exchange").length;
    }
    assert.equal(exchanges, 5_010);
    assert.deepEqual(said, []);
    assert.equal((await Deno.readTextFile(file)).split(NEEDLE).length - 1, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
