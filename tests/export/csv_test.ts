import assert from "node:assert/strict";
import fc from "fast-check";
import { createCsvExporter, CSV_COLUMNS } from "../../src/export/csv.ts";
import { anyText } from "../any_text.ts";
import { AT, bodyOf, connection, exchange, requestHead, responseHead } from "../log/human_fixtures.ts";
import { assertPrintable, exported } from "./received.ts";

/** Reads CSV by the grammar of RFC 4180. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

Deno.test("an exchange is a row under the names of the columns", () => {
  const record = exchange({ ms: { send: 0.1, total: 2, relay: 0.061 }, flags: ["bare-lf", "no-host"] });
  assert.equal(
    exported(createCsvExporter(), record),
    `${CSV_COLUMNS.join(",")}\r\n` +
      "17,2026-11-20T10:31:06.123Z,3,127.0.0.1:8081,127.0.0.1:40112,localhost:9080,POST," +
      "http://localhost:8081/stock,HTTP/1.1,200,OK,complete,,bare-lf no-host,,3,text/plain,13,,,0.1,,,2,0.061\r\n",
  );
});

Deno.test("a message that is missing leaves its cells empty", () => {
  const rows = cellsOf(exported(
    createCsvExporter(),
    exchange({ response: undefined, outcome: "no-response", error: "it ended" }),
    exchange({ request: undefined, outcome: "unrequested" }),
  ));
  assert.ok(rows.every((row) => row.length === CSV_COLUMNS.length));
  assert.equal(rows[1][CSV_COLUMNS.indexOf("status")], "");
  assert.equal(rows[1][CSV_COLUMNS.indexOf("error")], "it ended");
  assert.equal(rows[2][CSV_COLUMNS.indexOf("url")], "");
});

Deno.test("no text is a formula to a spreadsheet, and none breaks the table or drives a terminal", () => {
  const reason = CSV_COLUMNS.indexOf("reason");
  const hostile = fc.tuple(
    fc.constantFrom("=", "+", "-", "@", "\t", "\r", ""),
    anyText(),
  );
  fc.assert(
    fc.property(hostile, ([first, rest]) => {
      const text = first + rest.toWellFormed();
      const response = { head: responseHead(200, text), body: bodyOf(""), trailers: [] };
      const request = { head: requestHead(text, text, [["Host", text]]), body: bodyOf(""), trailers: [] };
      const csv = exported(createCsvExporter(), exchange({ request, response, error: text }));
      assertPrintable(csv.replaceAll("\r", ""));
      const rows = cellsOf(csv);
      assert.equal(rows.length, 2);
      assert.equal(rows[1].length, CSV_COLUMNS.length);
      assert.ok(rows[1].every((cell) => !/^[=+\-@\t\r]/.test(cell)));
      if (/^[ -~]*$/.test(text)) assert.equal(rows[1][reason].replace(/^'(?=[=+\-@])/, ""), text);
    }),
  );
});

Deno.test("records without a row are told of", () => {
  const notes: string[] = [];
  const exporter = createCsvExporter((reason) => notes.push(reason));
  exported(
    exporter,
    { type: "data", connection, at: AT, direction: "up", offset: 0, body: bodyOf("x") },
    { type: "lost", count: 3, from: AT, to: AT, reason: "slow" },
  );
  assert.deepEqual(notes, ["data that is not HTTP", "lost records"]);
});
