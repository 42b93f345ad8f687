/** Which of the programs that the benchmark compares with, or works with, are on this machine. */

import type { Workshop } from "./workshop.ts";

/** A program the benchmark uses where it is there. */
export type Peer = "nginx" | "wrk" | "haproxy" | "mitmdump" | "tinyproxy" | "squid";

/** How each program says its version. */
const VERSION_COMMANDS: Readonly<Record<Peer, readonly string[]>> = {
  nginx: ["nginx", "-v"],
  wrk: ["wrk", "-v"],
  haproxy: ["haproxy", "-v"],
  mitmdump: ["mitmdump", "--version"],
  tinyproxy: ["tinyproxy", "-v"],
  squid: ["squid", "-v"],
};

/** The versions of the peers that are there; one that is missing has no entry. */
export type Peers = ReadonlyMap<Peer, string>;

/** The first `1.2` or `1.2.3` in what a program says of itself; `?` where there is none. */
export function versionIn(text: string): string {
  return /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? "?";
}

/** Asks every peer for its version. mitmdump is given the folder for what it may leave behind. */
export async function findPeers(workshop: Workshop): Promise<Peers> {
  const found = new Map<Peer, string>();
  for (const [peer, command] of Object.entries(VERSION_COMMANDS) as [Peer, readonly string[]][]) {
    try {
      const [program, ...args] = command;
      const output = await new Deno.Command(program, { args, cwd: workshop.folder }).output();
      const decoder = new TextDecoder();
      found.set(peer, versionIn(decoder.decode(output.stdout) + decoder.decode(output.stderr)));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found;
}

/** The peers that have no entry in `peers`. */
export function missingPeers(peers: Peers): readonly Peer[] {
  return (Object.keys(VERSION_COMMANDS) as Peer[]).filter((peer) => !peers.has(peer));
}
