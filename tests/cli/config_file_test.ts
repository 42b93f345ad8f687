/** The config file: what it may hold, and that every complaint names file, line and column. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readConfigFile } from "../../src/cli/config_file.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { anyText } from "../any_text.ts";

function values(text: string): Record<string, unknown> {
  return Object.fromEntries([...readConfigFile("f", text).options].map(([name, { value }]) => [name, value]));
}

function refused(text: string, message: string): void {
  assert.throws(() => readConfigFile("c.json", text), new UsageError(`cannot read ${message}`));
}

Deno.test("options stand under the names of the flags, with comments and trailing commas", () => {
  const text = `\ufeff{
    // a comment
    "format": "json", /* another */
    "pretty": true,
    "hex": false,
    "max-body": "64k",
    "log-queue": 131072,
    "connect-timeout": "2s",
    "idle-timeout": 0,
    "max-connections": 100,
    "redact": "+pin",
  }`;
  assert.deepEqual(values(text), {
    format: "json",
    pretty: true,
    hex: false,
    "max-body": 65536,
    "log-queue": 131072,
    "connect-timeout": 2000,
    "idle-timeout": 0,
    "max-connections": 100,
    redact: "+pin",
  });
});

Deno.test("redact is names, or true and false", () => {
  assert.deepEqual(values('{ "redact": true }'), { redact: "" });
  assert.deepEqual(values('{ "redact": false }'), { redact: undefined });
});

Deno.test("relays are listed with their addresses, a port also as a number", () => {
  const text = `{ "relays": [
    { "listen": 8081, "target": "localhost:8080", "host": "target" },
    { "listen": "unix:/a=b", "target": "http://api.test" },
  ] }`;
  assert.deepEqual(readConfigFile("f", text).relays, [
    {
      listen: { kind: "tcp", host: "127.0.0.1", port: 8081 },
      target: { kind: "tcp", host: "localhost", port: 8080, http: false },
      host: "target",
    },
    {
      listen: { kind: "unix", path: "/a=b" },
      target: { kind: "tcp", host: "api.test", port: 80, http: true },
    },
  ]);
});

Deno.test("proxies are listed by their LISTEN, a port also as a number", () => {
  assert.deepEqual(readConfigFile("f", '{ "proxies": ["8888", 8889, "unix:/a=b"] }').proxies, [
    { listen: { kind: "tcp", host: "127.0.0.1", port: 8888 } },
    { listen: { kind: "tcp", host: "127.0.0.1", port: 8889 } },
    { listen: { kind: "unix", path: "/a=b" } },
  ]);
  refused('{ "proxies": "8888" }', 'proxies at c.json:1:14: found "8888", wanted ["8888"]');
  refused('{ "proxies": [true] }', 'proxies at c.json:1:15: found true, wanted LISTEN, such as "8081"');
  refused(
    '{ "proxies": ["x"] }',
    'proxies at c.json:1:15: found "x", wanted PORT, HOST:PORT, [V6]:PORT or unix:PATH',
  );
  refused('{ "proxy": [] }', 'c.json:1:3: unknown key "proxy"; did you mean proxies?');
});

Deno.test("a relay, and a proxy written as an object, may have options of their own", () => {
  const { relays, proxies } = readConfigFile(
    "f",
    `{ "relays": [{ "listen": 1, "target": "a:1", "seed": 7, "upstream-proxy": "" }],
       "proxies": [{ "listen": "2", "latency": 5 }, { "listen": 3 }] }`,
  );
  assert.deepEqual([...relays[0].own!], [
    ["seed", { value: 7, origin: "seed at f:1:54" }],
    ["upstream-proxy", { value: "", origin: "upstream-proxy at f:1:75" }],
  ]);
  assert.deepEqual([...proxies[0].own!], [["latency", { value: "5", origin: "latency at f:2:48" }]]);
  assert.deepEqual(proxies[1], { listen: { kind: "tcp", host: "127.0.0.1", port: 3 } });
  refused('{ "proxies": [{}] }', 'proxies at c.json:1:15: found no "listen", wanted { "listen": … }');
  refused('{ "proxies": [{ "listen": 1, "rate": "" }] }', 'rate at c.json:1:38: found "", wanted some text');
});

Deno.test("a relay with TLS may be insecure, one without may not", () => {
  const relay = (target: string, insecure: string) =>
    `{ "relays": [{ "listen": 1, "target": "${target}", "insecure": ${insecure} }] }`;
  const read = (target: string, insecure: string) =>
    readConfigFile("f", relay(target, insecure)).relays[0].insecure;
  assert.equal(read("https://a", "true"), true);
  assert.equal(read("tls://a:1", "false"), false);
  assert.equal(read("a:1", "false"), false);
  refused(
    relay("http://a", "true"),
    "insecure at c.json:1:63: found a target without TLS, wanted https:// or tls:// there",
  );
  refused(relay("https://a", '"a"'), 'insecure at c.json:1:64: found "a", wanted true or false');
});

Deno.test("an empty text is not everything", () => {
  refused('{ "intercept": "" }', 'intercept at c.json:1:16: found "", wanted HOSTS, true or false');
  refused('{ "insecure": "" }', 'insecure at c.json:1:15: found "", wanted HOSTS, true or false');
  refused('{ "intercept": [""] }', 'intercept at c.json:1:17: found "", wanted some text');
  assert.deepEqual(values('{ "intercept": true, "insecure": false }'), {
    intercept: "",
    insecure: undefined,
  });
});

Deno.test("what may be given several times may be a list, and figures of a link may be numbers", () => {
  const text =
    `{ "fault": ["reset@10%", "refuse"], "no-proxy": ["a", "b"], "intercept": [".a"], "insecure": [],
    "bytes-per-pause": 1000, "delay": 100, "seed": 7, "proxy-auth": "@a" }`;
  assert.deepEqual(values(text), {
    fault: "reset@10%,refuse",
    "no-proxy": "a,b",
    intercept: ".a",
    insecure: undefined,
    "bytes-per-pause": "1000",
    delay: "100",
    seed: 7,
    "proxy-auth": "@a",
  });
  refused('{ "fault": ["a", 1] }', "fault at c.json:1:18: found 1, wanted text");
  refused('{ "filter": ["a"] }', 'filter at c.json:1:13: found [ … ], wanted text, such as "EXPR"');
  refused('{ "rate": 5 }', 'rate at c.json:1:11: found 5, wanted text, such as "RATE"');
});

Deno.test("a syntax error names the place and what was expected there", () => {
  refused('{\n  "format" "json"\n}', 'c.json:2:12: colon expected, found "json"');
  refused('{\r\n  "a": 1', "c.json:2:9: close brace expected, found the end of the file");
  refused("", "c.json:1:1: value expected, found the end of the file");
  refused("{} x", 'c.json:1:4: invalid symbol, found "x"');
  refused('{ "filter": "\x1b" }', 'c.json:1:13: invalid character, found "\\u001b"');
});

Deno.test("a file that is no object is refused", () => {
  refused("[]", "c.json:1:1: found [ … ], wanted { … }");
  refused(' "x"', 'c.json:1:2: found "x", wanted { … }');
  refused("null", "c.json:1:1: found null, wanted { … }");
});

Deno.test("an unknown key gets a suggestion, or the list of keys", () => {
  refused('{\n  "fromat": "json"\n}', 'c.json:2:3: unknown key "fromat"; did you mean format?');
  refused('{ "relay": [] }', 'c.json:1:3: unknown key "relay"; did you mean relays?');
  refused(
    '{ "relays": [{ "listen": "1", "taget": "a:1" }] }',
    'c.json:1:31: unknown key "taget"; did you mean target?',
  );
  refused(
    '{ "zebra": 1 }',
    'c.json:1:3: unknown key "zebra"; tcpmon help relay and tcpmon help proxy list all',
  );
  refused(
    '{ "relays": [{ "zebra": 1 }] }',
    'c.json:1:16: unknown key "zebra"; wanted one of listen, target, host, insecure, link, bytes-per-pause, ' +
      "delay, rate, latency, jitter, drop-bytes, fault, seed, upstream-proxy, no-proxy",
  );
  refused(
    '{ "proxies": [{ "listen": 1, "host": "keep" }] }',
    'c.json:1:30: unknown key "host"; wanted one of listen, link, bytes-per-pause, delay, rate, latency, jitter, ' +
      "drop-bytes, fault, seed, upstream-proxy, no-proxy",
  );
  for (const key of ["config", "help", "pem", "version", "__proto__"]) {
    assert.throws(() => readConfigFile("c.json", `{"${key}":1}`), {
      message: new RegExp(`^cannot read c\\.json:1:2: unknown key "${key}"`),
    });
  }
});

Deno.test("a key given twice is refused", () => {
  refused('{ "hex": true, "hex": false }', 'c.json:1:16: found the key "hex" twice, wanted it once');
});

Deno.test("a value of the wrong type names key, place and what is wanted", () => {
  refused('{ "pretty": "yes" }', 'pretty at c.json:1:13: found "yes", wanted true or false');
  refused('{ "format": 1 }', 'format at c.json:1:13: found 1, wanted text, such as "text"');
  refused('{ "format": null }', 'format at c.json:1:13: found null, wanted text, such as "text"');
  refused('{ "max-body": [1] }', 'max-body at c.json:1:15: found [ … ], wanted text, such as "1M"');
  refused('{ "max-connections": "9" }', 'max-connections at c.json:1:22: found "9", wanted a number');
  refused(
    '{ "drain": 5 }',
    'drain at c.json:1:12: found 5, wanted a duration with its unit, such as "150ms", "2s" or "1m"',
  );
});

Deno.test("a value that cannot be read is refused as on the command line, with its place", () => {
  refused('{ "format": "jsn" }', 'format at c.json:1:13: found "jsn", wanted one of text, short, json, none');
  refused(
    '{ "max-body": 1.5 }',
    'max-body at c.json:1:15: found "1.5", wanted a size such as 64k, 1M or 1048576',
  );
  refused(
    '{ "max-connections": -1 }',
    'max-connections at c.json:1:22: found "-1", wanted a number of at least 1',
  );
});

Deno.test("relays that cannot be read are named by their place", () => {
  const wanted = '[{ "listen": "8081", "target": "localhost:8080" }, "8082=localhost:8080"]';
  refused('{ "relays": {} }', `relays at c.json:1:13: found { … }, wanted ${wanted}`);
  refused(
    '{ "relays": [8081] }',
    `relays at c.json:1:14: found 8081, wanted objects, or text, as in ${wanted}`,
  );
  refused(
    '{ "relays": [{ "listen": "1" }] }',
    'relays at c.json:1:14: found no "target", wanted { "listen": …, "target": … }',
  );
  refused(
    '{ "relays": [{ "listen": true, "target": "a:1" }] }',
    'listen at c.json:1:26: found true, wanted LISTEN, such as "8081"',
  );
  refused(
    '{ "relays": [{ "listen": "1", "target": 80 }] }',
    'target at c.json:1:41: found 80, wanted TARGET, such as "localhost:8080"',
  );
  refused(
    '{ "relays": [{ "listen": "1", "target": "a" }] }',
    'target at c.json:1:41: found no port in "a", wanted HOST:PORT, such as a:8080',
  );
  refused(
    '{ "relays": [{ "listen": "1", "target": "a:1", "host": "us" }] }',
    'host at c.json:1:56: found "us", wanted one of keep, target',
  );
});

Deno.test("any text at all is read or refused with a UsageError", () => {
  const text = fc.oneof(
    anyText(),
    fc.json(),
    fc.array(
      fc.constantFrom("{", "}", "[", "]", ":", ",", '"hex"', '"relays"', '"listen"', "true", "1", "//", "\n"),
    )
      .map((parts) => parts.join("")),
  );
  fc.assert(fc.property(text, (source) => {
    try {
      readConfigFile("c.json", source);
    } catch (error) {
      assert(error instanceof UsageError);
      assert.match(error.message, /c\.json:\d+:\d+/);
    }
  }));
});

Deno.test("a relay may be text, as on the command line", () => {
  const text =
    '{ "relays": ["0=localhost:1", { "listen": "0", "target": "localhost:1" }, "unix:/a=http://b.test"] }';
  const { relays: [first, second, third] } = readConfigFile("f", text);
  assert.deepEqual(first, second);
  assert.deepEqual(third.listen, { kind: "unix", path: "/a" });
  refused(
    '{ "relays": ["8081"] }',
    'relay "8081" at c.json:1:14: found no "=", wanted LISTEN=TARGET, such as 8081=localhost:8080',
  );
  refused(
    '{ "relays": ["x=a:1"] }',
    'LISTEN of relay "x=a:1" at c.json:1:14: found "x", wanted PORT, HOST:PORT, [V6]:PORT or unix:PATH',
  );
});

Deno.test("an option of the demo does not stand beside relays or proxies, which the demo does not take", () => {
  const message = (place: string, key: string) =>
    `c.json:${place}: ${key} is for the demo, which has a relay of its own: found others, wanted ${key} in a file ` +
    "without relays and proxies";
  refused('{ "once": true, "relays": ["0=a:1"] }', message("1:11", "once"));
  refused('{ "proxies": ["0"], "port": 1 }', message("1:29", "port"));
  assert.deepEqual(values('{ "once": true, "port": 1 }'), { once: true, port: 1 });
});
