/** What is said of bad input: one clear line, or two, and no stack trace. Exit 2, and 1 for what only shows at run time. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { runProgram, type StartOptions } from "./program.ts";

/** How many programs are started at once. */
const AT_ONCE = 4;

/** Runs the program with each arguments, and compares exit code and stderr. */
async function refuses(
  cases: readonly (readonly [
    args: readonly string[],
    code: number,
    said: string | RegExp,
    env?: StartOptions["env"],
  ])[],
): Promise<void> {
  const waiting = [...cases];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [args, code, said, env] = next;
      const result = await runProgram(args, { env });
      const about = `tcpmon ${args.join(" ")}\n${result.stderr}`;
      assert.equal(result.code, code, about);
      assert.equal(result.stdout, "", about);
      assert.doesNotMatch(result.stderr, /\bat .*:\d+:\d+\)?$|Uncaught|\.ts:/m, about);
      if (typeof said === "string") assert.equal(result.stderr, `tcpmon: ${said}`);
      else assert.match(result.stderr, said);
      assert.ok(result.stderr.split("\n").length <= 3, about);
    }
  }));
}

Deno.test("unknown options and commands are named, with the nearest that there is", () =>
  refuses([
    [["--bogus"], 2, 'unknown option "--bogus"; tcpmon help COMMAND lists all'],
    [["--fromat", "json", "1", "h", "2"], 2, 'unknown option "--fromat"; did you mean --format?'],
    [["rely", "1=h:2"], 2, 'unknown command "rely"; did you mean relay?'],
    [["frobnicate"], 2, 'unknown command "frobnicate"; see tcpmon --help'],
    [["help", "frobnicate"], 2, 'unknown command "frobnicate"; see tcpmon --help'],
    [["proxi", "8080"], 2, 'unknown command "proxi"; did you mean proxy?'],
    [["demo", "--host=keep"], 2, "--host is no option of demo, only of relay, proxy and resend"],
    [["ca", "--hex"], 2, "--hex is no option of ca, only of relay, proxy, demo, send and resend"],
    [["demo", "--max-conections=3"], 2, 'unknown option "--max-conections"; did you mean --max-connections?'],
    [["relay", "--once", "0=h:1"], 2, "--once is no option of relay, only of demo"],
  ]));

Deno.test("missing and superfluous arguments are named, with what was wanted", () =>
  refuses([
    [
      [],
      2,
      /^tcpmon: found no relay and no proxy, wanted LISTEN HOST PORT, .*see tcpmon --help$/,
    ],
    [
      ["relay"],
      2,
      /^tcpmon: found no relay, wanted LISTEN HOST PORT, or relay LISTEN=TARGET\.\.\., .*see tcpmon --help$/,
    ],
    [
      ["proxy"],
      2,
      /^tcpmon: found no proxy, wanted proxy LISTEN\.\.\., such as proxy 8888, .*see tcpmon --help$/,
    ],
    [["proxy", "8888=localhost:80"], 2, /found a target, wanted LISTEN alone; relays follow "relay"/],
    [["ca", "all"], 2, /^tcpmon: found one argument too many, "all", wanted tcpmon ca/],
    [["8081", "localhost"], 2, /^tcpmon: found no PORT after "localhost", wanted LISTEN HOST PORT/],
    [["8081", "localhost", "80", "90"], 2, /^tcpmon: found one argument too many, "90"/],
    [["relay", "8081", "localhost", "80"], 2, /stands without "relay": tcpmon 8081 localhost 8080$/],
    [["relay", "8081"], 2, /found no "=", wanted LISTEN=TARGET/],
    [["relay", "0=h:1", "--max-body"], 2, /^tcpmon: cannot read --max-body: found nothing after it/],
    [["completion"], 2, /wanted one of bash, zsh, fish, pwsh$/],
    [["completion", "tcsh"], 2, /found "tcsh", wanted one of bash/],
  ]));

Deno.test("addresses that cannot be read are shown, with the forms that can", () =>
  refuses([
    [
      ["99999", "localhost", "80"],
      2,
      'cannot read LISTEN: found port "99999", wanted a number from 0 to 65535',
    ],
    [["8081", "ho st", "80"], 2, /^tcpmon: cannot read HOST PORT: found host "ho st"/],
    [["8081", "localhost", "0"], 2, /found port "0", wanted a number from 1 to 65535$/],
    [
      ["relay", "x=h:1"],
      2,
      /^tcpmon: cannot read LISTEN of relay "x=h:1": found "x", wanted PORT, HOST:PORT/,
    ],
    [["relay", "8081=host"], 2, /found no port in "host", wanted HOST:PORT, such as host:8080$/],
    [["relay", "8081=ftp://h"], 2, /^tcpmon: cannot read TARGET of relay .* wanted HOST:PORT/],
    [["relay", "8081=https://h/api"], 2, /found a path in .* wanted https:\/\/HOST\[:PORT\] alone/],
    [["relay", "8081=https://joe:hunter2@h"], 2, /found a user name in "https:\/\/…@h", wanted https:/],
    [
      ["relay", "8081=tls://h"],
      2,
      /found no port in "tls:\/\/h", wanted tls:\/\/HOST:PORT, such as tls:\/\/h:443$/,
    ],
    [["70000"], 2, 'cannot read LISTEN: found port "70000", wanted a number from 0 to 65535'],
    [
      ["proxy", "localhost"],
      2,
      /^tcpmon: cannot read LISTEN of proxy "localhost": found "localhost", wanted PORT/,
    ],
    [["proxy", "81", "127.0.0.1:81"], 2, /^tcpmon: two proxies listen at "127\.0\.0\.1:81"/],
    [["relay", "::1:80=h:1"], 2, /in brackets, such as \[::1\]:8080/],
    [["relay", "81=a:1", "81=b:2"], 2, /^tcpmon: two relays listen at "127\.0\.0\.1:81"/],
    [["relay", "8081=\x1b[31m:1"], 2, /found host "\\u001b\[31m"/],
  ]));

Deno.test("values that cannot be read are shown, with what was wanted", () =>
  refuses([
    [
      ["0", "h", "1", "--max-body", "abc"],
      2,
      /^tcpmon: cannot read --max-body: found "abc", wanted a size such as 64k/,
    ],
    [["0", "h", "1", "--format=yaml"], 2, /found "yaml", wanted one of text, short, json, none$/],
    [
      ["0", "h", "1", "--drain=5"],
      2,
      /^tcpmon: cannot read --drain: found "5", wanted a duration with its unit/,
    ],
    [["0", "h", "1", "--max-connections=0"], 2, /wanted a number of at least 1$/],
    [["0", "h", "1", "--redact=a b"], 2, /^tcpmon: cannot read --redact: "a b" is not a name/],
    [
      ["8888", "--intercept="],
      2,
      /^tcpmon: cannot read --intercept: found nothing after =, wanted HOSTS, or/,
    ],
    [["demo", "--port=70000"], 2, /wanted a number from 0 to 65535$/],
    [["0", "h", "1"], 2, /^tcpmon: cannot read TCPMON_FORMAT: found "xml"/, { TCPMON_FORMAT: "xml" }],
    [["0", "h", "1"], 2, /^tcpmon: cannot read TCPMON_PRETTY: found "maybe"/, { TCPMON_PRETTY: "maybe" }],
  ]));

Deno.test("options that need each other or exclude each other are named", () =>
  refuses([
    [["8888", "--tls", "--tls-cert=a.pem"], 2, /^tcpmon: found both --tls and --tls-cert, wanted --tls for/],
    [["8888", "--tls-key=a.pem"], 2, "found --tls-key without --tls-cert, wanted --tls-cert FILE with it"],
    [
      ["8888", "--client-key=a.pem"],
      2,
      "found --client-key without --client-cert, wanted --client-cert FILE with it",
    ],
    [
      ["8888", "--bytes-per-pause=9"],
      2,
      "found --bytes-per-pause without --delay, wanted --delay TIME with it",
    ],
    [
      ["demo", "--delay=1s"],
      2,
      /^tcpmon: found --delay without --bytes-per-pause, wanted --bytes-per-pause N/,
    ],
    [
      ["8888", "--no-intercept=a"],
      2,
      /^tcpmon: found --no-intercept without --intercept, wanted --intercept\[=HOSTS\]/,
    ],
    [
      ["8888", "--seed=1"],
      2,
      "found --seed without a simulated link, wanted one with it, such as --fault status=503@20%",
    ],
    [
      ["8888", "--no-proxy=a"],
      2,
      /^tcpmon: found --no-proxy without --upstream-proxy, wanted --upstream-proxy URL/,
    ],
  ]));

Deno.test("options with nothing to act on are named, with what would be right", () =>
  refuses([
    [
      ["relay", "0=h:1", "--intercept"],
      2,
      /^tcpmon: --intercept is for proxies: found none, wanted proxy LISTEN/,
    ],
    [["0", "h", "1", "--proxy-auth=a:b"], 2, /^tcpmon: --proxy-auth is for proxies: found none/],
    [["8888", "--host=keep"], 2, /^tcpmon: --host is for relays: found none, wanted LISTEN HOST PORT/],
    [
      ["0", "h", "443", "--insecure"],
      2,
      /^tcpmon: --insecure is for targets with TLS: found none, wanted https:/,
    ],
  ]));

Deno.test("credentials that cannot be read are not repeated", () =>
  refuses([
    [
      ["8888", "--proxy-auth=hunter2"],
      2,
      "cannot read --proxy-auth: found no colon in it, wanted USER:PASSWORD or @FILE",
    ],
    [["8888"], 2, /^tcpmon: cannot read TCPMON_PROXY_AUTH: found no user before the colon/, {
      TCPMON_PROXY_AUTH: ":hunter2",
    }],
  ]));

Deno.test("a filter that cannot be read is shown with a mark under the place", () =>
  refuses([
    [
      ["0", "h", "1", "--filter", "status:5xx (method:POST"],
      2,
      `cannot read --filter: this "(" is never closed: add a ")"
        status:5xx (method:POST
                   ^`,
    ],
    [
      ["0", "h", "1", "--filter", "stauts:500"],
      2,
      `cannot read --filter: unknown key "stauts": did you mean "status"?
        stauts:500
        ^^^^^^`,
    ],
    [["0", "h", "1"], 2, /^tcpmon: cannot read TCPMON_FILTER: .*\n .*a:\n +\^/, { TCPMON_FILTER: "a:" }],
  ]));

Deno.test("a config file that cannot be used is refused with file, line and column", () =>
  inDirectory(async (directory) => {
    const file = async (text: string) => {
      const path = await Deno.makeTempFile({ dir: directory, suffix: ".json" });
      await Deno.writeTextFile(path, text);
      return path;
    };
    const relays = '"relays": [{ "listen": 0, "target": "h:1" }]';
    const cases: [text: string, said: RegExp][] = [
      [`{\n  "format": "json"\n  ${relays}\n}`, /:3:3: comma expected/],
      [
        `{\n  // fine\n  "fromat": "json",\n  ${relays}\n}`,
        /:3:3: unknown key "fromat"; did you mean format\?$/,
      ],
      [`{ "pretty": "yes",\n ${relays} }`, /pretty at \S+:1:13: found "yes", wanted true or false$/],
      [`{ "max-body": "abc", ${relays} }`, /max-body at \S+:1:15: found "abc", wanted a size/],
      [`{ "relays": [{ "listen": "8081" }] }`, /relays at \S+:1:14: found no "target"/],
      [
        `{ "relays": [{ "listen": "8081", "target": "nope" }] }`,
        /target at \S+:1:44: found no port in "nope"/,
      ],
      [`{ "proxies": ["8888=h:1"], ${relays} }`, /proxies at \S+:1:15: found host "8888=h"/],
      [
        `{ "relays": [{ "listen": 0, "target": "h:1", "insecure": true }] }`,
        /insecure at \S+:1:58: found a target without TLS, wanted https:\/\/ or tls:\/\/ there$/,
      ],
      [`[]`, /:1:1: found \[ … \], wanted \{ … \}$/],
      [``, /found an empty file|value expected/],
    ];
    await refuses(
      await Promise.all(
        cases.map(async ([text, said]) => [["relay", "--config", await file(text)], 2, said] as const),
      ),
    );
    const both = await file(`{ ${relays}, "proxies": [0] }`);
    await refuses([
      [
        ["demo", "--config", both],
        2,
        /^tcpmon: demo has a relay of its own: found others in the file of --config/,
      ],
      [["demo"], 2, /found others in the file of TCPMON_CONFIG/, { TCPMON_CONFIG: both }],
      [["proxy", "--config", await file(`{ ${relays} }`)], 2, /^tcpmon: found no proxy, wanted proxy LISTEN/],
      [["--config", `${directory}/none.json`], 2, /found ".*none\.json", no such file, wanted a JSON file$/],
      [["--config", directory], 2, /it is a directory, wanted a JSON file$/],
      [
        ["--config", "/dev/fd/9"],
        2,
        /tcpmon has no access to what is in \/dev and \/proc, wanted a JSON file$/,
      ],
    ]);
  }));

Deno.test("a CA that cannot be had is bad configuration, and no business of the runtime", () =>
  refuses([
    [["ca"], 2, /^tcpmon: cannot tell where to keep the CA: HOME is not set; .*--ca-dir$/, {
      HOME: "",
      XDG_DATA_HOME: "",
    }],
    [
      ["ca", "--ca-dir", "/proc/x"],
      2,
      "cannot use the CA folder /proc/x: tcpmon has no access to it; make it readable and writable, or name another " +
      "with --ca-dir",
    ],
    [["8888", "--tls", "--ca-dir", "/dev/null"], 2, /^tcpmon: cannot use the CA folder \/dev\/null: /],
  ]));

Deno.test("what only shows at run time is one line and exit 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await refuses([
    [
      ["relay", `${taken.addr.port}=127.0.0.1:9`],
      1,
      `cannot listen on 127.0.0.1:${taken.addr.port}: address already in use`,
    ],
    [["demo", "--port", `${taken.addr.port}`], 1, /^tcpmon: cannot listen on .*: address already in use$/],
    [["0", "nosuch.invalid", "80"], 1, "cannot relay to nosuch.invalid:80: host name does not resolve"],
    [["relay", "192.0.2.1:0=127.0.0.1:9"], 1, /address not available on this machine$/],
    [
      ["relay", "unix:/none/a.sock=127.0.0.1:9"],
      1,
      /^tcpmon: cannot listen on unix:\/none\/a\.sock: no such file/,
    ],
    [
      ["relay", "0=127.0.0.1:9", "-o", "/none/a.log"],
      1,
      "cannot open --output /none/a.log: no such file or directory",
    ],
  ]);
});

Deno.test("a listener that cannot be had leaves no other behind, and no socket file", () =>
  inDirectory(async (directory) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { code } = await runProgram([
      ...["relay", `unix:${directory}/a.sock=127.0.0.1:9`, `${taken.addr.port}=127.0.0.1:9`],
    ]);
    assert.equal(code, 1);
    await assert.rejects(Deno.lstat(`${directory}/a.sock`), Deno.errors.NotFound);
  }));
