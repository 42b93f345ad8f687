/** The field `_tcpmon` of a HAR's entry: what the record says beyond HAR, under the names of the JSON log. */
import type { ExchangeRecord, RequestMessage, ResponseMessage } from "../capture/record.ts";
import type { ResponseHead } from "../http/head.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import { writeBase64 } from "../log/json_base64.ts";
import { writeFaults } from "../log/json_faults.ts";
import { writeJsonString } from "../log/json_string.ts";
import { writeTimings } from "../log/json_timings.ts";
import { isRedacted } from "../log/redacted.ts";
import { writePairs } from "./har_fields.ts";

const encoder = new TextEncoder();
const ID = encoder.encode(',"id":');
const ORDINARY = encoder.encode('},"outcome":"complete","flags":[]');
const BRACE_CLOSE = 0x7d;

/** Appends what follows the names of the ends, which every entry of a connection shares, to the end of the object. */
export function writeDetails(out: ByteWriter, record: ExchangeRecord): void {
  const { request, response, outcome, flags, error } = record;
  out.bytes(ID);
  out.integer(record.id);
  writeTimings(out, record.ms);
  if (outcome === "complete" && flags.length === 0) out.bytes(ORDINARY);
  else out.text(`},"outcome":${JSON.stringify(outcome)},"flags":${JSON.stringify(flags)}`);
  if (error !== undefined) {
    out.text(',"error":');
    writeJsonString(out, error);
  }
  if (record.faults !== undefined) writeFaults(out, record.faults);
  if (isRedacted(request) || isRedacted(response)) out.text(',"redacted":true');
  if (request !== undefined) {
    if (!request.head.target.startsWith("/")) {
      out.text(',"requestTarget":');
      writeJsonString(out, request.head.target);
    }
    if (request.rewritten !== undefined) {
      out.text(',"rewritten":');
      writePairs(out, request.rewritten);
    }
    writeOddities(out, "request", request);
  }
  if (record.interim.length > 0) writeInterim(out, record.interim);
  if (response !== undefined) writeOddities(out, "response", response);
  out.byte(BRACE_CLOSE);
}

/** Trailers, and the head itself where it is not written in the ordinary way. */
function writeOddities(
  out: ByteWriter,
  name: "request" | "response",
  { head, trailers }: RequestMessage | ResponseMessage,
): void {
  if (trailers.length > 0) {
    out.text(`,"${name}Trailers":`);
    writePairs(out, trailers);
  }
  if (head.exact) return;
  out.text(`,"${name}Head":"`);
  writeBase64(out, head.raw);
  out.text('"');
}

function writeInterim(out: ByteWriter, interim: readonly ResponseHead[]): void {
  out.text(',"interim":[');
  interim.forEach((head, i) => {
    out.text(`${i > 0 ? "," : ""}{"status":${head.status},"statusText":`);
    writeJsonString(out, head.reason);
    out.text(',"headers":');
    writePairs(out, head.fields);
    out.text("}");
  });
  out.text("]");
}
