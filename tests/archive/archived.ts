/** Reads archives from texts and bytes, and writes records as lines of the log. */
import { type Archived, type ArchiveProblem, readArchive } from "../../src/archive/archive.ts";
import type { ExchangeRecord, Record } from "../../src/capture/record.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../src/log/json.ts";

/** What came of a file. */
export interface Outcome {
  /** The records, with their places. */
  readonly archived: readonly Archived[];
  /** The records alone. */
  readonly records: readonly Record[];
  /** The exchanges among them. */
  readonly exchanges: readonly ExchangeRecord[];
  /** The messages of the problems, remarks left out. */
  readonly problems: readonly string[];
  /** The messages of the remarks. */
  readonly remarks: readonly string[];
  /** `record PLACE` and `problem PLACE`, in the order in which they came. */
  readonly order: readonly string[];
}

/** How a file comes. */
export interface Coming {
  /** Length of a piece in bytes; all at once by default. */
  readonly pieceBytes?: number;
  /** Limit of a line. */
  readonly lineLimitBytes?: number;
}

/** Reads a file. The buffer of each piece is wiped before the next one comes. */
export async function read(file: string | Uint8Array, coming: Coming = {}): Promise<Outcome> {
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  const archived: Archived[] = [];
  const all: ArchiveProblem[] = [];
  const order: string[] = [];
  const onProblem = (problem: ArchiveProblem) => {
    all.push(problem);
    order.push(`problem ${problem.place ?? "-"}`);
  };
  for await (const batch of readArchive(pieces(bytes, coming.pieceBytes), { ...coming, onProblem })) {
    archived.push(...batch);
    for (const { place } of batch) order.push(`record ${place}`);
  }
  const records = archived.map(({ record }) => record);
  return {
    archived,
    records,
    exchanges: records.filter((record) => record.type === "exchange"),
    problems: all.filter(({ isRemark }) => !isRemark).map(({ message }) => message),
    remarks: all.filter(({ isRemark }) => isRemark).map(({ message }) => message),
    order,
  };
}

async function* pieces(bytes: Uint8Array, size = Math.max(1, bytes.length)): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) {
    const piece = bytes.slice(from, from + size);
    yield await Promise.resolve(piece);
    piece.fill(0x21);
  }
}

/** Records as the log writes them, one line each. */
export function written(records: readonly Record[]): string {
  const out = new ByteWriter();
  const format = createJsonFormat({ limitBytes: 1000 });
  for (const record of records) format(record, out);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(out.view());
}

/** An exchange in its shortest form, with other fields where given. */
export function exchangeLine(fields: { readonly [name: string]: unknown } = {}): string {
  return JSON.stringify({
    type: "exchange",
    id: 1,
    connection: 1,
    listener: "127.0.0.1:1",
    client: "127.0.0.1:2",
    target: "t:3",
    time: "2026-11-20T10:31:06.123Z",
    ms: { total: 1 },
    outcome: "complete",
    flags: [],
    ...fields,
  });
}

/** A request as a line has it. */
export const request = {
  method: "POST",
  target: "/a",
  version: "HTTP/1.1",
  headers: [["Host", "a"], ["Content-Length", "3"]],
  body: { bytes: 3, text: "AAA" },
};

/** A response as a line has it. */
export const response = {
  version: "HTTP/1.1",
  status: 200,
  reason: "OK",
  headers: [["Content-Length", "0"]],
  body: { bytes: 0, text: "" },
};
