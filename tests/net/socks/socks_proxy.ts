/** A little SOCKS 5 proxy for tests, made of {@link SocksServer} and sockets. */
import { reasonOf } from "../../../src/net/dial.ts";
import { replyTo } from "../../../src/net/socks/reply.ts";
import { type CheckLogin, SocksServer } from "../../../src/net/socks/server.ts";
import { type Peer, Server } from "../../end_to_end/peers.ts";

/** A host and a port that a client asked for. */
export interface Asked {
  readonly host: string;
  readonly port: number;
}

/** A running proxy. */
export class SocksProxy implements AsyncDisposable {
  readonly #server: Server;
  /** What clients asked for, in order. */
  readonly asked: Asked[] = [];
  /** Why clients were turned away, in order. */
  readonly failures: string[] = [];

  /**
   * Starts one on a free port of 127.0.0.1.
   *
   * @param check Absent: no login is asked for.
   * @param greeting Sent to a client together with the answer that its tunnel is open.
   */
  constructor(check?: CheckLogin, greeting = new Uint8Array(0)) {
    this.#server = new Server((client) => this.#serve(client, new SocksServer(check), greeting));
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#server.port;
  }

  /** Closes everything. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  async #serve(client: Peer, socks: SocksServer, greeting: Uint8Array): Promise<void> {
    for (;;) {
      const bytes = await client.readSome();
      if (bytes === null) return;
      const { send, state } = socks.push(bytes);
      for (const answer of send) await client.send(answer);
      if (state.kind === "failed") this.failures.push(state.reason);
      if (state.kind === "failed") return await client.end();
      if (state.kind === "more") continue;
      this.asked.push({ host: state.host, port: state.port });
      return await this.#relay(client, socks, state, greeting);
    }
  }

  async #relay(
    client: Peer,
    socks: SocksServer,
    { port, rest }: Asked & { readonly rest: Uint8Array },
    greeting: Uint8Array,
  ): Promise<void> {
    let target: Deno.TcpConn;
    try {
      // Whatever name was asked for: targets of tests are on this machine.
      target = await Deno.connect({ hostname: "127.0.0.1", port });
    } catch (error) {
      await client.send(socks.reply(replyTo(reasonOf(error))));
      return await client.end();
    }
    try {
      await client.send(Uint8Array.from([...socks.reply("succeeded"), ...greeting]));
      for (let at = 0; at < rest.length;) at += await target.write(rest.subarray(at));
      await Promise.all([pump(client.conn, target), pump(target, client.conn)]);
    } finally {
      target.close();
    }
  }
}

async function pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  for (;;) {
    const count = await from.read(buffer);
    if (count === null) return await to.closeWrite();
    for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
  }
}
