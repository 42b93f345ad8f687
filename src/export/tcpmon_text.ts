/**
 * The text that TCPMon's "Save" wrote (Axis 1.4 and WS-Commons TCPMon 1.0), which other tools may know how to read.
 *
 * Between two lines of fourteen `=`: listen port, target host, target port, and under a line each the request and the
 * response as they came, with nothing between the end of one and the heading of the next. As in the original nothing
 * tells where a body ends, so one that holds such lines is read as something else.
 */
import type { ExchangeRecord, RequestMessage, ResponseMessage } from "../capture/record.ts";
import { wireOf } from "../capture/wire.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import { isCut } from "./body_text.ts";
import type { Exporter, Note } from "./exporter.ts";
import { CUT_BODIES } from "./har_content.ts";

/** Stands before and behind each exchange. */
const SEPARATOR = "\n==============\n";
/** What cannot be told from the end of a message. */
const MARKS = ["==============\n", "==== Request ====\n", "==== Response ====\n"];

const decoder = new TextDecoder();

/**
 * Makes an exporter that writes one piece of text for each exchange.
 *
 * @param note Told what the text cannot hold.
 */
export function createTcpmonTextExporter(note: Note = () => {}): Exporter {
  return {
    begin() {},
    record(record, out) {
      if (record.type === "exchange") writeExchange(out, record, note);
      else if (record.type === "data") note("data that is not HTTP");
      else if (record.type === "message" && record.protocol === "websocket") note("WebSocket messages");
    },
    end() {},
  };
}

function writeExchange(out: ByteWriter, record: ExchangeRecord, note: Note): void {
  const { connection, request, response, interim } = record;
  const { host, port } = hostAndPort(connection.target);
  out.text(`${SEPARATOR}Listen Port: ${hostAndPort(connection.listener).port}\n`);
  out.text(`Target Host: ${host}\nTarget Port: ${port}\n==== Request ====\n`);
  if (request !== undefined) writeMessage(out, request, false, note);
  out.text("==== Response ====\n");
  for (const head of interim) out.bytes(head.raw);
  if (response !== undefined) writeMessage(out, response, request?.head.method === "HEAD", note);
  out.text(SEPARATOR);
}

function writeMessage(
  out: ByteWriter,
  message: RequestMessage | ResponseMessage,
  toHead: boolean,
  note: Note,
): void {
  if (isCut(message.body)) note(CUT_BODIES);
  const start = out.length;
  for (const piece of wireOf(message, toHead).pieces) out.bytes(piece);
  const written = decoder.decode(out.view().subarray(start));
  if (MARKS.some((mark) => written.includes(mark))) note("messages that hold a line of TCPMon's own layout");
}

/** The parts of an address; a Unix socket is a host with port 0. */
function hostAndPort(address: string): { readonly host: string; readonly port: string } {
  const match = /^(?:[a-z]+:\/\/)?(\[[^\]]*\]|[^:/]*)(?::(\d+))?/i.exec(address);
  if (match === null || address.startsWith("unix:")) return { host: address, port: "0" };
  return { host: match[1], port: match[2] ?? (address.startsWith("https:") ? "443" : "80") };
}
