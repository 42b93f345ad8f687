/** Completion scripts: bash's by running it in bash, the others by content, and by their shell where there is one. */
import assert from "node:assert/strict";
import { COMMAND_NAMES, SHELLS } from "../../src/cli/commands.ts";
import { completionScript } from "../../src/cli/completion.ts";
import { OPTIONS, spelling } from "../../src/cli/options.ts";

/** Whether a program is there to be run. */
async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

const hasBash = await isInstalled("bash");

/** What bash offers for words of which the last is being written. */
async function bash(words: readonly string[], cwd?: string): Promise<readonly string[]> {
  const script = `${completionScript("bash")}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_tcpmon
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const command = new Deno.Command("bash", {
    args: ["--norc", "-c", script, "bash", ...words],
    stdout: "piped",
    stderr: "piped",
    cwd,
  });
  const { stdout, stderr, success } = await command.output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert(success);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").sort();
}

Deno.test({
  name: "bash completes commands, and the options of the command at hand",
  ignore: !hasBash,
  fn: async () => {
    assert.deepEqual(await bash(["tcpmon", "re"]), ["relay", "resend"]);
    assert.deepEqual(await bash(["tcpmon", "completion", ""]), ["--help", "--version", ...SHELLS].sort());
    assert.deepEqual(await bash(["tcpmon", "help", "d"]), ["demo", "diff"]);
    assert.deepEqual(await bash(["tcpmon", "demo", "--on"]), ["--once"]);
    assert.deepEqual(await bash(["tcpmon", "relay", "--on"]), []);
    assert.deepEqual(await bash(["tcpmon", "proxy", "8888", "--inte"]), ["--intercept"]);
    assert.deepEqual(await bash(["tcpmon", "8888", "--inte"]), ["--intercept"]);
    assert.deepEqual(await bash(["tcpmon", "relay", "--inte"]), []);
    assert.deepEqual(await bash(["tcpmon", "relay", "--ho"]), ["--host"]);
    assert.deepEqual(await bash(["tcpmon", "proxy", "--ho"]), []);
    assert.deepEqual(await bash(["tcpmon", "ca", "--"]), [
      "--ca-dir",
      "--config",
      "--help",
      "--pem",
      "--version",
    ]);
    assert.deepEqual(await bash(["tcpmon", "8081", "localhost", "80", "--max"]), [
      "--max-body",
      "--max-connections",
    ]);
    assert.deepEqual(await bash(["tcpmon", "--output", "demo", "--o"]), ["--output"]);
  },
});

Deno.test({
  name: "bash completes the choices of an option, after a space and after =",
  ignore: !hasBash,
  fn: async () => {
    assert.deepEqual(await bash(["tcpmon", "relay", "--format", ""]), ["json", "none", "short", "text"]);
    assert.deepEqual(await bash(["tcpmon", "relay", "--format", "=", "j"]), ["json"]);
    assert.deepEqual(await bash(["tcpmon", "relay", "--color", "="]), ["always", "auto", "never"]);
    assert.deepEqual(await bash(["tcpmon", "relay", "--host", "t"]), ["target"]);
    assert.deepEqual(await bash(["tcpmon", "relay", "--link", "3"]), ["3g", "3gslow"]);
    assert.deepEqual(await bash(["tcpmon", "relay", "--upstream-proxy", "=", ""]), ["env"]);
    assert.deepEqual(await bash(["tcpmon", "relay", "--max-body", ""]), []);
    assert.deepEqual(await bash(["tcpmon", "relay", "--redact", "="]), []);
  },
});

Deno.test({
  name: "bash completes files, and folders where one is wanted, names with spaces included",
  ignore: !hasBash,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/a b.json`, "");
      await Deno.writeTextFile(`${folder}/other`, "");
      assert.deepEqual(await bash(["tcpmon", "--config", "a"], folder), ["a b.json"]);
      assert.deepEqual(await bash(["tcpmon", "demo", "-o", ""], folder), ["a b.json", "other"]);
      assert.deepEqual(await bash(["tcpmon", "--output", "=", "o"], folder), ["other"]);
      await Deno.mkdir(`${folder}/our ca`);
      assert.deepEqual(await bash(["tcpmon", "ca", "--ca-dir", ""], folder), ["our ca"]);
      assert.deepEqual(await bash(["tcpmon", "--tls-key", "o"], folder), ["other", "our ca"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("every script knows every command and every option", () => {
  for (const shell of SHELLS) {
    const script = completionScript(shell);
    assert(script.endsWith("\n"));
    for (const name of COMMAND_NAMES) assert.match(script, new RegExp(`\\b${name}\\b`), `${shell} ${name}`);
    for (const option of OPTIONS) {
      const name = spelling(option);
      assert(script.includes(shell === "fish" ? ` -l ${name} ` : `--${name}`), `${shell} ${name}`);
    }
  }
});

Deno.test("zsh offers the choices, files and both spellings of an option", () => {
  const script = completionScript("zsh");
  assert.match(script, /^#compdef tcpmon\n/);
  assert.match(script, /--format='\[[^\]]*\]:FORMAT:\(text short json none\)'/);
  assert.match(script, /'\(-o --output\)'\{-o\+,--output=\}'\[[^\]]*\]:FILE:_files'/);
  assert.match(script, /--redact=-'\[[^\]]*\]::NAMES: '/);
  assert.match(script, /--ca-dir='\[[^\]]*\]:DIR:_files -\/'/);
  assert.match(script, /--link='\[[^\]]*\]:NAME:\(3g 3gslow 4g dsl edge satellite\)'/);
  assert.match(script, /--proxy-auth='\[[^\]]*\]:USER\\:PASSWORD: '/);
  assert.match(script, /'2:completion:\(bash zsh fish pwsh\)'/);
});

Deno.test("fish offers choices and files, and options only where they belong", () => {
  const script = completionScript("fish");
  assert.match(script, /-l format -x -a 'text short json none'/);
  assert.match(script, /-l config -r -F/);
  assert.match(script, /-n '__fish_seen_subcommand_from demo' -l once/);
  assert.match(
    script,
    /-n 'not __fish_seen_subcommand_from diff export view ca completion help' -l output -s o/,
  );
  assert.match(
    script,
    /-n 'not __fish_seen_subcommand_from relay send resend diff export view ca demo completion help' -l intercept /,
  );
  assert.match(script, /-n '__fish_seen_subcommand_from ca' -l pem /);
  assert.match(script, /-l ca-dir -x -a '\(__fish_complete_directories\)'/);
  assert.match(script, /-l link -x -a '3g 3gslow/);
  assert.match(script, /-n '__fish_seen_subcommand_from completion' -a 'bash zsh fish pwsh'/);
});

Deno.test("PowerShell offers choices, the options of each command, and leaves files to the shell", () => {
  const script = completionScript("pwsh");
  assert.match(script, /Register-ArgumentCompleter -Native -CommandName tcpmon/);
  assert.match(script, /'--format' = @\('text', 'short', 'json', 'none'\)/);
  assert.match(script, /'completion' = @\('bash', 'zsh', 'fish', 'pwsh', '--help', '--version'\)/);
  assert.match(
    script,
    /-cin '-o', '--output', .*'--ca-dir', '--store', '--record', '--config'\) \{ return \}/,
  );
});

for (const shell of ["zsh", "fish"]) {
  Deno.test({
    name: `${shell} itself finds no fault in its script`,
    ignore: !await isInstalled(shell),
    fn: async () => {
      const command = new Deno.Command(shell, {
        args: ["-n"],
        stdin: "piped",
        stdout: "null",
        stderr: "piped",
      });
      const child = command.spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(completionScript(shell === "zsh" ? "zsh" : "fish")));
      await writer.close();
      const { success, stderr } = await child.output();
      assert.equal(new TextDecoder().decode(stderr), "");
      assert(success);
    },
  });
}
