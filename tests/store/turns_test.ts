import assert from "node:assert/strict";
import { Turns } from "../../src/store/turns.ts";

/** A clock that goes on by a millisecond each time it is looked at, and pauses that end when they are told to. */
class Thread {
  #now = 0;
  #paused: (() => void)[] = [];
  readonly turns = new Turns({
    now: () => this.#now++,
    pause: () => new Promise((resolve) => this.#paused.push(resolve)),
  });

  /** Ends a pause, and lets what follows work. */
  async go(pauses = 1): Promise<void> {
    for (let i = 0; i < pauses; i++) {
      this.#paused.shift()?.();
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}

function* steps(count: number, done: string[], name: string): Generator<void, string> {
  for (let i = 0; i < count; i++) yield;
  done.push(name);
  return name;
}

Deno.test("short work is done at once, and what is longer goes before searches", async () => {
  const thread = new Thread();
  const done: string[] = [];
  const searches = ["a", "b"].map((name) => thread.turns.search(() => steps(20, done, name)));
  await thread.go();
  assert.equal(await thread.turns.plain(steps(3, done, "short")), "short");
  const longer = thread.turns.plain(steps(40, done, "longer"));
  await thread.go(2);
  await longer;
  await thread.go(4);
  await Promise.all(searches);
  assert.deepEqual(done, ["short", "longer", "a", "b"]);
});

Deno.test("searches have turns one after the other, only one between two pauses", async () => {
  const thread = new Thread();
  let worked = "";
  const work = function* (name: string) {
    for (let i = 0; i < 30; i++) {
      if (!worked.endsWith(name)) worked += name;
      yield;
    }
  };
  const all = [..."abcd"].map((name) => thread.turns.search(() => work(name)));
  await thread.go(5);
  assert.equal(worked, "abcda");
  await thread.go(20);
  await Promise.all(all);
});

Deno.test("four search, four wait, more are refused, and who leaves makes room at once", async () => {
  const thread = new Thread();
  const done: string[] = [];
  const leave = new AbortController();
  const search = (name: string, signal?: AbortSignal) =>
    thread.turns.search(() => steps(1, done, name), signal);
  const running = [..."abcd"].map((name) => search(name));
  const left = search("e", leave.signal);
  const waiting = [..."fgh"].map((name) => search(name));
  await assert.rejects(search("i"), { name: "BusyError", message: /4 more searches wait: try again soon/ });
  leave.abort(new Error("gone"));
  await assert.rejects(left, /gone/);
  waiting.push(search("j"));
  await assert.rejects(search("k"), { name: "BusyError" });
  await thread.go(20);
  await Promise.all([...running, ...waiting]);
  assert.equal(done.join(""), "abcdfghj");
  const later = search("l");
  await thread.go(2);
  assert.equal(await later, "l");
});

Deno.test("a search that is called off, or fails, gives its place to who waits", async () => {
  const thread = new Thread();
  const done: string[] = [];
  const leave = new AbortController();
  const failing = thread.turns.search(() => {
    throw new Error("damaged");
  });
  const left = [1, 2, 3].map(() => thread.turns.search(() => steps(1000, done, "never"), leave.signal));
  const waiting = [..."abcd"].map((name) => thread.turns.search(() => steps(1, done, name)));
  await assert.rejects(failing, /damaged/);
  const settled = Promise.allSettled(left);
  await thread.go(2);
  leave.abort(new Error("gone"));
  await thread.go(20);
  for (const one of await settled) assert.equal("reason" in one && one.reason.message, "gone");
  await Promise.all(waiting);
  assert.equal(done.join(""), "abcd");
});

Deno.test("who waits is told where the history was closed", async () => {
  const turns = new Turns({ now: () => 0, pause: () => Promise.reject(new Error("the history is closed")) });
  const all = [1, 2, 3, 4, 5].map(() => turns.search(() => steps(1, [], "")));
  for (const one of await Promise.allSettled(all)) {
    assert.equal("reason" in one && one.reason.message, "the history is closed");
  }
});
