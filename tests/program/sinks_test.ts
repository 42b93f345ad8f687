import assert from "node:assert/strict";
import { captureOptions, settle } from "../../src/cli/settings.ts";
import { Status } from "../../src/log/status.ts";
import { openSinks } from "../../src/program/sinks.ts";
import { openToWrite } from "../../src/store/schema.ts";
import type { LiveEvent } from "../../src/ui/api.ts";
import { exchange } from "../capture/filter_samples.ts";

Deno.test("pages are told of a full disk at the first failed write, uploads are refused soon, and the end is told", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-test-" });
  const path = `${folder}/history`;
  const options = { ...captureOptions(settle([])), format: "none", history: { path, keep: "" } } as const;
  const sinks = await openSinks(options, new Status((bytes) => Promise.resolve(bytes.length)), () => {});
  const told: Extract<LiveEvent, { type: "lost" }>[] = [];
  let heard = Promise.withResolvers<void>();
  sinks.source!.subscribe((event) => {
    if (event.type !== "lost") return;
    told.push(event);
    heard.resolve();
  });
  const other = openToWrite(path);
  const full = "SELECT RAISE(ROLLBACK, 'database or disk is full')";
  other.exec(`CREATE TRIGGER full BEFORE INSERT ON blocks BEGIN ${full}; END`);
  sinks.history!.write(exchange());
  await assert.rejects(sinks.history!.flush(), {
    name: "Refused",
    status: 503,
    message: /its disk is full$/,
  });
  await heard.promise;
  assert.deepEqual(told, [{ type: "lost", count: 0, reason: "its disk is full" }]);
  heard = Promise.withResolvers();
  other.exec("DROP TRIGGER full");
  other.close();
  await heard.promise;
  assert.deepEqual(told.slice(1), [{ type: "lost", count: 0, reason: "that is over, it goes on" }]);
  await sinks.history!.flush();
  await sinks.close(5000);
  await Deno.remove(folder, { recursive: true });
});
