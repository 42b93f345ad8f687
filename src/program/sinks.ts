/** Everything that takes the records of a session: the log, the flight recorder, the history. */
import { recordFilter } from "../capture/filter/record_filter.ts";
import type { Record } from "../capture/record.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { redactorOf } from "../log/open_log.ts";
import type { Recorder } from "../log/recorder/recorder.ts";
import type { Status } from "../log/status.ts";
import type { History } from "../store/history.ts";
import { Failure } from "./failure.ts";
import type { HistoryIntake } from "./history_intake.ts";
import type { StoredSource } from "./history_source.ts";
import { openLogOf, redactKeyOf } from "./log.ts";

/** Takes records, and brings them where they go. */
export interface Sinks {
  /** Takes one record. It never throws and never waits. */
  readonly emit: (record: Record) => void;
  /** The history as the viewer reads it, where one is kept. */
  readonly source?: StoredSource;
  /** The history, where one is kept: what it takes comes to no other sink. */
  readonly history?: HistoryIntake;
  /** Takes secrets out of a record, as all sinks do; absent: they stay. */
  readonly redact?: (record: Record) => Record;
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

/** What all of them have in common. */
interface Part {
  write(record: Record): void;
  flush(): Promise<void>;
  close(timeoutMs: number): Promise<void>;
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
  const parts: Part[] = [log];
  let recorder: Recorder | undefined;
  let kept: Awaited<ReturnType<typeof openHistoryPart>>;
  try {
    recorder = await openRecorderOf(options, redactKey, status);
    if (recorder !== undefined) parts.push(recorder);
    kept = await openHistoryPart(options, redactKey, status);
    if (kept !== undefined) parts.push(kept.part);
  } catch (error) {
    for (const part of parts) await part.close(0);
    throw error;
  }
  return {
    emit: emitTo(parts),
    source: kept?.source,
    history: kept?.intake,
    redact: redactorOf({ ...options, redactKey }),
    reopen: () => void log.reopen(),
    // It has told of success itself.
    dump: recorder && (() => void recorder.dump("signal").catch((error) => status.line(error.message))),
    flush: async () => void await Promise.all(parts.map((part) => part.flush())),
    close: async (timeoutMs) => void await Promise.all(parts.map((part) => part.close(timeoutMs))),
    get lost() {
      return parts.reduce((sum, { lost }) => sum + lost, 0);
    },
  };
}

/** One call more for each record is felt: the usual session has the log alone. */
function emitTo(parts: readonly Part[]): Sinks["emit"] {
  if (parts.length === 1) return parts[0].write;
  return (record) => {
    for (const part of parts) part.write(record);
  };
}

/** The history, and how the viewer reads it. */
async function openHistoryPart(
  options: CaptureOptions,
  redactKey: Uint8Array,
  status: Status,
): Promise<
  { readonly part: Part; readonly source: StoredSource; readonly intake: HistoryIntake } | undefined
> {
  const { history: kept } = options;
  if (kept === undefined) return undefined;
  // Loaded only when asked for, as it would cost every other start its time.
  const [{ openHistoryOf }, { intakeOf, StoredSource }] = await Promise.all([
    import("./history.ts"),
    import("./history_source.ts"),
  ]);
  const shown: { source?: StoredSource } = {};
  let told = 0;
  let fault: string | undefined;
  const history: History = await openHistoryOf({ ...options, history: kept }, redactKey, status, (stats) => {
    shown.source?.stored(stats.last);
    const isOver = fault !== undefined && stats.fault === undefined;
    if (stats.lost <= told && stats.fault === fault) return;
    told = stats.lost;
    fault = stats.fault;
    shown.source?.lost(told, fault ?? (isOver ? "that is over, it goes on" : "the history did not keep up"));
  });
  const source = shown.source = new StoredSource(history.reader);
  await source.start();
  return {
    source,
    intake: intakeOf(history, source),
    part: {
      write(record) {
        source.taken(record);
        history.write(record);
      },
      flush: () => history.flush(),
      close(timeoutMs) {
        source.stop();
        return history.close(timeoutMs);
      },
      get lost() {
        return history.lost;
      },
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
