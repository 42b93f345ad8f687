/** What a simulated link did to an exchange or a connection, as JSON. */
import type { FaultNote } from "../capture/record.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { writeJsonString } from "./json_string.ts";

/** Appends `,"faults":[{"fault":"reset","direction":"down","offset":1234,"bytes":3,"seed":42}]`. */
export function writeFaults(out: ByteWriter, faults: readonly FaultNote[]): void {
  out.text(',"faults":[');
  faults.forEach(({ fault, direction, offset, bytes, seed }, i) => {
    out.text(i === 0 ? '{"fault":' : ',{"fault":');
    writeJsonString(out, fault);
    if (direction !== undefined) out.text(`,"direction":"${direction}"`);
    out.text(`,"offset":${offset}`);
    if (bytes !== undefined) out.text(`,"bytes":${bytes}`);
    out.text(`,"seed":${seed}}`);
  });
  out.text("]");
}
