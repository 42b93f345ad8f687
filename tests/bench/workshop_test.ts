import assert from "node:assert/strict";
import { denoCommand, exists } from "./programs.ts";
import { freePort, Workshop } from "./workshop.ts";

/** A program for `workshop` to run, from its text. */
async function program(workshop: Workshop, text: string): Promise<readonly string[]> {
  const file = await Deno.makeTempFile({ dir: workshop.folder, suffix: ".ts" });
  await Deno.writeTextFile(file, text);
  return denoCommand(file, "--allow-net");
}

function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

Deno.test("closing the workshop ends what it started and removes its folder", async () => {
  let pid, folder;
  {
    await using workshop = await Workshop.open(false);
    folder = workshop.folder;
    const command = await program(workshop, 'console.error("ready at 17"); setInterval(() => {}, 1e6);');
    const running = workshop.start("sleeper", command, "relay");
    assert.equal((await running.line(/ready at (\d+)/))[1], "17");
    pid = running.pid;
    assert.equal(isRunning(pid), true);
  }
  assert.equal(isRunning(pid), false);
  assert.equal(await exists(folder), false);
});

Deno.test("a program that ends before it is ready fails with what it said", async () => {
  await using workshop = await Workshop.open(false);
  const command = await program(workshop, 'console.error("no such option");');
  const running = workshop.start("failing", command, "relay");
  await assert.rejects(running.line(/ready/), /failing ended before it was ready; it said: no such option/);
  await assert.rejects(running.listening(freePort()), /failing ended before it listened/);
});

Deno.test("a program that listens is waited for", async () => {
  await using workshop = await Workshop.open(false);
  const port = freePort();
  const command = await program(workshop, `Deno.listen({ hostname: "127.0.0.1", port: ${port} }).accept();`);
  await workshop.start("listener", command, "load").listening(port);
});

Deno.test("a program that runs to its end gives its stdout", async () => {
  await using workshop = await Workshop.open(false);
  assert.equal(await workshop.run(await program(workshop, 'console.log("done");'), "load"), "done\n");
});

Deno.test("nothing can be started once the workshop is closed", async () => {
  const workshop = await Workshop.open(false);
  await workshop[Symbol.asyncDispose]();
  assert.throws(() => workshop.start("late", ["deno"], "load"), /cannot start deno: the benchmark is ending/);
});
