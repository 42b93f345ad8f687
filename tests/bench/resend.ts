/** Resending: a log of real traffic, sent again to the same backend over 32 connections, each response compared. */

import type { BenchContext } from "./context.ts";
import { settle } from "./context.ts";
import { subjectCommand } from "./programs.ts";
import { median } from "./statistics.ts";
import { figure, type Section } from "./table.ts";
import { runWrk, WRK_CONNECTIONS } from "./wrk.ts";

/** What `tcpmon resend` says at its end. */
const DONE = /(\d+) sent in .*\((\d+) a second\).*?(?:; (no|\d+) differ)/;

const WANTED_PER_SECOND = 20_000;

/** One resend of the whole log. @returns Requests a second. */
async function resent(context: BenchContext, logFile: string): Promise<number> {
  const { workshop, options, backendPort } = context;
  const running = workshop.start("tcpmon resend", [
    ...subjectCommand(options.subject),
    ..."resend --speed max --diff --concurrency".split(" "),
    String(WRK_CONNECTIONS),
    "--to",
    `127.0.0.1:${backendPort}`,
    "--host",
    "keep",
    logFile,
  ], "relay");
  const [, , perSecond, differing] = await running.line(DONE);
  await workshop.stop(running);
  if (differing !== "no") throw new Error(`tcpmon resend found ${differing} differences, wanted none`);
  return Number(perSecond);
}

/** Records traffic for a moment, then sends it again in each round, beside wrk with the same connections. */
export async function resend(context: BenchContext): Promise<Section> {
  const { workshop, options, relays, backendPort } = context;
  const relay = await relays.start("json", backendPort);
  const { requests } = await runWrk(workshop, relay.port, options.seconds);
  await settle(relay.logFile);
  if (relay.running !== undefined) await workshop.stop(relay.running);
  const rounds: { wrk: number; resend: number }[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const wrk = (await runWrk(workshop, backendPort, options.seconds)).requestsPerSecond;
    rounds.push({ wrk, resend: await resent(context, relay.logFile!) });
    context.say(`resend: ${rounds[round].resend.toFixed(0)} a second`);
  }
  const found = median(rounds.map(({ resend }) => resend));
  return {
    title: `Resending ${requests} recorded requests, ${WRK_CONNECTIONS} connections, every response compared`,
    columns: ["", "requests/s"],
    rows: [
      ["wrk, nothing compared", figure(median(rounds.map(({ wrk }) => wrk)), 0)],
      ["tcpmon resend --diff", figure(found, 0)],
    ],
    goals: [{
      what: "resend --diff, requests a second",
      bound: "at least",
      wanted: WANTED_PER_SECOND,
      found,
      unit: "",
      digits: 0,
    }],
    notes: [],
    raw: rounds,
  };
}
