/** The pcapng export, read by a strict reader. */
import { strict as assert } from "node:assert";
import type { ExchangeRecord, Record } from "../../src/capture/record.ts";
import { captured, connection, exported, get, ok, START, textOf, webSocket } from "./pcapng_records.ts";
import { conversationsOf, type Flowing, readPcapng } from "./pcapng_reader.ts";

function conversations(records: readonly Record[], windowBytes?: number): Flowing[] {
  return conversationsOf(readPcapng(exported(records, windowBytes).file));
}

const flagsOf = ({ packets }: Flowing) => packets.map(({ flags }) => flags).join(" ");

/** Direction and target or status of what carries data. */
const dataOf = ({ packets, client }: Flowing) =>
  packets.filter(({ payload, flags }) => payload.length > 0 && !flags.startsWith("S")).map((
    { from, payload },
  ) => `${from === client ? "up" : "down"} ${textOf(payload).split(" ")[1]}`);

Deno.test("an exchange is a whole TCP conversation, from the handshake to both ends", () => {
  const [told] = conversations(captured(connection(1), [["up", get("/a")], ["down", ok("hello")]]));
  assert.equal(told.client, "127.0.0.1:40001");
  assert.equal(told.server, "127.0.0.1:9080");
  assert.equal(flagsOf(told), "S SA A PA PA FA FA A");
  assert.equal(textOf(told.up.bytes), get("/a"));
  assert.equal(textOf(told.down.bytes), ok("hello"));
});

Deno.test("times are those of the log: opened, request, response, closed", () => {
  const records = captured(connection(1), [["up", get("/a")], ["down", ok("hello")]], { cutTimes: false });
  const [{ packets }] = conversations(records);
  const micros = packets.map((packet) => packet.micros - START * 1000);
  assert.deepEqual(micros, [500, 1000, 1000, 4250, 7500, 8500, 8500, 8500]);
});

Deno.test("comments name the exchange, and the connection with its real addresses", () => {
  const [{ packets }] = conversations(captured(connection(2), [["up", get("/a")], ["down", ok("x")]]));
  assert.deepEqual(packets.map(({ comment }) => comment), [
    "connection 2: 127.0.0.1:40002 by 127.0.0.1:8081 to 127.0.0.1:9080",
    undefined,
    undefined,
    "exchange 2001",
    "exchange 2001",
    "connection 2: client-closed",
    undefined,
    undefined,
  ]);
});

Deno.test("pipelined requests stand where they were sent: before the first response", () => {
  const [told] = conversations(captured(connection(1), [
    ["up", get("/a")],
    ["up", get("/b")],
    ["down", ok("one")],
    ["down", ok("two")],
  ]));
  assert.deepEqual(dataOf(told), ["up /a", "up /b", "down 200", "down 200"]);
});

Deno.test("a request that came within the ms in which the response ended comes after it", () => {
  const records = captured(connection(1), [["up", get("/a")], ["down", ok("one")]], {
    end: "open",
  }) as Record[];
  const [, first] = records as ExchangeRecord[];
  // The log cuts times: 0.4 ms after the response in truth, 0.2 ms before it by what can be read.
  const at = first.at + first.ms.total - 0.2;
  const second = { ...first, id: 2, at };
  const [told] = conversations([...records, second]);
  assert.deepEqual(dataOf(told), ["up /a", "down 200", "up /a", "down 200"]);
});

Deno.test("interim responses stand before the final one, and trailers behind a chunked body", () => {
  const response =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n";
  const hints = "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n";
  const records = captured(connection(1), [["up", get("/a")], ["down", hints + response]]);
  const [told] = conversations(records);
  const body = "8\r\nhelloabc\r\n0\r\nX: y\r\n\r\n";
  assert.equal(
    textOf(told.down.bytes),
    `${hints}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
  );
  assert.equal(exported(records).notes.get("chunks of chunked bodies: each body is one chunk"), 1);
});

Deno.test("a response to HEAD has no body, whatever its fields say", () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  const records = captured(connection(1), [["up", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"], ["down", head]]);
  const [told] = conversations(records);
  assert.equal(textOf(told.down.bytes), head);
  assert.equal(told.down.missing, 0);
});

Deno.test("a chunked response that was cut does not seem whole", () => {
  const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const records = captured(connection(1), [["up", get("/")], ["down", `${head}5\r\nhello\r\n9\r\nwor`]], {
    end: "target-closed",
  });
  const [told] = conversations(records);
  assert.equal(textOf(told.down.bytes), `${head}8\r\nhellowor\r\n`);
  assert.match(
    told.packets.map(({ comment }) => comment).join("\n"),
    /exchange 1001 \(response-cut: the response ended/,
  );
});

Deno.test("what --max-body left out is in packets cut short; what follows stands behind it", () => {
  const body = "z".repeat(200_000);
  const steps = [["up", get("/big")], ["down", ok(body)], ["up", get("/b")], ["down", ok("after")]] as const;
  const records = captured(connection(1), steps, { maxBody: 1000 });
  const [told] = conversations(records);
  assert.equal(told.down.missing, 199_000);
  assert.equal(textOf(told.down.bytes), ok(body).slice(0, -199_000) + ok("after"));
  assert.equal(
    exported(records).notes.get("bodies cut by --max-body: their ends are in packets cut short"),
    1,
  );
});

Deno.test("of a chunked body that was cut by --max-body, the framing behind the gap is there", () => {
  const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const steps = [["up", get("/")], ["down", `${head}7d0\r\n${"y".repeat(2000)}\r\n0\r\n\r\n`]] as const;
  const [told] = conversations(captured(connection(1), steps, { maxBody: 10 }));
  assert.equal(textOf(told.down.bytes), `${head}7d0\r\n${"y".repeat(10)}\r\n0\r\n\r\n`);
  assert.equal(told.down.missing, 1990);
});

Deno.test("a large body goes in segments, with acknowledgements, its last when it ended", () => {
  const body = "x".repeat(900_000);
  const records = captured(connection(1), [["up", get("/")], ["down", ok(body)]], { cutTimes: false });
  const [told] = conversations(records);
  assert.equal(textOf(told.down.bytes), ok(body));
  const times = told.packets.filter(({ payload, from }) => from === told.server && payload.length > 8)
    .map(({ micros }) => micros - START * 1000);
  assert.equal(times.length, 14);
  assert.deepEqual([times[0], times[13]], [7500, 7750]);
  assert.ok(told.packets.filter(({ flags, from }) => flags === "A" && from === told.client).length > 3);
});

for (
  const [end, flags] of [
    ["client-closed", "S SA A FA FA A"],
    ["target-closed", "S SA A FA FA A"],
    ["client-reset", "S SA A RA"],
    ["target-reset", "S SA A RA"],
    ["idle-timeout", "S SA A FA FA A"],
    ["connect-failed", "S RA"],
  ] as const
) {
  Deno.test(`a connection without a byte that ended by ${end}`, () => {
    const opened = captured(connection(1), [], { end });
    const [told] = conversations(end === "connect-failed" ? opened.slice(1) : opened);
    assert.equal(flagsOf(told), flags);
    const ending = told.packets.find((packet) => /[FR]/.test(packet.flags));
    const byServer = end.startsWith("target") || end === "connect-failed";
    assert.equal(ending?.from, byServer ? told.server : told.client);
  });
}

Deno.test("what a client sent whose target could not be reached is shown nevertheless", () => {
  const records = captured(connection(1), [["up", get("/")]], { end: "connect-failed" }).slice(1);
  const [told] = conversations(records);
  assert.equal(textOf(told.up.bytes), get("/"));
});

Deno.test("a stream goes as it was read, and what the log does not have of it is missing", () => {
  const info = connection(1, "db:5432");
  const records = captured(info, [["up", "\0hello\n"], ["down", "\x01\x02"], ["up", "lost"], ["up", "end"]]);
  const without = records.filter((record) => record.type !== "data" || record.body.kept.length !== 4);
  const [told] = conversations(without);
  assert.equal(textOf(told.up.bytes), "\0hello\nend");
  assert.equal(told.up.missing, 4);
  assert.equal(textOf(told.down.bytes), "\x01\x02");
});

Deno.test("HTTP stands before the data behind it, though the log has it later", () => {
  const steps = [["up", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\nab"], ["up", "cd"], [
    "down",
    ok("!"),
  ]] as const;
  const records = captured(connection(1), steps);
  assert.deepEqual(records.map(({ type }) => type).slice(1, 4), ["data", "data", "exchange"]);
  const [told] = conversations(records);
  assert.equal(textOf(told.up.bytes), steps[0][1] + steps[1][1]);
  const { notes } = exported(records, 0);
  assert.equal(notes.get("messages that the log tells after the data behind them: they are left out"), 1);
});

Deno.test("WebSocket messages are frames again, behind the handshake: masked from the client, in one piece", () => {
  const deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  const records = captured(connection(1), [
    ...webSocket(deflate),
    ["up", "\x01\x82\x37\xfa\x21\x3d\x7f\x9f"],
    ["up", "\x80\x83\x00\x00\x00\x00llo"],
    ["down", "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"],
    ["down", `\x82\x7e\x01\x00${"b".repeat(256)}`],
    ["down", "\x88\x05\x03\xe8bye"],
  ]);
  const [told] = conversations(records);
  const [up, down] = [textOf(told.up.bytes), textOf(told.down.bytes)].map((text) =>
    text.split("\r\n\r\n")[1]
  );
  assert.equal(up, "\x81\x85\0\0\0\0Hello");
  assert.equal(down, `\x81\x05Hello\x82\x7e\x01\x00${"b".repeat(256)}\x88\x05\x03\xe8bye`);
  assert.deepEqual([...exported(records).notes.keys()].sort(), [
    "compression of WebSocket messages: they are shown uncompressed",
    "fragments of WebSocket messages: each message is one frame",
  ]);
});

Deno.test("server-sent events stand in their response alone", () => {
  const events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\ndata: b\n\n";
  const records = captured(connection(1), [["up", get("/")], ["down", events], ["down-end"]], {
    end: "target-closed",
  });
  assert.equal(records.filter(({ type }) => type === "message").length, 2);
  const [told] = conversations(records);
  assert.equal(textOf(told.down.bytes), events);
});

Deno.test("a redacted body has its own length in the head", () => {
  const steps = [["up", get("/")], ["down", ok("secret=hunter2")], ["up", get("/2")], [
    "down",
    ok("x"),
  ]] as const;
  const records = captured(connection(1), steps).map((record) => {
    if (record.type !== "exchange" || record.response?.body.bytes !== 14) return record;
    const body = {
      bytes: 14,
      kept: new TextEncoder().encode("secret=tag"),
      redacted: true,
      truncated: false,
    };
    return { ...record, response: { ...record.response, body } };
  });
  const [told] = conversations(records);
  assert.equal(textOf(told.down.bytes), ok("secret=tag") + ok("x"));
});

Deno.test("logs of two runs in one file: the same number is another connection", () => {
  const run = captured(connection(1), [["up", get("/")], ["down", ok("x")]], { end: "open" });
  const told = conversations([...run, ...captured(connection(1), [["up", get("/2")]], { startMs: 5000 })]);
  assert.deepEqual(told.map(({ up }) => textOf(up.bytes)), [get("/"), get("/2")]);
});

Deno.test("a proxy's legs to two targets have one number and are two conversations", () => {
  const [one, two] = [connection(1, "a.example:80"), connection(1, "b.example:80")];
  const told = conversations([
    ...captured(one, [["up", get("/1")], ["down", ok("x")]]),
    ...captured(two, [["up", get("/2")], ["down", ok("y")]]),
  ]);
  assert.deepEqual(told.map(({ up }) => textOf(up.bytes)).sort(), [get("/1"), get("/2")]);
});

Deno.test("records without connection records still have a handshake; lost ones are noted", () => {
  const records = captured(connection(1), [["up", get("/")], ["down", ok("x")]]).filter(({ type }) =>
    type === "exchange"
  );
  const lost: Record = { type: "lost", count: 3, from: START, to: START, reason: "full" };
  const { file, notes } = exported([...records, lost]);
  const [told] = conversationsOf(readPcapng(file));
  assert.equal(flagsOf(told), "S SA A PA PA");
  assert.equal(notes.get("records that the log had lost"), 1);
});

Deno.test("packets of all connections are in the order of time", () => {
  const records = Array.from(
    { length: 20 },
    (_, i) => captured(connection(i + 1), [["up", get("/")], ["down", ok("x")]], { startMs: i * 2 }),
  ).reverse().flat();
  const { packets } = readPcapng(exported(records).file);
  const times = packets.map(({ micros }) => micros);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

Deno.test("an empty log is a file without packets", () => {
  assert.deepEqual(readPcapng(exported([]).file), { packets: [], names: [] });
});
