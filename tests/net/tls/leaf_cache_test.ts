/** The cache of certificates: bounded, one make for many askers, renewed in time, failures forgotten. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { LeafCache } from "../../../src/net/tls/leaf_cache.ts";

interface Thing {
  readonly name: string;
  readonly renewAtMs: number;
}

/** A cache whose things live for 100 ms, and the names of what was made. */
function counted(limit: number) {
  const cache = new LeafCache<Thing>(limit);
  const made: string[] = [];
  const get = (name: string, nowMs = 0) =>
    cache.get(name, nowMs, () => {
      made.push(name);
      return Promise.resolve({ name, renewAtMs: nowMs + 100 });
    });
  return { cache, made, get };
}

Deno.test("a thing is made once and then kept, also for those who ask at the same time", async () => {
  const { made, get } = counted(10);
  const [first, second] = await Promise.all([get("a"), get("a")]);
  assert.equal(first, second);
  assert.equal(await get("a", 99), first);
  assert.deepEqual(made, ["a"]);
});

Deno.test("a thing whose time has come is made anew", async () => {
  const { made, get } = counted(10);
  const first = await get("a");
  const [second, third] = await Promise.all([get("a", 100), get("a", 100)]);
  assert.notEqual(second, first);
  assert.equal(third, second);
  assert.deepEqual(made, ["a", "a"]);
});

Deno.test("the least recently used goes first", async () => {
  const { cache, made, get } = counted(2);
  for (const name of ["a", "b", "a", "c", "a", "b"]) await get(name);
  assert.deepEqual(made, ["a", "b", "c", "b"]);
  assert.equal(cache.size, 2);
});

Deno.test("it never holds more than its limit", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(9)), async (limit, names) => {
      const { cache, get } = counted(limit);
      for (const name of names) {
        assert.equal((await get(`${name}`)).name, `${name}`);
        assert(cache.size <= limit);
      }
    }),
  );
});

Deno.test("a failure reaches everybody who waits and is tried again by the next", async () => {
  const cache = new LeafCache<Thing>(10);
  const fail = () => Promise.reject(new Error("no"));
  const asked = [cache.get("a", 0, fail), cache.get("a", 0, fail)];
  for (const one of asked) await assert.rejects(one, { message: "no" });
  assert.equal(cache.size, 0);
  const thing = { name: "a", renewAtMs: 1 };
  assert.equal(await cache.get("a", 0, () => Promise.resolve(thing)), thing);
});

Deno.test("a failure does not take away what was put in its place meanwhile", async () => {
  const cache = new LeafCache<Thing>(1);
  const failing = Promise.withResolvers<Thing>();
  const first = cache.get("a", 0, () => failing.promise);
  const b = { name: "b", renewAtMs: 1 };
  await cache.get("b", 0, () => Promise.resolve(b));
  const a = { name: "a", renewAtMs: 1 };
  await cache.get("a", 0, () => Promise.resolve(a));
  failing.reject(new Error("late"));
  await assert.rejects(first, { message: "late" });
  assert.equal(await cache.get("a", 0, () => Promise.reject(new Error("made again"))), a);
});
