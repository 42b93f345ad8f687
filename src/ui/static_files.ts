/** The files of the page: a handful of names, each with its type, checked again by browsers each time (ETag). */
import { createHash } from "node:crypto";

/** Gives a file of the page by its name; `undefined`: there is none. */
export type StaticReader = (name: string) => Promise<Uint8Array | undefined>;

/** All that is served, by path. Nothing else in the folder can be had. */
const FILES: ReadonlyMap<string, readonly [name: string, type: string]> = new Map([
  ["/", ["index.html", "text/html; charset=utf-8"]],
  ["/style.css", ["style.css", "text/css; charset=utf-8"]],
  ["/exchange.css", ["exchange.css", "text/css; charset=utf-8"]],
  ["/actions.css", ["actions.css", "text/css; charset=utf-8"]],
  ["/listeners.css", ["listeners.css", "text/css; charset=utf-8"]],
  ["/client.js", ["client.js", "text/javascript; charset=utf-8"]],
  ["/icon.svg", ["icon.svg", "image/svg+xml"]],
]);

/**
 * Answers a request for a file of the page.
 *
 * @param path Path of the request.
 * @param known Value of If-None-Match, where the browser has a version already.
 * @returns `undefined`: there is no such file.
 */
export async function staticFile(
  read: StaticReader,
  path: string,
  known: string | undefined,
): Promise<Response | undefined> {
  const file = FILES.get(path);
  const bytes = file && await read(file[0]);
  if (file === undefined || bytes === undefined) return undefined;
  const tag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  const headers = { "Content-Type": file[1], "Cache-Control": "no-cache", ETag: tag };
  // Who compresses on the way makes the tag a weak one.
  const isKnown = known?.split(",").some((each) => each.trim().replace(/^W\//, "") === tag);
  return isKnown ? new Response(null, { status: 304, headers }) : new Response(bytes.slice(), { headers });
}
