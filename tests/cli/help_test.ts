/** Help: that it fits the screen, and that it and the tables say the same. */
import assert from "node:assert/strict";
import { parseFilter } from "../../src/capture/filter/filter.ts";
import { parseCommand } from "../../src/cli/command.ts";
import { COMMANDS, LISTENING, TOOLS } from "../../src/cli/commands.ts";
import { readConfigFile } from "../../src/cli/config_file.ts";
import { commandHelp, overview } from "../../src/cli/help.ts";
import {
  briefly,
  OPTIONS,
  optionsOf,
  shownOptionsOf,
  spelling,
  UNIQUE_OPTIONS,
  written,
} from "../../src/cli/options.ts";

Deno.test("the overview fits one screen of 80 columns and 45 lines", () => {
  const lines = overview().split("\n");
  assert.equal(lines.at(-1), "");
  assert(lines.length - 1 <= 45, `${lines.length - 1} lines`);
  for (const line of lines) assert(line.length <= 80, line);
});

Deno.test("the overview has every command, the most used options and four examples", () => {
  const text = overview();
  for (const { name, usage, summary } of COMMANDS) {
    assert(text.includes(`  ${name}`) && text.includes(summary), name);
    const isShown = LISTENING.includes(name) || TOOLS.includes(name) || name === "view";
    for (const line of usage) assert.equal(text.includes(`  tcpmon ${line}\n`), isShown, line);
  }
  const options = text.slice(text.indexOf("Options"));
  for (const option of UNIQUE_OPTIONS) {
    assert.equal(
      /[ \n]/.test(options.split(written(option))[1]?.[0] ?? ""),
      option.common === true,
      option.name,
    );
  }
  assert.equal(text.slice(text.indexOf("Examples:")).match(/^ {2}tcpmon /gm)?.length, 4);
});

Deno.test("the help of a command has its options and no others, with defaults, choices and examples", () => {
  for (const { name, examples } of COMMANDS) {
    const text = commandHelp(name);
    const flat = text.replace(/\s+/g, " ");
    for (const line of text.split("\n")) assert(line.length <= 80, line);
    const shown = new Set(shownOptionsOf(name).map(spelling));
    for (const option of OPTIONS) {
      const isOther = shown.has(spelling(option)) && !shownOptionsOf(name).includes(option);
      if (isOther) continue;
      const belongs = shownOptionsOf(name).includes(option);
      assert.equal(
        new RegExp(`^ +(-\\w, )?--${spelling(option)}\\b(?!-)`, "m").test(text),
        belongs,
        option.name,
      );
      if (!belongs) continue;
      assert(flat.includes(option.help), option.name);
      if (option.default !== undefined) assert(flat.includes(`(default: ${option.default})`), option.name);
      if (option.kind === "choice") assert(flat.includes(`(${option.choices.join(", ")})`), option.name);
    }
    for (const [line] of examples) assert(text.includes(`  ${line}\n`), line);
  }
});

Deno.test("every filter that help shows can be read", () => {
  const text = commandHelp("relay");
  const lines = text.slice(text.indexOf("Filters:\n")).split("\n").slice(1, 4);
  const terms = lines.flatMap((line) => line.trim().split(/\s+/));
  assert.equal(terms.length, 13);
  for (const term of [...terms, terms.join(" ")]) assert.doesNotThrow(() => parseFilter(term), term);
});

Deno.test("the config file that help shows reads without a complaint", () => {
  const text = commandHelp("relay");
  const example = text.slice(text.indexOf("A config file:") + "A config file:".length);
  const { options, relays, proxies } = readConfigFile("example", example);
  assert.equal(options.size, 2);
  assert.equal(relays.length, 3);
  assert.equal(proxies.length, 1);
});

Deno.test("every example that starts something is a command line that reads", async () => {
  const config = '{ "relays": [{ "listen": 1, "target": "a:1" }] }';
  for (const { name, examples } of COMMANDS) {
    for (const [line] of examples) {
      const args = [...line.replace(/^source <\(|\)$| [|>] .*$/g, "").matchAll(/"([^"]*)"|(\S+)/g)]
        .map(([, quoted, bare]) => quoted ?? bare);
      assert.equal(args.shift(), "tcpmon", line);
      const { kind } = await parseCommand({ args, env: () => undefined, readTextFile: () => config });
      assert.equal(kind, name === "proxy" ? "relay" : name, line);
    }
  }
});

Deno.test("help of relay leaves out what only proxies can use, help of proxy what only relays can", () => {
  const only = (name: "relay" | "proxy") =>
    optionsOf(name).filter((option) => !shownOptionsOf(name).includes(option)).map((option) => option.name);
  assert.deepEqual(only("relay"), ["intercept", "no-intercept", "proxy-auth", "via"]);
  assert.deepEqual(only("proxy"), ["host"]);
});

Deno.test("the first clause of every option's help can stand alone", () => {
  for (const option of OPTIONS) {
    const text = briefly(option);
    assert.match(text, /^.{8,60}$/, option.name);
    assert.doesNotMatch(text, /[("\s]$/, option.name);
  }
});

Deno.test("of options that are written alike no command takes two", () => {
  for (const { name } of COMMANDS) {
    const spellings = optionsOf(name).map(spelling);
    assert.equal(new Set(spellings).size, spellings.length, name);
  }
});

Deno.test("names, short letters and variables of options are unique", () => {
  assert.equal(new Set(OPTIONS.map(({ name }) => name)).size, OPTIONS.length);
  const letters = UNIQUE_OPTIONS.flatMap(({ short }) => short ?? []);
  assert.equal(new Set(letters).size, letters.length);
});
