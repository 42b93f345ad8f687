/** Answers of tcpmon's own: one exchange each, whatever was said instead of a request or of an answer. */
import assert from "node:assert/strict";
import { get, Script } from "./connection_script.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const REFUSED = "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n";

/** What the data records hold, with where it begins. */
function dataOf(script: Script): [offset: number, text: string] {
  const found = script.records.filter((record) => record.type === "data");
  return [found[0]?.offset ?? -1, found.map(({ body }) => String.fromCharCode(...body.kept)).join("")];
}

for (
  const said of [
    "SSH-2.0-x\r\n",
    "HTTP/1.1 407 Who\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nraw",
    "HTTP/1.1 200 OK\r\nContent-Len",
  ]
) {
  Deno.test(`${JSON.stringify(said.slice(0, 12))} withheld is data, however it is cut, and its request one exchange`, () => {
    for (let cut = 0; cut < said.length; cut++) {
      // Of a head that is whole already, or of garbage, nothing was taken for an answer before.
      const end = said.indexOf("\r\n\r\n");
      if (cut > 0 && (said.startsWith("SSH") || (end > 0 && cut >= end + 4))) break;
      const script = new Script();
      script.step(["up", get("/a")]);
      if (cut > 0) script.step(["down", said.slice(0, cut)]);
      script.capture.withheld(bytes(said.slice(cut)), 5);
      assert.equal(script.exchanges.length, 0, `cut at ${cut}`);
      assert.deepEqual(dataOf(script), [0, said]);
      script.capture.refused("why");
      script.step(["down", REFUSED]);
      script.step(["end"]);
      const [{ id, outcome, error, response, flags }, ...more] = script.exchanges;
      assert.deepEqual([id, outcome, error, response?.head.status, flags], [1, "refused", "why", 502, []]);
      assert.equal(more.length, 0);
    }
  });
}

Deno.test("an interim response before what is withheld stands in its exchange", () => {
  const script = new Script();
  script.step(["up", get("/a")]);
  script.capture.withheld(bytes("HTTP/1.1 103 x\r\n\r\nnonsense\r\n"), 5);
  assert.deepEqual(dataOf(script), ["HTTP/1.1 103 x\r\n\r\n".length, "nonsense\r\n"]);
  script.capture.refused("why");
  script.step(["down", REFUSED]);
  assert.deepEqual(script.exchanges.map(({ outcome, interim }) => [outcome, interim.length]), [[
    "refused",
    1,
  ]]);
});

Deno.test("an answer to what is no request is refused, and nothing that nobody asked for", () => {
  const script = new Script();
  script.step(["up", "\0\x01"]);
  script.capture.refused("found no HTTP");
  script.step(["down", REFUSED]);
  script.step(["down", REFUSED]);
  assert.deepEqual(script.exchanges.map(({ outcome, error, flags }) => [outcome, error, flags]), [
    ["refused", "found no HTTP", []],
    ["unrequested", undefined, ["unrequested-response"]],
  ]);
});
