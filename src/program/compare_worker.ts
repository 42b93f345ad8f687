/** The worker that compares exchanges. */
import { RecordReader } from "../archive/record_reader.ts";
import { compareExchanges, comparisonNotes } from "../diff/compare_exchanges.ts";
import { timingsTable } from "../diff/timings.ts";
import type { CompareTask, Comparison } from "./compare.ts";
import { readRules } from "./differences.ts";
import { answerQuestions } from "./timed_worker.ts";

answerQuestions<CompareTask, Comparison | undefined>(({ before, after, ignore = [], options = {} }) => {
  const [was, is] = [before, after].map((line) => new RecordReader().read(JSON.parse(line)));
  if (was.type !== "exchange" || is.type !== "exchange") return undefined;
  const rules = readRules(ignore, options);
  return {
    differences: compareExchanges(was, is, rules),
    timings: timingsTable(was, is),
    notes: comparisonNotes(was, is, rules),
  };
});
