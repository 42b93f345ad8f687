/**
 * The program, started as a user starts it: from source, or the binary that `TCPMON_BINARY` names.
 *
 * Everything is awaited by what the program says or writes; nothing sleeps, no port is fixed.
 */
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;
const BINARY = Deno.env.get("TCPMON_BINARY");

/** What runs the program: the binary, or Deno with the permissions of the `start` task. */
export const COMMAND: readonly string[] = BINARY !== undefined ? [await Deno.realPath(BINARY)] : [
  Deno.execPath(),
  "run",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-run=/bin/sh",
  `${ROOT}main.ts`,
];

/** Whether it runs from source. Limits of many seconds are waited for once, from source or in the binary, not in both. */
export const FROM_SOURCE = BINARY === undefined;

/** How long a test waits for something that must happen, ms. */
const PATIENCE_MS = 30_000;

/** How to start the program. */
export interface StartOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** `piped`: collected, or read through {@link Program.stdoutStream}. `null`: thrown away. */
  readonly stdout?: "piped" | "null";
  /** Do not read stdout: its reader stalls until the stream is read. */
  readonly leaveStdout?: boolean;
  /** A script of sh to run instead, in which `"$@"` is the program with its arguments. */
  readonly shell?: string;
}

/** A running program. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: LineReader;
  readonly #stdout: LineReader | undefined;
  readonly #leftStdout: boolean;
  /** What the lines on stdout say, as far as they were read. */
  readonly #records: LogRecord[] = [];

  private constructor(child: Deno.ChildProcess, options: StartOptions) {
    this.#child = child;
    this.#stderr = new LineReader(child.stderr);
    this.#leftStdout = options.stdout !== "null" && options.leaveStdout === true;
    this.#stdout = options.stdout === "null" || options.leaveStdout
      ? undefined
      : new LineReader(child.stdout);
  }

  /** Starts the program with these arguments. */
  static start(args: readonly string[], options: StartOptions = {}): Program {
    const { shell } = options;
    const [command, ...first] = shell === undefined ? COMMAND : ["sh", "-c", shell, "sh", ...COMMAND];
    const child = new Deno.Command(command, {
      args: [...first, ...args],
      env: { NO_COLOR: "1", ...options.env },
      cwd: options.cwd,
      stdin: "null",
      stdout: options.stdout ?? "piped",
      stderr: "piped",
    }).spawn();
    return new Program(child, options);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The unread stdout, where the program was started with `leaveStdout`. */
  get stdoutStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#child.stdout;
  }

  /** The ports of relays and proxies that the program says it listens on, in order, once it has said so for `count` listeners. */
  async ports(count = 1): Promise<number[]> {
    const ports = () =>
      this.#stderr.lines.flatMap((line) => {
        const found = /^tcpmon: (?:relaying|proxy on) \S*:(\d+) /.exec(line);
        return found === null ? [] : [Number(found[1])];
      });
    await this.#stderr.until(() => ports().length >= count);
    return ports();
  }

  /** The only port that it listens on. */
  async port(): Promise<number> {
    return (await this.ports())[0];
  }

  /** What it said on stderr so far, line by line. */
  get said(): readonly string[] {
    return this.#stderr.lines;
  }

  /** Waits until a line on stderr matches. */
  async says(pattern: RegExp): Promise<string> {
    await this.#stderr.until((lines) => lines.some((line) => pattern.test(line)));
    return this.#stderr.lines.find((line) => pattern.test(line))!;
  }

  /** What it wrote to stdout so far, line by line. */
  get log(): readonly string[] {
    return this.#stdout!.lines;
  }

  /** Waits until the lines on stdout fulfil the condition. */
  async logs(condition: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    await this.#stdout!.until(condition);
    return this.#stdout!.lines;
  }

  /** Waits for so many JSON records of a type on stdout, and gives all of that type. */
  async records(type: string, count = 1): Promise<LogRecord[]> {
    const ofType = (lines: readonly string[]) => {
      for (let i = this.#records.length; i < lines.length; i++) this.#records.push(parseRecord(lines[i]));
      return this.#records.filter((record) => record.type === type);
    };
    await this.#stdout!.until((lines) => ofType(lines).length >= count);
    return ofType(this.#stdout!.lines);
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for the end; both streams are complete then. */
  async ended(): Promise<Deno.CommandStatus> {
    const status = await within(this.#child.status, "the program did not end");
    await Promise.all([this.#stderr.done, this.#stdout?.done]);
    return status;
  }

  /** Asks it to stop in order, and waits for the end. */
  async stop(): Promise<Deno.CommandStatus> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    return await this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await Promise.all([this.#stderr.done, this.#stdout?.done]);
    if (this.#leftStdout && !this.#child.stdout.locked) await this.#child.stdout.cancel().catch(() => {});
  }
}

/** A record of the JSON log; tests look into it freely. */
// deno-lint-ignore no-explicit-any -- each test asserts the shape that it needs
export type LogRecord = any;

/** Reads a line of the JSON log. */
export function parseRecord(line: string): LogRecord {
  return JSON.parse(line);
}

/** Runs the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: StartOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using program = Program.start(args, options);
  const { code } = await program.ended();
  return { code, stdout: program.log.join("\n"), stderr: program.said.join("\n") };
}

/** Waits for a promise, but not for ever. */
export async function within<T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} within ${ms} ms` })), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Collects the lines of a stream as they come. */
class LineReader {
  readonly lines: string[] = [];
  readonly done: Promise<void>;
  #rest = "";
  #ended = false;
  #changed = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.done = this.#read(stream);
  }

  /** Waits until the lines fulfil the condition; fails when the stream ends before. */
  async until(condition: (lines: readonly string[]) => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!condition(this.lines)) {
      const seen = () => `instead saw:\n${this.lines.slice(-20).join("\n")}`;
      if (this.#ended) assert.fail(`the stream ended; ${seen()}`);
      await within(
        this.#changed.promise,
        `nothing more came; ${seen()}; expected more`,
        deadline - performance.now(),
      );
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const parts = (this.#rest + decoder.decode(chunk, { stream: true })).split("\n");
      this.#rest = parts.pop()!;
      if (parts.length === 0) continue;
      for (const line of parts) this.lines.push(line);
      this.#notify();
    }
    if (this.#rest !== "") this.lines.push(this.#rest);
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Whether a command is installed; tests that need it are ignored otherwise, and say so. */
export function installed(command: string): boolean {
  try {
    return new Deno.Command("sh", { args: ["-c", `command -v ${command}`], stdout: "null", stderr: "null" })
      .outputSync()
      .success;
  } catch {
    return false;
  }
}
