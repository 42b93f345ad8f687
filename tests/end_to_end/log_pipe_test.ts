/** The log in a pipe whose reader goes, stalls, or was never there: traffic passes all the same. */
import assert from "node:assert/strict";
import { answering, ask, inDirectory, message } from "./log_of.ts";
import { Nginx } from "./nginx.ts";
import { Peer } from "./peers.ts";
import { installed, type LogRecord, Program } from "./program.ts";
import { eventually, LINUX, peakMemory, run } from "./tools.ts";

const GET = message("GET / HTTP/1.1", ["Host: a.test"]);
const ANSWERS = { "/": message("HTTP/1.1 200 OK", [], "x".repeat(1000)) };
const UNIX = Deno.build.os !== "windows";

/** The program before a pipe, in a shell that tells its pid and its exit code on stderr. */
const BEFORE_A_PIPE = `{ "$@" 2>&3 & echo "pid $!" >&3; wait $!; echo "exit $?" >&3; } 3>&2`;

async function pidOf(program: Program): Promise<number> {
  return Number((await program.says(/^pid \d+$/)).slice(4));
}

/** Asks once on a connection of its own. */
async function askOnce(port: number): Promise<void> {
  using client = await Peer.connect(port);
  assert.equal((await ask(client, GET)).length, 1000);
}

Deno.test({
  name: "after tcpmon | head -1 has its line the relay goes on, and stderr says once why the log ends",
  ignore: !UNIX,
  async fn() {
    await using server = answering(ANSWERS);
    await using program = Program.start(["relay", `0=${server.target}`, "--format=json"], {
      shell: `${BEFORE_A_PIPE} | head -1`,
    });
    const port = await program.port();
    await askOnce(port);
    const [line] = await program.logs((lines) => lines.length > 0);
    assert.equal(JSON.parse(line).type, "connection");
    const isTold = () => program.said.some((said) => said.includes("stdout was closed"));
    while (!isTold()) await askOnce(port);
    for (let i = 0; i < 20; i++) await askOnce(port);
    assert.deepEqual(
      program.said.filter((said) => said.includes("closed")),
      ["tcpmon: stdout was closed, the log ends here; traffic goes on, Ctrl-C stops it"],
    );
    Deno.kill(await pidOf(program), "SIGTERM");
    await program.says(/^exit 0$/);
    assert.equal((await program.ended()).code, 0);
    assert.equal(program.log.length, 1);
  },
});

Deno.test({
  name: "with --exit-on-broken-pipe the program ends in order instead",
  ignore: !UNIX,
  async fn() {
    await using server = answering(ANSWERS);
    await using program = Program.start(
      ["relay", `0=${server.target}`, "--format=json", "--exit-on-broken-pipe"],
      { shell: `${BEFORE_A_PIPE} | head -1` },
    );
    const port = await program.port();
    while (!program.said.some((said) => said.startsWith("exit "))) await askOnce(port).catch(() => {});
    await program.says(/^exit 0$/);
    assert.equal(
      program.said.filter((said) => said.startsWith("tcpmon: ")).length,
      1,
      "nothing but the relay",
    );
    assert.equal((await program.ended()).code, 0);
  },
});

Deno.test({
  name: "a stdout that was closed before the start stops nothing",
  ignore: !UNIX,
  async fn() {
    await using server = answering(ANSWERS);
    for (const format of ["text", "json"]) {
      await using program = Program.start(["relay", `0=${server.target}`, "--format", format], {
        shell: 'exec "$@" >&-',
      });
      const port = await program.port();
      for (let i = 0; i < 10; i++) await askOnce(port);
      assert.equal((await program.stop()).code, 0);
      assert.equal(program.said.length, 1, program.said.join("\n"));
    }
  },
});

Deno.test({
  name: "a less that nobody scrolls holds no traffic up, and a closed terminal ends both",
  ignore: !installed("tmux") || !installed("less"),
  fn: () =>
    inDirectory(async (directory) => {
      await using server = answering(ANSWERS);
      const socket = `${directory}/tmux`;
      const tmux = (...args: string[]) => run("tmux", ["-S", socket, ...args]);
      let port = 0;
      const shell =
        `exec tmux -S ${socket} -f /dev/null new-session -d -x 80 -y 24 "$* 2>${directory}/said | less"`;
      try {
        await using starter = Program.start(["relay", `0=${server.target}`], { shell });
        assert.equal((await starter.ended()).code, 0, starter.said.join("\n"));
        await eventually(async () => {
          const said = await Deno.readTextFile(`${directory}/said`).catch(() => "");
          port = Number(/relaying \S*:(\d+) /.exec(said)?.[1] ?? 0);
          return port > 0;
        }, "no port was said");
        using client = await Peer.connect(port);
        // Much more than less and a pipe take without being asked to scroll.
        for (let i = 0; i < 1000; i++) assert.equal((await ask(client, GET)).length, 1000);
        const { text } = await tmux("capture-pane", "-p");
        assert.match(text, /^# \d{4}-/);
        assert.match(text, /> GET \/ HTTP\/1\.1/);
      } finally {
        await tmux("kill-server");
      }
      const isRefused = async () => {
        try {
          (await Peer.connect(port)).close();
          return false;
        } catch {
          return true;
        }
      };
      await eventually(isRefused, "the program did not end");
    }),
});

Deno.test("a reader that stalls keeps nobody from stopping the program, which says what was not written", async () => {
  await using server = answering(ANSWERS);
  await using program = Program.start(["relay", `0=${server.target}`, "--format=json", "--drain=0"], {
    leaveStdout: true,
  });
  {
    using client = await Peer.connect(await program.port());
    // More than a pipe holds.
    for (let i = 0; i < 1000; i++) await ask(client, GET);
  }
  assert.equal((await program.stop()).code, 0);
  const [last, total] = program.said.slice(-2);
  const lost =
    /^tcpmon: stdout did not take the last [1-9]\d* bytes of the log; records lost with them: (\d+)$/
      .exec(last)?.[1];
  assert.equal(total, `tcpmon: ${lost} records were lost in all`);
});

/** Reads the log to its end: how many records there are, those of losses, and the highest numbers given. */
async function tally(stream: ReadableStream<Uint8Array>) {
  const lost: LogRecord[] = [];
  const found = { records: 0, exchanges: 0, connections: 0, lost };
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const text = decoder.decode(bytes, { stream: true });
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const record = JSON.parse(line);
      if (record.type === "lost") {
        lost.push(record);
        continue;
      }
      found.records++;
      found.exchanges = Math.max(found.exchanges, record.id ?? 0);
      found.connections = Math.max(found.connections, record.connection);
    }
  }
  assert.equal(rest, "", "the last line is whole");
  return found;
}

Deno.test({
  name: "while a reader stalls for 10 s 100,000 requests pass; then it gets whole lines and what was lost",
  ignore: !LINUX || !installed("wrk") || !installed("nginx"),
  async fn() {
    await using nginx = await Nginx.start();
    await using program = Program.start(
      ["relay", `0=127.0.0.1:${nginx.port}`, "--format=json", "--log-queue=4M"],
      { leaveStdout: true },
    );
    const port = await program.port();
    const url = `http://127.0.0.1:${port}/host`;
    const begun = performance.now();
    let passed = 0;
    while (passed < 100_000 || performance.now() - begun < 10_000) {
      const { text } = await run("wrk", ["-t1", "-c32", "-d5s", url]);
      assert.doesNotMatch(text, /Socket errors|Non-2xx/);
      passed += Number(/(\d+) requests in/.exec(text)![1]);
    }
    const peak = await peakMemory(program.pid);
    assert.ok(peak < 250e6, `${peak} bytes`);
    await program.says(/^tcpmon: stdout does not take the log fast enough: 4194304 bytes wait/);

    const tallied = tally(program.stdoutStream);
    await program.says(/^tcpmon: \d+ records were lost, stdout takes the log again$/);
    // Numbers are given in order: those of this last exchange tell how many there were.
    using client = await Peer.connect(port);
    await client.send("GET /host HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    await client.readToEnd();
    assert.equal((await program.stop()).code, 0);
    const { records, exchanges, connections, lost } = await tallied;
    const lostInAll = lost.reduce((sum, { count }) => sum + count, 0);
    assert.ok(lostInAll > 0);
    assert.ok(exchanges > passed);
    assert.equal(records + lostInAll, exchanges + 2 * connections);
    assert.ok(
      program.said.includes(`tcpmon: ${lostInAll} records were lost in all`),
      program.said.join("\n"),
    );
    for (const { from, to } of lost) assert.ok(Date.parse(from) <= Date.parse(to));
  },
});
