/** From arguments to a typed command: relays, demo, help, completion, version, and every refusal. */
import assert from "node:assert/strict";
import { type Command, type CommandInput, parseCommand } from "../../src/cli/command.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly checkFilter?: CommandInput["checkFilter"];
  readonly checkRedact?: CommandInput["checkRedact"];
}

/** Reads a command line, written with single spaces. */
function parse(line: string, { env = {}, files = {}, ...checks }: World = {}): Promise<Command> {
  return parseCommand({
    args: line === "" ? [] : line.split(" "),
    env: (name) => env[name],
    readTextFile: (path) => {
      if (path in files) return files[path];
      throw new Deno.errors.NotFound(`no ${path}`);
    },
    ...checks,
  });
}

async function relays(line: string, world?: World) {
  const command = await parse(line, world);
  assert(command.kind === "relay");
  return command.relays;
}

async function refused(line: string, message: string, world?: World): Promise<void> {
  await assert.rejects(parse(line, world), new UsageError(message));
}

Deno.test("TCPMon's three arguments are a relay that rewrites Host", async () => {
  assert.deepEqual(await relays("8081 www.apache.org 80"), [{
    listen: { kind: "tcp", host: "127.0.0.1", port: 8081 },
    target: { kind: "tcp", host: "www.apache.org", port: 80, http: true },
    hostField: "www.apache.org",
  }]);
  assert.equal((await relays("0.0.0.0:8081 localhost 8080"))[0].hostField, "localhost:8080");
  assert.equal((await relays("--format json unix:/a.sock localhost 8080 --hex"))[0].listen.kind, "unix");
});

Deno.test("relay takes any number of LISTEN=TARGET, and rewrites Host for http:// only", async () => {
  const found = await relays("relay 8081=localhost:8080 0=http://api.test unix:/a=unix:/b=c");
  assert.deepEqual(found.map(({ hostField }) => hostField), [undefined, "api.test", undefined]);
  assert.deepEqual(found[2], {
    listen: { kind: "unix", path: "/a" },
    target: { kind: "unix", path: "/b=c" },
  });
});

Deno.test("--host overrides the rule of every relay, a relay's own rule that of the file", async () => {
  const fields = async (line: string, world?: World) =>
    (await relays(line, world)).map(({ hostField }) => hostField);
  assert.deepEqual(await fields("relay 1=a:1 2=http://b --host target"), ["a:1", "b"]);
  assert.deepEqual(await fields("relay 1=a:1 2=http://b --host=keep"), [undefined, undefined]);
  assert.deepEqual(await fields("1 a 1 --host keep"), [undefined]);
  assert.deepEqual(await fields("relay 1=unix:/a --host target"), ["localhost"]);
  assert.deepEqual(await fields("relay 1=a:1", { env: { TCPMON_HOST: "target" } }), ["a:1"]);
  const files = {
    f: `{ "host": "target", "relays": [
      { "listen": 1, "target": "a:1" }, { "listen": 2, "target": "b:1", "host": "keep" }] }`,
  };
  assert.deepEqual(await fields("--config f", { files }), ["a:1", undefined]);
  assert.deepEqual(await fields("--config f --host target", { files }), ["a:1", "b:1"]);
  assert.deepEqual(await fields("--config f", { files, env: { TCPMON_HOST: "keep" } }), [
    undefined,
    undefined,
  ]);
});

Deno.test("relays come from the config file unless the command line names some", async () => {
  const files = { "t.json": '{ "format": "json", "relays": [{ "listen": "8081", "target": "a:1" }] }' };
  for (const line of ["relay --config t.json", "--config t.json", "relay --config=t.json"]) {
    const command = await parse(line, { files });
    assert(command.kind === "relay");
    assert.equal(command.relays.length, 1);
    assert.equal(command.options.format, "json");
  }
  const fromEnvironment = await relays("", { files, env: { TCPMON_CONFIG: "t.json" } });
  assert.equal(fromEnvironment.length, 1);
  const named = await relays("9 b 2 --config t.json", { files });
  assert.deepEqual(named.map(({ hostField }) => hostField), ["b:2"]);
});

Deno.test("demo takes its own options and those of the log", async () => {
  const command = await parse("demo --once --port 9000 --format short -q");
  assert(command.kind === "demo");
  assert.equal(command.once, true);
  assert.equal(command.port, 9000);
  assert.equal(command.options.format, "short");
  assert.equal(command.options.quiet, true);
  const plain = await parse("demo");
  assert(plain.kind === "demo");
  assert.deepEqual([plain.once, plain.port], [false, 0]);
});

Deno.test("help and version answer wherever they stand", async () => {
  const text = async (line: string) => {
    const command = await parse(line);
    assert(command.kind === "help", line);
    return command.text;
  };
  assert.equal(await text("--help"), await text("help"));
  assert.equal(await text("-h"), await text("help"));
  assert.equal(await text("8081 localhost 80 --help"), await text("help"));
  assert.equal(await text("relay --help"), await text("help relay"));
  assert.equal(await text("demo --once -h"), await text("help demo"));
  for (const line of ["--version", "-V", "relay --version"]) {
    assert.deepEqual(await parse(line), { kind: "version" });
  }
});

Deno.test("completion gives the script of the shell that was asked for", async () => {
  const command = await parse("completion fish");
  assert(command.kind === "completion");
  assert.equal(command.shell, "fish");
  assert.match(command.script, /^# fish completion/);
  await refused(
    "completion",
    "cannot read SHELL of completion: found none, wanted one of bash, zsh, fish, pwsh",
  );
  await refused(
    "completion tcsh",
    'cannot read SHELL of completion: found "tcsh", wanted one of bash, zsh, fish, pwsh',
  );
  await refused("completion bash zsh", 'found one argument too many, "zsh", wanted tcpmon completion SHELL');
});

Deno.test("missing and extra arguments say what was wanted", async () => {
  await refused(
    "",
    "found no relay, wanted LISTEN HOST PORT, or relay LISTEN=TARGET..., or --config with relays; see tcpmon --help",
  );
  await assert.rejects(parse("relay"), /^UsageError: found no relay/);
  await refused(
    "8081 localhost",
    'found no PORT after "localhost", wanted LISTEN HOST PORT, such as 8081 localhost 8080',
  );
  await refused("8081 a 80 x", 'found one argument too many, "x", wanted tcpmon LISTEN HOST PORT');
  await refused("demo x", 'found one argument too many, "x", wanted tcpmon demo [--once] [--port N]');
  await refused("help relay x", 'found one argument too many, "x", wanted tcpmon help [COMMAND]');
});

Deno.test("what this version does not have is refused as such", async () => {
  const alone =
    "tcpmon LISTEN alone is the HTTP proxy, which is not in this version; wanted 8888 HOST PORT for a relay";
  await refused("8888", alone);
  for (const name of ["proxy", "send", "resend", "view", "export", "diff", "ca"]) {
    const message = `${name} is not in this version; see tcpmon --help for what is`;
    await refused(`${name} 8888`, message);
    await refused(`help ${name}`, message);
  }
});

Deno.test("an unknown command gets a suggestion, also before options that it might take", async () => {
  await refused("rellay 1=a:1", 'unknown command "rellay"; did you mean relay?');
  await refused("demoo --once", 'unknown command "demoo"; did you mean demo?');
  await refused("help rely", 'unknown command "rely"; did you mean relay?');
  await refused("zebra 1 2", 'unknown command "zebra"; see tcpmon --help');
  await refused(
    "8081=localhost:8080",
    'unknown command "8081=localhost:8080"; relays follow "relay": tcpmon relay LISTEN=TARGET',
  );
});

Deno.test("an option of another command is refused", async () => {
  await refused("relay 1=a:1 --once", "--once is no option of relay, only of demo");
  await refused("completion bash --hex", "--hex is no option of completion, only of relay and demo");
  await refused("help --format json", "--format is no option of help, only of relay and demo");
});

Deno.test("addresses that cannot be read are named", async () => {
  await refused("70000 a 1", 'cannot read LISTEN: found port "70000", wanted a number from 0 to 65535');
  await refused("70000", 'cannot read LISTEN: found port "70000", wanted a number from 0 to 65535');
  await refused("1 a http", 'cannot read HOST PORT: found port "http", wanted a number from 1 to 65535');
  await refused(
    "relay 8081=localhost",
    'cannot read TARGET of relay "8081=localhost": found no port in "localhost", wanted HOST:PORT, such as ' +
      "localhost:8080",
  );
  await refused(
    "relay =",
    'cannot read LISTEN of relay "=": found "", wanted PORT, HOST:PORT, [V6]:PORT or unix:PATH',
  );
  await refused(
    "relay 8081",
    'cannot read relay "8081": found no "=", wanted LISTEN=TARGET, such as 8081=localhost:8080',
  );
  await refused(
    "relay 8081 localhost 80",
    'cannot read relay "8081": found no "=", wanted LISTEN=TARGET...\n' +
      'LISTEN HOST PORT stands without "relay": tcpmon 8081 localhost 8080',
  );
  await assert.rejects(
    parse("relay 1=https://u:secret@a"),
    (error: Error) => !error.message.includes("secret"),
  );
});

Deno.test("two relays cannot listen at one address, unless each takes a free port", async () => {
  await refused(
    "relay 8081=a:1 127.0.0.1:8081=b:1",
    'two relays listen at "127.0.0.1:8081", wanted another LISTEN for one of them',
  );
  await refused(
    "relay unix:/a=a:1 unix:/a=b:1",
    'two relays listen at "unix:/a", wanted another LISTEN for one of them',
  );
  assert.equal((await relays("relay 0=a:1 0=b:1")).length, 2);
});

Deno.test("a config file that cannot be read is named with the reason", async () => {
  await refused(
    "--config nope.json",
    'cannot read the file of --config: found "nope.json", no such file, wanted a JSON file',
  );
  await refused(
    "",
    'cannot read the file of TCPMON_CONFIG: found "nope.json", no such file, wanted a JSON file',
    { env: { TCPMON_CONFIG: "nope.json" } },
  );
  await refused(
    "--config c.json",
    'cannot read format at c.json:1:12: found "x", wanted one of text, short, json, none',
    { files: { "c.json": '{"format": "x"}' } },
  );
});

Deno.test("a filter or names that do not read are refused under the name of their source", async () => {
  const checkFilter = (source: string) => source === "(" ? "a group is not closed\n(\n ^" : undefined;
  await refused("1 a 1 --filter (", "cannot read --filter: a group is not closed\n(\n ^", { checkFilter });
  await refused("demo", "cannot read TCPMON_FILTER: a group is not closed\n(\n ^", {
    checkFilter,
    env: { TCPMON_FILTER: "(" },
  });
  assert.equal((await relays("1 a 1 --filter status:500", { checkFilter })).length, 1);
  const checkRedact = (names: string) => names === "?" ? "no name" : undefined;
  await refused("1 a 1 --redact=?", "cannot read --redact: no name", { checkRedact });
  assert.equal((await relays("1 a 1 --redact", { checkRedact })).length, 1);
});
