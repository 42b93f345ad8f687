/**
 * Sends requests at a rate that does not depend on how soon they are answered, which wrk cannot: each has a time at which
 * it is due, and goes as soon as one of the connections is free from then on. It prints one line of JSON, a
 * {@link PacedReport}.
 *
 *     deno run --allow-net viewer_load.ts PORT PER_SECOND SECONDS
 */

/** So many requests can be under way: enough at 10,000 a second while answers take less than 12 ms. */
const CONNECTIONS = 128;
/** Requests have so many different paths. */
const PATHS = 1_000;
const READ_BYTES = 16 * 1024;

/** What one load found. */
export interface PacedReport {
  /** Requests that were answered with a status of 2xx. */
  readonly answered: number;
  /** Requests that were not: another status, a connection that broke, or none left to send them. */
  readonly failed: number;
  /** From the first one's time to the last answer. */
  readonly seconds: number;
  /** `answered / seconds`. */
  readonly perSecond: number;
  /** From the time a request was due to its answer, median. */
  readonly p50Ms: number;
  /** The same, exceeded by one in a hundred. */
  readonly p99Ms: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const REQUESTS: readonly Uint8Array[] = Array.from(
  { length: PATHS },
  (_, i) => encoder.encode(`GET /stock/${i} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n`),
);

/** One connection: its requests have small responses of one and the same length. */
class Caller {
  readonly #conn: Deno.TcpConn;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #responseBytes: number | undefined;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Sends a request; whether it was answered with 2xx. Throws where the connection breaks. */
  async call(request: Uint8Array): Promise<boolean> {
    for (let at = 0; at < request.length;) at += await this.#conn.write(request.subarray(at));
    for (let length = 0;;) {
      const read = await this.#conn.read(this.#buffer.subarray(length));
      if (read === null) throw new Error("the connection ended inside a response");
      length += read;
      this.#responseBytes ??= responseBytes(this.#buffer.subarray(0, length));
      if (this.#responseBytes === undefined || length < this.#responseBytes) continue;
      if (length > this.#responseBytes) {
        throw new Error(`found ${length} bytes, wanted ${this.#responseBytes}`);
      }
      // "HTTP/1.1 2".
      return this.#buffer[9] === 0x32;
    }
  }

  close(): void {
    this.#conn.close();
  }
}

/** Length of a response, where its head is whole. */
function responseBytes(bytes: Uint8Array): number | undefined {
  const text = decoder.decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  return end + 4 + Number(/^content-length: *(\d+)\r$/im.exec(text)?.[1]);
}

/** The value that `part` of all are not above; `NaN` for none. */
function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** Sends `perSecond` requests a second to 127.0.0.1:`port`, for `seconds`. */
export async function pacedLoad(port: number, perSecond: number, seconds: number): Promise<PacedReport> {
  const callers: Caller[] = [];
  const tookMs: number[] = [];
  const total = Math.round(perSecond * seconds);
  let next = 0;
  try {
    for (let i = 0; i < CONNECTIONS; i++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conn.setNoDelay(true);
      callers.push(new Caller(conn));
    }
    const begin = performance.now();
    await Promise.all(callers.map(async (caller) => {
      while (next < total) {
        const mine = next++;
        const dueAt = begin + mine * 1000 / perSecond;
        const waitMs = dueAt - performance.now();
        if (waitMs > 0) await new Promise((resume) => setTimeout(resume, waitMs));
        try {
          if (await caller.call(REQUESTS[mine % PATHS])) tookMs.push(performance.now() - dueAt);
        } catch {
          // The other connections go on; this request is not among those that were answered.
          return;
        }
      }
    }));
    const elapsed = (performance.now() - begin) / 1000;
    const answered = tookMs.length;
    tookMs.sort((a, b) => a - b);
    const [p50Ms, p99Ms] = [quantile(tookMs, 0.5), quantile(tookMs, 0.99)];
    return {
      answered,
      failed: total - answered,
      seconds: elapsed,
      perSecond: answered / elapsed,
      p50Ms,
      p99Ms,
    };
  } finally {
    for (const caller of callers) caller.close();
  }
}

if (import.meta.main) {
  const [port, perSecond, seconds] = Deno.args.map(Number);
  console.log(JSON.stringify(await pacedLoad(port, perSecond, seconds)));
}
