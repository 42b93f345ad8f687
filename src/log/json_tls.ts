/** What is known of TLS on a connection as JSON: what was negotiated with its ends, or what its client offers. */
import type { ClientHello, ConnectionOpened, TlsInfo } from "../capture/record.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { writeJsonString } from "./json_string.ts";

/** The names of what is known, in the order in which they are written. */
const INFO = ["version", "cipher", "alpn", "serverName", "peer"] as const;

const COMMA = 0x2c;
const BRACKET_CLOSE = 0x5d;
const BRACE_CLOSE = 0x7d;

/** Appends `,"tls":{"client":{…},"target":{…}}` with those of the two that are there, or nothing. */
export function writeTls(out: ByteWriter, { clientTls, targetTls }: ConnectionOpened): void {
  if (clientTls === undefined && targetTls === undefined) return;
  out.text(',"tls":{');
  if (clientTls !== undefined) writeInfo(out, "client", clientTls);
  if (clientTls !== undefined && targetTls !== undefined) out.byte(COMMA);
  if (targetTls !== undefined) writeInfo(out, "target", targetTls);
  out.byte(BRACE_CLOSE);
}

/** Appends `,"tls":{"serverName":"…","alpn":[…],"versions":[…]}`. */
export function writeHello(out: ByteWriter, { serverName, alpn, versions }: ClientHello): void {
  out.text(',"tls":{');
  if (serverName !== undefined) {
    out.text('"serverName":');
    writeJsonString(out, serverName);
    out.byte(COMMA);
  }
  out.text('"alpn":');
  writeStrings(out, alpn);
  out.text(',"versions":');
  writeStrings(out, versions);
  out.byte(BRACE_CLOSE);
}

function writeInfo(out: ByteWriter, peer: "client" | "target", info: TlsInfo): void {
  out.text(`"${peer}":{`);
  let isFirst = true;
  for (const name of INFO) {
    const value = info[name];
    if (value === undefined) continue;
    out.text(`${isFirst ? "" : ","}"${name}":`);
    writeJsonString(out, value);
    isFirst = false;
  }
  out.byte(BRACE_CLOSE);
}

function writeStrings(out: ByteWriter, strings: readonly string[]): void {
  out.text("[");
  strings.forEach((text, i) => {
    if (i > 0) out.byte(COMMA);
    writeJsonString(out, text);
  });
  out.byte(BRACKET_CLOSE);
}
