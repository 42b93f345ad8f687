/** Precedence of arguments, environment, config file and defaults, and the environment's own rules. */
import assert from "node:assert/strict";
import { readArguments } from "../../src/cli/arguments.ts";
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

Deno.test("every option but help and version can be set in the environment", () => {
  const asked: string[] = [];
  readEnvironment((name) => void asked.push(name), "demo");
  const expected = OPTIONS.map(({ name }) => name).filter((name) => name !== "help" && name !== "version");
  assert.deepEqual(asked, expected.map(variableOf));
  assert(asked.includes("TCPMON_EXIT_ON_BROKEN_PIPE"));
  assert(asked.every((name) => /^TCPMON_[A-Z_]+$/.test(name)));
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
