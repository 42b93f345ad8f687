import assert from "node:assert/strict";
import { acceptFrom, connectToSelf, listenOnLoopback } from "../../../src/net/tls/loopback.ts";
import { patient } from "./peers.ts";

const listen = () => listenOnLoopback((hostname) => Deno.listen({ hostname, port: 0 }));

Deno.test("another program that comes first is turned away", async () => {
  using listener = listen();
  const where = { hostname: "127.0.0.1", port: listener.addr.port };
  using stranger = await Deno.connect(where);
  using own = await Deno.connect(where);
  using accepted = await acceptFrom(listener, own.localAddr);
  assert.deepEqual(accepted.remoteAddr, own.localAddr);
  assert.equal(await stranger.read(new Uint8Array(1)), null);
});

Deno.test("the port is closed once both ends are there", async () => {
  const listener = listen();
  const { port } = listener.addr;
  const [dialled, accepted] = await connectToSelf(listener, patient.signal);
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
  dialled.close();
  accepted.close();
});

Deno.test("a machine without IPv4 uses IPv6", () => {
  const tried: string[] = [];
  const address = listenOnLoopback((hostname) => {
    tried.push(hostname);
    if (tried.length === 1) throw new Deno.errors.AddrNotAvailable();
    return hostname;
  });
  assert.equal(address, "::1");
});

Deno.test("a signal that was given before ends it", async () => {
  const listener = listen();
  await assert.rejects(connectToSelf(listener, AbortSignal.abort(new Error("enough"))), {
    message: "enough",
  });
  listener.close();
});
