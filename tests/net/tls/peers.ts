/** Peers for tests of TLS: connections of the loopback interface, and openssl on the other end. */
import type { Connection } from "../../../src/net/connection.ts";

/** A signal that is never given, and time enough. */
export const patient = { timeoutMs: 10_000, signal: new AbortController().signal };

/** A connection that is no socket of the runtime, as a tunnel or a simulated link is none. */
export function wrapped(conn: Deno.Conn): Connection {
  return {
    localAddr: conn.localAddr,
    remoteAddr: conn.remoteAddr,
    read: (buffer) => conn.read(buffer),
    write: (bytes) => conn.write(bytes),
    closeWrite: () => conn.closeWrite(),
    close: () => conn.close(),
  };
}

/** Two ends of a TCP connection. */
export async function connectedPair(): Promise<readonly [Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const dialled = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  return [dialled, await accepted];
}

/** Reads to the end. */
export async function readAll(connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
    chunks.push(buffer.slice(0, count));
  }
}

/** Reads so many bytes. */
export async function readSome(connection: Connection, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) at += await connection.read(bytes.subarray(at)) ?? count;
  return bytes;
}

/** Writes all of it. */
export async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await connection.write(bytes.subarray(written));
}

/** Whether two are the same, faster than `deepEqual` by far. */
export function sameBytes(some: Uint8Array, others: Uint8Array): boolean {
  return some.length === others.length && some.every((byte, at) => byte === others[at]);
}

/** Bytes without a pattern, the same each time. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0, state = 1; at < length; at++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** An `openssl s_server` that sends back what it receives, line by line reversed. */
export interface OpensslServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts `openssl s_server -rev` on a free port and waits until it listens. */
export async function opensslServer(...args: string[]): Promise<OpensslServer> {
  const child = new Deno.Command("openssl", {
    args: ["s_server", "-accept", "127.0.0.1:0", "-rev", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  let said = "";
  const reader = lines.getReader();
  let port: number | undefined;
  while (port === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`openssl s_server ended: ${said}`);
    said += value;
    const match = /ACCEPT \S*?:(\d+)\n/.exec(said);
    if (match !== null) port = Number(match[1]);
  }
  // What it says from now on is of no interest, yet must not fill the pipe.
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await drained;
    },
  };
}
