import assert from "node:assert/strict";
import fc from "fast-check";
import { Queue } from "../../../src/net/link/queue.ts";

Deno.test("a queue gives back what was put in, in order, as an array would", () => {
  const action = fc.oneof(
    { weight: 5, arbitrary: fc.constant("push") },
    { weight: 4, arbitrary: fc.constant("shift") },
    { weight: 1, arbitrary: fc.constantFrom("keep", "clear") },
  );
  fc.assert(fc.property(fc.array(action, { maxLength: 2_000, size: "max" }), (actions) => {
    const queue = new Queue<number>();
    let array: number[] = [];
    for (const [i, name] of actions.entries()) {
      if (name === "push") queue.push(i), array.push(i);
      else if (name === "shift" && array.length > 0) queue.shift(), array.shift();
      else if (name === "keep") queue.keep((n) => n % 3 > 0), array = array.filter((n) => n % 3 > 0);
      else if (name === "clear" && i % 7 === 0) queue.clear(), array = [];
      assert.equal(queue.first, array[0]);
      assert.equal(queue.length, array.length);
    }
    assert.deepEqual([...queue], array);
  }));
});

Deno.test("a long queue is emptied as fast as a short one", () => {
  const queue = new Queue<number>();
  for (let i = 0; i < 200_000; i++) queue.push(i);
  for (let i = 0; i < 200_000; i++) {
    assert.equal(queue.first, i);
    queue.shift();
  }
  assert.equal(queue.length, 0);
});
