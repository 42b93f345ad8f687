/**
 * From arguments to a typed command: relays, proxies, ca, demo, help, completion, version, and every refusal.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Command, type CommandInput, parseCommand } from "../../src/cli/command.ts";
import { hostFieldOf } from "../../src/cli/relay_spec.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { anyText } from "../any_text.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly checks?: CommandInput["checks"];
}

/** Reads a command line, written with single spaces. */
function parse(line: string, { env = {}, files = {}, checks }: World = {}): Promise<Command> {
  return parseCommand({
    args: line === "" ? [] : line.split(" "),
    env: (name) => env[name],
    readTextFile: (path) => {
      if (path in files) return files[path];
      throw new Deno.errors.NotFound(`no ${path}`);
    },
    checks,
  });
}

async function relays(line: string, world?: World) {
  const command = await parse(line, world);
  assert(command.kind === "relay");
  return command.relays;
}

/** What each relay writes into Host. */
async function hostFields(line: string, world?: World) {
  const command = await parse(line, world);
  assert(command.kind === "relay");
  return command.relays.map(({ target, host }) => hostFieldOf(target, host ?? command.options.host));
}

async function refused(line: string, message: string | RegExp, world?: World): Promise<void> {
  const wanted = typeof message === "string" ? new UsageError(message) : message;
  await assert.rejects(parse(line, world), wanted);
}

Deno.test("TCPMon's three arguments are a relay that rewrites Host", async () => {
  assert.deepEqual(await relays("8081 www.apache.org 80"), [{
    listen: { kind: "tcp", host: "127.0.0.1", port: 8081 },
    target: { kind: "tcp", host: "www.apache.org", port: 80, http: true },
  }]);
  assert.deepEqual(await hostFields("8081 www.apache.org 80"), ["www.apache.org"]);
  assert.deepEqual(await hostFields("0.0.0.0:8081 localhost 8080"), ["localhost:8080"]);
  assert.equal((await relays("--format json unix:/a.sock localhost 8080 --hex"))[0].listen.kind, "unix");
});

Deno.test("relay takes any number of LISTEN=TARGET, and rewrites Host for http:// only", async () => {
  const line = "relay 8081=localhost:8080 0=http://api.test unix:/a=unix:/b=c";
  const found = await relays(line);
  assert.deepEqual(await hostFields(line), [undefined, "api.test", undefined]);
  assert.deepEqual(found[2], {
    listen: { kind: "unix", path: "/a" },
    target: { kind: "unix", path: "/b=c" },
  });
});

Deno.test("--host overrides the rule of every relay, a relay's own rule that of the file", async () => {
  const fields = hostFields;
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
  assert.deepEqual(await hostFields("9 b 2 --config t.json", { files }), ["b:2"]);
});

async function proxies(line: string, world?: World) {
  const command = await parse(line, world);
  assert(command.kind === "relay");
  return command.proxies;
}

Deno.test("one address alone is a proxy, as TCPMon has it", async () => {
  const local = { listen: { kind: "tcp", host: "127.0.0.1", port: 8888 } };
  assert.deepEqual(await proxies("8888"), [local]);
  assert.deepEqual(await proxies("127.0.0.1:8888 --intercept"), [local]);
  assert.deepEqual(await proxies("[::1]:0"), [{ listen: { kind: "tcp", host: "::1", port: 0 } }]);
  assert.deepEqual(await proxies("unix:/a"), [{ listen: { kind: "unix", path: "/a" } }]);
  assert.deepEqual(await relays("8888"), []);
});

Deno.test("proxy takes one or more LISTEN", async () => {
  const found = await proxies("proxy 8888 0.0.0.0:8889 unix:/a=b");
  assert.deepEqual(found.map(({ listen }) => listen.kind), ["tcp", "tcp", "unix"]);
  assert.deepEqual(await proxies("relay 8081=localhost:8080"), []);
});

Deno.test("a config file may hold relays and proxies, and both are started by either command", async () => {
  const files = { f: '{ "relays": [{ "listen": 1, "target": "a:1" }], "proxies": ["8888", 8889] }' };
  for (const line of ["--config f", "relay --config f", "proxy --config f"]) {
    assert.equal((await relays(line, { files })).length, 1, line);
    assert.equal((await proxies(line, { files })).length, 2, line);
  }
});

Deno.test("an address on the command line stands instead of all that the file has", async () => {
  const files = { f: '{ "relays": [{ "listen": 1, "target": "a:1" }], "proxies": ["8888"] }' };
  assert.equal((await relays("2 b 2 --config f", { files })).length, 1);
  assert.equal((await proxies("2 b 2 --config f", { files })).length, 0);
  assert.equal((await relays("9999 --config f", { files })).length, 0);
  assert.equal((await proxies("proxy 9998 9999 --config f", { files })).length, 2);
});

Deno.test("what a command lacks is said, also where the file has the other", async () => {
  const proxy =
    "found no proxy, wanted proxy LISTEN..., such as proxy 8888, or --config with proxies; see tcpmon --help";
  const relay =
    "found no relay, wanted LISTEN HOST PORT, or relay LISTEN=TARGET..., or --config with relays; " +
    "see tcpmon --help";
  const files = { r: '{ "relays": [{ "listen": 1, "target": "a:1" }] }', p: '{ "proxies": [1] }' };
  await refused("proxy", proxy);
  await refused("proxy --config r", proxy, { files });
  await refused("relay", relay);
  await refused("relay --config p", relay, { files });
  assert.equal((await relays("--config r", { files })).length, 1);
  assert.equal((await proxies("--config p", { files })).length, 1);
});

Deno.test("LISTEN of a proxy that cannot be read is named, and a target after it explained", async () => {
  await refused(
    "proxy localhost",
    'cannot read LISTEN of proxy "localhost": found "localhost", wanted PORT, HOST:PORT, [V6]:PORT or unix:PATH',
  );
  await refused(
    "proxy 8888=localhost:80",
    'cannot read proxy "8888=localhost:80": found a target, wanted LISTEN alone; relays follow "relay": ' +
      "tcpmon relay LISTEN=TARGET",
  );
  await refused("0:1:2", /cannot read LISTEN: .*IPv6 address stands in brackets/);
});

Deno.test("ca takes the folder, from arguments, environment or file, and --pem", async () => {
  assert.deepEqual(await parse("ca"), { kind: "ca", folder: undefined, pem: false });
  assert.deepEqual(await parse("ca --pem --ca-dir /a"), { kind: "ca", folder: "/a", pem: true });
  const files = { f: '{ "ca-dir": "/b", "filter": "(", "relays": [{ "listen": 1, "target": "a:1" }] }' };
  const env = { TCPMON_CONFIG: "f", TCPMON_FORMAT: "xml" };
  const checks = { filter: () => "wrong" };
  assert.deepEqual(await parse("ca", { files, env, checks }), { kind: "ca", folder: "/b", pem: false });
  await refused("ca x", 'found one argument too many, "x", wanted tcpmon ca [--pem] [--ca-dir DIR]');
  await refused("proxy 1 --pem", "--pem is no option of proxy, only of ca");
  await refused("ca --tls", "--tls is no option of ca, only of relay and proxy");
});

Deno.test("a target with TLS goes into Host without port 443, tls:// keeps Host", async () => {
  const line = "relay 1=https://a 2=https://b:8443 3=tls://c:443 4=tls://d:443 --host target";
  assert.deepEqual(await hostFields(line), ["a", "b:8443", "c", "d"]);
  assert.deepEqual(await hostFields("relay 3=tls://c:443"), [undefined]);
});

Deno.test("a relay of the file may be insecure by itself", async () => {
  const files = {
    f: `{ "relays": [{ "listen": 1, "target": "https://a", "insecure": true },
      { "listen": 2, "target": "https://b" }] }`,
  };
  assert.deepEqual((await relays("--config f", { files })).map(({ insecure }) => insecure), [
    true,
    undefined,
  ]);
});

Deno.test("relays and proxies of the file have options of their own, over its top level, under all else", async () => {
  const files = {
    f: `{ "link": "edge", "rate": "1mbit", "upstream-proxy": "http://top", "no-proxy": "a",
      "relays": [
        { "listen": 1, "target": "a:1" },
        { "listen": 2, "target": "b:1", "link": "3g", "seed": 7, "upstream-proxy": "" },
        { "listen": 3, "target": "https://c", "no-proxy": ["b", "c"], "insecure": false }],
      "proxies": [5, { "listen": "6", "fault": ["reset@10%", "refuse"], "bytes-per-pause": 9, "delay": "1s" }] }`,
  };
  const read = async (line: string, world?: World) => {
    const [command, first] = [
      await parse(line, { files, ...world }),
      ({ listen: _, ...rest }: object & { listen: unknown }) => rest,
    ];
    assert(command.kind === "relay");
    return [...command.relays.map(({ target: _, ...rest }) => rest), ...command.proxies].map(first);
  };
  assert.deepEqual(await read("--config f"), [
    {},
    { link: { link: "3g", rate: "1mbit", seed: 7 }, upstreamProxy: "" },
    { insecure: false, noProxy: "b,c" },
    {},
    { link: { link: "edge", rate: "1mbit", bytesPerPause: "9", delay: "1s", fault: "reset@10%,refuse" } },
  ]);
  const env = { TCPMON_LINK: "4g" };
  assert.deepEqual(await read("--config f --upstream-proxy http://x --seed 9 --insecure=d", { env }), [
    {},
    { link: { link: "4g", rate: "1mbit", seed: 9 }, upstreamProxy: "http://x" },
    { noProxy: "b,c" },
    {},
    {
      link: {
        link: "4g",
        rate: "1mbit",
        bytesPerPause: "9",
        delay: "1s",
        fault: "reset@10%,refuse",
        seed: 9,
      },
    },
  ]);
});

Deno.test("an option of a relay's own that cannot be read, or is half a pair, is named by its place", async () => {
  const files = {
    rate: '{ "relays": [{ "listen": 1, "target": "a:1", "rate": "x" }] }',
    half: '{ "proxies": [{ "listen": 1,\n "delay": "1s" }] }',
  };
  const checks = { rate: () => "found it, wanted another" };
  await refused("--config rate", "cannot read rate at rate:1:54: found it, wanted another", {
    files,
    checks,
  });
  await refused(
    "--config half",
    "found delay at half:2:11 without --bytes-per-pause, wanted --bytes-per-pause N with it",
    { files },
  );
});

Deno.test("demo has a relay of its own, takes links, and refuses what it would not use", async () => {
  const command = await parse("demo --link 3g --seed 7");
  assert(command.kind === "demo");
  assert.deepEqual([command.options.link.link, command.options.link.seed], ["3g", 7]);
  await refused("demo --host keep", "--host is no option of demo, only of relay, proxy and resend");
  await refused(
    "demo --upstream-proxy env",
    "--upstream-proxy is no option of demo, only of relay, proxy, send and resend",
  );
  const files = {
    r: '{ "relays": [{ "listen": 1, "target": "a:1" }] }',
    p: '{ "proxies": ["8888"] }',
    o: '{ "format": "json", "upstream-proxy": "http://a", "tls": true }',
  };
  const message = (origin: string) =>
    `demo has a relay of its own: found others in the file of ${origin}, wanted one without relays and proxies`;
  await refused("demo --config r", message("--config"), { files });
  await refused("demo", message("TCPMON_CONFIG"), { files, env: { TCPMON_CONFIG: "p" } });
  const options = await parse("demo --config o", { files });
  assert(options.kind === "demo");
  assert.equal(options.options.format, "json");
  assert.equal(options.options.upstreamProxy, undefined);
  assert.equal(options.options.listenTls, undefined);
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
    "found no relay and no proxy, wanted LISTEN HOST PORT, or relay LISTEN=TARGET..., or proxy LISTEN, or --config " +
      "with some; see tcpmon --help",
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

Deno.test("an unknown command gets a suggestion, also before options that it might take", async () => {
  await refused("rellay 1=a:1", 'unknown command "rellay"; did you mean relay?');
  await refused("prxy 8888", 'unknown command "prxy"; did you mean proxy?');
  await refused("proxi", 'unknown command "proxi"; did you mean proxy?');
  await refused("relya", 'unknown command "relya"; did you mean relay?');
  await refused("localhost", 'unknown command "localhost"; see tcpmon --help');
  await refused("help prxy", 'unknown command "prxy"; did you mean proxy?');
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
  await refused(
    "completion bash --hex",
    "--hex is no option of completion, only of relay, proxy, demo, send and resend",
  );
  await refused(
    "help --format json",
    "--format is no option of help, only of relay, proxy, demo, send and resend",
  );
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

Deno.test("no two can listen at one address, unless each takes a free port", async () => {
  await refused(
    "proxy 8888 127.0.0.1:8888",
    'two proxies listen at "127.0.0.1:8888", wanted another LISTEN for one of them',
  );
  const files = { f: '{ "relays": [{ "listen": 1, "target": "a:1" }], "proxies": [1] }' };
  await refused(
    "--config f",
    'a relay and a proxy listen at "127.0.0.1:1", wanted another LISTEN for one of them',
    { files },
  );
  assert.equal((await proxies("proxy 0 0")).length, 2);
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

Deno.test("a text that does not pass its check is refused under the name of its source", async () => {
  const filter = (source: string) => source === "(" ? "a group is not closed\n(\n ^" : undefined;
  const rate = (text: string) => text === "fast" ? 'found "fast", wanted 1mbit' : undefined;
  const checks = { filter, rate, redact: (names: string) => names === "?" ? "no name" : undefined };
  await refused("1 a 1 --filter (", "cannot read --filter: a group is not closed\n(\n ^", { checks });
  const env = { TCPMON_FILTER: "(" };
  await refused("demo", "cannot read TCPMON_FILTER: a group is not closed\n(\n ^", { checks, env });
  await refused("1 a 1 --redact=?", "cannot read --redact: no name", { checks });
  await refused("8888 --rate fast", 'cannot read --rate: found "fast", wanted 1mbit', { checks });
  const files = { f: '{ "rate": "fast" }' };
  await refused("8888 --config f", 'cannot read rate at f:1:11: found "fast", wanted 1mbit', {
    checks,
    files,
  });
  assert.equal((await proxies("8888 --config f --rate slow", { checks, files })).length, 1);
  assert.equal((await relays("1 a 1 --filter status:500 --redact", { checks, env })).length, 1);
});

Deno.test("checks are not asked about options without a text, nor about those of other commands", async () => {
  const asked: string[] = [];
  const ask = (text: string) => void asked.push(text);
  const checks = { intercept: ask, fault: ask, seed: ask, host: ask, "upstream-proxy": ask };
  await parse("8888 --intercept --fault a --fault b --seed 7", { checks });
  assert.deepEqual(asked, ["a,b", "7"]);
  await parse("demo", { checks, env: { TCPMON_UPSTREAM_PROXY: "x", TCPMON_HOST: "keep" } });
  assert.deepEqual(asked, ["a,b", "7"]);
});

Deno.test("credentials for the proxy are checked, and never repeated", async () => {
  const wanted = "wanted USER:PASSWORD or @FILE";
  await refused("8888 --proxy-auth hunter2", `cannot read --proxy-auth: found no colon in it, ${wanted}`);
  await refused(
    "8888 --proxy-auth :hunter2",
    `cannot read --proxy-auth: found no user before the colon, ${wanted}`,
  );
  await refused("8888 --proxy-auth @", `cannot read --proxy-auth: found no file after @, ${wanted}`);
  await refused(
    "8888 --proxy-auth a:b\n",
    `cannot read --proxy-auth: found a control character in it, ${wanted}`,
  );
  await refused("8888", `cannot read TCPMON_PROXY_AUTH: found no colon in it, ${wanted}`, {
    env: { TCPMON_PROXY_AUTH: "hunter2" },
  });
  for (const text of ["joe:", "joe:a:b", "@auth.txt", "jürgen:ö"]) {
    const command = await parse(`8888 --proxy-auth ${text}`);
    assert(command.kind === "relay");
    assert.equal(command.options.proxyAuth, text);
  }
});

Deno.test("any words at all are a command or refused with a UsageError of one line or two", async () => {
  const word = fc.oneof(
    anyText(),
    fc.constantFrom(
      "relay",
      "proxy",
      "ca",
      "demo",
      "8888",
      "8081=a:1",
      "0=https://a",
      "localhost",
      "80",
      "help",
    ),
    fc.constantFrom(
      "--tls",
      "--tls-cert=a",
      "--tls-key=b",
      "--insecure",
      "--delay=1",
      "--fault=x",
      "--no-proxy=*",
    ),
  );
  await fc.assert(fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (args) => {
    try {
      const command = await parseCommand({ args, env: () => undefined, readTextFile: () => "{}" });
      if (command.kind === "relay") assert(command.relays.length + command.proxies.length > 0);
    } catch (error) {
      assert(error instanceof UsageError, String(error));
      assert(error.message.split("\n").length <= 2);
      // deno-lint-ignore no-control-regex -- none may be in it
      assert.doesNotMatch(error.message, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    }
  }));
});

Deno.test("the demo knows whether its viewer was switched off, or only not asked for", async () => {
  const hides = async (line: string, world?: World) => {
    const command = await parse(line, world);
    assert(command.kind === "demo");
    return command.hidesViewer;
  };
  assert.equal(await hides("demo"), false);
  assert.equal(await hides("demo --view"), false);
  assert.equal(await hides("demo --no-view"), true);
  assert.equal(await hides("demo", { env: { TCPMON_VIEW: "0" } }), true);
  assert.equal(await hides("demo --view", { env: { TCPMON_VIEW: "0" } }), false);
  assert.equal(await hides("demo --config c", { files: { c: '{ "view": false }' } }), true);
});
