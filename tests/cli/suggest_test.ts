/** Suggestions: what is near, and what is too far to be meant. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { didYouMean, editDistance, nearest } from "../../src/cli/suggest.ts";

const WORDS = ["format", "output", "filter", "max-body", "max-connections", "host", "help"];

Deno.test("a slip of the keyboard leads to the word that was meant", () => {
  assert.equal(nearest("fromat", WORDS), "format");
  assert.equal(nearest("formt", WORDS), "format");
  assert.equal(nearest("outputt", WORDS), "output");
  assert.equal(nearest("FORMAT", WORDS), "format");
  assert.equal(nearest("maxbody", WORDS), "max-body");
});

Deno.test("the beginning of a single word leads to it", () => {
  assert.equal(nearest("max-conn", WORDS), "max-connections");
  assert.equal(nearest("max-", ["max-body", "max-connections"]), undefined);
});

Deno.test("a word that is like none gets no suggestion, however long it is", () => {
  assert.equal(nearest("zebra", WORDS), undefined);
  assert.equal(nearest("", WORDS), undefined);
  assert.equal(nearest("x".repeat(1_000_000), WORDS), undefined);
});

Deno.test("the suggestion is a question to append, with the dashes that the caller wants", () => {
  assert.equal(didYouMean("fromat", WORDS, "--"), "; did you mean --format?");
  assert.equal(didYouMean("zebra", WORDS, "--"), "");
});

Deno.test("the distance counts insertions, deletions, changes and swaps, and is the same both ways", () => {
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("abcd", "abdc"), 1);
  assert.equal(editDistance("kitten", "sitting"), 3);
  const word = fc.string({ maxLength: 12 });
  fc.assert(fc.property(word, word, (a, b) => {
    const distance = editDistance(a, b);
    assert.equal(distance, editDistance(b, a));
    assert.equal(distance === 0, a === b);
    assert(distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length));
  }));
});
