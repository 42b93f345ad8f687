/** The faults that the form offers, against the reader of the option `--fault`. */
import assert from "node:assert/strict";
import { parseLink } from "../../../../src/net/link/spec.ts";
import { FAULTS, faultText, withFault } from "../../../../src/ui/client/listeners/faults.ts";

Deno.test("whatever is chosen of a fault, the program can read it", () => {
  for (const fault of FAULTS) {
    for (const value of ["", fault.value?.example ?? "ignored"]) {
      for (const direction of ["both", "up", "down"] as const) {
        for (const place of ["", " 10% ", ...fault.hasOffset ? ["64k"] : []]) {
          const text = faultText({ fault, value, direction, place });
          assert.doesNotThrow(() => parseLink({ fault: text }), text);
        }
      }
    }
  }
});

Deno.test("every fault that the program knows is offered", () => {
  let wanted = "";
  try {
    parseLink({ fault: "unknown" });
  } catch (error) {
    wanted = (error as Error).message;
  }
  const known = wanted.slice(wanted.indexOf("one of ") + "one of ".length).split(", ");
  assert.deepEqual(known.toSorted(), FAULTS.map(({ name }) => name).toSorted());
});

Deno.test("a fault stands in its language, and joins the ones before it", () => {
  const fault = FAULTS.find(({ name }) => name === "cut-after")!;
  const text = faultText({ fault, value: "", direction: "down", place: "10%" });
  assert.equal(text, "down:cut-after=4k@10%");
  assert.equal(withFault("", text), text);
  assert.equal(withFault(" reset, ", text), `reset,${text}`);
});
