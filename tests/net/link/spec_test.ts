import assert from "node:assert/strict";
import {
  formatRules,
  isPlain,
  linkProblem,
  type LinkTexts,
  NO_LINK,
  parseLink,
} from "../../../src/net/link/spec.ts";

Deno.test("no options are a plain link", () => {
  assert.ok(isPlain(NO_LINK));
  assert.ok(isPlain(parseLink({})));
  assert.ok(isPlain(parseLink({ latency: "0", bytesPerPause: "0", delay: "0" })));
  assert.equal(formatRules(parseLink({ seed: 3 })), "");
});

Deno.test("a value holds for both directions, or for the one before it", () => {
  const both = parseLink({ rate: "1600kbit", latency: "150ms", jitter: "1.5ms" });
  assert.deepEqual(both.up, both.down);
  assert.equal(both.up.bitsPerSecond, 1_600_000);
  const { up, down } = parseLink({
    rate: "up:1mbit, down:200kB/s",
    latency: "down:2s",
    dropBytes: "up:1/2k",
  });
  assert.deepEqual([up.bitsPerSecond, down.bitsPerSecond], [1_000_000, 1_600_000]);
  assert.deepEqual([up.latencyMs, down.latencyMs], [0, 2_000]);
  assert.deepEqual([up.drop, down.drop], [{ bytes: 1, everyBytes: 2048 }, undefined]);
});

Deno.test("what is given beside a preset replaces its figures", () => {
  const { up, down } = parseLink({ link: "3g", rate: "up:1mbit", latency: "down:0" });
  assert.deepEqual([up.bitsPerSecond, up.latencyMs], [1_000_000, 75]);
  assert.deepEqual([down.bitsPerSecond, down.latencyMs], [1_600_000, 0]);
  const mixed = parseLink({ link: "up:dsl,down:satellite" });
  assert.deepEqual([mixed.up.bitsPerSecond, mixed.down.bitsPerSecond], [384_000, 12_000_000]);
});

Deno.test("every fault is read with its value and place", () => {
  const { up, down, refuse, status } = parseLink({
    seed: 1,
    fault:
      "up:reset@10%,reset@64k,timeout=2s@5%,timeout,limit-data=1k,cut-after=64k@0.5%,corrupt@1%,corrupt@7," +
      "slow-close=500ms,slicer=10/3/500us@20%,refuse@5%,status=503@5%,status=404",
  });
  const both = { direction: "both", percent: 100, ordinal: 0 };
  assert.deepEqual(up.byteFaults, [
    { kind: "reset", direction: "up", ordinal: 0, percent: 10, offset: 0 },
    { kind: "reset", ...both, ordinal: 1, offset: 65_536 },
    { kind: "timeout", ...both, percent: 5, offset: 0, endAfterMs: 2_000 },
    { kind: "timeout", ...both, ordinal: 1, offset: 0 },
    { kind: "limit-data", ...both, offset: 1024 },
    { kind: "cut-after", ...both, percent: 0.5, offset: 65_536 },
    { kind: "corrupt", ...both, percent: 1 },
    { kind: "corrupt", ...both, ordinal: 1, offset: 7 },
  ]);
  assert.deepEqual(down.byteFaults, up.byteFaults.slice(1));
  assert.deepEqual(up.paceFaults, [
    { kind: "slow-close", ...both, delayMs: 500 },
    { kind: "slicer", ...both, percent: 20, sizeBytes: 10, variationBytes: 3, delayMs: 0.5 },
  ]);
  assert.deepEqual(refuse, [{ kind: "refuse", ...both, percent: 5 }]);
  assert.deepEqual(status.map(({ status, percent }) => [status, percent]), [[503, 5], [404, 100]]);
});

Deno.test("rules are told in one line, with the seed where chance is in them", () => {
  const line = (texts: LinkTexts) => formatRules(parseLink({ seed: 42, ...texts }));
  assert.equal(line({ link: "3g", fault: "reset@10%" }), "3g, reset@10%, seed 42");
  assert.equal(line({ rate: "up:1mbit,down:2mbit" }), "rate up:1mbit, rate down:2mbit");
  assert.equal(line({ bytesPerPause: "1000", delay: "100" }), "bytes-per-pause 1000, delay 100");
  assert.equal(line({ fault: "corrupt" }), "corrupt, seed 42");
});

Deno.test("without a seed one is drawn", () => {
  assert.equal(parseLink({ jitter: "1ms" }, () => 7).seed, 7);
  assert.equal(parseLink({ jitter: "1ms", seed: 0 }, () => 7).seed, 0);
  assert.ok(Number.isSafeInteger(parseLink({ jitter: "1ms" }).seed));
});

const HOSTILE: readonly [keyof LinkTexts, string, string][] = [
  ["fault", "up:status=503", 'found "up:status=503", wanted status=CODE[@P%] without up:'],
  ["fault", "down:nope", 'found "down:nope", wanted one of reset'],
  ["rate", "", 'found "", wanted a rate such as 1600kbit'],
  ["rate", "1600", 'found "1600", wanted a rate'],
  ["rate", "800kbps", 'found "800kbps", wanted a rate such as 1600kbit, 1mbit or 200kB (bit: bits, B: bytes'],
  ["rate", "1kbit", ""],
  ["rate", "-1kbit", "wanted a rate"],
  ["rate", "0kbit", "wanted a rate"],
  ["rate", "1e9bit", "wanted a rate"],
  ["rate", "999999999999gbit", "wanted a rate"],
  ["rate", "up:1mbit,2mbit", "wanted one value for each direction, up has two"],
  ["rate", "left:1mbit", 'found "left:1mbit", wanted a rate'],
  ["rate", "1mbit,", 'found "", wanted a rate'],
  ["latency", "150", 'found "150", wanted a duration of at most 1h with its unit, such as 150ms or 2s'],
  ["latency", "2h", "wanted a duration of at most 1h"],
  ["latency", "\u001b[31m1\n2", String.raw`found "\u001b[31m1\u000a2", wanted`],
  ["jitter", "x".repeat(10_000), "…"],
  ["delay", "soon", "wanted a duration of at most 1h with its unit, such as 150ms or 2s, 0 for off"],
  ["delay", "100", ""],
  ["bytesPerPause", "1.5", "wanted a size such as 1000 or 4k, 0 for off"],
  ["dropBytes", "0", "wanted N or N/EVERY"],
  ["dropBytes", "5/0", "wanted N or N/EVERY"],
  ["dropBytes", "5/6/7", "wanted N or N/EVERY"],
  ["dropBytes", "9999999999999999k", "wanted N or N/EVERY"],
  ["link", "5g", "wanted one of 3g, 3gslow, edge, 4g, dsl, satellite"],
  ["link", "constructor", "wanted one of 3g"],
  ["fault", "rest", "wanted one of reset, timeout, slow-close, slicer, limit-data, cut-after, refuse"],
  ["fault", "__proto__@10%", "wanted one of reset"],
  ["fault", "reset=5", "wanted reset[@P%|@OFFSET]"],
  ["fault", "reset@0%", "wanted reset[@P%|@OFFSET], P above 0 and at most 100, OFFSET such as 64k"],
  ["fault", "reset@101%", "P above 0 and at most 100"],
  ["fault", "reset@", "wanted reset[@P%|@OFFSET]"],
  ["fault", "reset@1%@2%", "wanted reset"],
  ["fault", "limit-data", "wanted limit-data=SIZE[@P%]"],
  ["fault", "limit-data=1k@5", "wanted limit-data=SIZE[@P%], P above 0 and at most 100"],
  ["fault", "limit-data=x", "wanted limit-data=SIZE[@P%], SIZE such as 1000 or 64k"],
  ["fault", "timeout=5", "wanted timeout[=TIME][@P%|@OFFSET], a duration"],
  ["fault", "slow-close=", "wanted slow-close=TIME[@P%], a duration"],
  ["fault", "slicer=0", "wanted slicer=SIZE[/VARIATION[/DELAY]][@P%], SIZE a size of at least"],
  ["fault", "slicer=5/5", "wanted a VARIATION smaller than SIZE"],
  ["fault", "slicer=5/1/1s/1", "wanted slicer=SIZE"],
  ["fault", "status=99", "wanted status=CODE[@P%], CODE from 200 to 599"],
  ["fault", "up:status=503", "without up:, it strikes the whole connection"],
  ["fault", "down:refuse", "without down:, it strikes the whole connection"],
  ["fault", "up:down:reset", "wanted one of reset"],
  ["seed", "x", 'found "x", wanted a whole number from 0'],
  ["seed", "-1", "wanted a whole number from 0"],
  ["seed", "9999999999999999", "wanted a whole number from 0"],
  ["seed", "42", ""],
];

Deno.test("what cannot be read is told in one line: what was found, what was wanted", () => {
  for (const [option, text, expected] of HOSTILE) {
    const problem = linkProblem(option, text);
    if (expected === "") {
      assert.equal(problem, undefined, `${option} ${text}`);
      continue;
    }
    assert.ok(problem !== undefined && problem.includes(expected), `${option} ${text}: ${problem}`);
    assert.match(problem, /^found ".*", wanted .+$/);
    assert.ok(problem.length < 450, problem);
    // deno-lint-ignore no-control-regex -- none may be in it
    assert.doesNotMatch(problem, /[\u0000-\u001f]/);
  }
});

Deno.test("one of TCPMon's pair alone is refused, and the error names the option", () => {
  assert.throws(() => parseLink({ delay: "100ms" }), {
    name: "LinkSpecError",
    option: "delay",
    message: 'found "100ms", wanted bytes per pause with it, such as 1000',
  });
  assert.throws(() => parseLink({ bytesPerPause: "1k" }), { option: "bytesPerPause" });
  assert.throws(() => parseLink({ seed: 0.5 }), { option: "seed" });
  const { up, down } = parseLink({ bytesPerPause: "up:1k", delay: "100" });
  assert.deepEqual([up.pause, down.pause], [{ bytes: 1024, delayMs: 100 }, undefined]);
});
