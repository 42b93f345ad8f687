/** The worker that makes files of records, and reads records from files. */
import type { FileHeard, FileSaid } from "./file_talk.ts";
import { partner } from "./worker_talk.ts";

const program = partner<FileHeard, FileSaid>();

async function work(): Promise<void> {
  const job = await program.ask({ kind: "ready" });
  try {
    if (job.kind === "make") await (await import("./file_making.ts")).makeFile(job, program);
    else if (job.kind === "read") await (await import("./file_reading.ts")).readFile(job, program);
  } catch (error) {
    await program.ask({ kind: "failed", error: error instanceof Error ? error.message : String(error) });
  }
}

// What hears it is there only once this file is read.
void work();
