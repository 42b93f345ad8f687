/** Options that need each other, exclude each other, or need something to act on. */
import assert from "node:assert/strict";
import { type Command, parseCommand } from "../../src/cli/command.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  /** The config file `f`. */
  readonly file?: string;
}

function parse(line: string, { env = {}, file = "{}" }: World = {}): Promise<Command> {
  return parseCommand({
    args: line.split(" "),
    env: (name) => env[name],
    readTextFile: () => file,
  });
}

async function options(line: string, world?: World) {
  const command = await parse(line, world);
  assert(command.kind === "relay");
  return command.options;
}

async function refused(line: string, message: string, world?: World): Promise<void> {
  await assert.rejects(parse(line, world), new UsageError(message), line);
}

Deno.test("half a pair is refused, wherever it comes from", async () => {
  await refused("8888 --tls-key k", "found --tls-key without --tls-cert, wanted --tls-cert FILE with it");
  await refused(
    "8888 --client-key k",
    "found --client-key without --client-cert, wanted --client-cert FILE with it",
  );
  await refused(
    "8888 --bytes-per-pause 9",
    "found --bytes-per-pause without --delay, wanted --delay TIME with it",
  );
  await refused(
    "demo --delay 1s",
    "found --delay without --bytes-per-pause, wanted --bytes-per-pause N with it",
  );
  await refused("8888", "found TCPMON_TLS_KEY without --tls-cert, wanted --tls-cert FILE with it", {
    env: { TCPMON_TLS_KEY: "k" },
  });
  await refused(
    "8888 --config f",
    "found delay at f:1:12 without --bytes-per-pause, wanted --bytes-per-pause N with it",
    {
      file: '{ "delay": "1s" }',
    },
  );
});

Deno.test("the halves of a pair may come from different sources", async () => {
  const { listenTls, link } = await options("8888 --config f --delay 1s", {
    env: { TCPMON_TLS_KEY: "k" },
    file: '{ "tls-cert": "c", "bytes-per-pause": 1000 }',
  });
  assert.deepEqual(listenTls, { kind: "files", certFile: "c", keyFile: "k" });
  assert.deepEqual([link.bytesPerPause, link.delay], ["1000", "1s"]);
});

Deno.test("an exception without its rule is refused as an argument, and kept ready elsewhere", async () => {
  await refused(
    "8888 --no-intercept a",
    "found --no-intercept without --intercept, wanted --intercept[=HOSTS] with it",
  );
  await refused(
    "1 a 1 --no-proxy a",
    "found --no-proxy without --upstream-proxy, wanted --upstream-proxy URL with it",
  );
  const seedAlone =
    "found --seed without a simulated link, wanted one with it, such as --fault status=503@20%";
  await refused("1 a 1 --seed 7", seedAlone);
  const proxies = (own: string) => `{ "proxies": [{ "listen": 1${own} }] }`;
  await refused("--config f --seed 7", seedAlone, { file: proxies("") });
  assert.equal((await options("--config f --seed 7", { file: proxies(', "fault": "reset"') })).link.seed, 7);
  assert.equal((await options("1 a 1", { env: { TCPMON_SEED: "7" } })).link.seed, 7);
  const world = { env: { TCPMON_NO_PROXY: "a" }, file: '{ "no-intercept": "b" }' };
  const ready = await options("8888 --config f", world);
  assert.deepEqual([ready.noProxy, ready.noIntercept, ready.intercept], ["a", "b", undefined]);
  assert.equal((await options("8888 --no-intercept a", { env: { TCPMON_INTERCEPT: "1" } })).intercept, "");
  await refused(
    "8888 --no-intercept a --no-insecure",
    "found --no-intercept without --intercept, wanted --intercept[=HOSTS] with it",
    { env: { TCPMON_INTERCEPT: "off" } },
  );
});

Deno.test("two ways of TLS with clients in one source are refused", async () => {
  const wanted = (one: string) => `wanted ${one} for a certificate of our own CA, or --tls-cert FILE`;
  await refused("8888 --tls --tls-cert a", `found both --tls and --tls-cert, ${wanted("--tls")}`);
  await refused("8888 --tls-key a --tls", `found both --tls and --tls-key, ${wanted("--tls")}`);
  await refused("8888", `found both TCPMON_TLS and TCPMON_TLS_CERT, ${wanted("TCPMON_TLS")}`, {
    env: { TCPMON_TLS: "1", TCPMON_TLS_CERT: "a" },
  });
  await refused(
    "8888 --config f",
    `found both tls at f:1:10 and tls-cert at f:1:28, ${wanted("tls at f:1:10")}`,
    {
      file: '{ "tls": true, "tls-cert": "a" }',
    },
  );
});

Deno.test("a way of TLS with clients wins over another one of a lower source", async () => {
  const files = '{ "tls-cert": "a", "tls-key": "b" }';
  const way = async (line: string, world: World) =>
    (await options(`8888 --config f ${line}`.trim(), world)).listenTls;
  assert.deepEqual(await way("--tls", { file: files }), { kind: "authority" });
  assert.deepEqual(await way("--no-tls", { file: files }), undefined);
  assert.deepEqual(await way("", { file: files, env: { TCPMON_TLS: "yes" } }), { kind: "authority" });
  const own = { file: '{ "tls": true }' };
  assert.deepEqual(await way("--tls-cert c", own), { kind: "files", certFile: "c", keyFile: "c" });
  assert.deepEqual(await way("--no-tls", own), undefined);
  assert.deepEqual(await way("", own), { kind: "authority" });
  assert.deepEqual(await way("--no-tls --tls-cert c", own), { kind: "files", certFile: "c", keyFile: "c" });
});

Deno.test("a key goes with the certificate of its own source or a lower one, never with one that replaced that", async () => {
  const file = '{ "tls-cert": "a", "tls-key": "b", "client-cert": "d", "client-key": "e" }';
  const args = await options("8888 --config f --tls-cert c --client-cert g", { file });
  assert.deepEqual(args.listenTls, { kind: "files", certFile: "c", keyFile: "c" });
  assert.deepEqual(args.targetTls.clientKeyFile, "g");
  const key = await options("8888 --config f --tls-key k --client-key l", { file });
  assert.deepEqual(key.listenTls, { kind: "files", certFile: "a", keyFile: "k" });
  assert.deepEqual(key.targetTls.clientKeyFile, "l");
  const env = { TCPMON_TLS_KEY: "k" };
  const lone = await options("8888 --tls-cert c", { env });
  assert.deepEqual(lone.listenTls, { kind: "files", certFile: "c", keyFile: "k" });
  const between = await options("8888 --config f --tls-cert c", { env, file });
  assert.deepEqual(between.listenTls, { kind: "files", certFile: "c", keyFile: "c" });
});

Deno.test("an argument for proxies is refused where there is none, and one for relays likewise", async () => {
  const wanted = 'is for proxies: found none, wanted proxy LISTEN, or "proxies" in --config';
  for (const option of ["--intercept", "--intercept=a", "--no-intercept=a", "--proxy-auth=a:b", "--via"]) {
    await refused(`relay 1=a:1 ${option}`, `${option.split("=")[0]} ${wanted}`);
  }
  await refused("1 a 1 --via", `--via ${wanted}`);
  await refused(
    "8888 --host keep",
    '--host is for relays: found none, wanted LISTEN HOST PORT, relay LISTEN=TARGET, or "relays" in --config',
  );
  const file = '{ "relays": [{ "listen": 1, "target": "a:1" }], "proxies": [2] }';
  assert.equal((await options("relay --config f --intercept=a --host keep", { file })).intercept, "a");
  await refused("1 a 1 --no-via --no-intercept=* --config f", `--no-intercept ${wanted}`, { file });
  assert.equal((await options("1 a 1", { env: { TCPMON_INTERCEPT: "1" } })).intercept, "");
});

Deno.test("an argument for TLS with targets is refused where no target can have any", async () => {
  const wanted =
    "is for targets with TLS: found none, wanted https://HOST[:PORT] or tls://HOST:PORT, such as relay " +
    "8081=https://localhost";
  await refused("8081 localhost 443 --insecure", `--insecure ${wanted}`);
  await refused("relay 1=a:1 2=unix:/a --ca x.pem", `--ca ${wanted}`);
  await refused("relay 1=http://a --client-cert x.pem", `--client-cert ${wanted}`);
  assert.equal((await options("relay 1=a:1 2=https://a --insecure")).targetTls.insecure, "");
  assert.equal((await options("relay 1=tls://a:1 --ca x")).targetTls.caFile, "x");
  assert.equal((await options("8888 --ca x")).targetTls.caFile, "x");
  assert.equal((await options("1 a 1 --ca x --upstream-proxy https://p")).targetTls.caFile, "x");
});
