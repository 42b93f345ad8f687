/** Rows of a history as a file, made beside the thread that passes traffic. */
import assert from "node:assert/strict";
import { exportRows, type ExportSettings } from "../../src/program/viewer_export.ts";
import type { HistoryReader } from "../../src/store/history_reader.ts";
import type { ExportFormat } from "../../src/ui/api.ts";
import { Refused } from "../../src/ui/requests.ts";
import { exchangeLine } from "../end_to_end/exported.ts";
import { longestWait } from "./longest_wait.ts";

const decoder = new TextDecoder();

/** A history of these lines. */
function readerOf(lines: readonly string[]): HistoryReader {
  const reader: Pick<HistoryReader, "span" | "lines"> = {
    span: () => Promise.resolve({ first: 1, last: lines.length }),
    lines: (ids) => Promise.resolve(ids.map((id) => lines[id - 1])),
  };
  return reader as HistoryReader;
}

function settings(lines: readonly string[], more: Partial<ExportSettings> = {}): ExportSettings {
  return {
    reader: readerOf(lines),
    version: "1",
    maxBodyBytes: 1024,
    warn() {},
    signal: new AbortController().signal,
    ...more,
  };
}

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let found = "";
  for await (const piece of bytes) found += decoder.decode(piece, { stream: true });
  return found;
}

/** A line with a request whose body is so long. */
function posted(length: number): string {
  const body = { bytes: length, text: `it's "it"\n`.repeat(length / 10) };
  const request = { method: "POST", target: "/up", version: "HTTP/1.1", headers: [["Host", "a"]], body };
  return exchangeLine({ request });
}

Deno.test("each format is made of the lines, in their order", async () => {
  const lines = [1, 2].map((id) => exchangeLine({ id }));
  const starts: readonly (readonly [as: ExportFormat, start: RegExp])[] = [
    ["json", /^{"type":"exchange","id":1,.*\n{"type":"exchange","id":2,/],
    ["har", /^{"log":{/],
    ["curl", /^curl http/],
    ["tcpmon", /^\n==============\nListen Port: 8081/],
    ["csv", /^"?\w+"?,/],
  ];
  for (const [as, start] of starts) {
    assert.match(await text(await exportRows({ as }, settings(lines))), start);
  }
});

Deno.test("what a format does not show, and lines that are none, are told once, with how many", async () => {
  const warned: string[] = [];
  const given = settings(["{}", exchangeLine(), "[]"], { warn: (line) => warned.push(line) });
  assert.match(await text(await exportRows({ as: "curl" }, given)), /^curl/);
  assert.deepEqual(warned, ["not in the export from the viewer: records that cannot be read (2)"]);
});

Deno.test("a long body is written while others have their turn, in pieces", async () => {
  const given = settings([posted(12_000_000)]);
  let longestPiece = 0;
  const { totalMs, longestMs } = await longestWait(async () => {
    for await (const piece of await exportRows({ as: "curl" }, given)) {
      longestPiece = Math.max(longestPiece, piece.length);
    }
  });
  assert.ok(longestPiece <= 256 * 1024, `${longestPiece}`);
  assert.ok(longestMs < totalMs / 2, `${longestMs} of ${totalMs} ms`);
});

Deno.test("it ends with the program, and with whoever wanted it", async () => {
  const stopping = new AbortController();
  const lines = Array<string>(10).fill(posted(500_000));
  const bytes = await exportRows({ as: "json" }, settings(lines, { signal: stopping.signal }));
  let pieces = 0;
  const ending = async () => {
    for await (const _ of bytes) if (++pieces === 1) stopping.abort();
  };
  await assert.rejects(ending(), Refused);
  for await (const _ of await exportRows({ as: "json" }, settings(lines))) break;
});
