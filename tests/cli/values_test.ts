/** Values of options: sizes, durations, numbers, choices and flags, as read and as refused. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { OptionName } from "../../src/cli/option.ts";
import { findOption, OPTIONS } from "../../src/cli/options.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { parseDuration, parseFlag, parseSize, readValue } from "../../src/cli/values.ts";
import { anyText } from "../any_text.ts";

function read(name: OptionName, text: string): unknown {
  const option = findOption(name);
  assert(option !== undefined);
  return readValue(option, text, `--${name}`);
}

function refused(name: OptionName, text: string, message: string): void {
  assert.throws(() => read(name, text), new UsageError(message));
}

Deno.test("sizes take binary units in either case, with or without B or iB", () => {
  assert.equal(parseSize("0"), 0);
  assert.equal(parseSize("1048576"), 1048576);
  assert.equal(parseSize("64k"), 65536);
  assert.equal(parseSize("64K"), 65536);
  assert.equal(parseSize("64kB"), 65536);
  assert.equal(parseSize("1MiB"), 1048576);
  assert.equal(parseSize("2G"), 2147483648);
});

Deno.test("what is no size is not read as one", () => {
  for (
    const text of [
      "",
      "abc",
      "-1",
      "1.5M",
      "1 M",
      "1T",
      "0x10",
      "1e6",
      "k",
      "64b",
      "9007199254740993",
      "9999999999G",
    ]
  ) {
    assert.equal(parseSize(text), undefined, text);
  }
});

Deno.test("durations take ms, s, m and h, with fractions", () => {
  assert.equal(parseDuration("150ms"), 150);
  assert.equal(parseDuration("2s"), 2000);
  assert.equal(parseDuration("1.5s"), 1500);
  assert.equal(parseDuration("1.1s"), 1100);
  assert.equal(parseDuration("1m"), 60_000);
  assert.equal(parseDuration("1h"), 3_600_000);
  assert.equal(parseDuration("0"), 0);
  assert.equal(parseDuration("0s"), 0);
});

Deno.test("a duration above 0 never becomes 0, which would mean none", () => {
  assert.equal(parseDuration("0.01ms"), 1);
});

Deno.test("what is no duration is not read as one, a number without a unit included", () => {
  for (const text of ["", "5", "s", "-1s", "1 s", "1S", "1d", ".5s", "1.s", "1e3s", "1s1s"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

Deno.test("flags of the environment are words of on and off", () => {
  for (const text of ["1", "true", "YES", "on"]) assert.equal(parseFlag(text), true, text);
  for (const text of ["0", "false", "No", "off"]) assert.equal(parseFlag(text), false, text);
  for (const text of ["", "2", "constructor", "y"]) assert.equal(parseFlag(text), undefined, text);
});

Deno.test("a value that cannot be read is named with its option, what was found and what was wanted", () => {
  refused("max-body", "abc", 'cannot read --max-body: found "abc", wanted a size such as 64k, 1M or 1048576');
  refused("format", "xml", 'cannot read --format: found "xml", wanted one of text, short, json, none');
  refused("max-connections", "0", 'cannot read --max-connections: found "0", wanted a number of at least 1');
  refused("port", "70000", 'cannot read --port: found "70000", wanted a number from 0 to 65535');
  refused("output", "", 'cannot read --output: found "", wanted the name of a file');
  refused("ca-dir", "", 'cannot read --ca-dir: found "", wanted the name of a folder');
  refused("tls-key", "", 'cannot read --tls-key: found "", wanted the name of a file');
  refused("seed", "-1", 'cannot read --seed: found "-1", wanted a number of at least 0');
  refused("filter", "", 'cannot read --filter: found "", wanted some text');
  refused("pretty", "maybe", 'cannot read --pretty: found "maybe", wanted 1 or 0, true or false');
  refused(
    "idle-timeout",
    "5",
    'cannot read --idle-timeout: found "5", wanted a duration with its unit, of at most 596h, such as 150ms, 2s or 1m',
  );
});

Deno.test("limits hold at their edges", () => {
  assert.equal(read("log-queue", "64k"), 65536);
  assert.throws(() => read("log-queue", "65535"), UsageError);
  assert.equal(read("drain", "596h"), 596 * 3_600_000);
  assert.throws(() => read("drain", "597h"), UsageError);
  assert.equal(read("max-body", "0"), 0);
});

Deno.test("control characters of the user never reach the message", () => {
  assert.throws(() => read("format", "\x1b[31m\n"), /found "\\u001b\[31m\\u000a"/);
});

Deno.test("any text for any option is read or refused with a UsageError", () => {
  fc.assert(fc.property(fc.constantFrom(...OPTIONS), anyText(), (option, text) => {
    try {
      readValue(option, text, "--it");
    } catch (error) {
      assert(error instanceof UsageError);
      assert.equal(error.exitCode, 2);
    }
  }));
});

Deno.test("every size, written in bytes or in a unit, reads as itself", () => {
  fc.assert(fc.property(fc.nat(1_000_000), (size) => {
    assert.equal(parseSize(String(size)), size);
    assert.equal(parseSize(`${size}k`), size * 1024);
    assert.equal(parseDuration(`${size}ms`), size);
  }));
});
