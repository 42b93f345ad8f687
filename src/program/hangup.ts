/** Whether SIGHUP is to end the program: not where it was ignored at the start, as `nohup` has it. */

/** A shell that takes longer says nothing. */
const PATIENCE_MS = 1_000;

/**
 * Whether SIGHUP was ignored when the program was started. Neither the runtime nor /proc, which it keeps closed, tells: so
 * a shell, which inherits what is ignored, sends itself the signal. To be called before there is a listener to any
 * signal, which may take it back (as `deno run` of 2.9 does by itself after half a second).
 *
 * @returns `false` also where there is no shell, or it may not be run.
 */
export async function ignoresHangup(): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  try {
    const { success } = await new Deno.Command("/bin/sh", {
      args: ["-c", "kill -s HUP $$"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).output();
    return success;
  } catch {
    return false;
  }
}
