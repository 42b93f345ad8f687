/** The demo's hints: every command in them is run as it stands. */
import assert from "node:assert/strict";
import { startBackend } from "../../src/demo/backend.ts";
import { demoHints } from "../../src/demo/hints.ts";

const HAS_CURL = await canRun("curl", "--version");
const HAS_JQ = await canRun("jq", "--version");

async function canRun(program: string, argument: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: [argument], stdout: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** The commands in the hints, by the word before them; indented lines go on from the one before. */
function commands(hints: string): Map<string, string> {
  const found = new Map<string, string>();
  let label = "";
  for (const line of hints.split("\n").slice(1)) {
    const start = /^ {2}(\S.{7}) {2}(.*)$/.exec(line);
    if (start === null) found.set(label, `${found.get(label)}\n${line}`);
    else found.set(label = start[1].trimEnd(), start[2]);
  }
  return found;
}

async function run(command: string, input = ""): Promise<string> {
  const child = new Deno.Command("sh", {
    args: ["-c", command],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 0, `${command}\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

Deno.test("the hints are short, narrow, and plain text", () => {
  for (const address of ["127.0.0.1:65535", "[::1]:65535", "localhost:1"]) {
    const hints = demoHints(address);
    const lines = hints.trimEnd().split("\n");
    assert.equal(hints.endsWith("'\n"), true);
    assert.equal(lines.length <= 14, true);
    for (const line of lines) assert.equal(line.length <= 100, true, line);
    assert.match(hints, /^[\n\x20-\x7e]*$/);
    assert.equal(hints.includes(`http://${address}/\n`), true);
  }
});

Deno.test({
  name: "every curl command of the hints works as it stands (needs curl)",
  ignore: !HAS_CURL,
  async fn() {
    const wanted = new Map([
      ["SOAP", /<getQuoteReturn>297\.44<\/getQuoteReturn>/],
      ["JSON", /^\{"symbol":"SAP","shares":3,"total":719\.64,/],
      ["gzip", /^\{"currency":"USD","quotes":\[\{"symbol":"IBM".*"ORCL"/],
      ["chunked", /^one\ntwo\nthree\n$/],
      ["events", /id: 3\nevent: price\ndata: ORCL/],
      ["slow", /^\{"waitedMs":1500\}\n$/],
      ["error", /^HTTP\/1\.1 500 Internal Server Error\r\n.*the backend failed/s],
      ["HEAD", /^HTTP\/1\.1 200 OK\r\n.*Content-Length: \d+\r\n\r\n$/s],
      ["redirect", /^\{"symbol":"IBM",/],
    ]);
    const backend = startBackend();
    try {
      const found = commands(demoHints(backend.address));
      const curls = [...found].filter(([, command]) => command.includes("curl"));
      assert.deepEqual(curls.map(([label]) => label), [...wanted.keys()]);
      const outputs = await Promise.all(curls.map(([, command]) => run(command)));
      curls.forEach(([label, command], index) => assert.match(outputs[index], wanted.get(label)!, command));
    } finally {
      await backend.stop();
    }
  },
});

Deno.test({
  name: "the jq filter of the hints takes every kind of record (needs jq)",
  ignore: !HAS_JQ,
  async fn() {
    const command = commands(demoHints("127.0.0.1:1")).get("as data")!;
    assert.equal(command.startsWith("tcpmon demo --once --format json | jq "), true);
    const log =
      '{"type":"exchange","request":{"target":"/old"},"response":{"status":301}}\n{"type":"connection"}\n';
    const output = await run(command.slice(command.indexOf("|") + 1), log);
    assert.equal(output, '["exchange","/old",301]\n["connection",null,null]\n');
  },
});
