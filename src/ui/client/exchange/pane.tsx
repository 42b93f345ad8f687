/// <reference lib="dom" />
/** One exchange, understood: its request and its response beside each other, and what happened between them. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ExchangeView, RowView } from "../../api.ts";
import { ExchangeActions } from "../actions/exchange_actions.tsx";
import { layout, viewer } from "../state/store.ts";
import { type Copied, CopyButton } from "./copy_button.tsx";
import { fetchBody, fetchCurl, fetchExchange } from "./fetching.ts";
import { MessagePane } from "./message/message_pane.tsx";
import { ConnectionOverview, Overview } from "./overview.tsx";
import type { ConnectionJson, DataJson, ExchangeJson } from "./record_json.ts";
import { marker, type Part } from "./settings.ts";
import { Tabs } from "./tabs.tsx";
import { Timeline } from "./timeline/timeline.tsx";
import { WireText } from "./wire_text.tsx";

/** What the pane shows. */
export interface ExchangePaneProps {
  /** The row that is selected. */
  readonly row: RowView;
}

/** What was loaded, for which row. */
type Loaded =
  | { readonly row: number; readonly kind: "view"; readonly view: ExchangeView }
  | { readonly row: number; readonly kind: "failed"; readonly error: string };

/** The pane of one exchange, or of one stream. */
export function ExchangePane({ row }: ExchangePaneProps): JSX.Element {
  const [loaded, setLoaded] = useState<Loaded>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    fetchExchange(row.row, leave.signal).then(
      (view) => setLoaded({ row: row.row, kind: "view", view }),
      (error) => {
        if (leave.signal.aborted) return;
        setLoaded({
          row: row.row,
          kind: "failed",
          error: error instanceof Error ? error.message : `${error}`,
        });
      },
    );
    return () => leave.abort();
  }, [row.row, row.outcome, attempt]);
  const current = loaded?.row === row.row ? loaded : undefined;
  return (
    <div class="x-exchange">
      <Title row={row} {...current?.kind === "view" && { view: current.view }} />
      {current === undefined && <p class="x-wait" role="status">Loading…</p>}
      {current?.kind === "failed" && (
        <div class="x-row">
          <p class="x-notice x-bad" role="alert">{current.error}</p>
          <button type="button" class="x-button" onClick={() => setAttempt(attempt + 1)}>Try again</button>
        </div>
      )}
      {current?.kind === "view" && <Content key={row.row} row={row} view={current.view} />}
    </div>
  );
}

function Title({ row, view }: { readonly row: RowView; readonly view?: ExchangeView }): JSX.Element {
  const name = row.type === "stream"
    ? `${row.client} → ${row.target}`
    : `${row.method ?? "-"} ${row.url ?? ""}`;
  return (
    <header class="x-title">
      <h2>
        {row.id !== undefined && <span class="x-quiet">{`#${row.id} `}</span>}
        <WireText text={name.length > 300 ? `${name.slice(0, 300)}…` : name} marker={marker()} />
      </h2>
      <ExchangeActions row={row} />
      {view !== undefined && (
        <CopyButton
          label="Copy JSON"
          title="Copy JSON: the record as the log has it"
          text={() => jsonOf(view)}
        />
      )}
      {view !== undefined && row.method !== undefined && viewer.value?.can.export === true && (
        <CopyButton
          label="Copy curl"
          title="Copy curl: the command that sends this request again"
          text={() => curlOf(row.row)}
        />
      )}
    </header>
  );
}

/** The record as a line of the log has it, but for what the page does not have of it. */
function jsonOf({ record, cut }: ExchangeView): Copied {
  const isCut = cut.request || cut.response;
  return {
    text: JSON.stringify(record),
    ...isCut && { missing: "what the page does not have of the bodies" },
  };
}

/** The command that sends a request again; not every request can be one. */
async function curlOf(row: number): Promise<Copied> {
  const text = (await fetchCurl(row)).trimEnd();
  if (text === "") throw new Error("no command of curl sends such a request");
  return { text };
}

interface ContentProps {
  readonly row: RowView;
  readonly view: ExchangeView;
}

function Content({ row, view }: ContentProps): JSX.Element {
  // What was said message by message says more than the bytes it crossed the wire in.
  const [tab, setTab] = useState<"exchange" | "messages">(view.messages > 0 ? "messages" : "exchange");
  if (row.type === "stream") return <Stream row={row} view={view} />;
  // A WebSocket may be open, and nothing said yet.
  const hasMessages = view.messages > 0 || (row.outcome === "upgraded" && row.status === 101);
  const timeline = <Timeline row={row.row} began={row.at} count={view.messages} />;
  const record = view.record as ExchangeJson;
  const { tls } = (view.opened ?? {}) as Partial<ConnectionJson>;
  return (
    <>
      <Overview record={record} {...tls !== undefined && { tls }} />
      {!hasMessages ? <Messages row={row} view={view} record={record} /> : (
        <Tabs
          label="Exchange"
          tabs={[{ key: "exchange", label: "Request and response" }, {
            key: "messages",
            label: "Messages",
            ...view.messages > 0 && { count: view.messages },
          }]}
          selected={tab}
          onSelect={setTab}
        >
          {tab === "messages" ? timeline : <Messages row={row} view={view} record={record} />}
        </Tabs>
      )}
    </>
  );
}

/** A connection that carried something else than HTTP: its record is that of its end, or of its first bytes. */
function Stream({ row, view }: ContentProps): JSX.Element {
  const record = view.record as DataJson | ConnectionJson;
  const { tls } = (view.opened ?? {}) as Partial<ConnectionJson>;
  const totalMs = record.type === "connection" ? record.ms?.total ?? 0 : 0;
  return (
    <>
      {record.type === "connection" && (
        <ConnectionOverview record={record} {...tls !== undefined && { tls }} />
      )}
      <Timeline row={row.row} began={row.at - totalMs} count={view.messages} />
    </>
  );
}

function Messages({ row, view, record }: ContentProps & { readonly record: ExchangeJson }): JSX.Element {
  const { request, response, interim } = record;
  const shared = (part: Part) => ({
    part,
    isCut: view.cut[part],
    fetchBytes: (from: number, to: number) => fetchBody(row.row, part, from, to),
    fileName: `${record.id}-${part}`,
  });
  return (
    <div class={`x-messages x-${layout.value}`}>
      {request === undefined
        ? <Missing label="Request" text="There was no request." />
        : <MessagePane {...shared("request")} message={request} />}
      {response === undefined ? <Missing label="Response" text="There was no response." /> : (
        <MessagePane
          {...shared("response")}
          message={response}
          {...interim !== undefined && { interim }}
        />
      )}
    </div>
  );
}

function Missing({ label, text }: { readonly label: string; readonly text: string }): JSX.Element {
  return (
    <section class="x-message" aria-label={label}>
      <div class="x-startline">
        <h3>{label}</h3>
      </div>
      <p class="x-quiet">{text}</p>
    </section>
  );
}
