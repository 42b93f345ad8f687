import assert from "node:assert/strict";
import fc from "fast-check";
import { parseKeep } from "../../src/store/keep.ts";
import { anyText } from "../any_text.ts";
import { exchange, request } from "../capture/filter_samples.ts";
import { TestHistory } from "./stored.ts";

Deno.test("what is kept is a count, a size or an age", () => {
  assert.deepEqual(parseKeep("10000"), { count: 10000 });
  assert.deepEqual(parseKeep("1G"), { bytes: 2 ** 30 });
  assert.deepEqual(parseKeep("1.5MiB"), { bytes: 1.5 * 2 ** 20 });
  assert.deepEqual(parseKeep("24h"), { ageMs: 86_400_000 });
  assert.deepEqual(parseKeep("90min"), { ageMs: 5_400_000 });
  assert.deepEqual(parseKeep("7d"), { ageMs: 7 * 86_400_000 });
});

Deno.test("anything else is refused in one line that says what was wanted", () => {
  for (
    const text of ["", "0", "-1", "1.5", "1x", "64k", "1 G", "G", "1e9", "٣", "0h", "9".repeat(30), "1\n"]
  ) {
    assert.throws(
      () => parseKeep(text),
      /^Error: found .*, wanted a number of records such as 10000.*24h$/,
      text,
    );
  }
  fc.assert(fc.property(anyText(), (text) => {
    try {
      const keep = parseKeep(text);
      assert.ok(Object.values(keep).every((value) => Number.isSafeInteger(value) && value > 0));
    } catch (error) {
      assert.match(String(error), /^Error: found "/);
    }
  }));
});

const many = (count: number) => Array.from({ length: count }, (_, i) => exchange({ id: i + 1 }));

Deno.test("past a count the oldest records go, in blocks, and no more than need be", () => {
  using history = new TestHistory({ count: 1000 });
  for (let i = 0; i < 20; i++) history.write(...many(200));
  history.tidy();
  const { first, last } = history.index.span()!;
  assert.equal(last, 4000);
  assert.ok(first <= 3001 && first > 3001 - 128, String(first));
  assert.equal(history.ids().length, last - first + 1);
  for (const table of ["blocks", "signatures", "lines"]) {
    assert.ok(history.numbers(`SELECT count(*) FROM ${table}`)[0] <= 20, table);
  }
});

Deno.test("what is too old goes, also while nothing comes", () => {
  using history = new TestHistory({ ageMs: 60_000 });
  history.write(...many(300).map((one) => ({ ...one, at: history.clock.at })));
  history.clock.at += 30_000;
  history.write(...many(300).map((one) => ({ ...one, at: history.clock.at })));
  assert.equal(history.ids().length, 600);
  history.clock.at += 40_000;
  history.tidy();
  assert.deepEqual(history.index.span(), { first: 301, last: 600 });
  history.clock.at += 40_000;
  history.tidy();
  assert.equal(history.index.span(), undefined);
  history.write(exchange());
  assert.deepEqual(history.ids(), []);
  history.write({ ...exchange(), at: history.clock.at });
  assert.deepEqual(history.ids(), [602]);
});

Deno.test("a file that may have so many bytes does not grow beyond them, and its room is used again", () => {
  using history = new TestHistory({ bytes: 4 * 2 ** 20 });
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  const record = exchange({ request: request("PUT /", [], noise) });
  const sizes: number[] = [];
  for (let i = 0; i < 300; i++) {
    history.write(record);
    sizes.push(history.numbers("PRAGMA page_count")[0] * history.numbers("PRAGMA page_size")[0]);
  }
  assert.ok(Math.max(...sizes) < 4.5 * 2 ** 20, String(Math.max(...sizes)));
  assert.ok(history.ids().length > 20);
  assert.equal(history.ids()[0], 300);
});

Deno.test("shapes and sides that nothing uses any more go too", () => {
  using history = new TestHistory({ count: 500 });
  for (let i = 0; i < 60; i++) {
    history.write(
      ...many(300).map((one, k) => ({
        ...one,
        connection: { ...one.connection, client: `1.2.3.4:${i * 300 + k}` },
      })),
    );
  }
  assert.ok(history.numbers("SELECT count(*) FROM sides")[0] < 10_000);
  assert.equal(history.ids("client:1.2.3.4:17999").length, 1);
  assert.deepEqual(history.index.page({ limit: 1 }).rows[0].client, "1.2.3.4:17999");
});
