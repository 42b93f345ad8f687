import assert from "node:assert/strict";
import {
  parseCpuMs,
  parseOpenFilesLimit,
  parseStatusKb,
  readCpuMs,
  readMemory,
  readOpenFilesLimit,
} from "./proc.ts";

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("processor time is the sum of user and system ticks", () => {
  assert.equal(
    parseCpuMs("8054 (cat) R 7777 7777 3525 0 -1 4194304 100 0 0 0 123 45 6 7 20 0 1 0 223931\n"),
    1680,
  );
});

Deno.test("a program's name with spaces and parentheses does not shift the fields of its stat", () => {
  assert.equal(parseCpuMs("1 (a) b (c 9 9) S 1 1 1 0 -1 0 0 0 0 0 20 30 0 0 20 0"), 500);
});

Deno.test("a stat that is cut or empty gives NaN rather than a wrong time", () => {
  for (const text of ["", "1 (cat) R 1 2", "(", ")", "1 (cat) R 1 1 1 0 -1 0 0 0 0 0 20"]) {
    assert.ok(Number.isNaN(parseCpuMs(text)), JSON.stringify(text));
  }
});

Deno.test("a field of a status is found by its whole name", () => {
  const status = "Name:\tVmRSS: 9 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\nRssAnon:\t 512 kB\n";
  assert.equal(parseStatusKb(status, "VmRSS"), 10240);
  assert.equal(parseStatusKb(status, "VmHWM"), 20480);
  assert.ok(Number.isNaN(parseStatusKb(status, "Vm")));
  assert.ok(Number.isNaN(parseStatusKb("", "VmRSS")));
});

Deno.test("the soft limit of open files is the first of the two", () => {
  assert.equal(
    parseOpenFilesLimit("Limit  Soft  Hard  Units\nMax open files   1024    524288   files\n"),
    1024,
  );
  assert.equal(parseOpenFilesLimit("Max open files            unlimited   unlimited   files\n"), Infinity);
  assert.ok(Number.isNaN(parseOpenFilesLimit("Max processes 5 5 processes\n")));
});

Deno.test(
  "this process has used time, holds memory below its peak, and may open files",
  onLinux,
  async () => {
    assert.ok(await readCpuMs(Deno.pid) > 0);
    const { residentKb, peakKb } = await readMemory(Deno.pid);
    assert.ok(residentKb > 1000);
    assert.ok(peakKb >= residentKb);
    assert.ok(await readOpenFilesLimit() > 10);
  },
);
