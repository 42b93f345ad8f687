/** The worker that compares two exchanges: it says that it is ready, takes one task, and answers it. */
import { RecordReader } from "../archive/record_reader.ts";
import { compareExchanges, comparisonNotes } from "../diff/compare_exchanges.ts";
import { diffRules } from "../diff/rules.ts";
import { timingsTable } from "../diff/timings.ts";
import type { CompareReply, CompareTask } from "./compare.ts";

/** The part of a worker's surroundings that is used. */
interface Scope {
  onmessage: ((event: MessageEvent<CompareTask>) => void) | null;
  postMessage(message: CompareReply): void;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data }) => {
  try {
    scope.postMessage(compared(data));
  } catch (error) {
    scope.postMessage({ kind: "failed", error: error instanceof Error ? error.message : String(error) });
  }
};
scope.postMessage({ kind: "ready" });

function compared({ before, after }: CompareTask): CompareReply {
  const [was, is] = [before, after].map((line) => new RecordReader().read(JSON.parse(line)));
  if (was.type !== "exchange" || is.type !== "exchange") return { kind: "no-exchange" };
  const rules = diffRules([], {});
  return {
    kind: "compared",
    comparison: {
      differences: compareExchanges(was, is, rules),
      timings: timingsTable(was, is),
      notes: comparisonNotes(was, is, rules),
    },
  };
}
