/** The worker that looks whether bodies are as expected (`--expect`): the readers of paths are loaded here only. */
import { type Expectation, parseExpectation } from "../select/expectation.ts";
import { SelectError } from "../select/select_error.ts";
import { complaintOf, type ExpectAnswer, type ExpectQuestion } from "./expectations.ts";
import { answerQuestions } from "./timed_worker.ts";

/** Those that were read, by what was written; a handful. */
const read = new Map<string, Expectation>();

answerQuestions<ExpectQuestion, ExpectAnswer>(({ expectation: text, body }) => {
  try {
    let expectation = read.get(text);
    if (expectation === undefined) read.set(text, expectation = parseExpectation(text));
    return { complaint: body === undefined ? undefined : complaintOf(expectation, body) };
  } catch (error) {
    if (error instanceof SelectError) return { unreadable: error.message };
    throw error;
  }
});
