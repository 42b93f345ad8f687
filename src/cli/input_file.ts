/** Files that options name: their text, or one line on why it cannot be had. */
import { quoted } from "../net/address.ts";
import { UsageError } from "./usage_error.ts";

/** Reads a file as UTF-8; throws where it cannot. */
export type ReadTextFile = (path: string) => string;

/**
 * The text of a file.
 *
 * @param path As the user wrote it.
 * @param origin What messages call the option that names it, for example `--config`.
 * @param wanted What kind of file it should be, for messages.
 * @throws {UsageError} where it cannot be read.
 */
export function readInputFile(
  readTextFile: ReadTextFile,
  path: string,
  origin: string,
  wanted: string,
): string {
  try {
    return readTextFile(path);
  } catch (error) {
    throw new UsageError(
      `cannot read the file of ${origin}: found ${quoted(path)}, ${reason(error)}, wanted ${wanted}`,
    );
  }
}

function reason(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: "", message: "" };
  if (name === "NotFound") return "no such file";
  if (name === "PermissionDenied") return "permission denied";
  if (name === "IsADirectory") return "it is a directory";
  // The runtime's own words are about its permissions, which nobody can give to a binary.
  if (name === "NotCapable") return "tcpmon has no access to what is in /dev and /proc";
  return quoted(message);
}
