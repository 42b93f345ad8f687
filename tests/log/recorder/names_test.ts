import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Compression,
  dumpName,
  isDumpName,
  isPartName,
  parseSegmentName,
  partName,
  segmentName,
} from "../../../src/log/recorder/names.ts";
import { anyText } from "../../any_text.ts";

const AT = Date.UTC(2026, 10, 20, 10, 31, 6, 123);

Deno.test("a segment's name says when it began, its number and how it is kept", () => {
  const name = { startedAtMs: AT, number: 17, compression: "none" } as const;
  assert.equal(segmentName(name), "tcpmon-20261120T103106.123Z-000017.jsonl");
  assert.equal(segmentName({ ...name, compression: "gzip" }), "tcpmon-20261120T103106.123Z-000017.jsonl.gz");
  assert.equal(segmentName({ ...name, compression: "zstd" }), "tcpmon-20261120T103106.123Z-000017.jsonl.zst");
});

Deno.test("whatever a segment's name says is read back from it", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 253402300799999 }),
    fc.integer({ min: 1, max: 999_999_999_999_999 }),
    fc.constantFrom<Compression>("none", "gzip", "zstd"),
    (startedAtMs, number, compression) => {
      const name = { startedAtMs, number, compression };
      assert.deepEqual(parseSegmentName(segmentName(name)), name);
      assert.ok(isPartName(partName(segmentName(name))));
      assert.ok(!isPartName(segmentName(name)) && !isDumpName(segmentName(name)));
    },
  ));
});

Deno.test("other files are not taken for the recorder's", () => {
  const names = [
    "tcpmon.log",
    "tcpmon.lock",
    "tcpmon-20261120T103106.123Z-000017.jsonl.bak",
    "tcpmon-20261120T103106.123Z-17.jsonl",
    "tcpmon-20269920T103106.123Z-000017.jsonl",
    "a-tcpmon-20261120T103106.123Z-000017.jsonl",
    "tcpmon-20261120T103106.123Z-000017.jsonl\n",
    "TCPMON-20261120T103106.123Z-000017.JSONL",
    "notes.part",
    "dump.jsonl",
    "dump-20261120T103106.123Z-x y.jsonl",
    "",
  ];
  for (const name of names) {
    assert.equal(parseSegmentName(name), undefined, name);
    assert.ok(!isPartName(name) && !isDumpName(name), name);
  }
});

Deno.test("a dump's name has its reason in letters that every file system takes", () => {
  assert.equal(dumpName(AT + 0.7, "SIGUSR2", 0), "dump-20261120T103106.123Z-SIGUSR2.jsonl");
  assert.equal(dumpName(AT, "SIGUSR2", 1), "dump-20261120T103106.123Z-SIGUSR2-2.jsonl");
  assert.equal(dumpName(AT, "exchange 17 503", 0), "dump-20261120T103106.123Z-exchange-17-503.jsonl");
  assert.equal(dumpName(AT, "../../etc/passwd\0", 0), "dump-20261120T103106.123Z-etc-passwd.jsonl");
  assert.equal(dumpName(AT, "…", 0), "dump-20261120T103106.123Z-dump.jsonl");
  fc.assert(fc.property(anyText({ maxLength: 200 }), fc.nat(3), (reason, again) => {
    const name = dumpName(AT, reason, again);
    assert.ok(isDumpName(name), name);
    assert.ok(isPartName(partName(name)));
    assert.ok(name.length < 120);
  }));
});
