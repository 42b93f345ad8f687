/** `tcpmon demo`: a backend, a relay before it, a few exchanges, then hints what to try. */
import type { Command } from "../cli/command.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { startBackend } from "../demo/backend.ts";
import { demoHints } from "../demo/hints.ts";
import { sendDemoExchanges } from "../demo/send_exchanges.ts";
import type { Status } from "../log/status.ts";
import { reasonOf } from "../net/dial.ts";
import { formatEndpoint } from "../net/endpoint.ts";
import { Failure } from "./failure.ts";
import { openSession, type Session } from "./session.ts";

/** How much of the demo is kept. */
const KEEP = "64M";
/** How long status lines may take to be written before the exchanges begin. */
const FLUSH_MS = 3_000;

/**
 * Runs the demo until it is told to stop, or, with `once`, until its exchanges are over.
 *
 * @param started Told of the session, so that signals can stop it.
 * @throws {Failure} where the exchanges fail.
 */
export async function runDemo(
  command: Command & { readonly kind: "demo" },
  status: Status,
  started: (session: Session) => void,
): Promise<void> {
  const { once, hidesViewer } = command;
  const options = once || hidesViewer ? command.options : shown(command.options);
  const backend = startBackend({});
  try {
    const target = { kind: "tcp", host: "127.0.0.1", port: backend.port, http: false } as const;
    const listen = { kind: "tcp", host: "127.0.0.1", port: command.port } as const;
    const session = await openSession({ relays: [{ listen, target }], proxies: [], options }, status);
    started(session);
    const address = session.addresses[0] as Deno.NetAddr;
    if (!options.quiet) {
      status.line(`demo backend on ${backend.address}: SOAP, JSON, gzip, events, errors`);
      for (const line of session.announcements) status.line(line);
      for (const line of session.viewerLines) status.line(line);
      await status.flush(FLUSH_MS);
    }
    const sending = new AbortController();
    session.stopped.then(() => sending.abort());
    let failure: unknown;
    try {
      await sendDemoExchanges(address, { signal: sending.signal, paced: !once });
    } catch (error) {
      if (!sending.signal.aborted) failure = error;
    }
    if (once || failure !== undefined) session.stop();
    await Promise.race([session.flush(), session.stopped]);
    if (!sending.signal.aborted && !options.quiet) status.text(demoHints(formatEndpoint(address)));
    await session.stopped;
    await session.end();
    if (failure !== undefined) throw new Failure(reasonOf(failure));
  } finally {
    await backend.stop();
  }
}

/** The options, with the viewer where it was not asked for: it is a part of what there is to see. */
function shown(options: CaptureOptions): CaptureOptions {
  return {
    ...options,
    viewer: options.viewer ?? { names: [], isReadonly: false },
    history: options.history ?? { keep: KEEP },
  };
}
