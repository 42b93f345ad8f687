/**
 * The history: storing 30,000 exchanges a second, then pages and searches in a million of them. Every
 * exchange has its own path and body; nothing is found by luck. It runs in this process, without a relay:
 * what is measured is the store.
 */

import type { ConnectionInfo, ExchangeRecord, ResponseMessage } from "../../src/capture/record.ts";
import { composeRequestHead, composeResponseHead } from "../../src/http/compose_head.ts";
import { openHistory } from "../../src/store/history.ts";
import type { HistoryReader } from "../../src/store/history_reader.ts";
import type { OrderKey } from "../../src/store/ordering.ts";
import type { BenchContext } from "./context.ts";
import { readCpuMs, readMemory } from "./proc.ts";
import { median } from "./statistics.ts";
import { figure, type Goal, type Section } from "./table.ts";

const PER_SECOND = 30_000;
const CONNECTIONS = 32;
/** How often what waits is looked at while the rest is stored as fast as it can be. */
const PAUSE_MS = 3;
/** So many records are made between two looks. */
const BATCH = 2_000;
const QUEUE_BYTES = 64 * 1024 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;
const REPEATS = 5;
/** How often rows are put in order. */
const ORDERS = 3;

/** Where the one exchange stands that has a word of its own, as a part of all. */
const NEEDLE_AT = 0.12;

const encoder = new TextEncoder();
const connections: readonly ConnectionInfo[] = Array.from({ length: CONNECTIONS }, (_, i) => ({
  id: i + 1,
  listener: "127.0.0.1:8081",
  client: `127.0.0.1:${40000 + i}`,
  target: "127.0.0.1:9080",
}));

function responseOf(status: number, body: string): ResponseMessage {
  const kept = encoder.encode(body);
  const head = composeResponseHead({
    version: "HTTP/1.1",
    status,
    reason: status === 200 ? "OK" : "Internal Server Error",
    fields: [["Content-Type", "application/json"], ["Content-Length", String(kept.length)], [
      "Server",
      "nginx",
    ]],
  });
  return { head, body: { bytes: kept.length, kept }, trailers: [] };
}

function orderOf(id: number): string {
  return (id * 2654435761 % 4294967296).toString(36);
}

function exchangeOf(id: number, needleAt: number): ExchangeRecord {
  const head = composeRequestHead({
    method: id % 17 === 0 ? "POST" : "GET",
    target: `/stock/${id * 7919 % 1_000_003}?symbol=ACME`,
    version: "HTTP/1.1",
    fields: [["Host", "localhost:8081"], ["User-Agent", "curl/8.5.0"], ["Accept", "*/*"]],
  });
  const order = orderOf(id);
  const note = id === needleAt ? ',"note":"needle"' : "";
  const status = id % 5003 === 7 ? 500 : 200;
  return {
    type: "exchange",
    id,
    connection: connections[id % CONNECTIONS],
    at: Date.now(),
    request: { head, body: { bytes: 0, kept: new Uint8Array() }, trailers: [] },
    interim: [],
    response: responseOf(status, `{"symbol":"ACME","price":${id * 31 % 9973},"order":"${order}"${note}}`),
    ms: {
      send: 0.01,
      wait: 0.2,
      receive: 0.01,
      total: id % 1000 / 1000 + (id % 9973 === 5 ? 700 : 0),
      relay: 0.06,
    },
    outcome: "complete",
    flags: [],
  };
}

interface Asked {
  readonly name: string;
  readonly firstMs: number;
  readonly medianMs: number;
  readonly found: number;
  readonly wantedMs: number;
}

async function ask(
  reader: HistoryReader,
  name: string,
  filter: string,
  search: string,
  wantedMs: number,
): Promise<Asked> {
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < REPEATS; i++) {
    const begin = performance.now();
    found = (await reader.page({ limit: 100, filter, search })).rows.length;
    times.push(performance.now() - begin);
  }
  return { name, firstMs: times[0], medianMs: median(times), found, wantedMs };
}

/** The first page of an order, for which all rows are put in order; then others, here and there in it. */
async function askInOrder(reader: HistoryReader, key: OrderKey): Promise<readonly Asked[]> {
  const first: number[] = [];
  const next: number[] = [];
  let found = 0;
  for (let i = 0; i < ORDERS; i++) {
    const request = { key, isFalling: i % 2 === 0, limit: 100 };
    let begin = performance.now();
    const { total, order } = await reader.ordered({ ...request, offset: 0 });
    first.push(performance.now() - begin);
    for (let page = 1; page <= REPEATS; page++) {
      begin = performance.now();
      const offset = Math.floor(total * page / (REPEATS + 1));
      found = (await reader.ordered({ ...request, offset, order })).rows.length;
      next.push(performance.now() - begin);
    }
  }
  return [
    {
      name: `ordered by ${key}, first page`,
      firstMs: first[0],
      medianMs: median(first),
      found,
      wantedMs: 1500,
    },
    { name: `ordered by ${key}, other pages`, firstMs: next[0], medianMs: median(next), found, wantedMs: 20 },
  ];
}

/** Measures the history. */
export async function store(context: BenchContext): Promise<Section> {
  const { workshop, options, say } = context;
  const history = await openHistory(
    { path: `${workshop.folder}/history`, keep: {}, maxBodyBytes: MAX_BODY_BYTES, queueBytes: QUEUE_BYTES },
    { epochNow: Date.now, warn: say },
  );
  const total = options.exchanges;
  const needleAt = Math.floor(total * NEEDLE_AT);
  let made = 0;
  const cpuBefore = await readCpuMs(Deno.pid);
  const begin = performance.now();
  const resident: number[] = [];
  for (let elapsed = 0; elapsed < options.seconds * 1000; elapsed = performance.now() - begin) {
    for (const due = Math.min(total, elapsed * PER_SECOND / 1000); made < due;) {
      history.write(exchangeOf(++made, needleAt));
    }
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    if (elapsed / 1000 > resident.length) resident.push((await readMemory(Deno.pid)).residentKb / 1000);
  }
  await history.flush();
  const seconds = (performance.now() - begin) / 1000;
  const cpuUs = (await readCpuMs(Deno.pid) - cpuBefore) * 1000 / made;
  const perSecond = made / seconds;
  say(`store: ${perSecond.toFixed(0)} exchanges/s stored, ${history.lost} lost`);
  while (made < total) {
    for (const end = Math.min(total, made + BATCH); made < end;) history.write(exchangeOf(++made, needleAt));
    await history.flush();
  }
  const asked: Asked[] = [];
  for (
    const [name, filter, search, wantedMs] of [
      ["page, newest", "", "", 20],
      ["page, status:500", "status:500", "", 20],
      ["page, method:POST", "method:POST", "", 20],
      ["page, duration:>500ms", "duration:>500ms", "", 20],
      ["page, path:/stock/123", "path:/stock/123", "", 20],
      ["page, path:=/stock/999983", "path:=/stock/999983", "", 20],
      ["page, nothing: status:404", "status:404", "", 20],
      ["search, in one exchange", "", "needle", 200],
      ["search, in all", "", "ACME", 200],
      ["search, in none", "", "nothing-like-it", 200],
      ["search, two letters", "", "zq", 200],
      ["search, six of an order's number", "", orderOf(Math.floor(total * NEEDLE_AT)).slice(0, 6), 200],
    ] as const
  ) asked.push(await ask(history.reader, name, filter, search, wantedMs));
  for (const key of ["duration", "url", "client"] as const) {
    asked.push(...await askInOrder(history.reader, key));
  }
  const { lost } = history;
  await history.close(10_000);
  const goals: readonly Goal[] = [
    {
      what: "store: exchanges stored a second",
      bound: "at least",
      wanted: 29_500,
      found: perSecond,
      unit: "",
      digits: 0,
    },
    { what: "store: exchanges lost", bound: "at most", wanted: 0, found: lost, unit: "", digits: 0 },
    ...asked.map(({ name, medianMs, wantedMs }): Goal => ({
      what: `store: ${name}`,
      bound: "at most",
      wanted: wantedMs,
      found: medianMs,
      unit: "ms",
      digits: 1,
    })),
  ];
  return {
    title: `History: ${PER_SECOND} exchanges/s for ${options.seconds} s, then pages of 100 out of ${total}`,
    columns: ["", "first ms", "median ms", "rows"],
    rows: asked.map(({ name, firstMs, medianMs, found }) => [
      name,
      figure(firstMs, 1),
      figure(medianMs, 1),
      String(found),
    ]),
    goals,
    notes: [
      `storing took ${
        figure(cpuUs, 1)
      } µs of processor an exchange, making the exchanges included; resident ` +
      `${resident.map((mb) => mb.toFixed(0)).join(", ")} MB, second by second`,
    ],
    raw: { perSecond, cpuUs, lost, resident, asked },
  };
}
