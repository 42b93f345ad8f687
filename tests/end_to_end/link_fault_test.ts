/** Faults through the whole program: what client and target see, and what the records say of it. */
import assert from "node:assert/strict";
import { answer, echo, get, type LinkRun, PROXY, runLink, sample, textOf } from "./link_run.ts";
import { within } from "./program.ts";

const SEED = 7;
const SEEDED = ["--seed", String(SEED)];
const SENT = sample(20_000);

/** A fault, as records name it. */
const note = (fault: string, direction: "up" | "down", offset: number, bytes?: number) => ({
  fault,
  direction,
  offset,
  ...(bytes === undefined ? {} : { bytes }),
  seed: SEED,
});

Deno.test("dropped bytes are missing where the record says, and everything else arrives", async () => {
  const run = await runLink([...SEEDED, "--drop-bytes", "up:3/5000,down:10"], SENT);
  const runs = [5_000, 10_003, 15_006];
  const passed = SENT.filter((_, i) => !runs.some((at) => i >= at && i < at + 3));
  assert.deepEqual(run.toTarget, passed);
  assert.deepEqual(run.toClient, passed.slice(10));
  const noted = run.closed.faults.toSorted((a: { offset: number }, b: { offset: number }) =>
    a.offset - b.offset
  );
  assert.deepEqual(noted, [note("drop", "down", 0, 10), ...runs.map((at) => note("drop", "up", at, 3))]);
  assert.equal(run.closed.end, "client-closed");
});

Deno.test("corrupt changes the byte that it was asked for, or one in each KiB, and the record says which", async () => {
  const one = await runLink([...SEEDED, "--fault", "down:corrupt@1234"], SENT);
  assert.deepEqual(one.toTarget, SENT);
  assert.notEqual(one.toClient[1_234], SENT[1_234]);
  assert.deepEqual(one.toClient.with(1_234, SENT[1_234]), SENT);
  assert.deepEqual(one.closed.faults, [note("corrupt", "down", 1_234, 1)]);

  const many = await runLink([...SEEDED, "--fault", "up:corrupt"], SENT);
  const changed = Array.from(many.toTarget.keys()).filter((i) => many.toTarget[i] !== SENT[i]);
  assert.deepEqual(
    changed.map((at) => Math.floor(at / 1_024)),
    Array.from({ length: changed.length }, (_, i) => i),
  );
  assert.deepEqual(many.closed.faults, changed.map((at) => note("corrupt", "up", at, 1)));
});

/** Faults that end a connection, where an echo of 20 kB would have passed. */
const ENDING: readonly { fault: string; up: number; down: number; noted: ReturnType<typeof note> }[] = [
  { fault: "reset", up: 0, down: 0, noted: note("reset", "up", 0) },
  { fault: "up:cut-after=300", up: 300, down: 0, noted: note("cut-after", "up", 300) },
  { fault: "down:reset@300", up: 20_000, down: 300, noted: note("reset", "down", 300) },
  { fault: "down:cut-after=4k", up: 20_000, down: 4_096, noted: note("cut-after", "down", 4_096) },
  { fault: "down:limit-data=300", up: 20_000, down: 300, noted: note("limit-data", "down", 300) },
  { fault: "down:timeout=50ms@300", up: 20_000, down: 300, noted: note("timeout", "down", 300) },
];

for (const { fault, up, down, noted } of ENDING) {
  Deno.test(`${fault} lets through what came before it, and ends the connection`, async () => {
    const run = await runLink([...SEEDED, "--fault", fault], SENT);
    assert.deepEqual(run.toTarget, SENT.subarray(0, up));
    assert.deepEqual(run.toClient, SENT.subarray(0, down));
    assert.deepEqual(run.closed.faults, [noted]);
    assert.equal(run.closed.end, "fault");
  });
}

Deno.test("limit-data upwards shows the target an ordinary end, and the client its answer to that", async () => {
  const run = await runLink([...SEEDED, "--fault", "up:limit-data=300"], SENT);
  assert.deepEqual(run.toTarget, SENT.subarray(0, 300));
  assert.deepEqual(run.toClient, SENT.subarray(0, 300));
  assert.deepEqual(run.closed.faults, [note("limit-data", "up", 300)]);
});

Deno.test("timeout holds what comes, the connection stays open until both sides are gone", async () => {
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const run = await runLink([...SEEDED, "--fault", "up:timeout@5"], "hello, nobody", {
    clientEnds: false,
    async serve(peer, got) {
      got.push(await peer.read(5));
      arrived.resolve();
      await left.promise;
    },
    async whileReading(client) {
      await arrived.promise;
      await client.end();
      left.resolve();
    },
  });
  assert.equal(textOf(run.toTarget), "hello");
  assert.deepEqual(run.closed.faults, [note("timeout", "up", 5)]);
  assert.equal(run.closed.end, "client-closed");
});

Deno.test("slow-close passes the end of a direction on later, nothing else", async () => {
  const run = await runLink([...SEEDED, "--fault", "slow-close=250ms"], SENT);
  assert.deepEqual(run.toClient, SENT);
  assert.ok(run.tookMs >= 495, `${run.tookMs} ms, wanted 250 for each end`);
  assert.deepEqual(run.closed.faults, [note("slow-close", "up", 20_000), note("slow-close", "down", 20_000)]);
  assert.equal(run.closed.end, "client-closed");
});

Deno.test("the slicer cuts writes, and not a byte is lost", async () => {
  const sizes: number[] = [];
  const run = await runLink([...SEEDED, "--fault", "up:slicer=500/100/5ms"], SENT, {
    serve: (peer, got) => echo(peer, got).finally(() => sizes.push(...got.map((part) => part.length))),
  });
  assert.deepEqual(run.toClient, SENT);
  assert.ok(sizes.length > 20, `${sizes.length} reads`);
  assert.deepEqual(run.closed.faults, [note("slicer", "up", 0)]);
});

for (const proxied of [false, true]) {
  const where = proxied ? "a proxy" : "a relay";
  const through = (options: readonly string[], text: (target: string) => string) =>
    runLink([...SEEDED, ...options], text, { serve: answer, ...(proxied ? { args: PROXY } : {}) });
  const ask = (path: string, body = "") => (target: string) => get(path, proxied ? target : "", body);

  Deno.test(`a client that is refused by ${where} is accepted and closed, and the target hears nothing`, async () => {
    const run = await through(["--fault", "refuse"], ask("/10"));
    assert.deepEqual([run.toClient.length, run.toTarget.length], [0, 0]);
    assert.deepEqual(run.closed.faults, [{ fault: "refuse", offset: 0, seed: SEED }]);
    assert.equal(run.closed.end, "fault");
  });

  Deno.test(`${where} names the fault in the exchange that it met, and in the connection's record`, async () => {
    const cases: readonly [fault: string, outcome: string, toClient: number][] = [
      ["up:reset", "no-response", 0],
      ["up:cut-after=20", "no-response", 0],
      ["up:timeout=50ms", "no-response", 0],
      ["down:reset", "complete", 0],
      ["down:reset@50", "complete", 50],
      ["down:limit-data=50", "complete", 50],
      ["down:timeout=50ms@50", "complete", 50],
    ];
    await Promise.all(cases.map(async ([fault, outcome, length]) => {
      const run: LinkRun = await through(["--fault", fault], ask("/300"));
      assert.equal(run.toClient.length, length, fault);
      assert.deepEqual(run.exchanges.map((exchange) => exchange.outcome), [outcome], fault);
      const [, direction, name, offset] = /^(up|down):([a-z-]+?)(?:=50ms)?(?:[=@](\d+))?$/.exec(fault)!;
      const noted = [note(name, direction as "up", Number(offset ?? 0))];
      assert.deepEqual([run.exchanges[0].faults, run.closed.faults], [noted, noted]);
      assert.equal(run.closed.end, "fault", fault);
    }));
  });

  Deno.test(`${where} answers requests itself where it was asked to, body or none, and the others pass`, async () => {
    const asked = Array.from({ length: 12 }, (_, i) => ask(`/${10 + i}`, i % 3 === 0 ? "a body" : ""));
    const run = await through(
      ["--fault", "status=503@40%"],
      (target) => asked.map((text) => text(target)).join("") + get("/5/close", proxied ? target : ""),
    );
    const text = textOf(run.toClient);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
    assert.equal(statuses.length, 13);
    assert.deepEqual(run.exchanges.map(({ response }) => response.status), statuses);
    const hit = run.exchanges.filter(({ outcome }) => outcome === "refused");
    assert.ok(hit.length > 2 && hit.length < 11, statuses.join());
    assert.equal(textOf(run.toTarget).match(/HTTP\/1\.1/g)?.length, 13 - hit.length);
    for (const exchange of run.exchanges) {
      const isHit = exchange.response.status === 503;
      assert.equal(exchange.outcome, isHit ? "refused" : "complete");
      assert.deepEqual(
        exchange.faults?.map((fault: { fault: string }) => fault.fault),
        isHit ? ["status"] : undefined,
      );
    }
    // The offsets are those at which the requests begin.
    const length = (i: number) => new TextEncoder().encode(asked[i](run.target)).length;
    const begins = asked.map((_, i) => asked.slice(0, i).reduce((sum, _, j) => sum + length(j), 0));
    for (const exchange of hit) assert.ok(begins.includes(exchange.faults[0].offset) || exchange.id === 13);
  });
}

for (const target of ["HOST:PORT", "http://HOST:PORT"]) {
  for (const last of ["HTTP/1.1\r\nHost: a\r\nConnection: close", "HTTP/1.0\r\nHost: a"]) {
    Deno.test(`a relay to ${target} that answers ${last.slice(0, 8)}'s last request ends the connection`, async () => {
      const run = await runLink([...SEEDED, "--fault", "status=503"], `GET / ${last}\r\n\r\n`, {
        serve: answer,
        args: (address) => ["relay", `0=${target.replace("HOST:PORT", address)}`],
        clientEnds: false,
      });
      assert.match(textOf(run.toClient), /^HTTP\/1\.1 503 .*\r\n(.+\r\n)*Connection: close\r\n/);
      assert.ok(run.tookMs < 2_000, `${run.tookMs} ms`);
      assert.equal(run.toTarget.length, 0);
      assert.deepEqual(run.exchanges.map(({ outcome }) => outcome), ["refused"]);
      assert.equal(run.closed.end, "client-closed");
    });
  }
}

Deno.test("a large answer that is cut names the fault, whether or not all of it had come", async () => {
  await Promise.all(["4096", "20000", "65536"].flatMap((place) =>
    [false, true].map(async (proxied) => {
      const run = await runLink(
        [...SEEDED, "--fault", `down:cut-after=${place}`],
        (target) => get("/300000", proxied ? target : ""),
        { serve: answer, clientEnds: false, ...(proxied ? { args: PROXY } : {}) },
      );
      assert.equal(run.toClient.length, Number(place));
      const noted = [note("cut-after", "down", Number(place))];
      const [{ outcome, faults }] = run.exchanges;
      assert.ok(["complete", "response-cut"].includes(outcome), outcome);
      assert.deepEqual([faults, run.closed.faults, run.closed.end], [noted, noted, "fault"]);
    })
  ));
});

Deno.test("a proxy's client that leaves while its answer is held leaves nothing behind", async () => {
  const run = await runLink([...SEEDED, "--fault", "down:timeout"], (target) => get("/10", target), {
    serve: answer,
    args: PROXY,
    clientEnds: false,
    async whileReading(client, program) {
      await within(program.records("connection"), "the target was not reached");
      await client.end();
    },
  });
  assert.deepEqual(run.closed.faults, [note("timeout", "down", 0)]);
  assert.equal(run.closed.end, "client-closed");
  assert.equal(run.toClient.length, 0);
});

Deno.test("a tunnel through the proxy runs over the link, and its connection names the faults", async () => {
  const run = await runLink(
    [...SEEDED, "--fault", "down:cut-after=1000,down:corrupt@10"],
    (target) =>
      `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n` + textOf(SENT.map((byte) => byte & 0x7f)),
    { args: PROXY },
  );
  const [head] = textOf(run.toClient).split("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 200 /);
  assert.equal(run.toClient.length - head.length - 4, 1_000);
  assert.deepEqual(run.closed.faults, [note("corrupt", "down", 10, 1), note("cut-after", "down", 1_000)]);
  assert.equal(run.closed.end, "fault");
});
