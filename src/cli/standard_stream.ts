/**
 * The names by which systems know stdin, stdout and stderr, as containers and scripts use them. The runtime keeps such
 * files closed, while the streams themselves are open: what is named so is the stream.
 */

/** Whether a file is stdin: `-`, or what the system calls it. */
export function isStdin(path: string): boolean {
  return path === "-" || STDIN.includes(path);
}

/** The file, or `undefined` where it is stdout: `-`, or what the system calls it. Stderr gets one name. */
export function outputFile(path: string | undefined): string | undefined {
  if (path === undefined || path === "-" || STDOUT.includes(path)) return undefined;
  return STDERR.includes(path) ? STDERR[0] : path;
}

const STDIN = namesOf("stdin", 0);
const STDOUT = namesOf("stdout", 1);
const STDERR = namesOf("stderr", 2);

function namesOf(name: string, descriptor: number): readonly string[] {
  return [`/dev/${name}`, `/dev/fd/${descriptor}`, `/proc/self/fd/${descriptor}`];
}
