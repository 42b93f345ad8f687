import assert from "node:assert/strict";
import { parseOptions, SECTIONS } from "./options.ts";

Deno.test("without options everything is measured in three rounds of five seconds, from source", () => {
  assert.deepEqual(parseOptions([]), {
    only: [...SECTIONS],
    seconds: 5,
    rounds: 3,
    subject: "source",
    exchanges: 1_000_000,
    pin: false,
    jsonFile: undefined,
  });
});

Deno.test("every option is taken, and parts run in their own order", () => {
  const args = "--only start,small --seconds 1 --rounds 7 --subject ./x.ts --json f.json --pin --long".split(
    " ",
  );
  assert.deepEqual(parseOptions(args), {
    only: ["small", "start"],
    seconds: 1,
    rounds: 7,
    subject: "./x.ts",
    exchanges: 10_000_000,
    pin: true,
    jsonFile: "f.json",
  });
});

Deno.test("--help asks for help, whatever else is there", () => {
  assert.equal(parseOptions(["--help", "--rounds", "7"]), undefined);
  assert.equal(parseOptions(["-h"]), undefined);
});

Deno.test("bad options are refused with what was found", () => {
  for (const value of ["0", "-1", "1.5", "x", "", "1e99"]) {
    assert.throws(() => parseOptions([`--rounds=${value}`]), {
      name: "TypeError",
      message: /--rounds: found/,
    }, value);
  }
  assert.throws(() => parseOptions(["--only", "small,huge"]), /--only: found 'huge', wanted some of small,/);
  assert.throws(() => parseOptions(["--unknown"]), TypeError);
  assert.throws(() => parseOptions(["stray"]), TypeError);
});
