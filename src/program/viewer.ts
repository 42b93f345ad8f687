/** From options to the viewer that is being served. */
import type { ViewerOptions } from "../cli/settings.ts";
import { UsageError } from "../cli/usage_error.ts";
import { AddressError, parseListen } from "../net/address.ts";
import { reasonOf } from "../net/dial.ts";
import { isLoopback } from "../net/endpoint.ts";
import type { ViewerActions } from "../ui/actions.ts";
import type { ListenerAdmin } from "../ui/admin.ts";
import type { About } from "../ui/app.ts";
import { startViewer, type Viewer } from "../ui/server.ts";
import type { HistorySource } from "../ui/source.ts";
import { Failure } from "./failure.ts";

export type { Viewer };

/** Where it listens unless told otherwise; where that is taken, at any free port. */
const USUAL = { hostname: "127.0.0.1", port: 4040 };

/**
 * Serves the viewer.
 *
 * @param about What the program is doing now.
 * @param actions What the page can have done.
 * @param admin Whom it asks for listeners, and for changes of them; absent: there are none, or they stay as they are.
 * @throws {UsageError} where the address or the token cannot be used, {Failure} where the address cannot be had.
 */
export function openViewer(
  { listen, token, names, isReadonly }: ViewerOptions,
  source: HistorySource,
  about: () => About,
  actions: ViewerActions,
  admin?: ListenerAdmin,
): Viewer {
  const wanted = listen === undefined ? USUAL : addressOf(listen);
  const settings = { source, about, actions, admin, readStatic, token, names, isReadonly };
  try {
    return startViewer({ ...settings, listen: wanted });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`cannot read --view-token: ${error.message}`);
    if (!(error instanceof Deno.errors.AddrInUse) || listen !== undefined) {
      throw new Failure(
        `cannot listen on ${wanted.hostname}:${wanted.port} for the viewer: ${reasonOf(error)}`,
      );
    }
    return startViewer({ ...settings, listen: { ...USUAL, port: 0 } });
  }
}

/** What to say of it on stderr, a line each. */
export function viewerLines({ url, address }: Viewer): string[] {
  return [
    `viewer on ${url}`,
    ...isLoopback(address)
      ? []
      : ["the viewer can be reached from other machines: who has this address sees everything"],
  ];
}

function addressOf(text: string): { readonly hostname: string; readonly port: number } {
  try {
    const listen = parseListen(text);
    if (listen.kind === "tcp") return { hostname: listen.host, port: listen.port };
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new UsageError(`cannot read --view: ${error.message}`);
  }
  throw new UsageError("cannot read --view: found a Unix socket, wanted PORT or HOST:PORT, as browsers need");
}

/** The folder of the page: beside the sources, or beside the one file that they were joined to. */
const FOLDERS = [new URL("../../static/", import.meta.url), new URL("../static/", import.meta.url)];

async function readStatic(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  for (const folder of FOLDERS) {
    try {
      return await Deno.readFile(new URL(name, folder));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}
