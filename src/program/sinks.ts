/** Everything that takes the records of a session: the log, the flight recorder. */
import { recordFilter } from "../capture/filter/record_filter.ts";
import type { Record } from "../capture/record.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { redactorOf } from "../log/open_log.ts";
import type { Recorder } from "../log/recorder/recorder.ts";
import type { Status } from "../log/status.ts";
import { Failure } from "./failure.ts";
import { openLogOf, redactKeyOf } from "./log.ts";

/** Takes records, and brings them where they go. */
export interface Sinks {
  /** Takes one record. It never throws and never waits. */
  readonly emit: (record: Record) => void;
  /** Opens the log's file anew. */
  reopen(): void;
  /** Lets the flight recorder write what it has to a file of its own; absent: there is none. */
  readonly dump?: () => void;
  /** Resolves when what was taken so far was written, or cannot be. */
  flush(): Promise<void>;
  /** Writes what waits, for at most so long. */
  close(timeoutMs: number): Promise<void>;
  /** How many records could not be taken. */
  readonly lost: number;
}

/**
 * Opens what the options ask for.
 *
 * @param onAbandoned Called when the reader of stdout has gone and nothing is to go on without it.
 * @throws {Failure} where a file or a folder cannot be had; then nothing is left open.
 */
export async function openSinks(
  options: CaptureOptions,
  status: Status,
  onAbandoned: () => void,
): Promise<Sinks> {
  const redactKey = redactKeyOf(options);
  const log = await openLogOf(options, redactKey, status, onAbandoned);
  let recorder: Recorder | undefined;
  try {
    recorder = await openRecorderOf(options, redactKey, status);
  } catch (error) {
    await log.close(0);
    throw error;
  }
  if (recorder === undefined) {
    return {
      emit: log.write,
      reopen: () => void log.reopen(),
      flush: () => log.flush(),
      close: (timeoutMs) => log.close(timeoutMs),
      get lost() {
        return log.lost;
      },
    };
  }
  const { write } = log;
  const record = recorder;
  return {
    emit(taken) {
      write(taken);
      record.write(taken);
    },
    reopen: () => void log.reopen(),
    // It has told of success itself.
    dump: () => void record.dump("signal").catch((error) => status.line(error.message)),
    flush: async () => void await Promise.all([log.flush(), record.flush()]),
    close: async (timeoutMs) => void await Promise.all([log.close(timeoutMs), record.close(timeoutMs)]),
    get lost() {
      return log.lost + record.lost;
    },
  };
}

async function openRecorderOf(
  options: CaptureOptions,
  redactKey: Uint8Array,
  status: Status,
): Promise<Recorder | undefined> {
  const { recorder, maxBodyBytes, logQueueBytes: queueBytes } = options;
  if (recorder === undefined) return undefined;
  // Loaded only when asked for, as it would cost every other start its time.
  const { openRecorder } = await import("../log/recorder/recorder.ts");
  const dumpOn = recorder.dumpOn === undefined ? undefined : recordFilter(recorder.dumpOn, maxBodyBytes);
  try {
    return await openRecorder({ ...recorder, maxBodyBytes, queueBytes, dumpOn: withoutLost(dumpOn) }, {
      epochNow: Date.now,
      warn: (text) => status.line(text),
      transform: redactorOf({ ...options, redactKey }),
    });
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
}

/** Every filter lets through what tells of lost records: a gap is no reason to dump. */
function withoutLost(
  dumpOn: ((record: Record) => boolean) | undefined,
): ((record: Record) => boolean) | undefined {
  return dumpOn && ((record) => record.type !== "lost" && dumpOn(record));
}
