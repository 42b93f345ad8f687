/**
 * A talk with a worker, each in turn: what one side says is answered by the other before it says more, so that neither
 * has more to do than it was given. Bytes change hands without being copied.
 */

/** Begins a talk where it says something first: {@link WorkerTalk.hear} it. Close it once it is over. */
export class WorkerTalk<Said, Heard> implements Disposable {
  readonly #worker: Worker;
  #heard = Promise.withResolvers<Heard>();

  /**
   * Starts the worker.
   *
   * @param url Its file.
   * @param name By which a program that is its own worker file tells what it is to be.
   */
  constructor(url: string, name: string) {
    this.#worker = new Worker(url, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<Heard>) => this.#heard.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#heard.reject(new Error(`the worker ended: ${event.message}`));
    };
    // Nobody may be waiting when it ends.
    this.#heard.promise.catch(() => {});
  }

  /**
   * What it says next.
   *
   * @throws {Error} where it ended (as a rejection).
   */
  hear(): Promise<Heard> {
    return this.#heard.promise;
  }

  /** Answers what was heard last, with bytes that become the worker's. */
  say(said: Said, given: readonly ArrayBuffer[] = []): void {
    this.#heard = Promise.withResolvers();
    this.#heard.promise.catch(() => {});
    this.#worker.postMessage(said, [...given]);
  }

  /** Ends the worker, whatever it does. What was not heard yet never is. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

/** The worker's side of a talk. */
export interface Partner<Said, Heard> {
  /** Says something, with bytes that change hands. @returns The answer. */
  ask(said: Said, given?: readonly ArrayBuffer[]): Promise<Heard>;
}

/** The part of a worker's surroundings that is used. */
interface Scope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}

/** Makes the worker's side, in a worker. */
export function partner<Said, Heard>(): Partner<Said, Heard> {
  const scope = self as unknown as Scope;
  return {
    ask(said, given = []) {
      const { promise, resolve } = Promise.withResolvers<Heard>();
      scope.onmessage = ({ data }: MessageEvent<Heard>) => resolve(data);
      scope.postMessage(said, [...given]);
      return promise;
    },
  };
}
