/** A simulated link: how exactly a rate is kept over ten seconds, and a latency over single bytes. */

import type { BenchContext } from "./context.ts";
import { subjectCommand } from "./programs.ts";
import { RELAYING } from "./relays.ts";
import { median } from "./statistics.ts";
import { figure, type Goal, type Section } from "./table.ts";
import type { Running } from "./workshop.ts";

/** The rates that are measured, bits a second, from a slow line to a fast one. */
const RATES: Readonly<Record<string, number>> = { "400kbit": 4e5, "8mbit": 8e6, "100mbit": 1e8 };
/** How long a rate is watched. */
const RATE_MS = 10_000;
/** The latencies that are measured, in the one direction. */
const LATENCIES_MS: readonly number[] = [5, 20, 150];
/** Echoes for each latency: enough for a 99th percentile, few enough for the longest one. */
const ECHOES = 200;
const ECHO_BYTES = 64;
const BUFFER_BYTES = 64 * 1024;
const BITS_PER_BYTE = 8;

/** How long one echo took, or several of them. */
interface Echoes {
  /** What stands before a row. */
  readonly name: string;
  /** How much later than without tcpmon's link they should come, ms. */
  readonly askedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How much came through a rate. */
interface Flow {
  /** As `--rate` writes it. */
  readonly rate: string;
  readonly askedBits: number;
  readonly foundBits: number;
}

/** tcpmon before a server of this process. */
class Relayed implements AsyncDisposable {
  readonly #running: Running;
  readonly #context: BenchContext;
  readonly #listener: Deno.Listener;
  readonly #client: Deno.TcpConn;
  readonly #server: Deno.TcpConn;

  private constructor(
    context: BenchContext,
    running: Running,
    listener: Deno.Listener,
    [client, server]: readonly [Deno.TcpConn, Deno.TcpConn],
  ) {
    this.#context = context;
    this.#running = running;
    this.#listener = listener;
    this.#client = client;
    this.#server = server;
  }

  /** Starts it with these options, and connects through it. */
  static async start(context: BenchContext, options: readonly string[]): Promise<Relayed> {
    const { workshop, options: { subject } } = context;
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const target = `127.0.0.1:0=127.0.0.1:${listener.addr.port}`;
    const command = [...subjectCommand(subject), "relay", target, "--format", "none", ...options];
    const running = workshop.start("tcpmon", command, "relay");
    const port = Number((await running.line(RELAYING))[1]);
    const ends = await Promise.all([Deno.connect({ hostname: "127.0.0.1", port }), listener.accept()]);
    for (const end of ends) end.setNoDelay(true);
    return new Relayed(context, running, listener, ends);
  }

  /** Lets the server send for {@link RATE_MS}. @returns How many bits a second came, from the first byte on. */
  async flow(): Promise<number> {
    const bytes = new Uint8Array(BUFFER_BYTES);
    const endAt = performance.now() + RATE_MS;
    const sending = (async () => {
      while (performance.now() < endAt) await this.#server.write(bytes);
    })().catch(() => {}); // What is still on its way is given up.
    const buffer = new Uint8Array(BUFFER_BYTES);
    let [came, startedAt, lastAt] = [0, NaN, NaN];
    while (performance.now() < endAt) {
      const read = await this.#client.read(buffer) ?? 0;
      lastAt = performance.now();
      // The time of the first piece began before it came: it counts as the start alone.
      if (Number.isNaN(startedAt)) startedAt = lastAt;
      else came += read;
    }
    this.#client.close();
    this.#server.close();
    await sending;
    return came * BITS_PER_BYTE * 1_000 / (lastAt - startedAt);
  }

  /** Sends a few bytes there and back, again and again. @returns How long each took, ms, shortest first. */
  async echoes(): Promise<readonly number[]> {
    const serving = (async () => {
      const buffer = new Uint8Array(ECHO_BYTES);
      for (
        let read = await this.#server.read(buffer);
        read !== null;
        read = await this.#server.read(buffer)
      ) {
        await this.#server.write(buffer.subarray(0, read));
      }
    })();
    const message = new Uint8Array(ECHO_BYTES);
    const buffer = new Uint8Array(ECHO_BYTES);
    const took: number[] = [];
    for (let i = 0; i < ECHOES; i++) {
      const at = performance.now();
      await this.#client.write(message);
      for (let came = 0; came < ECHO_BYTES;) came += await this.#client.read(buffer) ?? ECHO_BYTES;
      took.push(performance.now() - at);
    }
    this.#client.close();
    await serving;
    this.#server.close();
    return took.sort((a, b) => a - b);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#context.workshop.stop(this.#running);
  }
}

async function flowAt(context: BenchContext, rate: string): Promise<Flow> {
  await using relayed = await Relayed.start(context, ["--rate", `down:${rate}`]);
  const flow = { rate, askedBits: RATES[rate], foundBits: await relayed.flow() };
  context.say(`link: --rate ${rate} let ${flow.foundBits.toFixed(0)} bit/s through`);
  return flow;
}

async function echoesAt(context: BenchContext, askedMs: number): Promise<Echoes> {
  const options = askedMs === 0 ? [] : ["--latency", `up:${askedMs}ms`];
  await using relayed = await Relayed.start(context, options);
  const took = await relayed.echoes();
  const name = askedMs === 0 ? "no link" : options.join(" ");
  const found = { name, askedMs, p50Ms: median(took), p99Ms: took[Math.floor(took.length * 0.99) - 1] };
  context.say(`link: ${name}, an echo took ${found.p50Ms.toFixed(2)} ms`);
  return found;
}

function goals(flows: readonly Flow[], [plain, ...slow]: readonly Echoes[]): readonly Goal[] {
  const atMost = { bound: "at most" } as const;
  const offBy = (p: "p50Ms" | "p99Ms") =>
    Math.max(...slow.map((one) => Math.abs(one[p] - one.askedMs - plain[p])));
  return [
    {
      ...atMost,
      what: "link: rate over 10 s, off by",
      wanted: 5,
      found: Math.max(...flows.map(({ askedBits, foundBits }) => 100 * Math.abs(foundBits / askedBits - 1))),
      unit: "%",
      digits: 1,
    },
    { ...atMost, what: "link: latency, p50 off by", wanted: 2, found: offBy("p50Ms"), unit: "ms", digits: 2 },
    { ...atMost, what: "link: latency, p99 off by", wanted: 2, found: offBy("p99Ms"), unit: "ms", digits: 2 },
  ];
}

/** Measures rates and latencies through the whole program, one after the other. */
export async function link(context: BenchContext): Promise<Section> {
  const flows: Flow[] = [];
  for (const rate of Object.keys(RATES)) flows.push(await flowAt(context, rate));
  const echoes: Echoes[] = [];
  for (const askedMs of [0, ...LATENCIES_MS]) echoes.push(await echoesAt(context, askedMs));
  return {
    title: "A simulated link: rates over 10 s, latencies of single messages",
    columns: ["", "asked", "found", "p50 ms", "p99 ms"],
    rows: [
      ...flows.map(({ rate, askedBits, foundBits }) => [
        `--rate ${rate}`,
        figure(askedBits / 1_000, 0),
        figure(foundBits / 1_000, 0),
      ]),
      ...echoes.map(({ name, askedMs, p50Ms, p99Ms }) => [
        name,
        figure(askedMs, 0),
        "",
        figure(p50Ms, 2),
        figure(p99Ms, 2),
      ]),
    ],
    goals: goals(flows, echoes),
    notes: ["rates in kbit/s; an echo is there and back, the latency in one direction alone"],
    raw: { flows, echoes },
  };
}
