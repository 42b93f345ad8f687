/** Five thousand connections: what each costs in memory while idle, and whether all get through when busy. */

import { type BenchContext, settle } from "./context.ts";
import { Crowd, HoldingBackend } from "./crowd.ts";
import { readMemory, readOpenFilesLimit } from "./proc.ts";
import { type Relay, RELAY_TITLES, type RelayName } from "./relays.ts";
import { figure, type Goal, type Section } from "./table.ts";

const CONNECTIONS = 5_000;

/** What each connection asks for when the crowd is busy. */
const REQUESTS = 20;

/** A relayed connection takes two descriptors in the relay, and two here when idle; this many are for all else. */
const OTHER_DESCRIPTORS = 500;

const NAMES: readonly RelayName[] = ["pump", "json"];

interface Result {
  readonly name: RelayName;
  /** Resident memory of the relay for one idle connection, in kB of 1000 bytes. */
  readonly idleKb: number;
  /** Idle connections that did not reach the backend. */
  readonly unreached: number;
  readonly failed: number;
  readonly busySeconds: number;
}

async function residentKb({ running }: Relay): Promise<number> {
  return running === undefined ? NaN : (await readMemory(running.pid)).residentKb;
}

async function startAt(context: BenchContext, name: RelayName, port: number): Promise<Relay> {
  const relay = await context.relays.start(name, port);
  // One connection first, so that what is loaded once is not counted as the cost of each.
  using _first = await Crowd.open(relay.port, 1);
  await settle();
  return relay;
}

async function end(context: BenchContext, { running }: Relay): Promise<void> {
  if (running !== undefined) await context.workshop.stop(running);
}

async function idle(context: BenchContext, name: RelayName, count: number) {
  using backend = new HoldingBackend();
  const relay = await startAt(context, name, backend.port);
  const alreadyHeld = await backend.holds(1);
  const before = await residentKb(relay);
  let result;
  {
    using _crowd = await Crowd.open(relay.port, count);
    const held = await backend.holds(count + alreadyHeld) - alreadyHeld;
    await settle();
    const grownKb = (await residentKb(relay) - before) * 1.024;
    result = { idleKb: grownKb / count, unreached: count - held };
  }
  await end(context, relay);
  return result;
}

async function busy(context: BenchContext, name: RelayName, count: number) {
  const relay = await startAt(context, name, context.backendPort);
  const begin = performance.now();
  let failed;
  {
    using crowd = await Crowd.open(relay.port, count);
    failed = await crowd.exchange(REQUESTS);
  }
  const busySeconds = (performance.now() - begin) / 1000;
  await end(context, relay);
  return { failed, busySeconds };
}

/** Measures idle and busy crowds, fewer where the limit of descriptors does not allow 5,000. */
export async function connections(context: BenchContext): Promise<Section> {
  const limit = await readOpenFilesLimit();
  const count = Math.min(CONNECTIONS, Math.max(1, Math.floor((limit - OTHER_DESCRIPTORS) / 2)));
  const results: Result[] = [];
  for (const name of NAMES) {
    const result = { name, ...await idle(context, name, count), ...await busy(context, name, count) };
    const shown = `${result.idleKb.toFixed(1)} kB each idle, ${result.failed} failed busy`;
    context.say(`connections: ${RELAY_TITLES[name]} ${shown}`);
    results.push(result);
  }
  const own = results.find(({ name }) => name === "json");
  const goal = (
    what: string,
    wanted: number,
    found: number | undefined,
    unit: string,
    digits: number,
  ): Goal => (
    { what: `connections: ${count} ${what}`, bound: "at most", wanted, found: found ?? NaN, unit, digits }
  );
  return {
    title: `${count} connections at once`,
    columns: ["", "kB each, idle", "not reached", "failed, busy", "busy seconds"],
    rows: results.map(({ name, idleKb, unreached, failed, busySeconds }) => [
      RELAY_TITLES[name],
      figure(idleKb, 1),
      String(unreached),
      String(failed),
      figure(busySeconds, 1),
    ]),
    goals: [
      goal("idle, memory each", 40, own?.idleKb, "kB", 1),
      goal("idle, not reached", 0, own?.unreached, "", 0),
      goal("busy, failed", 0, own?.failed, "", 0),
    ],
    notes: [
      `busy: each sends ${REQUESTS} small requests, opening included in the seconds`,
      ...count < CONNECTIONS ? [`${CONNECTIONS} need ulimit -n ${2 * CONNECTIONS + OTHER_DESCRIPTORS}`] : [],
    ],
    raw: results,
  };
}
