/** What stands in the old file and in the new one when a log is reopened (SIGHUP), dates above all. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Format } from "../../src/log/format.ts";
import { LogBlock } from "../../src/log/log_block.ts";
import { createShortFormat } from "../../src/log/short.ts";
import { createTextFormat } from "../../src/log/text.ts";
import { numbered, openFake } from "./fake_destination.ts";
import { AT, exchange, utc } from "./human_fixtures.ts";

const DAY_MS = 86_400_000;
const human = { color: false, pretty: false, hex: false, limitBytes: 100, zoneOffset: utc, dated: true };
const formats: readonly (() => Format)[] = [() => createTextFormat(human), () => createShortFormat(human)];

const onDay = (day: number, id: number) => exchange({ id, at: AT + day * DAY_MS });

/** Which lines with a date and which numbers of exchanges a file has, in their order. */
const outline = (file: string) => file.match(/^# .*|^#\d+/gm) ?? [];

Deno.test("a file that is begun anew begins with its date, and the one before gets none", async () => {
  for (const format of formats) {
    const { log, destination } = openFake({ format: format() });
    log.write(onDay(0, 1));
    const first = await destination.next();
    log.write(onDay(0, 2));
    const reopened = log.reopen();
    log.write(onDay(0, 3));
    log.write(onDay(1, 4));
    first.take();
    await destination.takeAll(log);
    await reopened;
    await log.reopen();
    await log.reopen();
    log.write(onDay(1, 5));
    await destination.takeAll(log);
    await log.reopen();
    log.write(onDay(2, 6));
    await destination.takeAll(log);
    await log.close(1000);
    assert.deepEqual(destination.files.map(outline), [
      ["# 2026-11-20 UTC", "#1"],
      ["# 2026-11-20 UTC", "#2", "#3", "# 2026-11-21 UTC", "#4"],
      [],
      ["# 2026-11-21 UTC", "#5"],
      ["# 2026-11-22 UTC", "#6"],
    ]);
    for (const file of destination.files) assert.match(file, /^(# .*\n\n?#\d|$)/);
  }
});

Deno.test("where reopening fails the file goes on without another date", async () => {
  const { log, destination } = openFake({ format: createTextFormat(human) });
  destination.reopenError = new Error("Permission denied (os error 13)");
  log.write(onDay(0, 1));
  const reopened = log.reopen();
  log.write(onDay(0, 2));
  (await destination.next()).take();
  await reopened;
  await destination.takeAll(log);
  await log.close(1000);
  assert.deepEqual(destination.files.map(outline), [["# 2026-11-20 UTC", "#1", "#2"]]);
});

Deno.test("a file begun anew while writes fail begins with its date and the whole block that was cut", async () => {
  for (const [cutDay, date] of [[0, "# 2026-11-20 UTC"], [1, "# 2026-11-21 UTC"]] as const) {
    const { log, destination } = openFake({ format: createTextFormat(human) });
    for (const record of [onDay(0, 1), onDay(cutDay, 2), onDay(cutDay, 3)]) log.write(record);
    const write = await destination.next();
    // In a line of the third block that is not its first one.
    write.take(write.text.lastIndexOf("> Host"));
    (await destination.next()).fail(new Error("No space left on device (os error 28)"));
    const reopened = log.reopen();
    (await destination.next()).take();
    await reopened;
    await log.close(1000);
    assert.deepEqual(outline(destination.files[1]), [date, "#3"]);
    assert.equal(outline(destination.files[0]).at(-1), "#3", "as far as it came");
  }
});

Deno.test("a JSON log has no headings, and no line twice", async () => {
  const { log, destination } = openFake();
  for (const id of [11, 22]) log.write(numbered(id));
  (await destination.next()).take(3);
  (await destination.next()).fail(new Error("No space left on device (os error 28)"));
  const reopened = log.reopen();
  (await destination.next()).take();
  await reopened;
  await log.close(1000);
  assert.deepEqual(destination.files, ["11\n", "22\n"]);
});

Deno.test("wherever a block is cut into files, each file begins with the date of its first record", () => {
  const days = fc.array(fc.nat(2), { minLength: 1, maxLength: 8 });
  const cuts = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 3 });
  fc.assert(
    fc.property(days, days, cuts, (before, inside, places) => {
      const format = createShortFormat(human);
      const earlier = new LogBlock(16);
      before.forEach((day, i) => earlier.append(onDay(day, i), format));
      const block = new LogBlock(16);
      inside.forEach((day, i) => block.append(onDay(day, i), format));
      let first = 0;
      for (const place of places) {
        const taken = Math.floor(place * block.length);
        const left = block.recordsAfter(taken);
        block.beginFile(taken);
        first = inside.length - left;
        assert.equal(block.recordsAfter(0), left);
        assert.equal(block.recordsAfter(block.length), 0);
      }
      const found = outline(new TextDecoder().decode(block.view()));
      if (places.length === 0) return;
      const wanted = inside.slice(first).flatMap((day, i, all) => [
        ...all[i - 1] === day ? [] : [`# 2026-11-${20 + day} UTC`],
        `#${first + i}`,
      ]);
      assert.deepEqual(found, wanted);
    }),
    { numRuns: 1000 },
  );
});
