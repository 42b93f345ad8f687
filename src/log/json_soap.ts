/** SOAP in an exchange, as JSON. */
import type { SoapFault } from "../capture/soap.ts";
import type { ExchangeSoap } from "../capture/soap_exchange.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { writeJsonString } from "./json_string.ts";

/**
 * Appends `,"soap":{"operation":"GetQuote","version":"1.1","action":"urn:GetQuote"}`, and what else there is.
 */
export function writeSoap(out: ByteWriter, soap: ExchangeSoap): void {
  out.text(',"soap":{');
  if (soap.operation !== undefined) {
    out.text('"operation":');
    writeJsonString(out, soap.operation);
    out.text(",");
  }
  out.text(`"version":"${soap.version}"`);
  writeString(out, "action", soap.action);
  if (soap.fault !== undefined) writeFault(out, soap.fault);
  writeString(out, "messageId", soap.messageId);
  if (soap.relatesTo !== undefined) writeStrings(out, "relatesTo", soap.relatesTo);
  if (soap.repliesTo !== undefined) out.text(`,"repliesTo":${soap.repliesTo}`);
  out.text("}");
}

function writeFault(out: ByteWriter, { code, subcodes, string, actor }: SoapFault): void {
  out.text(',"fault":{"code":');
  writeJsonString(out, code);
  if (subcodes !== undefined) writeStrings(out, "subcodes", subcodes);
  writeString(out, "string", string);
  writeString(out, "actor", actor);
  out.text("}");
}

function writeString(out: ByteWriter, name: string, value: string | undefined): void {
  if (value === undefined) return;
  out.text(`,"${name}":`);
  writeJsonString(out, value);
}

function writeStrings(out: ByteWriter, name: string, values: readonly string[]): void {
  out.text(`,"${name}":`);
  values.forEach((value, i) => {
    out.text(i === 0 ? "[" : ",");
    writeJsonString(out, value);
  });
  out.text("]");
}
