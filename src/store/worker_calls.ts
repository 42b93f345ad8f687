/** Calls into a worker, answered in any order. */
import { BusyError } from "./busy_error.ts";
import { FullError } from "./full_error.ts";
import { type Call, CALL_OFF, type Reply, STORE_WORKER } from "./protocol.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A worker of the history. */
export class WorkerCalls {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #ended: Error | undefined;

  private constructor(url: URL | string) {
    this.#worker = new Worker(url, { type: "module", name: STORE_WORKER });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) waiting?.reject(errorOf(data));
      else waiting?.resolve(data.value);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(`the history's worker ended: ${event.message}`));
    };
  }

  /**
   * Starts a worker.
   *
   * @param url The file of the worker.
   * @throws {Error} Where it does not start.
   */
  static async start(url: URL | string): Promise<WorkerCalls> {
    const calls = new WorkerCalls(url);
    await new Promise((resolve, reject) => calls.#waiting.set(0, { resolve, reject }));
    return calls;
  }

  /**
   * Calls the worker.
   *
   * @param transfer Buffers that become the worker's.
   * @throws {BusyError} What the worker says, where it has too much to do.
   * @throws {FullError} Where there is no room for what is to be stored.
   * @throws {Error} What the worker says, or that it is not there any more.
   */
  call<Value>(name: string, parameters: readonly unknown[], transfer: ArrayBuffer[] = []): Promise<Value> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const call: Call = { id: ++this.#last, name, parameters };
    return new Promise((resolve, reject) => {
      this.#waiting.set(call.id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage(call, transfer);
    });
  }

  /**
   * Calls the worker, and calls it off at the signal: then the worker does not begin it, or ends it where it can.
   *
   * @throws as {@link call}, or the signal's reason.
   */
  async callUntil<Value>(
    signal: AbortSignal | undefined,
    name: string,
    parameters: readonly unknown[],
  ): Promise<Value> {
    signal?.throwIfAborted();
    const answer = this.call<Value>(name, parameters);
    const id = this.#last;
    const end = () => {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) return;
      this.#waiting.delete(id);
      waiting.reject(signal?.reason);
      this.#worker.postMessage({ id, name: CALL_OFF, parameters: [] } satisfies Call);
    };
    signal?.addEventListener("abort", end, { once: true });
    try {
      return await answer;
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }

  /** Whether the worker is not there any more. */
  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Lets the worker close what it has open, for at most so long, and ends it. */
  async close(timeoutMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, timeoutMs));
    await Promise.race([this.call("close", []).catch(() => {}), late]);
    clearTimeout(timer);
    this.#worker.terminate();
    this.#end(new Error("the history is closed"));
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function errorOf({ error, kind }: Extract<Reply, { readonly error: string }>): Error {
  switch (kind) {
    case "busy":
      return new BusyError(error);
    case "full":
      return new FullError();
    case undefined:
      return new Error(error);
  }
}
