/** From options to the log. */
import type { CaptureOptions } from "../cli/settings.ts";
import { reasonOf, STDERR } from "../log/destination.ts";
import { type Log, openLog } from "../log/open_log.ts";
import type { Status } from "../log/status.ts";
import { Failure } from "./failure.ts";

/**
 * Opens the log that the options ask for.
 *
 * @param redactKey Key of the tags that stand for secrets.
 * @param dated Whether a text log begins with its date; unless given, where it does not go to a terminal.
 * @param onAbandoned Called when the reader of stdout has gone and nothing is to go on without it.
 * @throws {Failure} where its file cannot be opened.
 */
export async function openLogOf(
  options: CaptureOptions,
  redactKey: Uint8Array,
  status: Status,
  onAbandoned: () => void,
  dated: boolean = !logsToTerminal(options),
): Promise<Log> {
  const toTerminal = logsToTerminal(options);
  const wanted = toTerminal && (Deno.env.get("NO_COLOR") ?? "") === "";
  const { output } = options;
  try {
    return await openLog({
      ...options,
      dated,
      color: options.color === "always" || (options.color === "auto" && wanted),
      redactKey,
    }, {
      epochNow: Date.now,
      warn: (text) => status.line(text),
      onClosed() {
        if (options.exitOnBrokenPipe) return onAbandoned();
        status.line(`${output ?? "stdout"} was closed, the log ends here; traffic goes on, Ctrl-C stops it`);
      },
    });
  } catch (error) {
    const mend = error instanceof Deno.errors.NotCapable ? ", or - for stdout" : "";
    throw new Failure(`cannot open --output ${output}: ${reasonOf(error)}${mend}`);
  }
}

/** Key of the tags that stand for secrets: the one that was given, or else a new one. */
export function redactKeyOf({ redactKey }: CaptureOptions): Uint8Array {
  return redactKey === undefined
    ? crypto.getRandomValues(new Uint8Array(32))
    : new TextEncoder().encode(redactKey);
}

/** Whether the log goes to a terminal. */
function logsToTerminal({ output }: CaptureOptions): boolean {
  if (output === STDERR) return Deno.stderr.isTerminal();
  return output === undefined && Deno.stdout.isTerminal();
}
