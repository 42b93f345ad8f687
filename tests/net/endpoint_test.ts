import assert from "node:assert/strict";
import type { Target } from "../../src/net/address.ts";
import { formatEndpoint, isLoopback, leadsTo, leadsToListener } from "../../src/net/endpoint.ts";

const tcp = (hostname: string, port = 80): Deno.NetAddr => ({ transport: "tcp", hostname, port });
const unix = (path: string): Deno.UnixAddr => ({ transport: "unix", path });
const conn = (remoteAddr: Deno.Addr, localAddr: Deno.Addr = tcp("127.0.0.1", 50_000)) =>
  ({ remoteAddr, localAddr }) as Deno.Conn;

Deno.test("addresses are written as users write them", () => {
  assert.equal(formatEndpoint(tcp("127.0.0.1", 8081)), "127.0.0.1:8081");
  assert.equal(formatEndpoint(tcp("::1", 8081)), "[::1]:8081");
  assert.equal(formatEndpoint(tcp("::ffff:10.0.0.1", 1)), "10.0.0.1:1");
  assert.equal(formatEndpoint(tcp("::FFFF:10.0.0.1", 1)), "10.0.0.1:1");
  assert.equal(formatEndpoint(unix("/run/a.sock")), "unix:/run/a.sock");
  assert.equal(formatEndpoint({ transport: "unix" } as Deno.UnixAddr), "unix:");
  assert.equal(formatEndpoint({ transport: "unix", path: null } as unknown as Deno.UnixAddr), "unix:");
});

Deno.test("loopback is 127/8, ::1 and Unix sockets", () => {
  for (const host of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) {
    assert.ok(isLoopback(tcp(host)), host);
  }
  for (const host of ["0.0.0.0", "::", "192.168.0.1", "::ffff:10.0.0.1", "fe80::1"]) {
    assert.ok(!isLoopback(tcp(host)), host);
  }
  assert.ok(isLoopback(unix("/run/a.sock")));
});

Deno.test("a connection to one of our own listeners is recognised, however the listener is written", () => {
  assert.ok(leadsTo(conn(tcp("127.0.0.1", 81)), [tcp("127.0.0.1", 80), tcp("127.0.0.1", 81)]));
  assert.ok(leadsTo(conn(tcp("::ffff:127.0.0.1", 81)), [tcp("127.0.0.1", 81)]));
  assert.ok(leadsTo(conn(tcp("127.0.0.1", 81)), [tcp("0.0.0.0", 81)]));
  assert.ok(leadsTo(conn(tcp("::1", 81)), [tcp("::", 81)]));
  assert.ok(leadsTo(conn(tcp("10.0.0.5", 81), tcp("10.0.0.5", 5)), [tcp("0.0.0.0", 81)]), "our own address");
  assert.ok(leadsTo(conn(unix("/run/a.sock")), [unix("/run/a.sock")]));
});

Deno.test("a connection elsewhere is not taken for our own", () => {
  assert.ok(!leadsTo(conn(tcp("127.0.0.1", 82)), [tcp("127.0.0.1", 81), tcp("0.0.0.0", 81)]));
  assert.ok(!leadsTo(conn(tcp("127.0.0.2", 81)), [tcp("127.0.0.1", 81)]));
  assert.ok(!leadsTo(conn(tcp("10.0.0.6", 81), tcp("10.0.0.5", 5)), [tcp("0.0.0.0", 81)]), "another machine");
  assert.ok(!leadsTo(conn(unix("/run/a.sock")), [unix("/run/b.sock"), tcp("127.0.0.1", 81)]));
  assert.ok(!leadsTo(conn(tcp("127.0.0.1", 81)), [unix("/run/b.sock")]));
  assert.ok(!leadsTo(conn(tcp("127.0.0.1", 81)), []));
});

Deno.test("real connections to real listeners are recognised", async () => {
  using own = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const [listener, wanted] of [[own, true], [other, false]] as const) {
    const accepted = listener.accept();
    using client = await Deno.connect({ hostname: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port });
    using _server = await accepted;
    assert.equal(leadsTo(client, [own.addr]), wanted);
  }
});

const target = (host: string, port = 81) => ({ kind: "tcp", host, port, http: false }) as const;

Deno.test("a target is known for our own listener by its text, however it is written", () => {
  for (
    const [host, bound] of [
      ["127.0.0.1", "127.0.0.1"],
      ["::ffff:127.0.0.1", "127.0.0.1"],
      ["::FFFF:7f00:1", "127.0.0.1"],
      ["0:0:0:0:0:0:0:1", "::1"],
      ["LocalHost.", "127.0.0.1"],
      ["localhost", "::1"],
      ["127.9.9.9", "0.0.0.0"],
      ["::1", "::"],
    ]
  ) {
    assert.ok(leadsToListener(target(host), tcp(bound, 81)), `${host} ${bound}`);
    assert.ok(!leadsToListener(target(host, 82), tcp(bound, 81)), "another port");
  }
  for (
    const [host, bound] of [["127.0.0.2", "127.0.0.1"], ["localhost", "10.0.0.1"], [
      "localhost.example",
      "127.0.0.1",
    ], ["::x", "::1"]]
  ) {
    assert.ok(!leadsToListener(target(host), tcp(bound, 81)), `${host} ${bound}`);
  }
  assert.ok(leadsToListener({ kind: "unix", path: "/no/such.sock" }, unix("/no/such.sock")));
  assert.ok(!leadsToListener({ kind: "unix", path: "/no/such.sock" }, unix("/no/other.sock")));
  assert.ok(!leadsToListener({ kind: "unix", path: "/no/such.sock" }, tcp("127.0.0.1", 81)));
});

Deno.test("a target whose text is one of our own listeners is recognised, in whatever form", () => {
  const target = (host: string, port = 81): Target => ({ kind: "tcp", host, port, http: true });
  const own = tcp("127.0.0.1", 81);
  for (
    const host of ["127.0.0.1", "localhost", "LOCALHOST", "localhost.", "::ffff:127.0.0.1", "::ffff:7f00:1"]
  ) {
    assert.ok(leadsToListener(target(host), own), host);
  }
  assert.ok(leadsToListener(target("0:0:0:0:0:0:0:1"), tcp("::1", 81)));
  assert.ok(leadsToListener(target("127.9.9.9"), tcp("0.0.0.0", 81)));
  for (const host of ["127.0.0.2", "::1", "example.com", "10.0.0.1"]) {
    assert.ok(!leadsToListener(target(host), own), host);
  }
  assert.ok(!leadsToListener(target("127.0.0.1", 82), own));
});
