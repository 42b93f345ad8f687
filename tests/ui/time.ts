/** Time that passes when a test says so. */

/** A clock and timers that stand still until told. */
export class Time {
  /** The clock, ms. */
  now = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly act: () => void }>();
  #ids = 0;

  /** How many timers run. */
  get running(): number {
    return this.#timers.size;
  }

  /** Sets a timer. */
  readonly setTimer = (act: () => void, ms: number): () => void => {
    const id = ++this.#ids;
    this.#timers.set(id, { at: this.now + ms, act });
    return () => this.#timers.delete(id);
  };

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (due === undefined) break;
      this.now = due[1].at;
      this.#timers.delete(due[0]);
      due[1].act();
      await settled();
    }
    this.now = end;
  }
}

/** Lets the promises of streams go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
