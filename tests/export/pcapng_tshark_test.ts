/** The pcapng export, read by tshark: nothing malformed, nothing odd about TCP, and the bytes that were recorded. */
import { strict as assert } from "node:assert";
import type { Record } from "../../src/capture/record.ts";
import { captured, connection, exported, get, ok, type Step, webSocket } from "./pcapng_records.ts";
import { conversationsOf, readPcapng } from "./pcapng_reader.ts";

const ignore = !await isThere("tshark");
const reason = ignore ? " (ignored: tshark is not installed)" : "";

async function isThere(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

/** Runs tshark on what records become, with checksums verified and names left alone. */
async function tshark(records: readonly Record[], ...args: readonly string[]): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".pcapng" });
  try {
    await Deno.writeFile(path, exported(records).file);
    const checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    const { success, stdout, stderr } = await new Deno.Command("tshark", {
      args: ["-n", ...checks, "-r", path, ...args],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(path);
  }
}

/** How many packets a display filter shows. */
async function count(records: readonly Record[], filter: string): Promise<number> {
  return (await tshark(records, "-Y", filter, "-T", "fields", "-e", "frame.number")).split("\n").length - 1;
}

/** What a reader would warn of; a reset is worth a warning, and was one. */
const ODD = "_ws.malformed || tcp.analysis.flags || tcp.checksum.status != 1 || " +
  "(_ws.expert.severity >= 0x600000 && tcp.flags.reset == 0)";

const post = (body: string) => `POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const chunkedAnswer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "5\r\nhello\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n";

/** Everything that HTTP does, over each kind of address. */
const TRAFFIC: readonly Record[] = [
  "127.0.0.1:9080",
  "www.example.com:443",
  "[2001:db8::5]:8080",
  "unix:/run/app.sock",
  "10.0.0.1:6379",
].flatMap((target, i) => {
  const steps: Step[] = [
    ["up", get("/a")],
    ["down", ok("hello")],
    ["up", post("x".repeat(150_000))],
    ["down", "HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n"],
    ["down", ok("y".repeat(700_000))],
    ["up", get("/c") + get("/d")],
    ["down", chunkedAnswer + ok("two")],
    ["up", "HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["down", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"],
    ["up", get("/e")],
    ["down", "HTTP/1.1 204 No Content\r\n\r\n"],
  ];
  const end = (["client-closed", "target-closed", "client-reset", "target-reset", "open"] as const)[i];
  return captured(connection(i + 1, target), steps, { end, startMs: i * 7 });
});

Deno.test({
  name: `tshark finds nothing odd about complete captures${reason}`,
  ignore,
  async fn() {
    assert.equal(await tshark(TRAFFIC, "-Y", ODD), "");
    assert.equal(await count(TRAFFIC, "http.request"), 6 * 5);
    assert.equal(await count(TRAFFIC, "http.response.code >= 200"), 6 * 5);
    assert.equal(await count(TRAFFIC, "http.response.code == 103"), 5);
  },
});

Deno.test({
  name: `tshark follows each conversation to the bytes that were recorded${reason}`,
  ignore,
  async fn() {
    const told = conversationsOf(readPcapng(exported(TRAFFIC).file));
    for (const [i, { up, down }] of told.entries()) {
      const text = await tshark(TRAFFIC, "-q", "-z", `follow,tcp,raw,${i}`);
      const lines = text.split("\n").filter((line) => /^\t?[0-9a-f]+$/.test(line));
      const bytes = (isDown: boolean) =>
        lines.filter((line) => line.startsWith("\t") === isDown).join("").replaceAll("\t", "");
      assert.ok(bytes(false) === hexOf(up.bytes), `up ${i}`);
      assert.ok(bytes(true) === hexOf(down.bytes), `down ${i}`);
    }
  },
});

Deno.test({
  name: `tshark takes the bodies of responses out as files${reason}`,
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await tshark(TRAFFIC, "-q", "--export-objects", `http,${folder}`);
      const files = [...Deno.readDirSync(folder)].map(({ name }) =>
        Deno.readTextFileSync(`${folder}/${name}`)
      );
      assert.equal(files.filter((text) => text === "y".repeat(700_000)).length, 5);
      assert.equal(files.filter((text) => text === "helloabc").length, 5);
      assert.equal(files.filter((text) => text === "two").length, 5);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: `tshark reads WebSocket messages, whether they were compressed or not${reason}`,
  ignore,
  async fn() {
    const records = captured(connection(1), [
      ...webSocket("Sec-WebSocket-Extensions: permessage-deflate\r\n"),
      ["up", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"],
      ["down", "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"],
      ["down", `\x82\x7e\x01\x00${"b".repeat(256)}`],
      ["down", "\x89\x00"],
      ["up", "\x8a\x80\0\0\0\0"],
      ["down", "\x88\x05\x03\xe8bye"],
    ]);
    assert.equal(await tshark(records, "-Y", ODD), "");
    const fields = [
      "-T",
      "fields",
      "-e",
      "websocket.opcode",
      "-e",
      "websocket.mask",
      "-e",
      "websocket.payload_length",
    ];
    const lines = (await tshark(records, "-Y", "websocket", ...fields)).trim().split("\n");
    assert.deepEqual(lines.map((line) => line.split("\t").map(Number)), [
      [1, 1, 5],
      [1, 0, 5],
      [2, 0, 126],
      [9, 0, 0],
      [10, 1, 0],
      [8, 0, 5],
    ]);
  },
});

Deno.test({
  name: `tshark knows that bodies cut by --max-body were cut, and reads on behind them${reason}`,
  ignore,
  async fn() {
    const records = captured(connection(1), [
      ["up", get("/big")],
      ["down", ok("z".repeat(300_000))],
      ["up", get("/chunked")],
      ["down", chunkedAnswer],
      ["up", post("p".repeat(5000))],
      ["down", ok("after")],
    ], { maxBody: 1000 });
    assert.equal(await tshark(records, "-Y", "_ws.malformed || tcp.analysis.flags"), "");
    assert.equal(await count(records, "http.request"), 3);
    assert.equal(await count(records, "http.response"), 3);
  },
});

Deno.test({
  name: `tshark dissects HTTP on every port that it has for something else${reason}`,
  ignore,
  async fn() {
    const table = new TextDecoder().decode(
      (await new Deno.Command("tshark", { args: ["-G", "decodes"] }).output()).stdout,
    );
    const ports = table.split("\n").map((line) => line.split("\t")).filter(([name]) => name === "tcp.port")
      .map(([, port]) => Number(port)).filter((port) => port > 0);
    assert.ok(ports.length > 100);
    const steps = [["up", get("/a")], ["down", ok("hello")], ["up", post('{"a":1}')], [
      "down",
      ok("x"),
    ]] as const;
    const records = ports.flatMap((port, i) => [
      ...captured(connection(2 * i, `10.0.0.1:${port}`, "127.0.0.1:33000"), steps, { startMs: i * 100 }),
      ...captured(connection(2 * i + 1, "10.0.0.1:62001", `127.0.0.1:${port}`), steps, { startMs: i * 100 }),
    ]);
    assert.equal(await count(records, "http.request"), 4 * ports.length);
    assert.equal(await count(records, "_ws.malformed"), 0);
  },
});

Deno.test({
  name: `tshark shows the names of targets and the comments${reason}`,
  ignore,
  async fn() {
    const hosts = await tshark(TRAFFIC, "-q", "-z", "hosts");
    assert.match(hosts, /^198\.1[89]\.\d+\.\d+\twww\.example\.com$/m);
    assert.equal(await count(TRAFFIC, 'frame.comment contains "exchange 1001"'), 2);
  },
});

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
