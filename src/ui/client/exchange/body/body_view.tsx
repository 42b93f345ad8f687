/// <reference lib="dom" />
/** The body of a message: decoded or as it was sent, and what is missing of it. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { fieldList } from "../../../../http/head.ts";
import type { FieldJson, RequestJson, ResponseJson } from "../record_json.ts";
import { fieldOf } from "../message/raw_text.ts";
import { exactSizeText, sizeText } from "../units.ts";
import { ContentView } from "./content_view.tsx";
import { decodedSource } from "./decoded_source.ts";
import { type ByteSource, type FetchBytes, heldSource, pagedSource, recordBytes } from "./source.ts";

/** What a {@link BodyView} shows. */
export interface BodyViewProps {
  /** The message. */
  readonly message: RequestJson | ResponseJson;
  /** Whether the page has only the beginning of its body. */
  readonly isCut: boolean;
  /** Fetches bytes of it as it was sent. */
  readonly fetchBytes: FetchBytes;
  /** A name for a file of it, without an extension. */
  readonly fileName: string;
}

/** The body. */
export function BodyView({ message, isCut, fetchBytes, fileName }: BodyViewProps): JSX.Element {
  const { body, headers } = message;
  const [isAsSent, setAsSent] = useState(false);
  const contentType = fieldOf(headers, "content-type");
  const { sent, decoded } = useMemo(() => sourcesOf(message, isCut, contentType, fetchBytes), [
    message,
    isCut,
  ]);
  if (body.bytes === 0) return <p class="x-quiet">No body.</p>;
  const codings = codingsOf(headers).join(", ");
  const isDecoded = decoded !== undefined && !isAsSent;
  const beside = decoded !== undefined && (
    <div class="x-modes" role="group" aria-label="Content coding">
      <button type="button" aria-pressed={isDecoded} onClick={() => setAsSent(false)}>Decoded</button>
      <button type="button" aria-pressed={!isDecoded} onClick={() => setAsSent(true)}>
        {`As sent (${codings.slice(0, 40)})`}
      </button>
    </div>
  );
  return (
    <div>
      <p class="x-quiet x-size">
        {exactSizeText(body.bytes)}
        {body.decoded !== undefined && body.decoded.bytes > 0 && `, decoded ${sizeText(body.decoded.bytes)}`}
        {body.decoded?.truncated === true && " and more"}
      </p>
      {body.truncated === true && !isCut && (
        <p class="x-notice">Only the beginning of this body was kept (--max-body). All of it was sent on.</p>
      )}
      {body.decoded?.error !== undefined && (
        <p class="x-notice x-bad">{`Not all of it can be decoded: ${body.decoded.error}`}</p>
      )}
      {isDecoded && decoded.isPartial && (
        <p class="x-notice">
          {`This browser cannot undo ${codings}: only the beginning is shown decoded. All of it is there as sent.`}
        </p>
      )}
      <ContentView
        source={isDecoded ? decoded.source : sent}
        contentType={contentType}
        fileName={fileName}
        beside={beside}
      />
    </div>
  );
}

interface Sources {
  readonly sent: ByteSource;
  readonly decoded?: { readonly source: ByteSource; readonly isPartial: boolean };
}

function sourcesOf(
  { body, headers }: RequestJson | ResponseJson,
  isCut: boolean,
  contentType: string | undefined,
  fetchBytes: FetchBytes,
): Sources {
  const held = recordBytes(body, contentType);
  const sent = isCut ? pagedSource(held, body.bytes, fetchBytes) : heldSource(held);
  if (body.decoded === undefined || (body.decoded.bytes === 0 && body.decoded.error !== undefined)) {
    return { sent };
  }
  const beginning = recordBytes(body.decoded, contentType);
  // A body that ends too early, and one of which the log kept no more, is here as far as it can be decoded.
  const isWhole = body.decoded.truncated !== true && !isCut;
  if (isWhole || body.decoded.error !== undefined || (body.truncated === true && !isCut)) {
    return { sent, decoded: { source: heldSource(beginning), isPartial: false } };
  }
  const whole = decodedSource(sent, codingsOf(headers));
  return { sent, decoded: { source: whole ?? heldSource(beginning), isPartial: whole === undefined } };
}

/** The content codings of a message, in the order in which they were applied. */
function codingsOf(headers: readonly FieldJson[]): readonly string[] {
  return fieldList(headers, "content-encoding").filter((coding) => coding !== "identity");
}
