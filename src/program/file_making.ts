/** In a worker: lines of the JSON log → a file in one of the formats that the viewer's page offers. */
import { RecordReader } from "../archive/record_reader.ts";
import type { Exporter, Note } from "../export/exporter.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import type { FileHeard, FileSaid, MakeJob } from "./file_talk.ts";
import type { Partner } from "./worker_talk.ts";

/** Handed on as soon as there is so much. */
const PIECE_BYTES = 256 * 1024;

/** Makes the file: asks for lines until there are no more, and gives the bytes meanwhile. */
export async function makeFile(job: MakeJob, program: Partner<FileHeard, FileSaid>): Promise<void> {
  const notes = new Map<string, number>();
  const note: Note = (reason) => notes.set(reason, (notes.get(reason) ?? 0) + 1);
  const exporter = await exporterOf(job, note);
  const out = new ByteWriter(2 * PIECE_BYTES);
  const records = new RecordReader();
  const give = async () => {
    const bytes = out.copy();
    out.reset();
    await program.ask({ kind: "made", bytes }, [bytes.buffer]);
  };
  exporter?.begin(out);
  for (;;) {
    const said = await program.ask({ kind: "more" });
    if (said.kind !== "lines") break;
    for (const line of said.lines) {
      if (exporter === undefined) out.text(`${line}\n`);
      else writeRecord(exporter, records, line, out, note);
      if (out.length >= PIECE_BYTES) await give();
    }
  }
  exporter?.end(out);
  if (out.length > 0) await give();
  await program.ask({ kind: "made-all", notes: [...notes] });
}

function writeRecord(
  exporter: Exporter,
  records: RecordReader,
  line: string,
  out: ByteWriter,
  note: Note,
): void {
  let record;
  try {
    record = records.read(JSON.parse(line));
  } catch {
    return note("records that cannot be read");
  }
  exporter.record(record, out);
}

/** The exporter of a format, each loaded only when asked for; `undefined`: the lines are the format. */
async function exporterOf(
  { as, version, maxBodyBytes }: MakeJob,
  note: Note,
): Promise<Exporter | undefined> {
  switch (as) {
    case "json":
      return undefined;
    case "har": {
      const { createHarExporter } = await import("../export/har.ts");
      return createHarExporter({ note, creatorVersion: version, decodedLimitBytes: maxBodyBytes });
    }
    case "curl": {
      const { createCurlExporter } = await import("../export/curl.ts");
      return createCurlExporter({ note });
    }
    case "tcpmon": {
      const { createTcpmonTextExporter } = await import("../export/tcpmon_text.ts");
      return createTcpmonTextExporter(note);
    }
    case "csv": {
      const { createCsvExporter } = await import("../export/csv.ts");
      return createCsvExporter(note);
    }
  }
}
