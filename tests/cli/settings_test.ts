/** Precedence of arguments, environment, config file and defaults, and the environment's own rules. */
import assert from "node:assert/strict";
import { readArguments } from "../../src/cli/arguments.ts";
import { type CommandName, COMMANDS, TOOLS } from "../../src/cli/commands.ts";
import { readConfigFile } from "../../src/cli/config_file.ts";
import { OPTIONS, variableOf } from "../../src/cli/options.ts";
import { captureOptions, readEnvironment, settle, settled } from "../../src/cli/settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

function environment(variables: Readonly<Record<string, string>>) {
  return readEnvironment((name) => variables[name], "relay");
}

Deno.test("without any source the defaults hold, in bytes and ms", () => {
  assert.deepEqual(captureOptions(settle([])), {
    format: "text",
    output: undefined,
    color: "auto",
    pretty: false,
    hex: false,
    maxBodyBytes: 1048576,
    filter: undefined,
    redact: undefined,
    redactKey: undefined,
    logQueueBytes: 67108864,
    exitOnBrokenPipe: false,
    host: undefined,
    connectTimeoutMs: 10_000,
    idleTimeoutMs: 0,
    maxConnections: undefined,
    drainMs: 3000,
    quiet: false,
    recorder: undefined,
    history: undefined,
    viewer: undefined,
    targetTls: {
      caFile: undefined,
      insecure: undefined,
      clientCertFile: undefined,
      clientKeyFile: undefined,
    },
    listenTls: undefined,
    caDir: undefined,
    upstreamProxy: undefined,
    noProxy: undefined,
    intercept: undefined,
    noIntercept: undefined,
    proxyAuth: undefined,
    via: false,
    link: {
      bytesPerPause: undefined,
      delay: undefined,
      dropBytes: undefined,
      rate: undefined,
      latency: undefined,
      jitter: undefined,
      link: undefined,
      fault: undefined,
      seed: undefined,
    },
  });
});

/** What holds for these arguments alone. */
function given(line: string) {
  return captureOptions(settle([readArguments(line.split(" ")).options]));
}

Deno.test("the options of TLS with targets arrive, and a certificate's file holds its key unless another is given", () => {
  assert.deepEqual(given("--ca a.pem --insecure=b,c --client-cert d.pem --client-key e.pem").targetTls, {
    caFile: "a.pem",
    insecure: "b,c",
    clientCertFile: "d.pem",
    clientKeyFile: "e.pem",
  });
  assert.equal(given("--client-cert d.pem").targetTls.clientKeyFile, "d.pem");
  assert.equal(given("--insecure").targetTls.insecure, "");
});

Deno.test("TLS with clients is by our own CA or by files", () => {
  assert.deepEqual(given("--tls").listenTls, { kind: "authority" });
  assert.deepEqual(given("--tls-cert a --tls-key b").listenTls, {
    kind: "files",
    certFile: "a",
    keyFile: "b",
  });
  assert.deepEqual(given("--tls-cert a").listenTls, { kind: "files", certFile: "a", keyFile: "a" });
  assert.equal(given("--ca-dir /a").caDir, "/a");
});

Deno.test("the options of proxies and of the proxy upstream arrive", () => {
  const options = given(
    "--intercept --no-intercept bank.test --proxy-auth joe:x --via --upstream-proxy env --no-proxy a,b",
  );
  assert.equal(options.intercept, "");
  assert.equal(options.noIntercept, "bank.test");
  assert.equal(options.proxyAuth, "joe:x");
  assert.equal(options.via, true);
  assert.equal(options.upstreamProxy, "env");
  assert.equal(options.noProxy, "a,b");
});

Deno.test("the options of a link arrive as they were written", () => {
  const { link } = given(
    "--bytes-per-pause up:1000 --delay 100ms --drop-bytes 1/100 --rate up:1mbit,down:2mbit --latency 5ms " +
      "--jitter 1ms --link 3g --fault reset@10% --fault refuse --seed 42",
  );
  assert.deepEqual(link, {
    bytesPerPause: "up:1000",
    delay: "100ms",
    dropBytes: "1/100",
    rate: "up:1mbit,down:2mbit",
    latency: "5ms",
    jitter: "1ms",
    link: "3g",
    fault: "reset@10%,refuse",
    seed: 42,
  });
});

Deno.test("arguments win over the environment, the environment over the file, the file over defaults", () => {
  const args = readArguments(["--format", "json"]).options;
  const env = environment({ TCPMON_FORMAT: "short", TCPMON_MAX_BODY: "64k" });
  const file = readConfigFile("f", '{ "format": "none", "max-body": "1k", "drain": "1s" }').options;
  const options = captureOptions(settle([args, env, file]));
  assert.equal(options.format, "json");
  assert.equal(options.maxBodyBytes, 65536);
  assert.equal(options.drainMs, 1000);
  assert.equal(options.connectTimeoutMs, 10_000);
  assert.equal(settled("format", [args, env, file])?.origin, "--format");
  assert.equal(settled("max-body", [args, env, file])?.origin, "TCPMON_MAX_BODY");
  assert.equal(settled("drain", [args, env, file])?.origin, "drain at f:1:48");
  assert.equal(settled("color", [args, env, file]), undefined);
});

Deno.test("a flag of the environment or the file can be switched off by an argument", () => {
  const args = readArguments(["--no-pretty", "--no-redact"]).options;
  const env = environment({ TCPMON_PRETTY: "1", TCPMON_REDACT: "password", TCPMON_HEX: "true" });
  const options = captureOptions(settle([args, env]));
  assert.equal(options.pretty, false);
  assert.equal(options.redact, undefined);
  assert.equal(options.hex, true);
});

Deno.test("every option but those of single requests can be set in the environment", () => {
  const asked = new Set<string>();
  for (const { name } of COMMANDS) readEnvironment((variable) => void asked.add(variable), name);
  const expected = OPTIONS.filter(({ only }) => only !== "arguments").map(({ name }) => name);
  const tools: readonly CommandName[] = ["ca", "completion", "help", ...TOOLS];
  const without = OPTIONS.filter(({ name }) => !expected.includes(name));
  assert(
    without.every(({ name, commands }) =>
      ["help", "version"].includes(name) || commands.every((command) => tools.includes(command))
    ),
  );
  assert.deepEqual([...asked].sort(), expected.map(variableOf).sort());
  assert(asked.has("TCPMON_EXIT_ON_BROKEN_PIPE") && asked.has("TCPMON_NO_PROXY"));
  assert([...asked].every((name) => /^TCPMON_[A-Z_]+$/.test(name)));
});

Deno.test("variables of options that the command does not take are left alone", () => {
  assert.equal(environment({ TCPMON_PORT: "tcp://10.0.0.1:80" }).size, 0);
});

Deno.test("an empty variable counts as not set", () => {
  assert.equal(environment({ TCPMON_FORMAT: "", TCPMON_OUTPUT: "" }).size, 0);
});

Deno.test("TCPMON_REDACT takes names, or a word for on and off", () => {
  assert.equal(environment({ TCPMON_REDACT: "1" }).get("redact")?.value, "");
  assert.equal(environment({ TCPMON_REDACT: "+pin" }).get("redact")?.value, "+pin");
  const off = environment({ TCPMON_REDACT: "off" });
  assert(off.has("redact"));
  assert.equal(off.get("redact")?.value, undefined);
});

Deno.test("TCPMON_INTERCEPT and TCPMON_INSECURE take hosts, or a word for on and off", () => {
  assert.equal(environment({ TCPMON_INTERCEPT: "yes" }).get("intercept")?.value, "");
  assert.equal(environment({ TCPMON_INSECURE: "a.test" }).get("insecure")?.value, "a.test");
  assert.equal(environment({ TCPMON_INTERCEPT: "0" }).get("intercept")?.value, undefined);
});

Deno.test("relay and proxy read the same variables, as a file may have both", () => {
  const variables = (command: "relay" | "proxy") => {
    const asked: string[] = [];
    readEnvironment((name) => void asked.push(name), command);
    return asked;
  };
  assert.deepEqual(variables("relay"), variables("proxy"));
  assert(variables("relay").includes("TCPMON_PROXY_AUTH"));
});

Deno.test("a variable that cannot be read is named", () => {
  assert.throws(
    () => environment({ TCPMON_MAX_BODY: "big" }),
    new UsageError('cannot read TCPMON_MAX_BODY: found "big", wanted a size such as 64k, 1M or 1048576'),
  );
  assert.throws(
    () => environment({ TCPMON_QUIET: "si" }),
    new UsageError('cannot read TCPMON_QUIET: found "si", wanted 1 or 0, true or false'),
  );
});

Deno.test("a dash as output is stdout, whatever the environment says", () => {
  const args = readArguments(["--output", "-"]).options;
  assert.equal(captureOptions(settle([args, environment({ TCPMON_OUTPUT: "a.log" })])).output, undefined);
});
