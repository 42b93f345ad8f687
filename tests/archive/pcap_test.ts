/** Capture files become records again. */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { PcapReader } from "../../src/archive/pcap.ts";
import type { Archived, ArchiveProblem } from "../../src/archive/reading.ts";
import type { Record } from "../../src/capture/record.ts";
import { lineOf } from "../capture/connection_script.ts";
import {
  captured,
  connection,
  exported,
  get,
  ok,
  START,
  type Step,
  webSocket,
} from "../export/pcapng_records.ts";

/** What a file gives, in pieces of any size. */
function read(
  file: Uint8Array,
  pieceBytes = file.length,
): { records: Archived[]; problems: ArchiveProblem[] } {
  const reader = new PcapReader();
  const records: Archived[] = [];
  const problems: ArchiveProblem[] = [];
  const take = (readings: ReturnType<PcapReader["push"]>) => {
    for (const reading of readings) {
      if ("message" in reading) problems.push(reading);
      else records.push(...reading);
    }
  };
  for (let at = 0; at < file.length; at += pieceBytes) {
    const piece = file.slice(at, at + pieceBytes);
    take(reader.push(piece));
    piece.fill(0x21);
  }
  take(reader.end());
  return { records, problems };
}

/** Records as lines, ids of exchanges left out, which are counted anew. */
function linesOf(records: readonly Record[]): string[] {
  return records.map((record) => {
    const what = record.type === "connection"
      ? `${record.event} ${"end" in record ? record.end : ""}`
      : lineOf(record);
    const id = record.type === "lost" ? 0 : record.connection.client;
    return `${id} ${what.replace(/^#\d+ /, "")}`;
  });
}

const STEPS: readonly Step[] = [
  ["up", get("/a")],
  ["down", ok("hello")],
  ["up", get("/b") + get("/c")],
  ["down", "HTTP/1.1 103 Early Hints\r\n\r\n"],
  ["down", ok("x".repeat(100_000)) + ok("")],
];

/** The packets of an export in a pcap file: Ethernet with a tag of a virtual network, or another link layer. */
function pcapOf(
  file: Uint8Array,
  link: "ethernet" | "null" | "sll",
  isLittle: boolean,
  isNano: boolean,
): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset);
  const pieces: Uint8Array[] = [];
  const words = (...values: number[]) => {
    const piece = new DataView(new ArrayBuffer(values.length * 4));
    values.forEach((value, i) => piece.setUint32(i * 4, value, isLittle));
    pieces.push(new Uint8Array(piece.buffer));
  };
  const types = { ethernet: 1, null: 0, sll: 113 };
  words(isNano ? 0xa1b23c4d : 0xa1b2c3d4, isLittle ? 0x00040002 : 0x00020004, 0, 0, 65_535, types[link]);
  for (let at = 0; at < file.length; at += view.getUint32(at + 4, true)) {
    if (view.getUint32(at, true) !== 6) continue;
    const micros = view.getUint32(at + 12, true) * 2 ** 32 + view.getUint32(at + 16, true);
    const ip = file.subarray(at + 28, at + 28 + view.getUint32(at + 20, true));
    const type = ip[0] >> 4 === 4 ? [8, 0] : [0x86, 0xdd];
    const head = link === "ethernet"
      ? [...Array(12).fill(2), 0x81, 0, 0, 5, ...type]
      : link === "null"
      ? [2, 0, 0, 0]
      : [...Array(14).fill(0), ...type];
    const length = head.length + ip.length;
    const fraction = micros % 1e6;
    words(Math.floor(micros / 1e6), isNano ? fraction * 1000 : fraction, length, length);
    pieces.push(Uint8Array.of(...head), ip);
  }
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

Deno.test("what was exported as pcapng is read back: heads, bodies, outcomes, and how connections ended", () => {
  const all = (["client-closed", "target-closed", "client-reset", "target-reset"] as const).map((end, i) =>
    captured(connection(i + 1, i % 2 === 0 ? "10.0.0.1:80" : "[2001:db8::1]:80"), STEPS, {
      end,
      startMs: i * 1000,
    })
  ).flat();
  const { records, problems } = read(exported(all).file);
  assert.deepEqual(problems, []);
  const known = linesOf(all).map((line) => line.replace(/^\S+ /, ""));
  assert.deepEqual(
    linesOf(records.map(({ record }) => record)).map((line) => line.replace(/^\S+ /, "")),
    known,
  );
});

Deno.test("a connection has the addresses of the file, and exchanges their times", () => {
  const { records } = read(exported(captured(connection(1), STEPS.slice(0, 2), { cutTimes: false })).file);
  assert.deepEqual(records.map(({ record, place }) => [record.type, place]), [
    ["connection", 2],
    ["exchange", 5],
    ["connection", 7],
  ]);
  const [{ record }] = records.filter(({ record }) => record.type === "exchange");
  assert.ok(record.type === "exchange");
  assert.deepEqual(record.connection, {
    id: 1,
    listener: "127.0.0.1:9080",
    client: "127.0.0.1:40001",
    target: "127.0.0.1:9080",
  });
  assert.ok(Math.abs(record.at - START - 4.25) < 0.01);
  assert.ok(Math.abs((record.ms.wait ?? 0) - 3.25) < 0.01);
  assert.ok(Math.abs((record.ms.connect ?? 0) - 0.5) < 0.01);
});

Deno.test("WebSocket messages and other streams are read back", () => {
  const steps: Step[] = [...webSocket(), ["up", "\x81\x85\0\0\0\0Hello"], ["down", "\x88\x05\x03\xe8bye"]];
  const all = [...captured(connection(1), steps), ...captured(connection(2), [["up", "\0x"], ["down", "y"]])];
  assert.deepEqual(
    linesOf(read(exported(all).file).records.map(({ record }) => record)).sort(),
    linesOf(all).sort(),
  );
});

Deno.test("files are read the same in pieces of any size, and a cut one as far as it goes", () => {
  const { file } = exported(captured(connection(1), [["up", get("/")], ["down", ok("hello")]]));
  const whole = read(file);
  for (const size of [1, 7, 64]) assert.deepEqual(read(file, size), whole);
  for (let end = 0; end < file.length; end += 3) {
    const { problems } = read(file.slice(0, end));
    assert.ok(problems.length <= 1);
    for (const { message } of problems) {
      assert.match(message, /^packet \d+: found the end of the file within it/);
    }
  }
});

for (const link of ["ethernet", "null", "sll"] as const) {
  for (const [isLittle, isNano] of [[true, false], [false, true]] as const) {
    Deno.test(`pcap with ${link} is read, ${isLittle ? "little" : "big"}-endian, in ${isNano ? "ns" : "µs"}`, () => {
      const all = captured(connection(1, "[2001:db8::1]:80", "[2001:db8::2]:5000"), STEPS);
      const v4 = captured(connection(2), STEPS, { startMs: 500 });
      const { file } = exported([...all, ...v4]);
      const [told, wanted] = [read(pcapOf(file, link, isLittle, isNano)), read(file)];
      assert.deepEqual(
        linesOf(told.records.map(({ record }) => record)),
        linesOf(wanted.records.map(({ record }) => record)),
      );
      assert.deepEqual(told.problems, []);
    });
  }
}

/** The blocks of a pcapng file: what stands before the packets, and each packet. */
function blocksOf(file: Uint8Array): { head: Uint8Array[]; packets: Uint8Array[] } {
  const view = new DataView(file.buffer, file.byteOffset);
  const head: Uint8Array[] = [], packets: Uint8Array[] = [];
  for (let at = 0, length = 0; at < file.length; at += length) {
    length = view.getUint32(at + 4, true);
    (view.getUint32(at, true) === 6 ? packets : head).push(file.slice(at, at + length));
  }
  return { head, packets };
}

/** A text in few characters, so that a test that fails does not print all of it. */
const digest = (text: string) => createHash("sha256").update(text).digest("hex");

const fileOf = (blocks: readonly Uint8Array[]) => Uint8Array.from(blocks.flatMap((block) => [...block]));

Deno.test("segments that come twice, or one after the other's turn, change nothing", () => {
  const large = ok("0123456789".repeat(30_000));
  const { head, packets } = blocksOf(
    exported(captured(connection(1), [["up", get("/")], ["down", large]])).file,
  );
  const contents = (file: Uint8Array) =>
    read(file).records.flatMap(({ record }) => record.type === "exchange" ? [digest(lineOf(record))] : []);
  const wanted = contents(fileOf([...head, ...packets]));
  assert.equal(wanted.length, 1);
  const data = packets.slice(4, -3);
  const order = fc.shuffledSubarray(data.map((_, i) => i), { minLength: data.length });
  fc.assert(
    fc.property(order, fc.subarray(data), (order, twice) => {
      const mixed = [
        ...head,
        ...packets.slice(0, 4),
        ...order.map((i) => data[i]),
        ...twice,
        ...packets.slice(-3),
      ];
      assert.deepEqual(contents(fileOf(mixed)), wanted);
    }),
    { numRuns: 50 },
  );
});

Deno.test("behind bytes that were not captured, reading goes on with the next request; that is told", () => {
  const all = captured(connection(1), [
    ["up", get("/big")],
    ["down", ok("z".repeat(300_000))],
    ["up", get("/next")],
    ["down", ok("after")],
  ], { maxBody: 1000 });
  const { records, problems } = read(exported(all).file);
  const exchanges = records.flatMap(({ record }) => record.type === "exchange" ? [record] : []);
  assert.deepEqual(exchanges.map(({ request, outcome, error }) => [request?.head.target, outcome, error]), [
    ["/big", "response-cut", "bytes are missing in the capture"],
    ["/next", "complete", undefined],
  ]);
  assert.deepEqual(problems, [{
    message: "1 × connections with bytes that were not captured: read on at the next request",
    isRemark: true,
  }]);
});

Deno.test("a packet that was lost is a gap once the file is over", () => {
  const { head, packets } = blocksOf(exported(captured(connection(1), STEPS)).file);
  const { records, problems } = read(fileOf([...head, ...packets.slice(0, 4), ...packets.slice(5)]));
  assert.equal(problems.length, 1);
  assert.equal(records.filter(({ record }) => record.type === "connection").length, 2);
});

Deno.test("a capture that began in the middle is read from there", () => {
  const { head, packets } = blocksOf(exported(captured(connection(1), STEPS)).file);
  const { records } = read(fileOf([...head, ...packets.slice(5)]));
  assert.deepEqual(
    records.flatMap(({ record }) => record.type === "exchange" ? [record.request?.head.target] : []),
    [
      "/b",
      "/c",
    ],
  );
});

Deno.test("what is not TCP is counted, what is no capture is told", () => {
  const udp = blocksOf(exported(captured(connection(1), [["up", get("/")]])).file);
  for (const packet of udp.packets) packet[28 + 9] = 17;
  assert.deepEqual(read(fileOf([...udp.head, ...udp.packets])).problems.map(({ message }) => message), [
    `${udp.packets.length} × packets that are not TCP`,
  ]);
  assert.deepEqual(
    read(new TextEncoder().encode("this is no capture file at all")).problems.map(({ message }) => message),
    [
      "packet 1: found no magic number of pcap or pcapng, wanted a packet; nothing behind it is read",
    ],
  );
});

Deno.test("whatever bytes come, there is an end without an exception", () => {
  const { file } = exported(captured(connection(1), STEPS.slice(0, 2)));
  const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), fc.integer({ min: 1, max: 400 }), (changes, size) => {
      const broken = file.slice();
      for (const [at, byte] of changes) broken[at] = byte;
      read(broken, size);
    }),
    { numRuns: 2000 },
  );
});
