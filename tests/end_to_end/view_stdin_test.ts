/** `tcpmon view -`, whose input stays open. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { Program } from "./program.ts";
import { LINUX } from "./tools.ts";

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} ends a viewer that still waits for what comes on stdin`,
    ignore: !LINUX,
    fn: () =>
      inDirectory(async (directory) => {
        // Opened for reading and writing, a pipe never ends.
        const shell = `mkfifo ${directory}/pipe && exec "$@" <>${directory}/pipe`;
        await using program = Program.start(["view", "-", "--view=127.0.0.1:0"], { shell });
        await program.says(/viewer on/);
        program.signal(signal);
        assert.equal((await program.ended()).code, 0);
      }),
  });
}
