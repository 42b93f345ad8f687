import assert from "node:assert/strict";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { DateLine } from "../../src/log/date_line.ts";
import { createShortFormat } from "../../src/log/short.ts";
import { createTextFormat } from "../../src/log/text.ts";
import { AT, exchange, utc, written } from "./human_fixtures.ts";

const DAY_MS = 86_400_000;

/** The lines that a calendar writes for records at these times. */
function lines(dates: DateLine, ...times: readonly number[]): (string | undefined)[] {
  return times.map((at) => {
    const out = new ByteWriter();
    dates.write(at, out);
    const text = new TextDecoder().decode(out.view());
    return text === "" ? undefined : text;
  });
}

Deno.test("a log that is kept begins with its date, and tells when the day changes", () => {
  assert.deepEqual(
    lines(new DateLine(utc, true, "\n"), AT, AT + 1000, AT + DAY_MS / 2, AT + DAY_MS, AT + DAY_MS),
    [
      "# 2026-11-20 UTC\n",
      undefined,
      undefined,
      "# 2026-11-21 UTC\n",
      undefined,
    ],
  );
});

Deno.test("on a terminal only a change of the day is told", () => {
  assert.deepEqual(lines(new DateLine(utc, false, "\n"), AT, AT + 1, AT + DAY_MS), [
    undefined,
    undefined,
    "# 2026-11-21 UTC\n",
  ]);
});

Deno.test("the day is the local one, with its offset from UTC", () => {
  const midnight = Date.UTC(2026, 10, 21);
  assert.deepEqual(
    lines(new DateLine(() => 345, true, "\n"), midnight - 345 * 60_000 - 1, midnight - 345 * 60_000),
    [
      "# 2026-11-20 UTC+05:45\n",
      "# 2026-11-21 UTC+05:45\n",
    ],
  );
  assert.deepEqual(lines(new DateLine(() => -210, true, "\n"), midnight), ["# 2026-11-20 UTC-03:30\n"]);
});

Deno.test("a change to or from summer time is told, since the times of day jump", () => {
  const change = Date.UTC(2026, 9, 25, 1);
  const dates = new DateLine((at) => at < change ? 120 : 60, true, "\n");
  assert.deepEqual(lines(dates, change - 1, change), [
    "# 2026-10-25 UTC+02:00\n",
    "# 2026-10-25 UTC+01:00\n",
  ]);
});

Deno.test("records that began before midnight and ended after it get their own day", () => {
  const midnight = Date.UTC(2026, 10, 21);
  assert.deepEqual(
    lines(new DateLine(utc, false, "\n"), midnight - 1, midnight, midnight - 5, midnight + 5),
    [
      undefined,
      "# 2026-11-21 UTC\n",
      "# 2026-11-20 UTC\n",
      "# 2026-11-21 UTC\n",
    ],
  );
});

Deno.test("a file that is begun anew begins with the date in force, a terminal does not", () => {
  for (const kept of [true, false]) {
    const dates = new DateLine(utc, kept, "\n\n");
    assert.equal(dates.heading, "");
    lines(dates, AT);
    assert.equal(dates.heading, kept ? "# 2026-11-20 UTC\n\n" : "");
    lines(dates, AT + DAY_MS, AT + DAY_MS + 1);
    assert.equal(dates.heading, kept ? "# 2026-11-21 UTC\n\n" : "");
  }
});

Deno.test("the human formats put the date before what it dates, and nothing for records they leave out", () => {
  const late = exchange({ at: AT + DAY_MS });
  const opened = {
    type: "connection",
    event: "opened",
    connection: late.connection,
    at: AT + 2 * DAY_MS,
    connectMs: 1,
  } as const;
  const short = createShortFormat({ color: false, zoneOffset: utc, dated: true });
  assert.match(
    written(short, exchange(), late, opened),
    /^# 2026-11-20 UTC\n#17 10:31:06\.123 [^\n]+\n# 2026-11-21 UTC\n#17 10:31:06\.123 [^\n]+\n$/,
  );
  const options = { color: false, pretty: false, hex: false, limitBytes: 1000, zoneOffset: utc };
  const text = written(createTextFormat(options), exchange(), late, opened);
  assert.match(text, /^#17 10:31:06\.123 /);
  assert.match(text, /\n\n# 2026-11-21 UTC\n\n#17 10:31:06\.123 /);
  assert.match(text, / {4}hello, world\n\n$/);
});
