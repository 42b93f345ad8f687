/** What a client of the proxy sends, chunk by chunk: the next chunk is read only when the last one is used up. */
import { type Connection, ReadBuffer } from "../connection.ts";

/** Reads from one client. */
export class ClientReader {
  readonly #client: Connection;
  readonly #now: () => number;
  readonly #buffer = new ReadBuffer();
  #reading: Promise<number | null> | undefined;
  #at = 0;
  #end = 0;
  /** How many bytes came so far. */
  bytes = 0;
  /** When the chunk at hand was read, monotonic ms. */
  readAt = 0;

  /** Reads from `client`; `now` is the monotonic clock, ms. */
  constructor(client: Connection, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** What is there and was not taken yet. Borrowed until {@link more} or {@link readAhead}. */
  get chunk(): Uint8Array {
    return this.#buffer.bytes.subarray(this.#at, this.#end);
  }

  /** Whether something is there. */
  get hasChunk(): boolean {
    return this.#at < this.#end;
  }

  /** How many bytes came before what is there. */
  get offset(): number {
    return this.bytes - (this.#end - this.#at);
  }

  /** The first `count` bytes of the chunk are used up. */
  take(count: number): void {
    this.#at += count;
  }

  /** Takes everything that is there, as a copy. */
  takeRest(): Uint8Array {
    const rest = this.chunk.slice();
    this.#at = this.#end;
    return rest;
  }

  /**
   * Begins to read on while something else is waited for, so that a client that leaves is noticed, as long as there is
   * room in the buffer.
   *
   * @param onBroken Called where it broke off.
   * @param onEnded Called where it has ended in order.
   */
  readAhead(onBroken: () => void, onEnded: () => void = () => {}): void {
    if (this.#reading !== undefined) return;
    if (this.hasChunk && !this.#makeRoom()) return;
    this.#reading = this.#read();
    this.#reading.then((read) => read === null && onEnded(), onBroken);
  }

  /**
   * Waits until something more is there. What is there already is to be taken before it fills the buffer.
   *
   * @returns `false` where the client has ended.
   * @throws What reading throws.
   */
  async more(): Promise<boolean> {
    const reading = this.#reading ?? this.#read();
    this.#reading = undefined;
    const read = await reading;
    if (read === null) return false;
    this.readAt = this.#now();
    this.#end += read;
    this.bytes += read;
    return true;
  }

  /**
   * Waits until something is there, or until `other` resolves; then what is being read comes with the next call.
   *
   * @returns `true`, `false` where the client has ended, or `"other"`.
   * @throws What reading throws.
   */
  async moreOr(other: Promise<unknown>): Promise<boolean | "other"> {
    this.#reading ??= this.#read();
    // Whoever reads next gets the error, too.
    this.#reading.catch(() => {});
    const first = await Promise.race([this.#reading, other.then(() => "other" as const)]);
    return first === "other" ? first : await this.more();
  }

  /** The client's connection from here on: what is there, and what follows. */
  connection(): Connection {
    const client = this.#client;
    return {
      localAddr: client.localAddr,
      remoteAddr: client.remoteAddr,
      read: async (buffer) => {
        if (!this.hasChunk && this.#reading === undefined) return await client.read(buffer);
        if (!this.hasChunk && !await this.more()) return null;
        const { chunk } = this;
        const length = Math.min(buffer.length, chunk.length);
        buffer.set(chunk.subarray(0, length));
        this.take(length);
        return length;
      },
      write: (bytes) => client.write(bytes),
      closeWrite: () => client.closeWrite(),
      close: () => client.close(),
    };
  }

  /** Reads behind what is there. */
  #read(): Promise<number | null> {
    if (!this.hasChunk) {
      this.#buffer.fit(this.#end);
      this.#at = this.#end = 0;
    }
    const { bytes } = this.#buffer;
    // Reading into nothing gives nothing, at once and for ever.
    if (this.#end === bytes.length) {
      throw new RangeError("the client's bytes are to be taken before more are read");
    }
    return this.#client.read(this.#end === 0 ? bytes : bytes.subarray(this.#end));
  }

  /** Moves what is there to the front of the buffer. @returns Whether there is room behind it. */
  #makeRoom(): boolean {
    const { bytes } = this.#buffer;
    if (this.#at > 0) bytes.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    return this.#end < bytes.length;
  }
}
