/** Variables that were probably meant to set an option. */
import assert from "node:assert/strict";
import type { CommandName } from "../../src/cli/commands.ts";
import { parseCommand } from "../../src/cli/command.ts";
import { misspelt } from "../../src/cli/misspelt.ts";

function found(name: string, command: CommandName = "relay", value = "1"): string | undefined {
  const [first] = misspelt((asked) => asked === name ? value : undefined, command);
  return first?.[1];
}

Deno.test("the usual slips are found: a letter less, two swapped, the underscore, a plural", () => {
  assert.equal(found("TCPMON_MAXBODY"), "TCPMON_MAX_BODY");
  assert.equal(found("TCPMON_MAX-BODY"), "TCPMON_MAX_BODY");
  assert.equal(found("TCPMON_PRETY"), "TCPMON_PRETTY");
  assert.equal(found("TCPMON_FROMAT"), "TCPMON_FORMAT");
  assert.equal(found("TCPMON_FILTERS"), "TCPMON_FILTER");
});

Deno.test("variables that are right, empty, another command's or somebody else's are left alone", () => {
  for (
    const name of ["TCPMON_MAX_BODY", "TCPMON_CA", "TCPMON_C", "TCPMON_SERVICE_HOST", "TCPMON_PORT_8081_TCP"]
  ) {
    assert.equal(found(name), undefined, name);
  }
  assert.equal(found("TCPMON_PRETY", "relay", ""), undefined);
  assert.equal(found("TCPMON_DRIAN", "send"), undefined);
  assert.equal(found("TCPMON_DRIAN"), "TCPMON_DRAIN");
});

Deno.test("they are told, unless only errors are to be", async () => {
  for (const [more, told] of [[[], 1], [["--quiet"], 0]] as const) {
    const lines: string[] = [];
    await parseCommand({
      args: ["8888", ...more],
      env: (name) => name === "TCPMON_MAXBODY" ? "1k" : undefined,
      readTextFile: () => "",
      warn: (text) => lines.push(text),
    });
    const line = "TCPMON_MAXBODY is no variable of tcpmon, and sets nothing; did you mean TCPMON_MAX_BODY?";
    assert.deepEqual(lines, Array(told).fill(line));
  }
});
