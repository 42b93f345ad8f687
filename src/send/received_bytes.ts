/** How many bytes have come from a peer, and who waits for more. */

interface Waiting {
  readonly bytes: number;
  readonly resolve: () => void;
}

/** Counts bytes that come. */
export class ReceivedBytes {
  readonly #ended = Promise.withResolvers<void>();
  #waiting: readonly Waiting[] = [];
  #count = 0;
  #isOver = false;

  /** How many came. */
  get count(): number {
    return this.#count;
  }

  /** Resolves once no more can come. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** So many came. */
  add(bytes: number): void {
    this.#count += bytes;
    if (this.#waiting.length > 0) this.#wake();
  }

  /** No more will come. */
  end(): void {
    this.#isOver = true;
    this.#wake();
    this.#ended.resolve();
  }

  /** Resolves once there are so many in all, or no more will come. */
  atLeast(bytes: number): Promise<void> {
    if (this.#count >= bytes || this.#isOver) return Promise.resolve();
    return new Promise((resolve) => this.#waiting = [...this.#waiting, { bytes, resolve }]);
  }

  #wake(): void {
    const isDue = ({ bytes }: Waiting) => this.#isOver || bytes <= this.#count;
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter((waiting) => !isDue(waiting));
    for (const { resolve } of due) resolve();
  }
}
