/**
 * Where the interception CA is kept when nobody says where: the user's data folder (XDG Base Directory
 * 0.8).
 */
import { AuthorityError } from "./authority_error.ts";

/**
 * The folder of the CA: `$XDG_DATA_HOME/tcpmon` or `~/.local/share/tcpmon`, on macOS
 * `~/Library/Application Support/tcpmon`, on Windows `%LOCALAPPDATA%\tcpmon`.
 *
 * @param os The system, as `Deno.build.os` names it.
 * @param env Reads an environment variable.
 * @throws {AuthorityError} where the environment names no home.
 */
export function authorityFolder(os: string, env: (name: string) => string | undefined): string {
  if (os === "windows") {
    const local = env("LOCALAPPDATA");
    if (local) return `${local}\\tcpmon`;
    throw noHome("LOCALAPPDATA");
  }
  const data = env("XDG_DATA_HOME");
  // A relative path there is to be ignored, says the specification.
  if (os !== "darwin" && data?.startsWith("/")) return `${data.replace(/\/+$/, "")}/tcpmon`;
  const home = env("HOME");
  if (!home) throw noHome("HOME");
  const inHome = os === "darwin" ? "Library/Application Support" : ".local/share";
  return `${home.replace(/\/+$/, "")}/${inHome}/tcpmon`;
}

function noHome(variable: string): AuthorityError {
  return new AuthorityError(
    `cannot tell where to keep the CA: ${variable} is not set; set it, or name a folder with --ca-dir`,
  );
}
