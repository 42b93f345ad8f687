/** The config file of listeners: what it says is what the command line's reader makes of it. */
import assert from "node:assert/strict";
import { type Command, parseCommand } from "../../src/cli/command.ts";
import { type CaptureOptions, captureOptions, settle } from "../../src/cli/settings.ts";
import { configText } from "../../src/program/listener_config.ts";
import { readSettings, settingsOfProxy, settingsOfRelay } from "../../src/program/listener_settings.ts";
import type { ListenerSettings } from "../../src/ui/api.ts";

const ORIGIN = { version: "1.2.3", at: Date.UTC(2026, 10, 20, 10, 31, 6) };
const USUAL = captureOptions(settle([]));

type Listening = Command & { readonly kind: "relay" };

async function readCommand(args: readonly string[], text = ""): Promise<Listening> {
  const command = await parseCommand({ args, env: () => undefined, readTextFile: () => text });
  assert.ok(command.kind === "relay");
  return command;
}

function textOf(listeners: readonly ListenerSettings[], options: Partial<CaptureOptions> = {}): string {
  return configText(listeners, { ...USUAL, ...options }, ORIGIN);
}

const settingsOf = ({ relays, proxies }: Listening) => [
  ...relays.map(settingsOfRelay),
  ...proxies.map(settingsOfProxy),
];

Deno.test("a simple file is short, and says where it comes from", () => {
  const text = textOf([{ kind: "proxy", listen: "8888" }, { kind: "relay", listen: "8081", target: "a:1" }]);
  assert.equal(
    text,
    `// tcpmon 1.2.3, 2026-11-20T10:31:06.000Z: tcpmon --config FILE starts these listeners.
{
  "relays": [
    {
      "listen": "8081",
      "target": "a:1"
    }
  ],
  "proxies": [
    "8888"
  ]
}
`,
  );
});

Deno.test("options that concern listeners are in the file where they are not as usual, and are read as they were", async () => {
  const args = [
    ...["--upstream-proxy", "socks5://a:1", "--no-proxy", "b,c", "--intercept=.a", "--via"],
    ...["--no-intercept", "x.a", "--proxy-auth", "@/a", "--ca", "/b", "--insecure", "--client-cert", "/c"],
    ...[
      "--tls",
      "--ca-dir",
      "/d",
      "--connect-timeout",
      "3s",
      "--idle-timeout",
      "1m",
      "--max-connections",
      "9",
    ],
    ...["--drain", "1s", "--link", "3g", "--fault", "reset@10%", "--fault", "refuse@1%", "--seed", "7"],
  ];
  const wanted = await readCommand(["8888", ...args]);
  const text = configText(settingsOf(wanted), wanted.options, ORIGIN);
  const found = await readCommand(["--config", "f"], text);
  assert.deepEqual(found, wanted);
  const files = await readCommand([
    "8888",
    "--tls-cert",
    "/a",
    "--tls-key",
    "/b",
    "--intercept",
    "--insecure=a,b",
  ]);
  const again = await readCommand(["--config", "f"], configText(settingsOf(files), files.options, ORIGIN));
  assert.deepEqual(again, files);
  const kept = await readCommand(["8081", "a", "80", "--host", "keep"]);
  assert.deepEqual(
    await readCommand(["--config", "f"], configText(settingsOf(kept), kept.options, ORIGIN)),
    kept,
  );
});

Deno.test("what listeners have of their own is read as it was, also that they have none", async () => {
  const listeners: ListenerSettings[] = [
    { kind: "relay", listen: "0", target: "http://a:80", host: "keep", link: {} },
    {
      kind: "relay",
      listen: "0",
      target: "https://a:443",
      insecure: true,
      link: { rate: "1mbit", seed: "7" },
    },
    { kind: "relay", listen: "0", target: "b:1", upstreamProxy: "", noProxy: "x" },
    { kind: "proxy", listen: "0", upstreamProxy: "env", noProxy: "" },
    { kind: "proxy", listen: "0", link: { bytesPerPause: "1", delay: "1s", fault: "a" } },
  ];
  const options = { ...USUAL, link: { latency: "5ms" }, upstreamProxy: "http://p" };
  const found = await readCommand(["--config", "f"], configText(listeners, options, ORIGIN));
  assert.deepEqual(found.options.link, USUAL.link);
  assert.deepEqual(
    settingsOf(found),
    listeners.map(({ link = { latency: "5ms" }, ...rest }) => ({
      ...rest,
      ...Object.keys(link).length > 0 && { link },
    })),
  );
});

Deno.test("passwords are left out, and that is said", async () => {
  const listeners: ListenerSettings[] = [
    { kind: "proxy", listen: "0", upstreamProxy: "http://duke:s3cret@p:1" },
  ];
  const text = textOf(listeners, { proxyAuth: "duke:s3cret", upstreamProxy: "socks5://duke:s3cret@q:1" });
  assert.doesNotMatch(text, /s3cret/);
  assert.match(text, /^\/\/ The password of upstream-proxy is left out: .*\n\/\/ proxy-auth is left out, /m);
  const { proxies: [{ upstreamProxy }], options } = await readCommand(["--config", "f"], text);
  assert.deepEqual([upstreamProxy, options.upstreamProxy], ["http://duke@p:1", "socks5://duke@q:1"]);
  assert.doesNotMatch(textOf(listeners.slice(1)), /left out/);
});

Deno.test("texts of the page cannot break out of the file", async () => {
  const { settings } = readSettings({
    kind: "relay",
    listen: "0",
    target: "a:1",
    noProxy: "a,*\n\u2028b\t",
  }, { options: {} });
  const { relays: [{ noProxy }] } = await readCommand(["--config", "f"], textOf([settings]));
  assert.equal(noProxy, settings.noProxy);
});
