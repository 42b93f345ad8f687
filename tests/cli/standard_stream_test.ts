/** What the system calls stdin, stdout and stderr is taken as the streams themselves. */
import assert from "node:assert/strict";
import { isStdin, outputFile } from "../../src/cli/standard_stream.ts";

Deno.test("stdin is -, or what the system calls it", () => {
  for (const path of ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]) {
    assert.equal(isStdin(path), true, path);
  }
  for (const path of ["", "./-", "stdin", "/dev/fd/1", "/dev/fd/00"]) {
    assert.equal(isStdin(path), false, path);
  }
});

Deno.test("stdout is no file, stderr is one with one name, others stay", () => {
  for (const path of [undefined, "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
    assert.equal(outputFile(path), undefined, path);
  }
  for (const path of ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"]) {
    assert.equal(outputFile(path), "/dev/stderr", path);
  }
  for (const path of ["./-", "stdout", "/dev/null", "/dev/fd/10"]) assert.equal(outputFile(path), path);
});
