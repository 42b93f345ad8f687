/** `tcpmon export`: a capture → filter → redaction → another format, a piece at a time. */
import type { Archived } from "../archive/archive.ts";
import { recordFilter } from "../capture/filter/record_filter.ts";
import type { Record } from "../capture/record.ts";
import type { ExportCommand } from "../cli/tools.ts";
import type { Exporter, Note } from "../export/exporter.ts";
import { redactorOf } from "../log/open_log.ts";
import type { Status } from "../log/status.ts";
import { findExchanges, parseWanted, readCapture } from "./captures.ts";
import { type ExportOutput, openFolderOutput, openOutput } from "./export_output.ts";
import { redactKeyOf } from "./log.ts";

/** Written at once, as soon as there is so much. */
const FLUSH_BYTES = 256 * 1024;

/**
 * Runs the command.
 *
 * @param version Version of the program, which some formats name.
 * @throws {Failure} where the capture or the output cannot be had.
 */
export async function runExport(command: ExportCommand, status: Status, version: string): Promise<void> {
  const { options } = command;
  const wanted = command.ids.map(parseWanted);
  const notes = new Map<string, number>();
  const note: Note = (reason) => notes.set(reason, (notes.get(reason) ?? 0) + 1);
  const matches = options.filter === undefined
    ? () => true
    : recordFilter(options.filter, options.maxBodyBytes);
  const redact = redactorOf({ ...options, redactKey: redactKeyOf(options) }) ?? ((record: Record) => record);
  const reading = { strict: command.strict, status };
  await using output = command.as === "raw"
    ? await openFolderOutput(command.output!, note)
    : await openOutput(command.output, await exporterOf(command, version, note), FLUSH_BYTES);
  let records = 0;
  const take = async (batch: readonly Archived[]) => {
    for (const { record } of batch) {
      if (!matches(record)) continue;
      records++;
      await output.write(redact(record));
    }
  };
  if (wanted.length > 0) await take(await findExchanges(command.file, wanted, reading));
  else {for await (const batch of readCapture(command.file, reading)) {
      if (!await goesOn(take(batch), output)) return;
    }}
  await output.end();
  if (options.quiet) return;
  for (const [reason, count] of notes) status.line(`not in the export: ${reason} (${count})`);
  if (records === 0) status.line("found no record to export");
}

/** Waits for a write. @returns Whether somebody still reads. */
async function goesOn(writing: Promise<void>, output: ExportOutput): Promise<boolean> {
  await writing;
  return !output.isClosed;
}

/** The exporter of a format; each is loaded only when asked for. */
async function exporterOf({ as, options }: ExportCommand, version: string, note: Note): Promise<Exporter> {
  switch (as) {
    case "har": {
      const { createHarExporter } = await import("../export/har.ts");
      return createHarExporter({ note, creatorVersion: version });
    }
    case "curl": {
      const { createCurlExporter } = await import("../export/curl.ts");
      return createCurlExporter({ note });
    }
    case "httpie": {
      const { createHttpieExporter } = await import("../export/httpie.ts");
      return createHttpieExporter({ note });
    }
    case "tcpmon": {
      const { createTcpmonTextExporter } = await import("../export/tcpmon_text.ts");
      return createTcpmonTextExporter(note);
    }
    case "csv": {
      const { createCsvExporter } = await import("../export/csv.ts");
      return createCsvExporter(note);
    }
    case "pcapng": {
      const { createPcapngExporter } = await import("../export/pcapng.ts");
      return createPcapngExporter({ note });
    }
    case "text": {
      const { createTextExporter } = await import("../export/text.ts");
      const { pretty, hex, maxBodyBytes } = options;
      return createTextExporter({ color: false, dated: true, pretty, hex, limitBytes: maxBodyBytes });
    }
    default: {
      const { createJsonExporter } = await import("../export/json.ts");
      return createJsonExporter({ limitBytes: options.maxBodyBytes });
    }
  }
}
