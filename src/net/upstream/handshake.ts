/**
 * What a client says to a proxy before a tunnel is open, apart from how it is said: protocols are written against
 * {@link Handshake}, and {@link shakeHands} carries one out on a connection.
 *
 * A tunnel's first bytes may come right behind the proxy's answer. They must stay in the socket, since TLS is started
 * on it next: so a protocol says how many bytes are certain to be its own, and no more than these are read.
 */
import { closeQuietly, type Connection } from "../connection.ts";
import { reasonOf } from "../dial.ts";

/** What came of the bytes so far: more are needed, the tunnel is open, or it will not be, for a reason in words. */
export type HandshakeStep =
  | { readonly kind: "more"; readonly send?: Uint8Array }
  | { readonly kind: "open" }
  | { readonly kind: "failed"; readonly reason: string };

/** The client's side of a protocol that opens a tunnel. No I/O, no clock. */
export interface Handshake {
  /** What is sent first. */
  readonly opening: Uint8Array;
  /** How many bytes at most may be read next: the proxy cannot say less before the tunnel begins. */
  readonly wants: number;
  /** Takes the next bytes of the proxy, at least one and at most {@link wants}. They are borrowed. */
  push(bytes: Uint8Array): HandshakeStep;
}

/** Larger than what any protocol here wants at once. */
const BUFFER_BYTES = 512;

/**
 * Carries out a handshake. Afterwards the next byte to be read is the tunnel's first.
 *
 * @param signal Ends the attempt.
 * @throws {Error} with a message for people, where there is no tunnel. The connection is closed then.
 */
export async function shakeHands(
  connection: Connection,
  handshake: Handshake,
  signal: AbortSignal,
): Promise<void> {
  const stop = () => closeQuietly(connection);
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    await converse(connection, handshake);
    signal.throwIfAborted();
  } catch (error) {
    closeQuietly(connection);
    if (signal.aborted) {
      throw new Error("the proxy did not open the tunnel in time", { cause: signal.reason });
    }
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function converse(connection: Connection, handshake: Handshake): Promise<void> {
  await talking(() => send(connection, handshake.opening));
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (;;) {
    const count = await talking(() => connection.read(buffer.subarray(0, handshake.wants)));
    if (count === null) throw new Error("the proxy closed the connection before the tunnel was open");
    const step = handshake.push(buffer.subarray(0, count));
    if (step.kind === "open") return;
    if (step.kind === "failed") throw new Error(step.reason);
    const answer = step.send;
    if (answer !== undefined) await talking(() => send(connection, answer));
  }
}

/** Does something on the connection, and says of an error that it was the proxy's. */
async function talking<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new Error(`the way to the proxy broke off: ${reasonOf(error)}`);
  }
}

async function send(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
