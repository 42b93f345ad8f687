/// <reference lib="dom" />
/** Two exchanges compared: what differs, part by part, what was and what is side by side, and their times. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { CompareView, DifferenceView, RowView } from "../../api.ts";
import { durationText } from "../exchange/units.ts";
import { clickRow } from "../state/selecting.ts";
import { counted } from "../table/words.ts";
import { plainWireText, WireText } from "../table/wire_text.tsx";
import { askComparison } from "./asking.ts";
import { compare, nameOf } from "./resending.ts";

/** Two rows. */
export interface ComparePaneProps {
  /** The one. */
  readonly before: number;
  /** The other. */
  readonly after: number;
}

type Loaded =
  | { readonly kind: "view"; readonly view: CompareView }
  | { readonly kind: "failed"; readonly error: string };

const STEPS: { readonly [step: string]: string } = {
  connect: "Connect",
  tls: "TLS handshake",
  send: "Send request",
  wait: "Wait for response",
  receive: "Receive response",
  total: "Total",
  relay: "Added by tcpmon",
};

const PARTS = { request: "Request", response: "Response" } as const;

/** The comparison. */
export function ComparePane({ before, after }: ComparePaneProps): JSX.Element {
  const [loaded, setLoaded] = useState<Loaded>();
  useEffect(() => {
    const leave = new AbortController();
    setLoaded(undefined);
    askComparison(before, after, leave.signal).then(
      (view) => setLoaded({ kind: "view", view }),
      (error) => {
        if (leave.signal.aborted) return;
        setLoaded({ kind: "failed", error: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => leave.abort();
  }, [before, after]);
  return (
    <div class="a-compare">
      <header class="a-title">
        <h2>Compare</h2>
        <button type="button" class="x-button" onClick={() => compare(after, before)}>Swap</button>
      </header>
      {loaded === undefined && <p class="x-wait" role="status">Comparing…</p>}
      {loaded?.kind === "failed" && <p class="x-notice x-bad" role="alert">{loaded.error}</p>}
      {loaded?.kind === "view" && <Comparison view={loaded.view} />}
    </div>
  );
}

function Comparison({ view }: { readonly view: CompareView }): JSX.Element {
  const { before, after, differences, timings, notes } = view;
  return (
    <>
      <dl class="a-pair">
        <Side label="Before" row={before} />
        <Side label="After" row={after} />
      </dl>
      {notes.map((note) => (
        <p key={note} class="x-notice">
          <WireText text={note} />
        </p>
      ))}
      <p role="status">
        {differences.length === 0
          ? "Requests and responses are the same."
          : `${counted(differences.length, "difference")}.`}
      </p>
      {(["request", "response"] as const).map((part) => {
        const found = differences.filter((each) => each.part === part);
        return found.length > 0 && <Differences key={part} label={PARTS[part]} found={found} />;
      })}
      {timings.length > 0 && (
        <table class="a-times">
          <caption>Times</caption>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col" class="number">Before</th>
              <th scope="col" class="number">After</th>
              <th scope="col" class="number">Difference</th>
            </tr>
          </thead>
          <tbody>
            {timings.map(({ step, beforeMs, afterMs, differenceMs }) => (
              <tr key={step}>
                <th scope="row">{STEPS[step] ?? step}</th>
                <td class="number">{timeOf(beforeMs)}</td>
                <td class="number">{timeOf(afterMs)}</td>
                <td class="number">{changeOf(differenceMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Side({ label, row }: { readonly label: string; readonly row: RowView }): JSX.Element {
  const said = `${row.method ?? "-"} ${row.url ?? ""}`.slice(0, 300);
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <button type="button" class="x-button" onClick={() => clickRow(row.row, false, false)}>
          {`Show ${nameOf(row)}`}
        </button>
        <code>
          <WireText text={said} />
        </code>
        {row.status !== undefined && <span>{row.status}</span>}
      </dd>
    </div>
  );
}

function Differences(
  { label, found }: { readonly label: string; readonly found: readonly DifferenceView[] },
): JSX.Element {
  return (
    <table class="a-differences">
      <caption>{label}</caption>
      <thead>
        <tr>
          <th scope="col">Where</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {found.map(({ where, path, kind, before, after }, i) => (
          <tr key={i} class={`a-${kind}`}>
            <th scope="row">
              {where}
              {path !== undefined && (
                <code title={plainWireText(path)}>
                  <WireText text={path} />
                </code>
              )}
              {kind !== "changed" && <span class="a-kind">{kind}</span>}
            </th>
            <td class={before === undefined ? "a-nothing" : "a-was"}>{valueOf(before)}</td>
            <td class={after === undefined ? "a-nothing" : "a-is"}>{valueOf(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function valueOf(text: string | undefined): JSX.Element {
  if (text === undefined) return <span class="faint">–</span>;
  return <>{text.split("\n").map((line, i) => <div key={i}>{<WireText text={line} />}</div>)}</>;
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? "–" : durationText(ms);
}

function changeOf(ms: number | undefined): string {
  if (ms === undefined) return "–";
  const text = durationText(Math.abs(ms));
  return text === durationText(0) ? text : `${ms < 0 ? "−" : "+"}${text}`;
}
