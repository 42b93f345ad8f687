import assert from "node:assert/strict";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { localZoneOffset, sizeText, TimeOfDay, writeDuration, writeSize } from "../../src/log/units.ts";

function written(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter(1);
  write(out);
  return new TextDecoder().decode(out.view());
}

Deno.test("sizes are exact below 1 KiB and have one decimal above, never 1024.0 of a unit", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [31, "31 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [4300, "4.2 KiB"],
    [1024 * 1024 - 1, "1.0 MiB"],
    [1024 ** 3, "1.0 GiB"],
    [5 * 1024 ** 4, "5.0 TiB"],
    [Number.MAX_SAFE_INTEGER, "8.0 PiB"],
  ];
  for (const [bytes, text] of cases) {
    assert.equal(sizeText(bytes), text);
    assert.equal(written((out) => writeSize(bytes, out)), text);
  }
});

Deno.test("durations have the decimals that people read", () => {
  const cases: [number, string][] = [
    [0, "0.00 ms"],
    [-1, "0.00 ms"],
    [NaN, "0.00 ms"],
    [0.061, "0.06 ms"],
    [0.41, "0.41 ms"],
    [0.999, "1.0 ms"],
    [2, "2.0 ms"],
    [15.26, "15.3 ms"],
    [999.96, "1.00 s"],
    [1250, "1.25 s"],
    [61_005, "61.01 s"],
    [86_400_000, "86400.00 s"],
  ];
  for (const [ms, text] of cases) assert.equal(written((out) => writeDuration(ms, out)), text);
});

Deno.test("times of day follow the zone, over midnight both ways, and need no order", () => {
  const at = Date.UTC(2026, 10, 20, 23, 59, 59, 7) + 0.9;
  const time = (zone: number, ...moments: number[]) => {
    const clock = new TimeOfDay(() => zone);
    return written((out) => moments.forEach((moment) => clock.write(moment, out)));
  };
  assert.equal(time(0, at), "23:59:59.007");
  assert.equal(time(60, at), "00:59:59.007");
  assert.equal(time(-330, at), "18:29:59.007");
  assert.equal(time(0, at, at + 1000, at, at + 2), "23:59:59.00700:00:00.00723:59:59.00723:59:59.009");
  assert.equal(time(-60, 0), "23:00:00.000");
  assert.equal(time(0, -1), "23:59:59.999");
});

Deno.test("the zone is asked once a second at most, so that a change of summer time is followed", () => {
  let asked = 0;
  const clock = new TimeOfDay((at) => (asked++, at >= 10_000 ? 60 : 0));
  const text = written((out) => [9_000, 9_999, 10_000, 10_001].forEach((at) => clock.write(at, out)));
  assert.equal(text, "00:00:09.00000:00:09.99901:00:10.00001:00:10.001");
  assert.equal(asked, 2);
});

Deno.test("the local zone is the machine's", () => {
  const at = Date.UTC(2026, 6, 1, 12);
  const local = new Date(at);
  const minutes = (((12 * 60 + localZoneOffset(at)) % 1440) + 1440) % 1440;
  assert.equal(minutes, local.getHours() * 60 + local.getMinutes());
});
