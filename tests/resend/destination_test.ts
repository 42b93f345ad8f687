import assert from "node:assert/strict";
import type { ConnectionInfo, ExchangeRecord, Record } from "../../src/capture/record.ts";
import { formatAddress, parseTarget } from "../../src/net/address.ts";
import { type DestinationOptions, Destinations } from "../../src/resend/destination.ts";
import { type Item, Planner } from "../../src/resend/plan.ts";
import { Preparer } from "../../src/resend/prepare.ts";
import { get, ok, Script, type Step } from "../capture/connection_script.ts";
import { latin1 } from "../http/events.ts";
import { towards } from "./backend.ts";

function captured(steps: readonly Step[], target: string, id = 1): Record[] {
  const script = new Script();
  for (const step of steps) script.step(step);
  return towards(script.records, target, id);
}

const opened = (target: string, tls: boolean): Record => ({
  type: "connection",
  event: "opened",
  connection: { id: 1, listener: "", client: "", target },
  at: 0,
  connectMs: 1,
  ...tls && { tlsMs: 0.5 },
});

/** What becomes of records, each item as a line. */
function planned(records: readonly Record[], options: DestinationOptions = { keepHost: false }): string[] {
  const destinations = new Destinations(options);
  const planner = new Planner({
    destinations,
    preparer: new Preparer(destinations),
    wants: () => true,
    tellsEnds: false,
    randomMask: () => {},
  });
  return records.map((record, place) => planner.take({ record, place })).filter((item) => item !== undefined)
    .map(lineOf);
}

function lineOf(item: Item): string {
  switch (item.kind) {
    case "request": {
      const { destination, pieces } = item.prepared;
      const host = /\nhost: *([^\r]*)/i.exec(latin1(pieces[0]))?.[1];
      return `${destination.key} ${latin1(pieces[0]).split(" HTTP")[0]} ${host}`;
    }
    case "bytes":
      return `${item.destination.key} ${item.bytes.length} bytes after ${item.afterDown}`;
    case "skip":
      return `skip ${item.reason.skip.split(":")[0]}`;
    case "end":
      return "end";
  }
}

const exchange = (head: string, target: string) => captured([["up", head], ["down", ok("ok")]], target);
const proxied = (target: string) => `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`;

Deno.test("TLS is spoken where it was spoken, as far as the capture tells, else at port 443", () => {
  const plain = exchange(get("/"), "a.example:8443");
  assert.deepEqual(planned(plain), ["a.example:8443 GET / a"]);
  assert.deepEqual(planned([opened("a.example:8443", true), ...plain]), ["tls:a.example:8443 GET / a"]);
  assert.deepEqual(planned(exchange(get("/"), "a.example:443")), ["tls:a.example:443 GET / a"]);
  assert.deepEqual(planned([opened("a.example:443", false), ...exchange(get("/"), "a.example:443")]), [
    "a.example:443 GET / a",
  ]);
  // A tunnel that was not looked into says nothing about those that were.
  assert.deepEqual(
    planned([
      opened("a.example:443", true),
      opened("a.example:443", false),
      ...exchange(get("/"), "a.example:443"),
    ]),
    [
      "tls:a.example:443 GET / a",
    ],
  );
  const [first] = plain as ExchangeRecord[];
  assert.deepEqual(planned([{ ...first, ms: { total: 1, connect: 1, tls: 0.5 } }]), [
    "tls:a.example:8443 GET / a",
  ]);
});

Deno.test("what a proxy was asked for goes to its host: ports, IPv6, TLS and Unix sockets", () => {
  assert.deepEqual(planned(exchange(proxied("http://a.example/x?y#z"), "a.example:80")), [
    "a.example:80 GET /x?y a.example",
  ]);
  assert.deepEqual(planned(exchange(proxied("http://A.example:81"), "a.example:81")), [
    "A.example:81 GET / A.example:81",
  ]);
  assert.deepEqual(planned(exchange(proxied("http://[::1]:81/"), "[::1]:81")), ["[::1]:81 GET / [::1]:81"]);
  assert.deepEqual(planned(exchange(proxied("https://a.example/"), "a.example:443")), [
    "tls:a.example:443 GET / a.example",
  ]);
  assert.deepEqual(planned(exchange(proxied("http://a.example/"), "")), ["a.example:80 GET / a.example"]);
  assert.deepEqual(planned(exchange(get("/"), "unix:/run/a.sock")), ["unix:/run/a.sock GET / a"]);
});

Deno.test("with another target all go there; Host changes unless it is to be kept, or the target is the same", () => {
  const to = parseTarget("https://new.example");
  const records = [...exchange(proxied("http://a.example/x"), "a.example:80"), ...exchange(get("/y"), "b:1")];
  assert.deepEqual(planned(records, { to, keepHost: false }), [
    "tls:new.example:443 GET /x new.example",
    "tls:new.example:443 GET /y new.example",
  ]);
  assert.deepEqual(planned(records, { to, keepHost: true }), [
    "tls:new.example:443 GET /x a.example",
    "tls:new.example:443 GET /y a",
  ]);
  assert.deepEqual(planned(exchange(get("/y"), "b:1"), { to: parseTarget("b:1"), keepHost: false }), [
    "b:1 GET /y a",
  ]);
});

Deno.test("what the proxy refused is not sent: nobody is to get it by the way of a resend", () => {
  const [refused] = exchange(proxied("http://internal.example/"), "internal.example:80") as ExchangeRecord[];
  assert.deepEqual(planned([{ ...refused, outcome: "refused" }]), ["skip tcpmon had refused it as a proxy"]);
  const smuggled = exchange("GET http://a.example/ HTTP/1.1\r\nHost : a\r\n\r\n", "a.example:80");
  assert.deepEqual(planned(smuggled), ["skip the proxy refused it"]);
});

Deno.test("a request whose target is no target is skipped, whatever stands there", () => {
  for (const target of ["", "nonsense", "a:99999", "a b:1", "http://", "[::1", "\r\n"]) {
    assert.deepEqual(planned(exchange(get("/"), target)), [
      "skip no target is recorded that could be reached (--to TARGET names one)",
    ]);
  }
});

Deno.test("equal heads are addressed once, and again where they go elsewhere", () => {
  const destinations = new Destinations({ keepHost: false });
  const [one] = exchange(get("/"), "a:1") as ExchangeRecord[];
  const elsewhere: ConnectionInfo = { ...one.connection, target: "b:1" };
  const first = destinations.ofRequest(one, one.request!);
  assert.equal(destinations.ofRequest(one, one.request!), first);
  const second = destinations.ofRequest({ ...one, connection: elsewhere }, one.request!);
  assert.ok("destination" in second);
  assert.equal(formatAddress(second.destination.target), "b:1");
});
