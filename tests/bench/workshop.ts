/**
 * Owns all that the benchmark leaves on the machine while it runs: child processes and one temporary folder.
 * Closing it ends each child by its pid and removes the folder, whatever way the benchmark ends.
 */

/** Which core a process runs on where the benchmark pins: the load and the backend share one, the relay has its own. */
export type Role = "load" | "relay";

const CORES: Readonly<Record<Role, number>> = { load: 0, relay: 1 };

/** How long a child may take to end after SIGTERM: above the 3 s that tcpmon lets open exchanges finish. */
const STOP_TIMEOUT_MS = 5_000;

/** How long a child may take to be ready: mitmdump needs seconds, the first run of a source is compiled. */
const READY_TIMEOUT_MS = 30_000;

/** How many of a child's last lines on stderr are kept to explain a failure. */
const LINES_KEPT = 20;

/** A child process that runs until it is stopped. */
export class Running {
  /** Its process id; taskset, where it is used, becomes the program and keeps the id. */
  readonly pid: number;
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  #waiting: (() => void)[] = [];
  #ended = false;
  readonly #drained: Promise<void>;

  /** Takes over `child`, whose stderr must be piped. */
  constructor(name: string, child: Deno.ChildProcess) {
    this.#name = name;
    this.#child = child;
    this.pid = child.pid;
    this.#drained = this.#drain();
  }

  /** Reads stderr to its end, so that a child that says much is never held up by a full pipe. */
  async #drain(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      if (this.#waiting.length === 0) this.#lines.splice(0, this.#lines.length - LINES_KEPT);
      this.#wake();
    }
    await this.#child.status;
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  #failure(problem: string): Error {
    return new Error(`${this.#name} ${problem}; it said: ${this.#lines.join(" | ") || "nothing"}`);
  }

  /**
   * Waits for a line on stderr that `pattern` matches, and gives the match.
   * @throws Error if the child ends first, or says nothing of the kind within 30 s.
   */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.#wake();
    }, READY_TIMEOUT_MS);
    try {
      for (;;) {
        for (const line of this.#lines) {
          const match = pattern.exec(line);
          if (match !== null) return match;
        }
        if (this.#ended) throw this.#failure("ended before it was ready");
        if (timedOut) throw this.#failure(`was not ready within ${READY_TIMEOUT_MS / 1000} s`);
        await new Promise<void>((resume) => this.#waiting.push(resume));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Waits until something accepts connections on 127.0.0.1:`port`, for programs that do not say when they do.
   * @throws Error if the child ends first, or does not listen within 30 s.
   */
  async listening(port: number): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      if (this.#ended) throw this.#failure("ended before it listened");
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return;
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
      if (performance.now() > deadline) throw this.#failure("did not listen");
      await new Promise((resume) => setTimeout(resume, 20));
    }
  }

  /** Resolves when the child has ended. */
  get ended(): Promise<void> {
    return this.#drained;
  }

  /** Ends the child: SIGTERM, and SIGKILL if that does not end it. */
  async stop(): Promise<void> {
    const signal = (name: Deno.Signal) => {
      try {
        this.#child.kill(name);
      } catch {
        // It has ended by itself.
      }
    };
    signal("SIGTERM");
    const timer = setTimeout(() => signal("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#drained;
    clearTimeout(timer);
  }
}

/** The owner of the child processes and of the temporary folder. */
export class Workshop implements AsyncDisposable {
  /** The temporary folder. */
  readonly folder: string;
  readonly #pin: boolean;
  readonly #running = new Set<Running>();
  #closed = false;

  /**
   * Takes over `folder`.
   * @param pin Whether processes are bound to the core of their {@link Role}, with taskset.
   */
  constructor(folder: string, pin: boolean) {
    this.folder = folder;
    this.#pin = pin;
  }

  /** Makes the temporary folder. It is open to other users for reading: nginx, started as root, serves as nobody. */
  static async open(pin: boolean): Promise<Workshop> {
    const folder = await Deno.makeTempDir({ prefix: "tcpmon-bench-" });
    await Deno.chmod(folder, 0o755);
    return new Workshop(folder, pin);
  }

  #spawn(command: readonly string[], role: Role, stdout: "null" | "piped"): Deno.ChildProcess {
    if (this.#closed) throw new Error(`cannot start ${command[0]}: the benchmark is ending`);
    const [program, ...args] = this.#pin ? ["taskset", "-c", String(CORES[role]), ...command] : command;
    return new Deno.Command(program, { args, stdin: "null", stdout, stderr: "piped" }).spawn();
  }

  /** Starts a program that runs until {@link stop} or the end of the benchmark. */
  start(name: string, command: readonly string[], role: Role): Running {
    const running = new Running(name, this.#spawn(command, role, "null"));
    this.#running.add(running);
    return running;
  }

  /** Ends one program. */
  async stop(running: Running): Promise<void> {
    await running.stop();
    this.#running.delete(running);
  }

  /** Runs a program to its end and gives its stdout. */
  async run(command: readonly string[], role: Role): Promise<string> {
    const child = this.#spawn(command, role, "piped");
    const running = new Running(command[0], child);
    this.#running.add(running);
    const output = await new Response(child.stdout).text();
    await this.stop(running);
    return output;
  }

  /** Ends what runs and removes the folder. Nothing can be started from then on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((running) => this.stop(running)));
    await Deno.remove(this.folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** A port nobody listens on, for programs that cannot be told to take any: bound for a moment, then let go. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
