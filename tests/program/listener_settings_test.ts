/** Settings of listeners: what is read and shown of them, and that what the command line gave is the same as text. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRelay, parseThree } from "../../src/cli/relay_spec.ts";
import { linkPresets } from "../../src/program/link_presets.ts";
import {
  isSameLink,
  isSameWay,
  maskedUrl,
  readSettings,
  settingsOfProxy,
  settingsOfRelay,
  shownSettings,
} from "../../src/program/listener_settings.ts";
import type { LinkSettings, ListenerSettings } from "../../src/ui/api.ts";
import { Refused } from "../../src/ui/requests.ts";
import { anyText } from "../any_text.ts";

const relay = (wish: Partial<ListenerSettings> = {}): ListenerSettings => ({
  kind: "relay",
  listen: "0",
  target: "a:1",
  ...wish,
});
const read = (settings: ListenerSettings, before?: ListenerSettings) =>
  readSettings(settings, { options: {}, before });

function refused(settings: ListenerSettings, field: string, before?: ListenerSettings): string {
  try {
    read(settings, before);
  } catch (error) {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.status, error.field], [400, field]);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return assert.fail(`${JSON.stringify(settings)} was read`);
}

Deno.test("what the command line gave is read as the same from its text", () => {
  const texts = [
    "8081=localhost:8080",
    "0=http://api.test",
    "0.0.0.0:1=https://api.test",
    "[::1]:1=https://[fe80::1%eth0]:8443",
    "127.0.0.2:1=tls://a:1",
    "unix:/a=unix:/b=c",
  ];
  for (const spec of [...texts.map(parseRelay), parseThree("1", "::1", "80"), parseThree("1", "a", "443")]) {
    const settings = settingsOfRelay(spec);
    const { listen, target } = readSettings(settings, { options: {}, isTrusted: true });
    assert.deepEqual({ listen, target }, spec);
  }
  assert.deepEqual(settingsOfRelay(parseRelay("127.0.0.1:8081=http://b")).listen, "8081");
  const way = { link: { link: "3g", seed: 7 }, upstreamProxy: "env", noProxy: "" };
  assert.deepEqual(settingsOfProxy({ listen: { kind: "unix", path: "/a" }, ...way }), {
    kind: "proxy",
    listen: "unix:/a",
    upstreamProxy: "env",
    noProxy: "",
    link: { link: "3g", seed: "7" },
  });
});

Deno.test("Host becomes what the settings say, else the options, else the target", () => {
  const field = (target: string, own?: "keep" | "target", host?: "keep" | "target") =>
    readSettings(relay({ target, ...own && { host: own } }), { options: { host } }).hostField;
  assert.deepEqual([field("http://a"), field("a:1"), field("tls://a:1")], ["a", undefined, undefined]);
  assert.deepEqual([field("a:1", "target"), field("http://a", "keep")], ["a:1", undefined]);
  assert.deepEqual([field("a:1", undefined, "target"), field("a:1", "keep", "target")], ["a:1", undefined]);
});

Deno.test("white space around texts and empty parts of a link count for nothing", () => {
  const link = { rate: " 1mbit ", latency: "", fault: " " } satisfies LinkSettings;
  const { settings, link: rules } = read(relay({ listen: " 8081\t", target: " a:1 ", noProxy: " ", link }));
  assert.deepEqual(settings, relay({ listen: "8081", noProxy: "", link: { rate: "1mbit" } }));
  assert.equal(rules?.up.bitsPerSecond, 1_000_000);
  const plain = read(relay({ link: {} })).link;
  assert.deepEqual([plain?.parts, plain?.up.latencyMs], [[], 0]);
  assert.equal(read(relay()).link, undefined);
});

Deno.test("of TCPMon's pair the missing half is named, of a link the part that cannot be read", () => {
  refused(relay({ link: { bytesPerPause: "1000" } }), "link.delay");
  refused(relay({ link: { delay: "1s", bytesPerPause: " " } }), "link.bytesPerPause");
  assert.equal(
    refused(relay({ link: { rate: "fast\u202e" } }), "link.rate"),
    'cannot read the rate: found "fast\\u202e", wanted a rate such as 1600kbit, 1mbit or 200kB ' +
      "(bit: bits, B: bytes, a second, k is 1000)",
  );
  refused(relay({ link: { seed: "99999999999999999999" } }), "link.seed");
});

Deno.test("sockets are named by the command line alone, but stay where nothing is changed about them", () => {
  const unix = relay({ listen: "unix:/a", target: "unix:/b" });
  refused(unix, "listen");
  refused(relay({ target: "unix:/b" }), "target");
  assert.equal(read({ ...unix, host: "keep" }, unix).listen.kind, "unix");
  refused({ ...unix, target: "unix:/c" }, "target", unix);
  refused(relay({ target: "unix:/a" }), "target", unix);
});

Deno.test("a password is masked, whatever stands around it, and taken back for the same proxy only", () => {
  const cases = [
    ["http://u:p@h:1", "http://u:***@h:1"],
    ["http://u@h:1", "http://u@h:1"],
    ["u:p@h:1", "u:***@h:1"],
    ["h:1", "h:1"],
    ["socks5://u:p@x@[::1]:1", "socks5://u:***@[::1]:1"],
    ["http://us@er:p:q@h", "http://us@er:***@h"],
    ["http://h:1", "http://h:1"],
    ["http://:p@h", "http://:***@h"],
    ["env", "env"],
    ["", ""],
  ];
  for (const [url, shown] of cases) assert.equal(maskedUrl(url), shown);
  assert.equal(maskedUrl("http://u:p@h", ""), "http://u@h");
  const before = relay({ upstreamProxy: "http://u:p@h:1" });
  const shown = shownSettings(before);
  assert.equal(shown.upstreamProxy, "http://u:***@h:1");
  assert.equal(read(shown, before).settings.upstreamProxy, "http://u:p@h:1");
  assert.equal(
    read({ ...shown, upstreamProxy: "http://u:q@h:1" }, before).settings.upstreamProxy,
    "http://u:q@h:1",
  );
  for (const other of ["http://u:***@h:2", "http://v:***@h:1", "https://u:***@h:1", "u:***@evil"]) {
    refused({ ...shown, upstreamProxy: other }, "upstreamProxy", before);
  }
  refused(shown, "upstreamProxy");
});

Deno.test("no password comes through the mask", () => {
  const word = fc.string({ minLength: 1, maxLength: 8 }).map((text) => encodeURIComponent(text));
  const url = fc.tuple(
    fc.constantFrom("http://", "https://", "socks5://", ""),
    word,
    word,
    fc.constantFrom("h", "[::1]:1"),
  );
  fc.assert(fc.property(url, ([scheme, user, password, host]) => {
    assert.equal(maskedUrl(`${scheme}${user}:${password}@${host}`), `${scheme}${user}:***@${host}`);
  }));
});

Deno.test("changes of the link are told from those of the way", () => {
  const one = read(relay({ link: { rate: "1mbit", jitter: "" } })).settings;
  const same = read(relay({ link: { jitter: " ", rate: "1mbit" }, listen: "9" })).settings;
  assert.deepEqual([isSameLink(one, same), isSameWay(one, same)], [true, true]);
  const none = read(relay({ link: {} })).settings;
  assert.deepEqual([isSameLink(one, none), isSameLink(none, read(relay()).settings)], [false, false]);
  assert.equal(isSameWay(one, read(relay({ host: "keep" })).settings), false);
});

Deno.test("any texts at all are read or refused in one line, with a field", () => {
  const text = fc.oneof(
    anyText({ maxLength: 30 }),
    fc.constantFrom("0", "a:1", "http://a", "env"),
  );
  const link = fc.record({ rate: text, fault: text, seed: text, delay: text }, { requiredKeys: [] });
  const settings = fc.record({ listen: text, target: text, upstreamProxy: text, noProxy: text, link }, {
    requiredKeys: ["listen"],
  });
  fc.assert(fc.property(settings, (wish) => {
    try {
      read({ kind: "relay", ...wish } as ListenerSettings);
    } catch (error) {
      assert.ok(error instanceof Refused, String(error));
      assert.match(error.field!, /^(listen|target|upstreamProxy|noProxy|link\.\w+)$/);
      // deno-lint-ignore no-control-regex -- controls are what it looks for
      assert.doesNotMatch(error.message, /[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
    }
  }));
});

Deno.test("the kinds of link are offered with their figures", () => {
  const presets = new Map(linkPresets().map(({ name, help }) => [name, help]));
  assert.deepEqual([...presets.keys()], ["3g", "3gslow", "edge", "4g", "dsl", "satellite"]);
  assert.equal(presets.get("dsl"), "1.5 Mbit/s down, 384 kbit/s up, 50 ms there and back");
});
