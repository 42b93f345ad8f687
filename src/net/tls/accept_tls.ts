/**
 * TLS towards clients, on a connection that is open: one that a listener accepted, a tunnel, a Unix socket.
 *
 * The runtime ends TLS only on what its own TLS listener accepts, and does not close such a socket before its client
 * does where the handshake is given up: clients that say nothing could use up all descriptors. So the listener stands
 * on the loopback interface for the moment, is dialled by ourselves, and the connection's bytes are pumped through.
 * That is 0.05 ms more than keeping a listener for each certificate, with nothing to be kept or evicted, and
 * lets both hellos be read, which tell the name, the version and the cipher suite.
 */
import { ServerHelloReader } from "../../capture/server_hello.ts";
import { ClientHelloReader } from "../../capture/client_hello.ts";
import type { TlsInfo } from "../../capture/record.ts";
import { closeQuietly, type Connection, type Reached } from "../connection.ts";
import { prefixed } from "../peekable_connection.ts";
import { type Deadline, withDeadline } from "./deadline.ts";
import { DenoTlsConnection } from "./deno_tls_connection.ts";
import { connectToSelf, listenOnLoopback } from "./loopback.ts";
import type { TlsServerOptions } from "./options.ts";
import { Pump, type PumpWatch } from "./pump.ts";
import { clientTlsReason } from "./reason.ts";

/** What is offered to clients where nothing else is said. */
const HTTP_1: readonly string[] = ["http/1.1"];

/**
 * Ends TLS on a connection that is open: a tunnel, a Unix socket. It takes the connection over: only what it returns is
 * to be used, and where it fails the connection is closed.
 *
 * @param prefix Bytes that were read from the connection already and belong to TLS.
 * @throws {Error} Where the handshake fails, with a reason for people.
 */
export async function terminateTls(
  connection: Connection,
  options: TlsServerOptions,
  deadline: Deadline,
  prefix: Uint8Array = new Uint8Array(),
): Promise<Reached> {
  const startedAt = performance.now();
  const { localAddr, remoteAddr } = connection;
  const stop = new AbortController();
  let pump: Pump | undefined;
  let tls: DenoTlsConnection | undefined;
  const work = async (): Promise<Reached> => {
    const [dialled, accepted] = await connectToSelf(
      listenOnLoopback((host) => listen(host, options)),
      stop.signal,
    );
    if (stop.signal.aborted) {
      closeQuietly(dialled);
      closeQuietly(accepted);
      throw stop.signal.reason;
    }
    const hellos = new Hellos();
    pump = new Pump(prefixed(connection, prefix), dialled, hellos);
    tls = new DenoTlsConnection(accepted, { localAddr, remoteAddr }, explainClient, pump);
    const { alpnProtocol } = await accepted.handshake();
    const alpn = alpnProtocol === null ? undefined : { alpn: alpnProtocol };
    return { connection: tls, tls: { ...hellos.info(), ...alpn }, tlsMs: performance.now() - startedAt };
  };
  try {
    return await withDeadline(work(), () => stop.abort(), deadline);
  } catch (error) {
    closeQuietly(tls);
    if (tls === undefined || stop.signal.aborted) closeQuietly(connection);
    // An alert that tells the client why is still delivered; there is none where the deadline came.
    else await pump?.over;
    throw pump?.error ?? explainClient(error);
  }
}

function listen(hostname: string, { certified, alpn = HTTP_1 }: TlsServerOptions): Deno.TlsListener {
  const { certPem: cert, keyPem: key } = certified;
  return Deno.listenTls({
    hostname,
    port: 0,
    cert,
    key,
    ...(alpn.length > 0 && { alpnProtocols: [...alpn] }),
  });
}

function explainClient(error: unknown): unknown {
  if (error instanceof Deno.errors.InvalidData || error instanceof Deno.errors.UnexpectedEof) {
    return new Error(clientTlsReason(error), { cause: error });
  }
  return error;
}

/** Reads both hellos as they pass: the runtime does not tell what was agreed on. */
class Hellos implements PumpWatch {
  #client: ClientHelloReader | undefined = new ClientHelloReader();
  #server: ServerHelloReader | undefined = new ServerHelloReader();
  #info: TlsInfo = {};

  readonly inward = (chunk: Uint8Array): void => {
    const hello = this.#client?.push(chunk) ?? "more";
    if (hello === "more") return;
    this.#client = undefined;
    if (hello === "not-tls" || hello.serverName === undefined) return;
    this.#info = { ...this.#info, serverName: hello.serverName };
  };

  readonly outward = (chunk: Uint8Array): void => {
    const hello = this.#server?.push(chunk) ?? "more";
    if (hello === "more") return;
    this.#server = undefined;
    if (hello !== "not-tls") this.#info = { ...this.#info, ...hello };
  };

  info(): TlsInfo {
    return this.#info;
  }
}
