/** What is still read of a connection that is lost: for the record, or so that its end takes nothing back. */
import type { Clock } from "../capture/clock.ts";
import { OVER_LIMIT } from "../http/framing.ts";
import type { RequestHead } from "../http/head.ts";
import { requestParser } from "../http/parser.ts";
import { plainAnswer } from "../http/plain_answer.ts";
import { closeQuietly, type Connection } from "./connection.ts";
import { type Progress, writeRest } from "./copy.ts";
import type { GuardedCapture } from "./guarded_capture.ts";

/** Without a target: how long, and up to how much, what the client has sent already is read for the record. */
const LAST_WORDS_MS = 50;
/** The same where it is to be told why: its request may still be on its way. */
const EXPLAIN_MS = 1_000;
const LAST_WORDS_BYTES = 64 * 1024;
/** After one side takes no more: for so long without a byte the other direction is waited for. */
const LAST_ANSWER_MS = 1_000;

/** A client whose target cannot be reached, or was not until tcpmon stopped. */
export interface LostClient {
  /** Its connection. */
  readonly client: Connection;
  /** Why its target was not reached, in words. */
  readonly reason: string;
  /** Whether it gets a 502 that says so, where it speaks HTTP. */
  readonly explains: boolean;
  /** Counts what it sent. */
  readonly up: Progress;
  /** Counts what it gets. */
  readonly down: Progress;
}

/** Records what a client asked for whose target cannot be reached. Never throws. */
export async function recordLastWords(
  { client, reason, explains, up, down }: LostClient,
  recording: GuardedCapture,
  clock: Clock,
): Promise<void> {
  const timer = setTimeout(() => closeQuietly(client), explains ? EXPLAIN_MS : LAST_WORDS_MS);
  try {
    const buffer = new Uint8Array(LAST_WORDS_BYTES);
    const read = await client.read(buffer);
    if (read !== null) {
      up.bytes = read;
      const at = clock.now();
      recording.up(buffer.subarray(0, read), at, at);
      const head = explains ? firstRequest(buffer.subarray(0, read)) : undefined;
      if (head !== undefined) {
        await explain(client, head, reason, recording, down, clock);
      }
    }
  } catch {
    // The client is gone, or said nothing in time.
  } finally {
    clearTimeout(timer);
  }
  recording.ended(clock.now(), "connect-failed", reason);
}

/** The head of the request that the bytes begin with, where it is whole. */
function firstRequest(bytes: Uint8Array): RequestHead | undefined {
  let first: RequestHead | undefined;
  requestParser({
    head(head) {
      first ??= head;
      return OVER_LIMIT;
    },
    body() {},
    flag() {},
    end() {},
    stream() {},
  }).push(bytes);
  return first;
}

async function explain(
  client: Connection,
  head: RequestHead,
  reason: string,
  recording: GuardedCapture,
  down: Progress,
  clock: Clock,
): Promise<void> {
  const answer = plainAnswer(502, head, reason, [["Connection", "close"]]);
  recording.refused(reason);
  const at = clock.now();
  const writing = writeRest(client, answer, 0, down, clock.now);
  down.bytes = answer.length;
  recording.down(answer, at, clock.now());
  await writing;
  await client.closeWrite();
}

/**
 * Reads and drops what one side still sends, whose receiver takes no more. What that one has sent may still be on its
 * way: a server that refuses an upload answers and closes; and closing with unread bytes would reset the connection, and
 * with it take back the answer.
 *
 * @param activeAt When bytes passed last in either direction, monotonic ms.
 * @param onSilence Called when none passed for a while.
 */
export async function dropRest(
  source: Connection,
  clock: Clock,
  activeAt: () => number,
  onSilence: () => void,
): Promise<void> {
  const failedAt = clock.now();
  const timer = setInterval(() => {
    if (clock.now() - Math.max(failedAt, activeAt()) >= LAST_ANSWER_MS) onSilence();
  }, LAST_ANSWER_MS / 10);
  try {
    const buffer = new Uint8Array(LAST_WORDS_BYTES);
    while (await source.read(buffer) !== null);
  } catch {
    // It broke off, or was closed here after a while of silence.
  } finally {
    clearInterval(timer);
  }
}
