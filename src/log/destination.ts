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

/** Name of stderr where a file is wanted. */
export const STDERR = "/dev/stderr";

/** The log on stderr. */
export function stderrDestination(): Destination {
  return {
    name: "stderr",
    write: (bytes) => Deno.stderr.write(bytes),
    reopen: () => Promise.resolve(),
    close: () => {},
  };
}

/** The older runtime does nothing else while a pipe waits for its reader: so long to say so before. */
const TELL_MS = 20;

/**
 * The log in a file, created if need be, appended to. A named pipe opens when it has a reader, which is waited for.
 *
 * @param tell Tells the user, on a line of its own.
 * @throws What `Deno.open` throws, where the file cannot be opened.
 */
export async function fileDestination(path: string, tell: (text: string) => void): Promise<Destination> {
  const open = () => Deno.open(path, { append: true, create: true, mode: 0o640 });
  // What is wrong with the path itself opening it says.
  const place = await Deno.stat(path).catch(() => undefined);
  // The older runtime calls the root a file that may not be written to.
  if (place?.isDirectory) throw new Deno.errors.IsADirectory("is a directory");
  if (place?.isFifo) {
    tell(`waiting for a reader of ${path}, unless it has one`);
    await new Promise((resolve) => setTimeout(resolve, TELL_MS));
  }
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
  if (error instanceof Deno.errors.NotCapable) {
    return "tcpmon has no access to what is in /dev and /proc, wanted an ordinary file";
  }
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "").replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}
