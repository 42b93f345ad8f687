import assert from "node:assert/strict";
import { print } from "../../src/cli/print.ts";

Deno.test("a text is printed whole, however short the writes are", async () => {
  const written: number[] = [];
  await print("grün\n", (bytes) => {
    written.push(bytes[0]);
    return Promise.resolve(1);
  });
  assert.equal(new TextDecoder().decode(Uint8Array.from(written)), "grün\n");
});

Deno.test("a reader that has gone is no failure, anything else is", async () => {
  await print("help\n", () => Promise.reject(new Deno.errors.BrokenPipe("Broken pipe")));
  await assert.rejects(print("help\n", () => Promise.reject(new Error("No space left on device"))));
});
