/**
 * One recorded connection that is gone through again on a connection of its own: its requests one after the other, and
 * its dialogue, where each part waits for what the target had said before it.
 */
import type { ConnectionInfo } from "../capture/record.ts";
import type { BytesItem, EndItem, RequestItem } from "./plan.ts";
import { messageOf, type SendConnection, sendOnce, type SendOptions, type Sent } from "./sender.ts";
import type { ResendResult } from "./totals.ts";

/** What a lane does, in order. */
export type Step = RequestItem | BytesItem | EndItem;

/** What lanes need from their surroundings. */
export interface LaneContext extends SendOptions {
  /** How long a dialogue waits for what the target had said, ms. */
  readonly dialogueTimeoutMs: number;
  /** Resolves after so many ms, or as soon as the signal says so. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Takes each result. */
  readonly report: (result: ResendResult) => Promise<void> | undefined;
  /** Told when a request was sent once more. */
  readonly retried: () => void;
  /** Told when a step is over. */
  readonly stepped: (step: Step) => void;
}

/** What is known of a dialogue under way. */
interface Dialogue {
  readonly connection: ConnectionInfo;
  /** Bytes that had come over the connection before it. */
  readonly receivedBefore: number;
  sentBytes: number;
  /** The most that a step waited for. */
  recordedBytes: number;
  error: string | undefined;
  /** Whether the target has kept it waiting once. */
  isLate: boolean;
}

/** Goes through one connection. */
export class Lane {
  readonly #context: LaneContext;
  readonly #queue: Step[] = [];
  #isRunning = false;
  #running = Promise.resolve();
  #connection: SendConnection | undefined;
  #dialogue: Dialogue | undefined;

  /** Opens nothing before its first step. */
  constructor(context: LaneContext) {
    this.#context = context;
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return !this.#isRunning;
  }

  /** Whether it is in a dialogue, which another connection could not go on with. */
  get isInDialogue(): boolean {
    return this.#dialogue !== undefined;
  }

  /** Resolves when all steps so far are over. Never rejects. */
  get done(): Promise<void> {
    return this.#running;
  }

  /** Adds a step. */
  push(step: Step): void {
    this.#queue.push(step);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  /** Closes its connection at once. */
  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #run(): Promise<void> {
    for (let step = this.#queue.shift(); step !== undefined; step = this.#queue.shift()) {
      if (!this.#context.signal.aborted) {
        if (step.kind === "request") await this.#request(step);
        else if (step.kind === "bytes") await this.#bytes(step);
        else await this.#end(step);
      }
      this.#context.stepped(step);
    }
    this.#isRunning = false;
    if (this.#context.signal.aborted) this.close();
  }

  async #request({ exchange: recorded, place, prepared, opensDialogue }: RequestItem): Promise<void> {
    const { report, retried } = this.#context;
    let kept = this.#connection;
    if (kept !== undefined && !kept.isReusable) {
      kept.close();
      kept = undefined;
    }
    const sent = await sendOnce(prepared, kept, this.#context);
    this.#connection = sent.connection;
    if (sent.isRetry) retried();
    const { exchange, error } = sent;
    const taking = report({
      kind: "exchange",
      recorded,
      place,
      sent: exchange,
      error,
      notes: prepared.notes,
    });
    if (taking !== undefined) await taking;
    if (!opensDialogue) return;
    this.#dialogue = this.#begin(recorded.connection, sent.receivedBefore + headBytes(sent));
    if (exchange?.outcome !== "upgraded") {
      this.#dialogue.error = "the target did not agree to go on as it was recorded";
    }
  }

  async #bytes({ connection, destination, bytes, afterDown }: BytesItem): Promise<void> {
    const { open, signal } = this.#context;
    const dialogue = this.#dialogue ??= this.#begin(connection, this.#connection?.receivedBytes ?? 0);
    if (dialogue.error !== undefined && !dialogue.isLate) return;
    try {
      this.#connection ??= await open(destination.target, signal);
      await this.#hear(this.#connection, dialogue, afterDown);
      if (bytes.length === 0 || signal.aborted) return;
      await this.#connection.write(bytes);
      dialogue.sentBytes += bytes.length;
    } catch (error) {
      dialogue.error = messageOf(error);
      dialogue.isLate = false;
    }
  }

  async #end({ byClient, down }: EndItem): Promise<void> {
    const dialogue = this.#dialogue;
    const connection = this.#connection;
    if (dialogue !== undefined) {
      if (connection !== undefined && (dialogue.error === undefined || dialogue.isLate)) {
        await this.#hear(connection, dialogue, down ?? 0);
        if (byClient) await connection.closeWrite();
        await this.#within(connection.ended);
      }
      this.#report(dialogue, connection);
      this.#dialogue = undefined;
    }
    this.close();
  }

  /** Waits until the target has said as much as it had; but once only for one that says less. */
  async #hear(connection: SendConnection, dialogue: Dialogue, bytes: number): Promise<void> {
    dialogue.recordedBytes = Math.max(dialogue.recordedBytes, bytes);
    const wanted = dialogue.receivedBefore + bytes;
    if (connection.receivedBytes >= wanted || dialogue.isLate) return;
    await this.#within(connection.received(wanted));
    if (connection.receivedBytes >= wanted || this.#context.signal.aborted) return;
    dialogue.isLate = true;
    const came = connection.receivedBytes - dialogue.receivedBefore;
    dialogue.error = `the target sent ${came} bytes where ${bytes} were recorded`;
  }

  /** Waits, for as long as a dialogue may. */
  async #within(work: Promise<void>): Promise<void> {
    const { dialogueTimeoutMs, pause, signal } = this.#context;
    const over = new AbortController();
    await Promise.race([work, pause(dialogueTimeoutMs, AbortSignal.any([signal, over.signal]))]);
    over.abort();
  }

  #begin(connection: ConnectionInfo, receivedBefore: number): Dialogue {
    return {
      connection,
      receivedBefore,
      sentBytes: 0,
      recordedBytes: 0,
      error: undefined,
      isLate: false,
    };
  }

  #report(dialogue: Dialogue, connection: SendConnection | undefined): void {
    const { sentBytes, recordedBytes, error } = dialogue;
    this.#context.report({
      kind: "dialogue",
      connection: dialogue.connection,
      sentBytes,
      recordedBytes,
      receivedBytes: Math.max(0, (connection?.receivedBytes ?? 0) - dialogue.receivedBefore),
      ...error !== undefined && { error },
    });
  }
}

/** How many bytes of what came were the answer that opened a dialogue: interim responses and its head, no body. */
function headBytes({ exchange }: Sent): number {
  const interim = exchange?.interim.reduce((bytes, { raw }) => bytes + raw.length, 0) ?? 0;
  return interim + (exchange?.response?.head.raw.length ?? 0);
}
