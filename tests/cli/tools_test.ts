/** What `send`, `resend`, `diff` and `export` are asked to do, and which command lines are refused. */
import assert from "node:assert/strict";
import { type Command, parseCommand } from "../../src/cli/command.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

async function parse<K extends Command["kind"]>(kind: K, ...args: string[]): Promise<Command & { kind: K }> {
  const command = await parseCommand({
    args: [kind, ...args],
    env: (name) => ({ TCPMON_FORMAT: "json", TCPMON_RATE: "nonsense", TCPMON_CONFIG: "/nowhere" })[name],
    readTextFile: () => "",
  });
  assert.equal(command.kind, kind);
  return command as Command & { kind: K };
}

async function refused(line: string, message: string | RegExp): Promise<void> {
  const input = { args: line.split(" "), env: () => undefined, readTextFile: () => "" };
  await assert.rejects(parseCommand(input), (error) => {
    assert.ok(error instanceof UsageError);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

Deno.test("send takes a method before the URL, and items behind it", async () => {
  const { method, url, items } = await parse("send", "PUT", ":8080/x", "a=1", "b:=2", "X-Y:z");
  assert.deepEqual([method, url, items], ["PUT", ":8080/x", ["a=1", "b:=2", "X-Y:z"]]);
  assert.equal((await parse("send", "delete", "localhost:8080/x")).method, "DELETE");
  assert.equal((await parse("send", "X-CUSTOM", "localhost")).method, "X-CUSTOM");
});

Deno.test("send without a method takes the first word as the URL, however it is written", async () => {
  for (const url of ["localhost", "localhost:8080/x", "http://a.test/", ":8080", "example.com", "[::1]:80"]) {
    const command = await parse("send", url, "a=1");
    assert.deepEqual([command.method, command.url, command.items], [undefined, url, ["a=1"]]);
  }
  assert.equal((await parse("send", "GET")).url, "GET");
});

Deno.test("send's options arrive, with their defaults, and shared ones from the environment too", async () => {
  const command = await parse("send", ":1");
  assert.deepEqual(
    [command.follow, command.timeoutMs, command.repeat, command.concurrency, command.ratePerSecond],
    [false, 30_000, 1, 1, undefined],
  );
  assert.equal(command.options.format, "json");
  const given = await parse(
    "send",
    ...":1 -H A:b --header=C:d,e -d @f --xml --via 8081 --rate 50 --timeout 2s --expect $.a --expect //b"
      .split(" "),
  );
  assert.deepEqual(given.headers, ["A:b", "C:d,e"]);
  assert.deepEqual([given.data, given.mode, given.via, given.ratePerSecond], ["@f", "xml", "8081", 50]);
  assert.deepEqual([given.timeoutMs, given.expect], [2000, ["$.a", "//b"]]);
});

Deno.test("--via and --rate are those of the command at hand", async () => {
  const relay = await parseCommand({
    args: ["relay", "1=a:1", "--rate", "1mbit"],
    env: () => undefined,
    readTextFile: () => "",
  });
  assert.ok(relay.kind === "relay");
  assert.equal(relay.options.link.rate, "1mbit");
  await refused("send :1 --rate 1mbit", 'cannot read --rate: found "1mbit", wanted a number of at least 1');
  const proxy = await parseCommand({
    args: ["proxy", "1", "--via"],
    env: () => undefined,
    readTextFile: () => "",
  });
  assert.ok(proxy.kind === "relay" && proxy.options.via);
});

Deno.test("--soap-action alone means SOAP 1.1", async () => {
  assert.equal((await parse("send", ":1", "--soap-action", "urn:x")).soap, "1.1");
  assert.equal((await parse("send", ":1", "--soap-action", "urn:x", "--soap", "1.2")).soap, "1.2");
  assert.equal((await parse("send", ":1", "--soap", "1.2", "--xml")).mode, "xml");
});

Deno.test("what send cannot mean is refused", async () => {
  await refused("send", /^found no URL, wanted tcpmon send \[METHOD\] URL/);
  await refused("send :1 --json --form", "found both --json and --form, wanted one of them");
  await refused("send :1 --offline --curl", "found both --offline and --curl, wanted one of them");
  await refused("send :1 --soap 1.1 --json", "found both --soap and --json, wanted one of them");
  await refused("send :1 a=1 --soap 1.1", 'found --soap and the item "a=1", wanted the body by --data');
  await refused("send :1 --soap 2", 'cannot read --soap: found "2", wanted one of 1.1, 1.2');
  await refused("send :1 --to a:1", "--to is no option of send, only of resend");
  await refused("send :1 --link 3g", /^--link is no option of send/);
});

Deno.test("resend takes a file, ids and what to do with them", async () => {
  const command = await parse(
    "resend",
    ..."a.log 17 20-30 @4 --to b:1 --speed 2.5 --set json:$.a=1 --set header:X=y --diff --ignore Date".split(
      " ",
    ),
  );
  assert.deepEqual([command.file, command.ids, command.to], ["a.log", ["17", "20-30", "@4"], "b:1"]);
  assert.deepEqual([command.speed, command.edits], [2.5, ["json:$.a=1", "header:X=y"]]);
  assert.deepEqual([command.diff, command.ignore, command.concurrency], [true, ["Date"], 1]);
  assert.equal((await parse("resend", "-", "--speed", "max")).speed, Infinity);
});

Deno.test("what resend cannot mean is refused", async () => {
  await refused("resend", "found no FILE, wanted tcpmon resend FILE [ID...]; - is stdin");
  for (const speed of ["0", "-1", "fast", "1e3", "0.0"]) {
    await refused(`resend a --speed ${speed}`, /^cannot read --speed: found .*, wanted a factor such as 1/);
  }
  await refused("resend a --ignore Date", "found --ignore without --diff, wanted --diff with it");
  await refused(
    "resend a --keep-connections --concurrency 2",
    "found both --keep-connections and --concurrency, wanted one of them",
  );
});

Deno.test("diff takes two exchanges of one file or of two", async () => {
  const { before, after, format } = await parse("diff", "a.log", "1", "2");
  assert.deepEqual([before, after, format], [{ file: "a.log", id: "1" }, { file: "a.log", id: "2" }, "text"]);
  const two = await parse("diff", "a.log", "1", "b.log", "2", "--format", "json");
  assert.deepEqual([two.after, two.format], [{ file: "b.log", id: "2" }, "json"]);
  await refused("diff", "found no FILE, wanted tcpmon diff FILE ID [FILE] ID; - is stdin");
  await refused("diff a 1", /^found only one ID, wanted two/);
  await refused("diff a 1 b 2 3", /^found one argument too many, "3"/);
  await refused("diff - 1 - 2", /^found - twice/);
  await refused("diff a 1 2 --format short", 'cannot read --format: found "short", wanted one of text, json');
});

Deno.test("export takes a file, a format and where to", async () => {
  const command = await parse("export", "a.log", "--as", "har", "-o", "b.har", "--filter", "status:5xx", "7");
  assert.deepEqual([command.file, command.ids, command.as, command.output], ["a.log", ["7"], "har", "b.har"]);
  assert.equal(command.options.filter, "status:5xx");
  assert.equal((await parse("export", "a.log")).as, "json");
  assert.equal((await parse("export", "a.log", "-o", "-")).output, undefined);
  await refused("export a --as raw", /^found --as raw without a folder, wanted --output DIR/);
  await refused("export a --as pdf", /^cannot read --as: found "pdf", wanted one of har, curl/);
});

Deno.test("what the system calls stdin and stdout is what - is", async () => {
  for (const stdin of ["-", "/dev/stdin", "/dev/fd/0"]) {
    assert.equal((await parse("export", stdin, "--as", "har")).file, "-");
    assert.equal((await parse("resend", stdin)).file, "-");
    assert.deepEqual((await parse("view", stdin)).files, ["-"]);
    assert.equal((await parse("diff", stdin, "1", "2")).before.file, "-");
    assert.equal((await parse("send", ":1", "-d", stdin)).data, "-");
    assert.equal((await parse("send", ":1", "-d", `@${stdin}`)).data, "-");
  }
  await refused("diff /dev/stdin 1 - 2", "found - twice, wanted stdin once: it can be read only once");
  assert.equal((await parse("export", "f", "--as", "har", "-o", "/dev/stdout")).output, undefined);
  await refused("export f --as raw -o /dev/stdout", /^found --as raw without a folder/);
});
