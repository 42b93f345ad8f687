/** `tcpmon export`: a capture → filter → redaction → another format, a piece at a time. */
import { recordFilter } from "../capture/filter/record_filter.ts";
import type { Record } from "../capture/record.ts";
import type { ExportCommand } from "../cli/tool_commands.ts";
import type { Exporter, Note } from "../export/exporter.ts";
import { reasonOf } from "../log/destination.ts";
import { redactorOf } from "../log/open_log.ts";
import type { Status } from "../log/status.ts";
import { parseWanted, readCapture, selectCapture } from "./captures.ts";
import { bodyFiles, openFolderOutput, openOutput } from "./export_output.ts";
import { Failure } from "./failure.ts";
import { redactKeyOf } from "./log.ts";

/** Formats without anything of connections but what they tell of exchanges. */
const LEARNING: readonly ExportCommand["as"][] = ["har", "curl", "httpie", "csv"];
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
  const { source, belongs } = wanted.length > 0
    ? await selectCapture(command.file, wanted, reading)
    : { source: readCapture(command.file, reading), belongs: () => true };
  await refuseSameFile(command);
  // A capture that cannot be read leaves the output as it was.
  const batches = await begun(source);
  await using output = command.as === "raw"
    ? await openFolderOutput(command.output!, note)
    : await openOutput(command.output, await exporterOf(command, version, note), FLUSH_BYTES);
  // They make nothing of connections, but learn from them which targets are reached by TLS.
  const learns = LEARNING.includes(command.as);
  let records = 0;
  for await (const batch of batches) {
    for (const archived of batch) {
      const { record } = archived;
      const isWanted = belongs(archived) && matches(record);
      if (!isWanted && !(learns && tellsOfExchanges(record))) continue;
      if (isWanted) records++;
      const writing = output.write(redact(record));
      if (writing !== undefined) await writing;
    }
    if (output.isClosed) return;
  }
  await output.end();
  if (options.quiet) return;
  for (const [reason, count] of notes) status.line(`not in the export: ${reason} (${count})`);
  if (records === 0) status.line("found no record to export");
}

/** Whether a record is of a connection that may have exchanges. */
function tellsOfExchanges(record: Record): boolean {
  return record.type === "connection" && (record.event !== "closed" || record.exchanges > 0);
}

/** The same values, the first of which is there already. */
async function begun<T>(source: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let step = first; !step.done; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

/** Opening the output empties it: that must not be the capture, nor for a capture that is not there. */
async function refuseSameFile({ file, output }: ExportCommand): Promise<void> {
  if (file === "-") return;
  const capture = await Deno.stat(file).catch((error) => {
    throw new Failure(`cannot read ${file}: ${reasonOf(error)}`);
  });
  const place = output === undefined ? undefined : await Deno.stat(output).catch(() => undefined);
  if (place === undefined || !place.isFile || place.ino === null) return;
  if (place.ino === capture.ino && place.dev === capture.dev) {
    throw new Failure(`cannot write to ${output}: it is the capture itself, wanted another file`);
  }
}

/** The exporter of a format; each is loaded only when asked for. */
async function exporterOf(
  { as, options, output }: ExportCommand,
  version: string,
  note: Note,
): Promise<Exporter> {
  const bodyFile = output === undefined ? undefined : bodyFiles(output);
  switch (as) {
    case "har": {
      const { createHarExporter } = await import("../export/har.ts");
      return createHarExporter({ note, creatorVersion: version });
    }
    case "curl": {
      const { createCurlExporter } = await import("../export/curl.ts");
      return createCurlExporter({ note, bodyFile });
    }
    case "httpie": {
      const { createHttpieExporter } = await import("../export/httpie.ts");
      return createHttpieExporter({ note, bodyFile });
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
