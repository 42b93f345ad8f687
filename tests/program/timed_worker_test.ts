import assert from "node:assert/strict";
import { TimedWorker, TooLongError } from "../../src/program/timed_worker.ts";

const MODULE = new URL("../../src/program/timed_worker.ts", import.meta.url).href;
/** Doubles numbers; a negative one keeps it busy for ever. */
const SCRIPT = `import { answerQuestions } from ${JSON.stringify(MODULE)};
answerQuestions((number) => {
  while (number < 0);
  if (number === 13) throw new Error("not 13");
  return number * 2;
});`;
const url = `data:application/javascript,${encodeURIComponent(SCRIPT)}`;

function worker(signal = new AbortController().signal, limitMs = 500): TimedWorker<number, number> {
  return new TimedWorker({ url, name: "test", limitMs, signal });
}

Deno.test("questions are answered in turn; one that fails is a rejection, and the worker goes on", async () => {
  using asked = worker(undefined, 60_000);
  const answers = await Promise.allSettled([1, 13, 3].map((number) => asked.ask(number)));
  assert.deepEqual(
    answers.map((answer) => answer.status === "fulfilled" ? answer.value : answer.reason.message),
    [2, "not 13", 6],
  );
});

Deno.test("a question without end is given up, and those behind it are answered by a new worker", async () => {
  using asked = worker();
  const started = performance.now();
  const [endless, two] = await Promise.allSettled([asked.ask(-1), asked.ask(1)]);
  assert.ok(endless.status === "rejected" && endless.reason instanceof TooLongError);
  assert.equal(endless.reason.message, "it takes longer than 0.5 s");
  assert.deepEqual(two, { status: "fulfilled", value: 2 });
  assert.ok(performance.now() - started > 490);
  assert.equal(await asked.ask(4), 8);
});

Deno.test("a signal ends it at once, and so does closing it", async () => {
  const stopping = new AbortController();
  using asked = worker(stopping.signal, 60_000);
  assert.equal(await asked.ask(1), 2);
  const endless = asked.ask(-1);
  stopping.abort(new Error("stopped"));
  await assert.rejects(endless, /^Error: stopped$/);
  await assert.rejects(asked.ask(1), /^Error: stopped$/);
  const closed = worker();
  const late = closed.ask(-1);
  closed.close();
  await assert.rejects(late, /^Error: it is closed$/);
  await assert.rejects(closed.ask(1), /^Error: it is closed$/);
});
