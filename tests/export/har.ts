/** For tests of HAR: records in, a checked file out. */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Record } from "../../src/capture/record.ts";
import { createHarExporter, type HarOptions } from "../../src/export/har.ts";
import { assertPrintable, exported } from "./received.ts";
import { HAR_SCHEMA } from "./har_schema.ts";

const validate = new Ajv2020({ strict: false, allErrors: true }).compile<Entry>(HAR_SCHEMA);

/** An entry: any object, since a test knows what it looks for. */
// deno-lint-ignore no-explicit-any -- foreign JSON, whose shape the schema checks
export type Entry = any;

/** What an export came to. */
export interface Har {
  /** The entries. */
  readonly entries: readonly Entry[];
  /** What was told, each time that it was. */
  readonly notes: readonly string[];
}

/** Exports records, and checks the file against the schema and each entry's sum of times. */
export function harOf(records: readonly Record[], options: Partial<HarOptions> = {}): Har {
  const notes: string[] = [];
  const exporter = createHarExporter({
    note: (reason) => notes.push(reason),
    creatorVersion: "1",
    ...options,
  });
  const text = exported(exporter, ...records);
  assertPrintable(text);
  const har: Entry = JSON.parse(text);
  assert.ok(validate(har), JSON.stringify(validate.errors, null, 1));
  for (const { time, timings } of har.log.entries) {
    const { connect, send, wait, receive } = timings;
    assert.ok(Math.abs(time - (Math.max(0, connect) + send + wait + receive)) < 0.01);
  }
  return { entries: har.log.entries, notes };
}
