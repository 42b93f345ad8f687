/** A client, a relay that changes nothing and a target, for tests that say what passes line by line. */
import assert from "node:assert/strict";
import { Peer, Target } from "./peers.ts";
import { type LogRecord, Program } from "./program.ts";

/** Both ends of one connection through a relay that changes nothing. */
export interface Wire extends AsyncDisposable {
  /** The client's end. */
  readonly client: Peer;
  /** The target's end. */
  readonly server: Peer;
  /** The relay between them. */
  readonly program: Program;
  /** Sends it up, and checks that it arrives as it is. */
  up(text: string): Promise<void>;
  /** Sends it down, and checks that it arrives as it is. */
  down(text: string): Promise<void>;
  /** Waits for so many exchanges in the log. */
  exchanges(count: number): Promise<LogRecord[]>;
}

/** Starts a relay with a target, and connects through it. */
export async function wire(options: readonly string[] = ["--format", "json"]): Promise<Wire> {
  const target = new Target();
  const program = Program.start(["relay", `0=${target.target}`, ...options]);
  const client = await Peer.connect(await program.port());
  const server = await target.accept();
  const pass = async (from: Peer, to: Peer, text: string) => {
    await from.send(text);
    assert.equal(new TextDecoder().decode(await to.read(new TextEncoder().encode(text).length)), text);
  };
  return {
    client,
    server,
    program,
    up: (text) => pass(client, server, text),
    down: (text) => pass(server, client, text),
    exchanges: (count) => program.records("exchange", count),
    async [Symbol.asyncDispose]() {
      client.close();
      await target[Symbol.asyncDispose]();
      await program[Symbol.asyncDispose]();
    },
  };
}
