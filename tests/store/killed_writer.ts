/** A program that writes to a history until it is killed. After each batch it says how many records are stored. */
import { exchange } from "../capture/filter_samples.ts";
import { openHistory } from "../../src/store/history.ts";

const BATCH = 400;

const history = await openHistory(
  { path: Deno.args[0], keep: {}, maxBodyBytes: 65536, queueBytes: 1 << 24 },
  { epochNow: Date.now, warn: console.error },
);
for (let id = 1;;) {
  for (const end = id + BATCH; id < end; id++) history.write(exchange({ id }));
  await history.flush();
  console.log(id - 1);
  // The next batch is on its way when the program is killed.
}
