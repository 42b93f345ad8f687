/** The one error of the command line: bad usage, found before anything was started. */

/** Exit code of bad usage, set apart from failures at run time (1). */
const USAGE_EXIT_CODE = 2;

/** Bad usage. The message is ready to print after `tcpmon: `, mostly one line or two. */
export class UsageError extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name = "UsageError";
  /** What the program exits with. */
  readonly exitCode: number = USAGE_EXIT_CODE;
}
