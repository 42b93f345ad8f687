/** The argument list: every way to write an option, and every way to get it wrong. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readArguments } from "../../src/cli/arguments.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { anyText } from "../any_text.ts";

/** What is read, as plain objects. */
function read(
  ...args: string[]
): { readonly options: Record<string, unknown>; readonly positionals: readonly string[] } {
  const { options, positionals } = readArguments(args);
  return { options: Object.fromEntries([...options].map(([name, { value }]) => [name, value])), positionals };
}

function refused(args: string[], message: string): void {
  assert.throws(() => readArguments(args), new UsageError(message));
}

Deno.test("values stand after a space, after =, or right behind a short option", () => {
  for (
    const args of [["--output", "a.log"], ["--output=a.log"], ["-o", "a.log"], ["-oa.log"], ["-o=a.log"]]
  ) {
    assert.deepEqual(read(...args), { options: { output: "a.log" }, positionals: [] }, args.join(" "));
  }
});

Deno.test("a value may have = in it", () => {
  assert.deepEqual(read("--filter=header:x-id=3").options, { filter: "header:x-id=3" });
});

Deno.test("options and addresses stand in any order, and after -- everything is an address", () => {
  assert.deepEqual(read("8081", "--hex", "localhost", "--format", "json", "80"), {
    options: { hex: true, format: "json" },
    positionals: ["8081", "localhost", "80"],
  });
  assert.deepEqual(read("--hex", "--", "--pretty", "-q", "--"), {
    options: { hex: true },
    positionals: ["--pretty", "-q", "--"],
  });
  assert.deepEqual(read("-").positionals, ["-"]);
});

Deno.test("short flags may be joined, the last one with a value", () => {
  assert.deepEqual(read("-qofile").options, { quiet: true, output: "file" });
  assert.deepEqual(read("-qo", "file").options, { quiet: true, output: "file" });
  assert.deepEqual(read("-hV").options, { help: true, version: true });
});

Deno.test("of an option given twice the last counts", () => {
  assert.deepEqual(read("--format=json", "--format", "short").options, { format: "short" });
  assert.deepEqual(read("--hex", "--no-hex").options, { hex: false });
});

Deno.test("names to redact add up when given several times, so that none is forgotten", () => {
  assert.deepEqual(read("--redact=password", "--redact=ssn,pin").options, { redact: "password,ssn,pin" });
  assert.deepEqual(read("--redact=password", "--redact").options, { redact: "password" });
});

Deno.test("--redact takes its value only with =", () => {
  assert.deepEqual(read("--redact", "8081"), { options: { redact: "" }, positionals: ["8081"] });
  assert.deepEqual(read("--no-redact").options, { redact: undefined });
});

Deno.test("an empty value is not the option alone, which would mean everything", () => {
  for (const [option, value] of [["intercept", "HOSTS"], ["insecure", "HOSTS"], ["redact", "NAMES"]]) {
    assert.throws(() => read(`--${option}=`), {
      name: "UsageError",
      message: `cannot read --${option}: found nothing after =, wanted ${value}, or --${option} alone`,
    });
  }
});

Deno.test("--no-intercept and --no-proxy are options of their own, no negations", () => {
  assert.deepEqual(read("--no-intercept", "bank.test", "--intercept").options, {
    "no-intercept": "bank.test",
    intercept: "",
  });
  assert.deepEqual(read("--no-proxy=localhost,10.0.0.0/8").options, { "no-proxy": "localhost,10.0.0.0/8" });
  refused(
    ["--no-intercept"],
    "cannot read --no-intercept: found nothing after it, wanted --no-intercept HOSTS",
  );
  refused(
    ["--no-intercept", "--via"],
    'cannot read --no-intercept: found the option "--via" after it, wanted --no-intercept HOSTS',
  );
  refused(["--no-no-proxy"], 'unknown option "--no-no-proxy"; did you mean --no-proxy?');
});

Deno.test("the other switches can be negated, --insecure with hosts among them", () => {
  assert.deepEqual(read("--insecure=a.test", "--no-insecure").options, { insecure: undefined });
  assert.deepEqual(read("--tls", "--no-tls", "--via", "--no-via").options, { tls: false, via: false });
  refused(["--no-rate"], 'unknown option "--no-rate"; did you mean --rate?');
});

Deno.test("faults and lists of hosts add up, other texts of a link do not", () => {
  assert.deepEqual(read("--fault", "reset@10%", "--fault=refuse").options, { fault: "reset@10%,refuse" });
  assert.deepEqual(read("--intercept=a", "--intercept=b,c").options, { intercept: "a,b,c" });
  assert.deepEqual(read("--insecure", "--insecure=a").options, { insecure: "a" });
  assert.deepEqual(read("--no-proxy", "a", "--no-proxy", "b").options, { "no-proxy": "a,b" });
  assert.deepEqual(read("--rate", "1mbit", "--rate", "up:2mbit").options, { rate: "up:2mbit" });
});

Deno.test("a filter may begin with a dash, yet a known option is never swallowed as a value", () => {
  assert.deepEqual(read("--filter", "-path:/health").options, { filter: "-path:/health" });
  refused(
    ["--output", "--pretty"],
    'cannot read --output: found the option "--pretty" after it, wanted --output FILE',
  );
  refused(
    ["--filter", "--format=json"],
    'cannot read --filter: found the option "--format=json" after it, wanted --filter EXPR',
  );
});

Deno.test("an option without its value says what it takes, and a choice its words", () => {
  refused(["-o"], "cannot read -o: found nothing after it, wanted --output FILE");
  refused(
    ["--host"],
    "cannot read --host: found nothing after it, wanted --host WHICH, one of keep, target",
  );
});

Deno.test("a value for a flag is refused", () => {
  refused(["--pretty=yes"], 'cannot read --pretty: found the value "yes", wanted --pretty alone');
  refused(["--no-pretty=yes"], 'cannot read --no-pretty: found the value "yes", wanted --no-pretty alone');
});

Deno.test("an unknown option gets a suggestion, or the place where all are listed", () => {
  refused(["--fromat", "json"], 'unknown option "--fromat"; did you mean --format?');
  refused(["--fromat=json"], 'unknown option "--fromat"; did you mean --format?');
  refused(["--zebra"], 'unknown option "--zebra"; tcpmon help COMMAND lists all');
  refused(["-x"], 'unknown option "-x"; tcpmon help COMMAND lists all');
  refused(["-qx"], 'unknown option "-qx"; tcpmon help COMMAND lists all');
  refused(["-format"], 'unknown option "-format"; did you mean --format?');
  refused(["--no-format"], 'unknown option "--no-format"; did you mean --format?');
  refused(["--no-help"], 'unknown option "--no-help"; did you mean --help?');
  refused(["--no-color"], 'unknown option "--no-color"; did you mean --color?');
  refused(["--__proto__"], 'unknown option "--__proto__"; tcpmon help COMMAND lists all');
});

Deno.test("any arguments at all are read or refused with a UsageError", () => {
  const argument = fc.oneof(
    anyText(),
    fc.constantFrom(
      "--",
      "-",
      "--redact",
      "--no-redact",
      "-o",
      "-q",
      "--filter",
      "--format",
      "json",
      "--max-body=1k",
    ),
  );
  fc.assert(fc.property(fc.array(argument), (args) => {
    try {
      assert(readArguments(args).positionals.length <= args.length);
    } catch (error) {
      assert(error instanceof UsageError);
      // deno-lint-ignore no-control-regex -- none may be in it
      assert.doesNotMatch(error.message, /[\x00-\x1f\x7f-\x9f]/);
    }
  }));
});
