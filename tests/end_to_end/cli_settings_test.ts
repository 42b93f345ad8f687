/** Help, version, completion, and the three places where options come from. */
import assert from "node:assert/strict";
import { answering, ask, inDirectory, message } from "./log_of.ts";
import { Peer, Target } from "./peers.ts";
import { installed, Program, runProgram } from "./program.ts";
import { tcpmon } from "./sending.ts";
import { run } from "./tools.ts";

const GET = message("GET / HTTP/1.1", ["Host: a.test"]);
const ANSWERS = { "/": message("HTTP/1.1 200 OK", ["Content-Type: text/plain"], "hello") };

Deno.test("help goes to stdout, fits 80 columns, and there is one for every command", async () => {
  const help = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProgram(args);
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
    return stdout;
  };
  const overview = await help("--help");
  assert.equal(await help("help"), overview);
  assert.equal(await help("-h"), overview);
  const commands = [...overview.matchAll(/^ {2}(relay|proxy|ca|demo|completion|help) {2,}/gm)].map((
    [, name],
  ) => name);
  assert.deepEqual(commands, ["relay", "proxy", "ca", "demo", "completion", "help"]);
  for (const command of commands) {
    const text = await help("help", command);
    assert.match(text, new RegExp(`^tcpmon ${command}: `));
    assert.match(text, /^Examples:$/m);
    assert.equal(await help(command, "--help"), text);
  }
  assert.match(await help("help", "relay"), /^Filters:\n {2}method:POST/m);
  assert.match(await help("help", "proxy"), /^Proxy:\n {6}--intercept\[=HOSTS\] /m);
  assert.match(await help("help", "ca"), /^ {6}--pem /m);
});

Deno.test("no environment at all is enough to start", { ignore: Deno.build.os === "windows" }, async () => {
  const { code, text, stderr } = await tcpmon(["--version"], { shell: 'exec env -i "$@"' });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(text, /^tcpmon \d/);
});

Deno.test("help into a closed pipe is no failure", { ignore: Deno.build.os === "windows" }, async () => {
  await using program = Program.start(["help", "relay"], { shell: '{ "$@"; echo "exit $?" >&2; } | true' });
  assert.equal((await program.ended()).code, 0);
  assert.deepEqual(program.said, ["exit 0"]);
});

Deno.test("where stdout takes nothing help says so", { ignore: Deno.build.os !== "linux" }, async () => {
  await using program = Program.start(["help"], { shell: 'exec "$@" >/dev/full' });
  assert.equal((await program.ended()).code, 1);
  assert.deepEqual(program.said, ["tcpmon: cannot write to stdout: no space left on device"]);
});

Deno.test("--version says the version, and of what it is built", async () => {
  for (const option of ["--version", "-V"]) {
    const { code, stdout, stderr } = await runProgram([option]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^tcpmon \d+\.\d+\.\d+ \(Deno \d+\.\d+\.\d+, [\w-]+\)$/);
  }
});

Deno.test({
  name: "the completion script that it prints completes in bash",
  ignore: !installed("bash"),
  fn: () =>
    inDirectory(async (directory) => {
      const { code, stdout } = await runProgram(["completion", "bash"]);
      assert.equal(code, 0);
      await Deno.writeTextFile(`${directory}/completion`, stdout);
      const complete = async (line: string) => {
        const words = line.split(" ");
        const script = `source ${directory}/completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ` +
          '_tcpmon; printf "%s\\n" "${COMPREPLY[@]}"; complete -p tcpmon';
        const { text, stderr } = await run("bash", ["--norc", "-c", script, "bash", ...words]);
        assert.equal(stderr, "");
        return text.trim().split("\n");
      };
      const bound = "complete -F _tcpmon tcpmon";
      assert.deepEqual(await complete("tcpmon rel"), ["relay", bound]);
      assert.deepEqual(await complete("tcpmon relay --format j"), ["json", bound]);
      assert.deepEqual(await complete("tcpmon demo --onc"), ["--once", bound]);
      assert.deepEqual(await complete("tcpmon pro"), ["proxy", bound]);
      assert.deepEqual(await complete("tcpmon proxy 8888 --link sat"), ["satellite", bound]);
    }),
});

Deno.test("scripts for the other shells are printed too", async () => {
  for (const shell of ["zsh", "fish", "pwsh"]) {
    const { code, stdout, stderr } = await runProgram(["completion", shell]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /exit-on-broken-pipe/);
  }
});

/** Asks each of the ports once, stops the program, and gives its log. */
async function logAfterAsking(program: Program, ports: readonly number[]): Promise<readonly string[]> {
  for (const port of ports) {
    using client = await Peer.connect(port);
    await ask(client, GET);
  }
  assert.equal((await program.stop()).code, 0);
  return program.log;
}

Deno.test("a config file with comments sets options and several relays", () =>
  inDirectory(async (directory) => {
    await using one = answering(ANSWERS);
    await using two = answering(ANSWERS);
    const path = `${directory}/tcpmon.json`;
    await Deno.writeTextFile(
      path,
      `{
  // the log
  "format": "json", "max-body": "2",
  /* two relays, the second with its own Host rule */
  "relays": [
    { "listen": 0, "target": "${one.target}" },
    { "listen": "127.0.0.1:0", "target": "http://${two.target}", "host": "keep" },
    { "listen": "0", "target": "http://${two.target}" },
  ],
}`,
    );
    await using program = Program.start(["--config", path]);
    const ports = await program.ports(3);
    const records = (await logAfterAsking(program, ports)).map((line) => JSON.parse(line))
      .filter(({ type }) => type === "exchange");
    assert.deepEqual(records.map(({ target }) => target), [one.target, two.target, two.target]);
    assert.deepEqual(records.map(({ listener }) => listener), ports.map((port) => `127.0.0.1:${port}`));
    assert.deepEqual(records.map(({ response }) => response.body.text), ["he", "he", "he"]);
    const isRewritten = ({ flags }: { flags: string[] }) => flags.includes("host-rewritten");
    assert.deepEqual(records.map(isRewritten), [false, false, true]);
  }));

Deno.test("arguments win over the environment, the environment over the file", () =>
  inDirectory(async (directory) => {
    await using server = answering(ANSWERS);
    const path = `${directory}/tcpmon.json`;
    await Deno.writeTextFile(
      path,
      `{ "format": "json", "quiet": true, "relays": [{ "listen": 0, "target": "${server.target}" }] }`,
    );
    const format = async (args: readonly string[], env: Record<string, string>) => {
      await using program = Program.start([...args, "--no-quiet"], { env });
      const [first] = await logAfterAsking(program, [await program.port()]);
      return first.startsWith("{")
        ? "json"
        : /^# /.test(first)
        ? (program.log[1] === "" ? "text" : "short")
        : first;
    };
    const config = { TCPMON_CONFIG: path };
    assert.equal(await format([], config), "json");
    assert.equal(await format([], { ...config, TCPMON_FORMAT: "short" }), "short");
    assert.equal(await format(["--format=text"], { ...config, TCPMON_FORMAT: "short" }), "text");
    assert.equal(await format(["--config", path], { TCPMON_CONFIG: "/none", TCPMON_FORMAT: "" }), "json");
  }));

Deno.test("the environment sets flags, sizes and files", () =>
  inDirectory(async (directory) => {
    await using server = answering(ANSWERS);
    const env = {
      TCPMON_FORMAT: "json",
      TCPMON_MAX_BODY: "3",
      TCPMON_OUTPUT: `${directory}/a.log`,
      TCPMON_FILTER: "type:exchange",
      TCPMON_HOST: "target",
      TCPMON_REDACT: "yes",
    };
    await using program = Program.start(["relay", `0=${server.target}`], { env });
    assert.deepEqual(await logAfterAsking(program, [await program.port()]), []);
    const record = JSON.parse(await Deno.readTextFile(`${directory}/a.log`));
    assert.deepEqual(record.response.body, { bytes: 5, text: "hel", truncated: true });
    assert.deepEqual(record.flags, ["host-rewritten"]);
  }));

Deno.test("--quiet says nothing but errors", async () => {
  await using server = answering(ANSWERS);
  using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stderr } = await runProgram(["relay", `${probe.addr.port}=${server.target}`, "--quiet"]);
  assert.equal(code, 1);
  assert.match(stderr, /^tcpmon: cannot listen on /);
  const demo = await runProgram(["demo", "--once", "--quiet", "--format=none"]);
  assert.deepEqual(demo, { code: 0, stdout: "", stderr: "" });
});

Deno.test("a listener beyond loopback is said to be one", async () => {
  await using server = answering(ANSWERS);
  await using program = Program.start(["relay", `0.0.0.0:0=${server.target}`]);
  const port = await program.port();
  await program.says(/can be reached from other machines$/);
  assert.deepEqual(program.said, [
    `tcpmon: relaying 0.0.0.0:${port} → ${server.target}`,
    `tcpmon: 0.0.0.0:${port} can be reached from other machines`,
  ]);
  assert.equal((await program.stop()).code, 0);
});

Deno.test("a stop that takes a while says what it waits for", async () => {
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format=none", "--drain=60s"]);
  using client = await Peer.connect(await program.port());
  await client.send(GET);
  const server = await target.accept();
  await server.readHead();
  program.signal("SIGINT");
  await program.says(/^tcpmon: waiting for exchanges to end, Ctrl-C again ends at once$/);
  await server.send(ANSWERS["/"]);
  await client.readUntil("hello");
  assert.equal((await program.ended()).code, 0);
});
