/**
 * Status lines on stderr: what listens where, warnings. They never wait, so that a stalled stderr stops nothing.
 */

/** Lines that may wait for a stalled stderr; later ones are dropped. */
const WAITING_LIMIT = 200;

/** Writes lines beginning with `tcpmon: `. */
export class Status {
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  readonly #waiting: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  #writing: Promise<void> | undefined;

  /**
   * Status lines that go through a writer.
   *
   * @param write Writes some of the bytes and tells how many, as `Deno.stderr.write`.
   */
  constructor(write: (bytes: Uint8Array) => Promise<number>) {
    this.#write = write;
  }

  /** Writes a line. Further lines of the text are indented. */
  line(text: string): void {
    this.text(`tcpmon: ${text.replaceAll("\n", "\n        ")}\n`);
  }

  /** Writes lines as they are, without saying who speaks. */
  text(text: string): void {
    if (this.#waiting.length >= WAITING_LIMIT) return;
    this.#waiting.push(this.#encoder.encode(text));
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when every line was written, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#writing === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.#writing, new Promise((resolve) => timer = setTimeout(resolve, timeoutMs))]);
    clearTimeout(timer);
  }

  async #writeAll(): Promise<void> {
    try {
      for (let line = this.#waiting[0]; line !== undefined; line = this.#waiting[0]) {
        for (let written = 0; written < line.length;) written += await this.#write(line.subarray(written));
        this.#waiting.shift();
      }
    } catch {
      // Nobody reads stderr: there is nobody to tell.
      this.#waiting.length = 0;
    }
    this.#writing = undefined;
  }
}
