/** What sending commands share: the way to targets that the options describe, and what a client needs. */
import { BodyMemory } from "../capture/body_keeper.ts";
import { createClock } from "../capture/clock.ts";
import type { Record } from "../capture/record.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import type { Status } from "../log/status.ts";
import type { ClientContext } from "../send/client.ts";
import { withoutLogin } from "../send/upstream.ts";
import { type Network, setUpNetwork } from "./network.ts";
import { setUpTls } from "./tls.ts";

/** Memory that bodies in flight may take together, beyond which their ends are not kept. */
const BODY_BUDGET_BYTES = 256 * 1024 * 1024;

/** A client, ready to connect. */
export interface Client {
  /** What its connections need. */
  readonly context: ClientContext;
  /** How targets are reached. */
  readonly network: Network;
}

/** What it is told beside the options. */
export interface ClientWishes {
  /** How long an exchange may take, ms; 0: forever. */
  readonly timeoutMs: number;
  /** What records call the listener. */
  readonly listener: string;
  /** Takes every record. */
  readonly emit: (record: Record) => void;
  /** What listens in this program: it is never dialled; nothing unless given. */
  readonly listening?: () => Iterable<Deno.Addr>;
}

/**
 * Makes the client that the options describe.
 *
 * @throws {Failure} and {UsageError} where a file or an address that they name cannot be used.
 */
export async function openClient(
  options: CaptureOptions,
  { timeoutMs, listener, emit, listening = () => [] }: ClientWishes,
  status: Status,
): Promise<Client> {
  const clock = createClock(() => performance.now(), Date.now);
  const tls = await setUpTls(options, []);
  const network = setUpNetwork(options, tls, listening, clock.now);
  const { insecure } = options.targetTls;
  if (insecure !== undefined && !options.quiet) {
    const which = insecure === "" ? "any host" : insecure;
    status.line(`certificates of ${which} are NOT VERIFIED (--insecure): anyone may pose as them`);
  }
  let [connections, exchanges] = [0, 0];
  return clientOver(network, {
    dial: network.dial,
    clock,
    nextConnectionId: () => ++connections,
    nextExchangeId: () => ++exchanges,
    memory: new BodyMemory(options.maxBodyBytes, BODY_BUDGET_BYTES),
    emit,
    timeoutMs,
    listener,
  });
}

/** A client over a network that is there: what it tells a proxy to be let through stands in no record. */
export function clientOver(network: Network, context: ClientContext): Client {
  const logins = new Set<string>();
  const { emit } = context;
  return {
    network: {
      ...network,
      upstreamFor(target) {
        const upstream = network.upstreamFor(target);
        if (upstream?.authorization !== undefined) logins.add(upstream.authorization);
        return upstream;
      },
    },
    context: {
      ...context,
      emit: (record) => emit(logins.size === 0 ? record : withoutLogin(record, logins)),
    },
  };
}
