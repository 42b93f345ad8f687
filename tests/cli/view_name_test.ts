/** Other names of the viewer, as they are given on the command line. */
import assert from "node:assert/strict";
import { parseCommand } from "../../src/cli/command.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

async function namesOf(args: readonly string[], variable?: string): Promise<readonly string[] | undefined> {
  const command = await parseCommand({
    args,
    env: (name) => name === "TCPMON_VIEW_NAME" ? variable : undefined,
    readTextFile: () => "",
  });
  if (command.kind === "view") return command.viewer.names;
  return command.kind === "relay" ? command.options.viewer?.names : undefined;
}

Deno.test("names of the viewer come one by one, joined by commas, and from the environment", async () => {
  const relay = ["8081", "localhost", "8080", "--view"];
  assert.deepEqual(await namesOf(relay), []);
  assert.deepEqual(await namesOf([...relay, "--view-name", "dev.example.com"]), ["dev.example.com"]);
  assert.deepEqual(
    await namesOf([
      ...relay,
      "--view-name",
      "a, B_1.local",
      "--view-name=192.0.2.1",
      "--view-name",
      "2001:db8::1",
    ]),
    ["a", "B_1.local", "192.0.2.1", "2001:db8::1"],
  );
  assert.deepEqual(await namesOf(relay, "dev,proxy"), ["dev", "proxy"]);
  assert.deepEqual(await namesOf(["view", "a.jsonl", "--view-name", "dev"]), ["dev"]);
});

Deno.test("what is no name of a machine is refused in one line", async () => {
  const wrong = [
    "a:80",
    "[::1]",
    "::1:x",
    "a b",
    "a/b",
    "http://a",
    "*",
    "*.a",
    "a,,b",
    "a,",
    "a..b",
    "-a",
    "fe80::1%eth0",
  ];
  wrong.push("x".repeat(64), `${"x.".repeat(130)}x`, "a\u0000", "\u0430.example", "user@a");
  for (const name of wrong) {
    await assert.rejects(namesOf(["8081", "a", "80", "--view", "--view-name", name]), (error) => {
      assert.ok(error instanceof UsageError, name);
      assert.match(error.message, /^cannot read --view-name: found [^\n]+, wanted the name of a machine/);
      return true;
    }, name);
  }
  await assert.rejects(namesOf(["8081", "a", "80", "--view-name", "a"]), /found --view-name without --view/);
});
