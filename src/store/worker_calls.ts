/** Calls into a worker, answered in any order. */
import { type Call, type Reply, STORE_WORKER } from "./protocol.ts";

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
      if ("error" in data) waiting?.reject(new Error(data.error));
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
