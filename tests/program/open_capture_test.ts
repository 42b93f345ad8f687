/** A capture that comes from the page into the history. */
import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import type { Record } from "../../src/capture/record.ts";
import type { HistoryIntake } from "../../src/program/history_intake.ts";
import { openCapture, type OpenSettings } from "../../src/program/open_capture.ts";
import { SQLITE_MAGIC } from "../../src/store/protocol.ts";
import { Refused } from "../../src/ui/requests.ts";
import { exchangeLine } from "../end_to_end/exported.ts";
import { longestWait } from "./longest_wait.ts";

const encoder = new TextEncoder();

/** A history that takes records, and stores them when it is let. */
class FakeIntake implements HistoryIntake {
  readonly taken: Record[] = [];
  lost = 0;
  flushes = 0;
  /** What a flush waits for. */
  gate: Promise<void> = Promise.resolve();

  write(record: Record): void {
    this.taken.push(record);
  }

  flush(): Promise<void> {
    this.flushes++;
    return this.gate;
  }
}

/** A file in pieces, which counts how many were asked for. */
class File {
  asked = 0;
  readonly #pieces: readonly Uint8Array[];

  constructor(...pieces: readonly (string | Uint8Array)[]) {
    this.#pieces = pieces.map((piece) => typeof piece === "string" ? encoder.encode(piece) : piece);
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    for (const piece of this.#pieces) {
      this.asked++;
      yield await Promise.resolve(piece);
    }
  }
}

const never = new AbortController().signal;

function open(
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  history: HistoryIntake = new FakeIntake(),
  settings: Partial<OpenSettings> = {},
  signal: AbortSignal = never,
) {
  const isPlain = typeof content === "string" || content instanceof Uint8Array;
  const bytes = isPlain ? new File(content).bytes() : content;
  return openCapture("some.jsonl", bytes, { history, maxBodyBytes: 1024, now: () => 0, ...settings }, signal);
}

async function refusal(opening: Promise<unknown>): Promise<Refused> {
  const error = await opening.then(() => assert.fail("it was not refused"), (error) => error);
  assert.ok(error instanceof Refused, String(error));
  assert.doesNotMatch(error.message, /\n/);
  return error;
}

const side = {
  connection: 9,
  listener: "127.0.0.1:8081",
  client: "127.0.0.1:2",
  target: "127.0.0.1:3",
  time: "2026-11-20T10:31:06.123Z",
};
const closed = (exchanges: number) =>
  JSON.stringify({
    type: "connection",
    event: "closed",
    ...side,
    up: 1,
    down: 2,
    ms: { total: 1 },
    exchanges,
    end: "client-closed",
  });

Deno.test("the records of a file go into the history, and rows are counted as the table counts them", async () => {
  const history = new FakeIntake();
  const lost = JSON.stringify({ type: "lost", count: 3, from: side.time, to: side.time, reason: "slow" });
  const lines = [exchangeLine(), closed(1), closed(0), lost].join("\n");
  assert.deepEqual(await open(lines, history), { name: "some.jsonl", records: 4, rows: 3, problems: [] });
  assert.deepEqual(history.taken.map(({ type }) => type), ["exchange", "connection", "connection", "lost"]);
  assert.equal(history.flushes, 1);
});

Deno.test("what is sent later is numbered behind the file, unless its numbers are absurd", async () => {
  const ids = { exchange: 5, connection: 50 };
  await open([exchangeLine({ id: 17, connection: 3 }), closed(0)].join("\n"), new FakeIntake(), { ids });
  assert.deepEqual(ids, { exchange: 17, connection: 50 });
  const last = Number.MAX_SAFE_INTEGER;
  const { records } = await open(exchangeLine({ id: last, connection: last }), new FakeIntake(), { ids });
  assert.deepEqual([records, ids], [1, { exchange: 17, connection: 50 }]);
});

Deno.test("of what cannot be read the first ten are told, the others counted", async () => {
  const lines = [...Array(30).keys()].flatMap((i) => [exchangeLine({ id: i + 1 }), `{"type":"nonsense"}`]);
  const { records, problems } = await open(lines.join("\n"));
  assert.equal(records, 30);
  assert.equal(problems.length, 11);
  assert.match(problems[0], /^line 2: found /);
  assert.equal(problems[10], "20 more of such");
});

Deno.test("a file of which nothing can be read is refused in one line; an empty one is not", async () => {
  for (
    const content of [
      crypto.getRandomValues(new Uint8Array(5000)),
      "hello\n",
      `{"a":1}\n{"a":2}\n`,
      "PK\x03\x04",
    ]
  ) {
    const { status, message } = await refusal(open(content));
    assert.equal(status, 400);
    assert.match(message, /^cannot read some\.jsonl: (?:line 1: )?found .*, wanted /);
  }
  assert.deepEqual(await open(""), { name: "some.jsonl", records: 0, rows: 0, problems: [] });
});

Deno.test("a history is refused, wherever its first bytes are cut", async () => {
  const content = encoder.encode(SQLITE_MAGIC + "x".repeat(100));
  for (let at = 1; at < 20; at++) {
    const file = new File(content.subarray(0, at), content.subarray(at), content);
    const { status, message } = await refusal(open(file.bytes()));
    assert.equal(status, 400);
    assert.match(message, /tcpmon view FILE shows it$/);
    assert.ok(file.asked <= 2);
  }
});

Deno.test("a file is read no faster than it is stored", async () => {
  const history = new FakeIntake();
  const { promise, resolve } = Promise.withResolvers<void>();
  history.gate = promise;
  const line = exchangeLine({
    request: {
      method: "POST",
      target: "/",
      version: "HTTP/1.1",
      headers: [],
      body: { bytes: 10_000, text: "x".repeat(10_000) },
    },
  });
  const file = new File(...Array(1000).fill(`${line}\n`));
  const opening = open(file.bytes(), history, { logQueueBytes: 400_000 });
  while (history.flushes === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const taken = history.taken.length;
  assert.ok(taken > 1 && taken < 10, `${taken}`);
  // Nothing more comes, for as long as the history does not go on.
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(history.taken.length, taken);
  assert.ok(file.asked < taken + 10);
  resolve();
  assert.equal((await opening).records, 1000);
  assert.ok(history.flushes > 100);
});

Deno.test("bodies that may be long once they are decoded are waited for sooner", async () => {
  const history = new FakeIntake();
  const response = {
    version: "HTTP/1.1",
    status: 200,
    reason: "OK",
    headers: [["Content-Encoding", "br"]],
    body: { bytes: 3, base64: "AAAA" },
  };
  await open(Array(20).fill(exchangeLine({ response })).join("\n"), history, {
    maxBodyBytes: 1_000_000,
    logQueueBytes: 8_000_000,
  });
  assert.ok(history.flushes >= 10, `${history.flushes}`);
});

Deno.test("it ends with the program, though neither file nor history goes on", async () => {
  const stopping = new AbortController();
  const stalled = new FakeIntake();
  stalled.gate = new Promise(() => {});
  const storing = refusal(open(exchangeLine(), stalled, {}, stopping.signal));
  const { promise: isStalled, resolve } = Promise.withResolvers<void>();
  async function* half(): AsyncGenerator<Uint8Array> {
    yield encoder.encode(exchangeLine());
    resolve();
    await new Promise(() => {});
  }
  const coming = refusal(open(half(), new FakeIntake(), {}, stopping.signal));
  await isStalled;
  stopping.abort();
  for (const { status } of await Promise.all([storing, coming])) assert.equal(status, 503);
  assert.equal((await refusal(open(exchangeLine(), new FakeIntake(), {}, stopping.signal))).status, 503);
});

Deno.test("what breaks the upload is passed on, and what came before stays", async () => {
  const history = new FakeIntake();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(encoder.encode(`${exchangeLine()}\n`.repeat(2000)));
    throw new Refused(413, "too long");
  }
  assert.equal((await refusal(open(broken(), history))).status, 413);
  assert.ok(history.taken.length > 1000);
});

Deno.test("records that the history lost meanwhile are told", async () => {
  const history = new FakeIntake();
  history.flush = () => {
    history.lost = 7;
    return Promise.resolve();
  };
  const { problems } = await open(exchangeLine(), history);
  assert.match(problems[0], /^7 records, .* could not be stored/);
});

Deno.test("others have their turn while a long file is read", async () => {
  let at = 0;
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  try {
    const file = new File(`${exchangeLine()}\n`.repeat(200));
    await open(file.bytes(), new FakeIntake(), { now: () => at += 5 });
  } finally {
    clearInterval(timer);
  }
  assert.ok(turns > 20, `${turns}`);
});

Deno.test("what never has a record is given up, however long it is", async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      asked++;
      yield await Promise.resolve(encoder.encode(`{"level":"info"}\n`.repeat(100)));
    }
  }
  const { status, message } = await refusal(open(endless()));
  assert.equal(status, 400);
  assert.match(message, /^cannot read some\.jsonl: line 1: found no "type"/);
  assert.ok(asked < 100, `${asked}`);
});

Deno.test("a packed file that stands for very much keeps nobody waiting", async () => {
  const lines = `${exchangeLine()}\n${`{"level":"info"}\n`.repeat(200_000)}`;
  const packed = new Uint8Array(zlib.gzipSync(encoder.encode(lines)));
  const { totalMs, longestMs } = await longestWait(async () => {
    const { records, problems } = await open(packed);
    assert.deepEqual([records, problems.at(-1)], [1, "199990 more of such"]);
  });
  assert.ok(longestMs < totalMs / 2, `${longestMs} of ${totalMs} ms`);
});

Deno.test("a line that would take long to be stored is left out and told, the others are not", async () => {
  const text = "x".repeat(9 * 1024 * 1024);
  const response = {
    version: "HTTP/1.1",
    status: 200,
    reason: "",
    headers: [],
    body: { bytes: text.length, text },
  };
  const lines = [exchangeLine({ id: 1 }), exchangeLine({ id: 2, response }), exchangeLine({ id: 3 })];
  const { records, problems } = await open(lines.join("\n"));
  assert.equal(records, 2);
  assert.match(problems.join(), /^line 2: found more than 8388608 bytes/);
});
