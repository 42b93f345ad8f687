/**
 * A raw socket that can be reset (SO_LINGER 0), which the runtime of these tests cannot do on its own: a few lines of
 * Python that take commands on stdin.
 */
import assert from "node:assert/strict";
import { installed, within } from "./program.ts";

/** Whether the tests with resets can run. */
export const CAN_RESET: boolean = installed("python3");

const SCRIPT = `
import socket, struct, sys
listener = peer = None
for line in sys.stdin:
    name, *rest = line.split()
    if name == "listen":
        listener = socket.create_server(("127.0.0.1", 0))
        answer = str(listener.getsockname()[1])
    elif name == "accept":
        peer, _ = listener.accept()
        answer = "accepted"
    elif name == "connect":
        peer = socket.create_connection(("127.0.0.1", int(rest[0])))
        answer = "connected"
    elif name == "send":
        peer.sendall(bytes.fromhex(rest[0]))
        answer = "sent"
    elif name == "read":
        answer = peer.recv(65536).hex() or "end"
    elif name == "reset":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        answer = "reset"
    elif name == "flood":
        for _ in range(int(rest[1])):
            peer = socket.create_connection(("127.0.0.1", int(rest[0])))
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
        answer = "flooded"
    print(answer, flush=True)
`;

/** One socket in another process. */
export class ResettingPeer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";

  private constructor() {
    this.#child = new Deno.Command("python3", {
      args: ["-u", "-c", SCRIPT],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** One that has connected to a port. */
  static async connect(port: number): Promise<ResettingPeer> {
    const peer = new ResettingPeer();
    assert.equal(await peer.#command(`connect ${port}`), "connected");
    return peer;
  }

  /** One that listens, and its port; let it {@link accept}. */
  static async listen(): Promise<{ peer: ResettingPeer; port: number }> {
    const peer = new ResettingPeer();
    return { peer, port: Number(await peer.#command("listen")) };
  }

  /** Connects and resets at once, so many times. */
  static async flood(port: number, count: number): Promise<void> {
    await using peer = new ResettingPeer();
    assert.equal(await peer.#command(`flood ${port} ${count}`), "flooded");
  }

  /** Waits for a connection. */
  async accept(): Promise<void> {
    assert.equal(await this.#command("accept"), "accepted");
  }

  /** Sends a text. */
  async send(text: string): Promise<void> {
    const hex = Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join(
      "",
    );
    assert.equal(await this.#command(`send ${hex}`), "sent");
  }

  /** Waits until something comes, and drops it. */
  async read(): Promise<void> {
    assert.notEqual(await this.#command("read"), "end");
  }

  /** Resets the connection. */
  async reset(): Promise<void> {
    assert.equal(await this.#command("reset"), "reset");
  }

  /** Ends the other process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#output.cancel();
    await this.#child.status;
  }

  async #command(line: string): Promise<string> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await within(this.#output.read(), `no answer to ${line}`);
      if (done) assert.fail(`the peer failed at ${line}`);
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const answer = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return answer;
  }
}
