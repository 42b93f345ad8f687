/** `tcpmon demo`: it keeps running, says what to try, and what it says works. */
import assert from "node:assert/strict";
import { installed, Program, runProgram } from "./program.ts";
import { run } from "./tools.ts";

const UNIX = Deno.build.os !== "windows";

Deno.test({
  name: "the demo keeps running after its exchanges, its hints work, Ctrl-C ends it with 0",
  ignore: !installed("curl"),
  async fn() {
    await using program = Program.start(["demo", "--format", "short"]);
    const port = await program.port();
    await program.says(/^ {2}as data /);
    assert.equal(program.said.filter((line) => line === "Try, and watch the log:").length, 1);
    assert.ok(program.log.some((line) => line.includes(" ws close ↓ ")), "the hints come after the log");
    for (const line of program.said) assert.ok(line.length <= 100, line);

    const hints = program.said.slice(program.said.indexOf("Try, and watch the log:") + 1).join("\n");
    const commands = hints.split(/^ {2}(?=\S)/m).filter((hint) => hint.includes("curl ")).map((hint) =>
      hint.slice(hint.indexOf("curl "))
    );
    assert.equal(commands.length, 9);
    await Promise.all(commands.map(async (command) => {
      const { code, text, stderr } = await run("sh", ["-c", command]);
      assert.equal(code, 0, `${command}\n${stderr}`);
      assert.notEqual(text, "", command);
    }));
    assert.match(hints, new RegExp(`browser +http://127\\.0\\.0\\.1:${port}/`));
    // Ten of its own, and "redirect" makes two of one.
    await program.logs((lines) => lines.some((line) => /^#20 /.test(line)));
    program.signal("SIGINT");
    assert.equal((await program.ended()).code, 0);
    assert.equal(program.said.at(-1)?.includes("as data"), true, "nothing was said after the hints");
  },
});

Deno.test({
  name: "Ctrl-C while its exchanges are being sent ends the demo in order",
  ignore: !UNIX,
  async fn() {
    await Promise.all([/^#1 /, /^#4 /, / sse /].map(async (seen) => {
      await using program = Program.start(["demo", "--format", "short"]);
      await program.logs((lines) => lines.some((line) => seen.test(line)));
      program.signal("SIGINT");
      assert.equal((await program.ended()).code, 0);
      const [, , , ...more] = program.said;
      for (const line of more) assert.match(line, /^tcpmon: waiting for exchanges to end/);
    }));
  },
});

Deno.test("where the demo cannot listen it says so", async () => {
  using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  const { code, stderr } = await runProgram(["demo", "--once", "--port", `${port}`]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: address already in use$`),
  );
});

Deno.test("--no-view and TCPMON_VIEW=0 leave the demo without its viewer", async () => {
  for (const [args, env] of [[["--no-view"], {}], [[], { TCPMON_VIEW: "0" }]] as const) {
    await using program = Program.start(["demo", "--format", "none", ...args], { env });
    await program.says(/^ {2}as data /);
    assert.deepEqual(program.said.filter((line) => /viewer|4040|token/.test(line)), []);
    assert.equal((await program.stop()).code, 0);
  }
});
