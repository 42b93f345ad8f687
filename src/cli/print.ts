/** The answer of a command that only prints: help, version, a completion script. */

/**
 * Writes a text, or bytes as they are; a reader that has seen enough of it (`tcpmon help | head`) is no failure.
 *
 * @param text What to print.
 * @param write Writes some of the bytes and tells how many, as `Deno.stdout.write`.
 * @throws What `write` throws, unless its reader has gone.
 */
export async function print(
  text: string | Uint8Array,
  write: (bytes: Uint8Array) => Promise<number>,
): Promise<void> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  try {
    for (let written = 0; written < bytes.length;) written += await write(bytes.subarray(written));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
