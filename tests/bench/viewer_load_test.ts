import assert from "node:assert/strict";
import { pacedLoad } from "./viewer_load.ts";

/** A server that answers everything with one status, while `act` runs. */
async function withServer(status: number, act: (port: number) => Promise<void>): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("{}", { status }),
  );
  try {
    await act(server.addr.port);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a load sends as many requests as its rate and its time say, and no faster", async () => {
  await withServer(200, async (port) => {
    const { answered, failed, seconds, perSecond, p50Ms, p99Ms } = await pacedLoad(port, 500, 0.4);
    assert.equal(answered, 200);
    assert.equal(failed, 0);
    // The last request is due 2 ms before the time is over.
    assert.ok(seconds > 0.39, `${seconds} s`);
    assert.ok(perSecond < 520, `${perSecond}/s`);
    assert.ok(p50Ms <= p99Ms);
  });
});

Deno.test("requests that are answered with an error have failed", async () => {
  await withServer(503, async (port) => {
    const { answered, failed } = await pacedLoad(port, 500, 0.1);
    assert.equal(answered, 0);
    assert.equal(failed, 50);
  });
});
