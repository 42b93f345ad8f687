/// <reference lib="dom" />
/** What came back of the request in the editor. */
import type { JSX } from "preact";
import { fetchBody } from "../exchange/fetching.ts";
import { MessagePane } from "../exchange/message/message_pane.tsx";
import { Overview } from "../exchange/overview.tsx";
import type { ExchangeJson } from "../exchange/record_json.ts";
import { clickRow } from "../state/selecting.ts";
import { answer, draft } from "./editing.ts";
import { compare, nameOf } from "./resending.ts";
import { canCompare } from "./task.ts";

/** The answer. */
export function AnswerPane(): JSX.Element {
  const found = answer.value;
  switch (found.kind) {
    case "none":
      return <p class="x-quiet" role="status">The response will stand here. Ctrl+Enter sends.</p>;
    case "sending":
      return <p class="x-wait" role="status">Waiting for the response, at most 30 seconds…</p>;
    case "failed":
      return <p class="x-notice x-bad" role="alert">{found.error}</p>;
    case "record":
      return <Sent record={found.record} {...found.error !== undefined && { error: found.error }} />;
    case "view": {
      const { row, record, cut } = found.view;
      const from = draft.value.from?.row;
      return (
        <>
          <p class="x-row" role="status">
            {`Sent as ${nameOf(row)}. `}
            <button type="button" class="x-button" onClick={() => clickRow(row.row, false, false)}>
              {`Show ${nameOf(row)}`}
            </button>
            {from !== undefined && canCompare.value && (
              <button
                type="button"
                class="x-button"
                onClick={() => compare(from, row.row)}
              >
                Compare with its origin
              </button>
            )}
          </p>
          <Sent
            key={row.row}
            record={record as ExchangeJson}
            row={row.row}
            isCut={cut.response}
            {...found.error !== undefined && { error: found.error }}
          />
        </>
      );
    }
  }
}

interface SentProps {
  readonly record: ExchangeJson;
  /** Its row; absent: it is not in the history, so nothing more can be had. */
  readonly row?: number;
  readonly isCut?: boolean;
  readonly error?: string;
}

function Sent({ record, row, isCut = false, error }: SentProps): JSX.Element {
  const { response, interim } = record;
  const fetchBytes = (from: number, to: number) =>
    row === undefined
      ? Promise.reject(new Error("The history has no more of it."))
      : fetchBody(row, "response", from, to);
  return (
    <>
      {error !== undefined && error !== record.error && <p class="x-notice x-bad" role="alert">{error}</p>}
      <Overview record={record} />
      {response !== undefined && (
        <MessagePane
          part="response"
          message={response}
          isCut={isCut}
          fetchBytes={fetchBytes}
          fileName={`${record.id}-response`}
          {...interim !== undefined && { interim }}
        />
      )}
    </>
  );
}
