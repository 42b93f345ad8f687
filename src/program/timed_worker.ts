/**
 * A worker that answers one question after the other. What a user wrote (a regular expression, a path) may keep it busy
 * for ever: then it is ended, and a new one goes on with the questions behind. Whoever asks stays free meanwhile.
 */

/** What a worker says: that it can be asked, and then an answer, or why there is none, for each question in turn. */
export type WorkerReply<Answer> =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly error: string };

/** A question took longer than it may. */
export class TooLongError extends Error {
  /** Its name, for logs. */
  override readonly name: string = "TooLongError";
}

/** What a {@link TimedWorker} is told. */
export interface TimedWorkerOptions {
  /** The worker's file. */
  readonly url: string;
  /** Its name, by which a program that is its own worker file tells what it is to be. */
  readonly name: string;
  /** How long a question may take, ms, those before it and the worker's start left out. Absent: for ever. */
  readonly limitMs?: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** Asks a worker. Close it once nothing more is asked. */
export class TimedWorker<Question, Answer> implements Disposable {
  readonly #options: TimedWorkerOptions;
  /** Those that are not answered, the one that is being answered first. */
  readonly #waiting: Waiting<Question, Answer>[] = [];
  #worker: Worker | undefined;
  #isReady = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #onAbort = () => this.#fail(this.#options.signal.reason);

  /** Starts with the first question. */
  constructor(options: TimedWorkerOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", this.#onAbort);
  }

  /**
   * Asks.
   *
   * @throws {TooLongError} where it took too long; {Error} what the worker says, or that it ended; what the signal says,
   *   where that ended it (all as rejections).
   */
  ask(question: Question): Promise<Answer> {
    const { signal } = this.#options;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#isClosed) return Promise.reject(new Error("it is closed"));
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.push({ question, resolve, reject });
    if (this.#worker === undefined) this.#start();
    else if (this.#isReady) this.#worker.postMessage(question);
    if (this.#waiting.length === 1) this.#watch();
    return promise;
  }

  /** Ends the worker; whoever waits for an answer gets none. */
  close(): void {
    this.#isClosed = true;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#fail(new Error("it is closed"));
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #start(): void {
    const worker = new Worker(this.#options.url, { type: "module", name: this.#options.name });
    this.#worker = worker;
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#fail(new Error(`it ended: ${event.message}`));
    };
    worker.onmessage = ({ data }: MessageEvent<WorkerReply<Answer>>) => {
      // What one that was ended had said still comes.
      if (worker === this.#worker) this.#heard(data, worker);
    };
  }

  #heard(reply: WorkerReply<Answer>, worker: Worker): void {
    if (reply.kind === "ready") {
      this.#isReady = true;
      for (const { question } of this.#waiting) worker.postMessage(question);
      this.#watch();
      return;
    }
    const first = this.#waiting.shift();
    this.#watch();
    if (reply.kind === "answer") first?.resolve(reply.answer);
    else first?.reject(new Error(reply.error));
  }

  /** From now on the first question may take its time. */
  #watch(): void {
    clearTimeout(this.#timer);
    const { limitMs } = this.#options;
    if (limitMs !== undefined && this.#isReady && this.#waiting.length > 0) {
      this.#timer = setTimeout(() => this.#tooLong(limitMs), limitMs);
    }
  }

  #tooLong(limitMs: number): void {
    this.#end();
    this.#waiting.shift()?.reject(new TooLongError(`it takes longer than ${limitMs / 1000} s`));
    if (this.#waiting.length === 0 || this.#isClosed) return;
    this.#start();
  }

  #fail(reason: unknown): void {
    this.#end();
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#isReady = false;
  }
}

/** The part of a worker's surroundings that is used. */
interface Scope<Question, Answer> {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(reply: WorkerReply<Answer>): void;
}

/** The worker's side: says that it can be asked, and answers each question. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Answer): void {
  const scope = self as unknown as Scope<Question, Answer>;
  scope.onmessage = ({ data }) => {
    try {
      scope.postMessage({ kind: "answer", answer: answer(data) });
    } catch (error) {
      scope.postMessage({ kind: "failed", error: error instanceof Error ? error.message : String(error) });
    }
  };
  scope.postMessage({ kind: "ready" });
}
