/** Text for stdout, written in blocks while other work goes on; a reader that has gone ends it. */

/** Written at once, as soon as there is so much. */
const FLUSH_CHARACTERS = 64 * 1024;
/** More than this does not wait for a reader that stalls: then the work waits. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** Collects text and writes it. */
export class Outlines {
  readonly #onClosed: (error: unknown) => void;
  #waiting = "";
  #writing: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #isClosed = false;

  /** Calls `onClosed` with what went wrong when stdout takes no more: most often nobody reads any longer. */
  constructor(onClosed: (error: unknown) => void) {
    this.#onClosed = onClosed;
  }

  /** Takes a text. */
  write(text: string): void {
    this.#waiting += text;
    if (this.#waiting.length >= FLUSH_CHARACTERS) this.#begin();
  }

  /** Resolves once there is room for more; `undefined`: there is. */
  room(): Promise<void> | undefined {
    return this.#waitingBytes < MOST_WAITING_BYTES ? undefined : this.#writing;
  }

  /** Resolves when everything was written, or cannot be. */
  async flush(): Promise<void> {
    this.#begin();
    await this.#writing;
  }

  #begin(): void {
    const bytes = new TextEncoder().encode(this.#waiting);
    this.#waiting = "";
    this.#waitingBytes += bytes.length;
    this.#writing = this.#writing.then(() => this.#writeAll(bytes));
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      // What cannot be written any more waits no longer, either.
      this.#waitingBytes -= bytes.length;
      for (let at = 0; at < bytes.length && !this.#isClosed;) {
        at += await Deno.stdout.write(bytes.subarray(at));
      }
    } catch (error) {
      this.#isClosed = true;
      this.#onClosed(error);
    }
  }
}
