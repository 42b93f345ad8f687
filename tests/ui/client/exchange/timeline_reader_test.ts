import assert from "node:assert/strict";
import type { MessagePage } from "../../../../src/ui/api.ts";
import { KEPT_MESSAGES, TimelineReader } from "../../../../src/ui/client/exchange/timeline/reader.ts";

/** Messages that come while they are read. */
class Messages {
  count = 0;
  asked = 0;
  failure: string | undefined;
  readonly #waiting: { readonly asked: number; readonly go: () => void }[] = [];

  readonly read = (after: number, limit: number): Promise<MessagePage> => {
    this.asked++;
    for (const { asked, go } of this.#waiting) if (this.asked >= asked) go();
    if (this.failure !== undefined) return Promise.reject(new Error(this.failure));
    const end = Math.min(this.count, after + limit);
    const messages = Array.from({ length: end - after }, (_, at) => ({ row: after + at + 1, record: {} }));
    return Promise.resolve({ messages, hasMore: end < this.count });
  };

  /** Waits until it was asked so often in all. */
  until(asked: number): Promise<void> {
    if (this.asked >= asked) return Promise.resolve();
    return new Promise((go) => this.#waiting.push({ asked, go }));
  }
}

Deno.test("by hand a timeline is read page by page, and nothing is let go of", async () => {
  const messages = new Messages();
  messages.count = 1250;
  const reader = new TimelineReader(messages.read);
  for (let page = 1; page <= 13; page++) await reader.more();
  assert.equal(reader.loaded.value?.messages.length, 1250);
  assert.equal(reader.loaded.value?.hasMore, false);
  assert.equal(reader.loaded.value?.dropped, 0);
  reader.stop();
});

Deno.test("while messages come all are read, the last ones are kept, and the others counted", async () => {
  const messages = new Messages();
  messages.count = 1150;
  const reader = new TimelineReader(messages.read);
  await reader.more();
  reader.follow();
  reader.follow();
  await messages.until(13);
  await Promise.resolve();
  assert.equal(reader.loaded.value?.messages.length, KEPT_MESSAGES);
  assert.equal(reader.loaded.value?.dropped, 150);
  assert.equal(reader.loaded.value?.messages.at(-1)?.row, 1150);
  reader.stop();
});

Deno.test("what is stored a moment after it passed is found without another sign of it", async () => {
  const messages = new Messages();
  const reader = new TimelineReader(messages.read);
  reader.follow();
  await messages.until(1);
  messages.count = 1;
  await messages.until(2);
  await Promise.resolve();
  assert.equal(reader.loaded.value?.messages.length, 1);
  reader.stop();
});

Deno.test("a failure is said, leaves what was read, and is over with the next page", async () => {
  const messages = new Messages();
  messages.count = 150;
  const reader = new TimelineReader(messages.read);
  await reader.more();
  messages.failure = "the disk is gone";
  await reader.more();
  assert.equal(reader.loaded.value?.error, "the disk is gone");
  assert.equal(reader.loaded.value?.messages.length, 100);
  messages.failure = undefined;
  await reader.more();
  assert.equal(reader.loaded.value?.error, undefined);
  assert.equal(reader.loaded.value?.messages.length, 150);
  reader.stop();
});

Deno.test("once nobody looks any more nothing is read", async () => {
  const messages = new Messages();
  const reader = new TimelineReader(messages.read);
  reader.follow();
  reader.stop();
  await reader.more();
  reader.follow();
  assert.equal(messages.asked, 0);
});
