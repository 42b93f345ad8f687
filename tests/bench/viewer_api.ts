/** A million rows, asked for over HTTP as the page does; what the store takes of it, the section `store` measures. */

import type { BenchContext } from "./context.ts";
import { readMemory } from "./proc.ts";
import { median } from "./statistics.ts";
import { figure } from "./table.ts";
import { NEEDLE, writeLog } from "./viewer_log.ts";
import { atMost, type Part } from "./viewer_part.ts";
import { startView, type ViewerApi } from "./viewer_program.ts";

const ROWS = 1_000_000;
const REPEATS = 5;
const PAGE_MS = 20;
const SEARCH_MS = 200;
/** For the first page of an order all rows are put in order; the section `store` wants the same. */
const ORDER_MS = 1_500;

/** What is asked for, and how long it may take. */
interface Question {
  readonly name: string;
  readonly query: string;
  readonly wantedMs: number;
}

const QUESTIONS: readonly Question[] = [
  { name: "first page", query: "limit=100", wantedMs: PAGE_MS },
  { name: "page in the middle", query: `limit=100&before=${ROWS / 2}`, wantedMs: PAGE_MS },
  {
    name: "filter status:5xx",
    query: `limit=100&filter=${encodeURIComponent("status:5xx")}`,
    wantedMs: PAGE_MS,
  },
  { name: "a word in one exchange", query: `limit=100&filter=${NEEDLE}`, wantedMs: SEARCH_MS },
  { name: "a word in every exchange", query: "limit=100&filter=ACME", wantedMs: SEARCH_MS },
];

/** How long an answer took. */
interface Answer extends Question {
  readonly firstMs: number;
  readonly medianMs: number;
  readonly found: number;
}

async function ask(api: ViewerApi, question: Question): Promise<Answer> {
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < REPEATS; i++) {
    const begin = performance.now();
    found = (await api.rows(question.query)).rows.length;
    times.push(performance.now() - begin);
  }
  return { ...question, firstMs: times[0], medianMs: median(times), found };
}

/** The first page of an order, a new one each time, and a page in the middle of it. */
async function askInOrder(api: ViewerApi): Promise<readonly Answer[]> {
  const [first, next]: [number[], number[]] = [[], []];
  let found = 0;
  for (let i = 0; i < REPEATS; i++) {
    const query = `sort=${i % 2 === 0 ? "-" : ""}elapsed&limit=100`;
    const begin = performance.now();
    const { order } = await api.rows(query);
    const between = performance.now();
    found = (await api.rows(`${query}&offset=${ROWS / 2}&order=${order}`)).rows.length;
    first.push(between - begin);
    next.push(performance.now() - between);
  }
  const answer = (name: string, wantedMs: number, times: readonly number[]): Answer => (
    { name, query: "sort=-elapsed", wantedMs, firstMs: times[0], medianMs: median(times), found }
  );
  return [
    answer("sorted by elapsed, first page", ORDER_MS, first),
    answer("sorted by elapsed, a page in the middle", PAGE_MS, next),
  ];
}

/** Has the program read a log of a million exchanges, and asks. */
export async function asking(context: BenchContext): Promise<Part> {
  const { workshop, say } = context;
  const file = `${workshop.folder}/million.jsonl`;
  await writeLog(file, ROWS);
  const begin = performance.now();
  const { running, api } = await startView(context, file, ROWS);
  const readSeconds = (performance.now() - begin) / 1000;
  await Deno.remove(file);
  say(`viewer: ${ROWS} rows read in ${readSeconds.toFixed(1)} s`);
  const answers: Answer[] = [];
  for (const question of QUESTIONS) answers.push(await ask(api, question));
  answers.push(...await askInOrder(api));
  const { residentKb, peakKb } = await readMemory(running.pid);
  await workshop.stop(running);
  const [residentMb, peakMb] = [residentKb, peakKb].map((kb) => kb * 1024 / 1e6);
  return {
    rows: [
      [`${ROWS} rows read from a log`, `${figure(readSeconds, 1)} s`, `${figure(ROWS / readSeconds, 0)}/s`],
      ...answers.map(({ name, firstMs, medianMs, found }) =>
        [
          `over HTTP, ${name}`,
          `${figure(medianMs, 1)} ms`,
          `${found} rows, first ${figure(firstMs, 1)} ms`,
        ] as const
      ),
      ["resident then", `${figure(residentMb, 0)} MB`, `at most ${figure(peakMb, 0)} MB`],
    ],
    goals: answers.map(({ name, wantedMs, medianMs }) =>
      atMost(`over HTTP, ${name}`, wantedMs, medianMs, "ms", 1)
    ),
    notes: [],
    raw: { readSeconds, answers, residentMb, peakMb },
  };
}
