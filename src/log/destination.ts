/** Where log bytes go: stdout, or a file that is appended to. */

/** Something that takes bytes in order. */
export interface Destination {
  /** What it is called in messages, for example `stdout` or the file's path. */
  readonly name: string;
  /** Writes some of the bytes. @returns How many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Closes what was there and opens it anew, for a file that was moved away. Keeps the old one where that fails. */
  reopen(): Promise<void>;
  /** Closes it. */
  close(): void;
}

/** The log on stdout. */
export function stdoutDestination(): Destination {
  return {
    name: "stdout",
    // Only the awaited write does not stop the whole program while a pipe's reader stalls.
    write: (bytes) => Deno.stdout.write(bytes),
    reopen: () => Promise.resolve(),
    close: () => {},
  };
}

/**
 * The log in a file, created if need be, appended to.
 *
 * @throws What `Deno.open` throws, where the file cannot be opened.
 */
export async function fileDestination(path: string): Promise<Destination> {
  const open = () => Deno.open(path, { append: true, create: true, mode: 0o640 });
  let file = await open();
  return {
    name: path,
    write: (bytes) => file.write(bytes),
    async reopen() {
      const fresh = await open();
      file.close();
      file = fresh;
    },
    close: () => file.close(),
  };
}

/** What the system says about a file or a pipe, in words and without its number. */
export function reasonOf(error: unknown): string {
  // The runtime keeps devices and /proc from programs that were not given every permission.
  if (error instanceof Deno.errors.NotCapable) return "tcpmon has no access to it";
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "").replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}
