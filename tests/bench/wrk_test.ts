import assert from "node:assert/strict";
import { parseWrk, parseWrkTime } from "./wrk.ts";

const REPORT = `Running 2s test @ http://127.0.0.1:18081/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   551.21us  300.17us  10.50ms   90.91%
    Req/Sec    58.20k     4.05k   64.60k    75.00%
  Latency Distribution
     50%  500.00us
     75%  620.00us
     90%  790.00us
     99%    1.91ms
  120000 requests in 2.00s, 35.20MB read
Requests/sec:  60000.00
Transfer/sec:     17.60MB
`;

Deno.test("a report of wrk gives requests, rate and percentiles", () => {
  assert.deepEqual(parseWrk(REPORT), {
    requests: 120000,
    seconds: 2,
    requestsPerSecond: 60000,
    p50Ms: 0.5,
    p99Ms: 1.91,
    errors: 0,
  });
});

Deno.test("socket errors of every kind and bad responses are counted", () => {
  const bad = REPORT.replace(
    "Requests/sec",
    "  Socket errors: connect 1, read 20, write 300, timeout 4000\n  Non-2xx or 3xx responses: 50000\nRequests/sec",
  );
  assert.equal(parseWrk(bad).errors, 54321);
});

Deno.test("a run of wrk that found nobody is an error, not zero requests a second", () => {
  assert.throws(() => parseWrk(""), /no result from wrk, it said: nothing/);
  assert.throws(() => parseWrk("unable to connect"), /it said: unable to connect/);
});

Deno.test("a report without percentiles has none", () => {
  const { p50Ms, p99Ms } = parseWrk("  5 requests in 1.50m, 1.00KB read\n");
  assert.ok(Number.isNaN(p50Ms) && Number.isNaN(p99Ms));
});

Deno.test("times of wrk are read in each of its units", () => {
  assert.deepEqual(["250.00us", "1.20ms", "5.00s", "1.50m", "2.00h"].map(parseWrkTime), [
    0.25,
    1.2,
    5000,
    90_000,
    7_200_000,
  ]);
  for (const text of ["", "5", "ms", "5.00 ms", "-1ms", "nan"]) {
    assert.ok(Number.isNaN(parseWrkTime(text)), text);
  }
});
