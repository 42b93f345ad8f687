/** The command lines of the program under test and of the benchmark's own helpers. */
import denoJson from "../../deno.json" with { type: "json" };

/** The path of a file beside this one. */
export function here(name: string): string {
  return `${import.meta.dirname}/${name}`;
}

/** The binary that `deno task compile` makes. */
export const BINARY: string = here("../../dist/tcpmon");

/** Runs `file` with the Deno that runs this, so that both are of one version. */
export function denoCommand(file: string, permission: string): readonly string[] {
  return [Deno.execPath(), "run", "--quiet", "--no-prompt", permission, file];
}

/** What `deno task start` runs, with the Deno that runs this. */
function startCommand(): readonly string[] {
  const [, ...args] = denoJson.tasks.start.command.replaceAll("'", "").split(" ");
  return [Deno.execPath(), ...args.slice(0, -1), here("../../main.ts")];
}

/** The command line of a subject as `--subject` names it: `source`, `binary`, a `.ts` file or an executable. */
export function subjectCommand(subject: string): readonly string[] {
  if (subject === "source") return startCommand();
  if (subject === "binary") return [BINARY];
  return subject.endsWith(".ts") ? denoCommand(subject, "--allow-all") : [subject];
}

/** Whether the file at `path` is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The file that a subject needs to be there, for an early and clear word if it is not. */
export function subjectFile(subject: string): string {
  return subject === "source" ? here("../../main.ts") : subject === "binary" ? BINARY : subject;
}
