/** Records for tests of the pcapng export: made by hand, or by the capture of a connection that bytes pass through. */
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { ConnectionCapture } from "../../src/capture/connection_capture.ts";
import type { ConnectionEnd, ConnectionInfo, Record } from "../../src/capture/record.ts";
import { createPcapngExporter } from "../../src/export/pcapng.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";

/** When all tests take place, ms since the epoch. */
export const START = Date.UTC(2026, 10, 20, 10, 31, 6);

/** What passes on a connection: a direction and bytes, one character each; or a direction that ends. */
export type Step = readonly ["up" | "down", string | Uint8Array] | readonly ["up-end" | "down-end"];

/** How a connection differs from others. */
export interface Setting {
  readonly maxBody?: number;
  readonly end?: ConnectionEnd | "open";
  readonly startMs?: number;
  /** Times as the log has them: whole ms. */
  readonly cutTimes?: boolean;
}

/** A connection to a target. */
export function connection(
  id: number,
  target = "127.0.0.1:9080",
  client = `127.0.0.1:${40_000 + id}`,
): ConnectionInfo {
  return { id, listener: "127.0.0.1:8081", client, target };
}

/** The records of a connection on which these steps take place, 3.25 ms one after the other. */
export function captured(info: ConnectionInfo, steps: readonly Step[], setting: Setting = {}): Record[] {
  const { maxBody = 1 << 20, end = "client-closed", startMs = 0, cutTimes = true } = setting;
  const records: Record[] = [];
  const wall = (ms: number) => cutTimes ? Math.floor(START + startMs + ms) : START + startMs + ms;
  let ids = info.id * 1000, now = 1;
  const emit = (record: Record) => void records.push(structuredClone(record));
  const memory = new BodyMemory(maxBody, 1 << 26);
  emit({ type: "connection", event: "opened", connection: info, at: wall(now), connectMs: 0.5 });
  const capture = new ConnectionCapture({ emit, wall, nextId: () => ++ids, memory }, info, 0.5);
  for (const [kind, bytes] of steps) {
    now += 3.25;
    if (kind === "up") capture.up(bytesOf(bytes), now, now + 0.25);
    else if (kind === "down") capture.down(bytesOf(bytes), now, now + 0.25);
    else if (kind === "up-end") capture.upEnded(now);
    else capture.downEnded(now);
  }
  if (end === "open") return records;
  capture.ended(now + 1);
  emit({
    type: "connection",
    event: "closed",
    connection: info,
    at: wall(now + 1),
    up: 0,
    down: 0,
    totalMs: now + 1,
    end,
    exchanges: capture.exchanges,
  });
  return records;
}

/** Bytes out of text, one a character. */
export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? Uint8Array.from(text, (char) => char.charCodeAt(0)) : text;
}

/** Text out of bytes, a character each. */
export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** The file that records become, and how often what could not be represented. */
export function exported(
  records: readonly Record[],
  windowBytes?: number,
): { readonly file: Uint8Array; readonly notes: ReadonlyMap<string, number> } {
  const notes = new Map<string, number>();
  const exporter = createPcapngExporter({
    note: (reason) => notes.set(reason, (notes.get(reason) ?? 0) + 1),
    windowBytes,
  });
  const file = new ByteWriter();
  const out = new ByteWriter();
  const flush = () => {
    file.bytes(out.view());
    out.reset();
  };
  exporter.begin(out);
  for (const record of records) {
    flush();
    exporter.record(record, out);
  }
  exporter.end(out);
  flush();
  return { file: file.copy(), notes };
}

/** A request without a body. */
export const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** A response with a body. */
export const ok = (body: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** The handshake of WebSocket, with an extension or without. */
export const webSocket = (extension = ""): readonly Step[] => [
  [
    "up",
    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${extension}\r\n`,
  ],
  [
    "down",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n${extension}\r\n`,
  ],
];
