/// <reference lib="dom" />
/** What is to be said of an exchange as a whole: how it ended, what is odd, SOAP, TLS, where its time went. */
import type { JSX } from "preact";
import type { FaultNote, TlsInfo } from "../../../capture/record.ts";
import type { ConnectionJson, ExchangeJson, SoapJson, TlsJson } from "./record_json.ts";
import { marker } from "./settings.ts";
import { durationText, exactSizeText } from "./units.ts";
import { TimingBar } from "./timing_bar.tsx";
import { WireText } from "./wire_text.tsx";
import { END_WORDS, faultSentence, FLAG_WORDS, OUTCOME_WORDS, wordsFor } from "./words.ts";

/** So many faults are named: a link that drops bytes all along would else make a list without end. */
const SHOWN_FAULTS = 8;

/** What tcpmon did itself, as it was told. */
const OWN_FLAG = "host-rewritten";

/** What an {@link Overview} shows. */
export interface OverviewProps {
  /** The exchange. */
  readonly record: ExchangeJson;
  /** What is known of TLS on its connection. */
  readonly tls?: TlsJson;
}

/** The overview. */
export function Overview({ record, tls }: OverviewProps): JSX.Element {
  const { outcome, error, flags, faults = [], soap, ms } = record;
  const isBad = outcome !== "complete" && outcome !== "upgraded";
  // What tcpmon was told to do is not odd.
  const odd = flags.filter((flag) => flag !== OWN_FLAG);
  return (
    <div class="x-overview">
      <p class={isBad ? "x-notice x-bad" : "x-quiet"}>
        {wordsFor(OUTCOME_WORDS, outcome)}
        {odd.length < flags.length && ` ${FLAG_WORDS[OWN_FLAG]}`}
        {error !== undefined && (
          <>
            {" "}
            <WireText text={error} marker={marker()} />
          </>
        )}
      </p>
      {soap !== undefined && <Soap soap={soap} />}
      <Oddities flags={odd} faults={faults} />
      {tls?.client !== undefined && <Tls peer="client" info={tls.client} />}
      {tls?.target !== undefined && <Tls peer="target" info={tls.target} />}
      <TimingBar ms={ms} />
    </div>
  );
}

/** What a {@link ConnectionOverview} shows. */
export interface ConnectionOverviewProps {
  /** The record of the connection's end, or of its beginning. */
  readonly record: ConnectionJson;
  /** What is known of TLS on it. */
  readonly tls?: TlsJson;
}

/** The overview of a connection that carried something else than HTTP. */
export function ConnectionOverview({ record, tls }: ConnectionOverviewProps): JSX.Element {
  const { end, error, up, down, ms, faults = [] } = record;
  return (
    <div class="x-overview">
      <p class={error === undefined ? "x-quiet" : "x-notice x-bad"}>
        {end !== undefined && wordsFor(END_WORDS, end)}
        {error !== undefined && (
          <>
            {" "}
            <WireText text={error} marker={marker()} />
          </>
        )}
      </p>
      <dl class="x-facts" aria-label="Connection">
        {up !== undefined && <Fact name="To the target" text={exactSizeText(up)} />}
        {down !== undefined && <Fact name="To the client" text={exactSizeText(down)} />}
        {ms?.total !== undefined && <Fact name="Open for" text={durationText(ms.total)} />}
      </dl>
      <Oddities flags={[]} faults={faults} />
      {tls?.client !== undefined && <Tls peer="client" info={tls.client} />}
      {tls?.target !== undefined && <Tls peer="target" info={tls.target} />}
    </div>
  );
}

interface OdditiesProps {
  readonly flags: readonly string[];
  readonly faults: readonly FaultNote[];
}

function Oddities({ flags, faults }: OdditiesProps): JSX.Element | null {
  if (flags.length === 0 && faults.length === 0) return null;
  return (
    <ul class="x-flags" aria-label="What is odd">
      {flags.map((flag) => (
        <li key={flag} class="x-odd">
          <code>{flag}</code> {wordsFor(FLAG_WORDS, flag)}
        </li>
      ))}
      {faults.slice(0, SHOWN_FAULTS).map((fault, i) => <li key={i} class="x-odd">{faultSentence(fault)}</li>)}
      {faults.length > SHOWN_FAULTS && <li>{`And ${faults.length - SHOWN_FAULTS} more faults.`}</li>}
    </ul>
  );
}

function Soap({ soap }: { readonly soap: SoapJson }): JSX.Element {
  const { operation, version, action, fault, messageId, relatesTo = [], repliesTo } = soap;
  return (
    <div class="x-soap">
      <dl class="x-facts" aria-label="SOAP">
        <Fact name={`SOAP ${version}`} text={operation ?? "no operation"} />
        {action !== undefined && <Fact name="Action" text={action} />}
        {messageId !== undefined && <Fact name="MessageID" text={messageId} />}
        {relatesTo.length > 0 && <Fact name="RelatesTo" text={relatesTo.join(", ")} />}
        {repliesTo !== undefined && <Fact name="Reply to" text={`#${repliesTo}`} />}
      </dl>
      {fault !== undefined && (
        <p class="x-notice x-bad">
          <strong>
            {"Fault "}
            <WireText text={[fault.code, ...fault.subcodes ?? []].join(" / ")} marker={marker()} />
          </strong>
          {fault.string !== undefined && (
            <>
              {": "}
              <WireText text={fault.string} marker={marker()} />
            </>
          )}
          {fault.actor !== undefined && (
            <>
              {" (actor "}
              <WireText text={fault.actor} marker={marker()} />
              {")"}
            </>
          )}
        </p>
      )}
    </div>
  );
}

function Tls({ peer, info }: { readonly peer: "client" | "target"; readonly info: TlsInfo }): JSX.Element {
  return (
    <dl class="x-facts" aria-label={`TLS with the ${peer}`}>
      <Fact
        name={`TLS with the ${peer}`}
        text={[info.version?.replace(/^TLSv(?=\d)/, "TLS "), info.cipher].filter(Boolean).join(", ") || "yes"}
      />
      {info.alpn !== undefined && <Fact name="ALPN" text={info.alpn} />}
      {info.serverName !== undefined && <Fact name="Server name" text={info.serverName} />}
      {info.peer !== undefined && <Fact name="Certificate" text={info.peer} />}
    </dl>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <WireText text={text} marker={marker()} />
      </dd>
    </div>
  );
}
