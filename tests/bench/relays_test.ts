import assert from "node:assert/strict";
import { SMALL_BODY } from "./backend.ts";
import { nginxConfiguration } from "./backends.ts";
import { missingPeers, versionIn } from "./peers.ts";
import { BINARY, denoCommand, exists, subjectCommand, subjectFile } from "./programs.ts";
import { haproxyConfiguration, RELAYING } from "./relays.ts";

Deno.test("the listening port is read from a status line, also of an IPv6 or a named target", () => {
  assert.equal(RELAYING.exec("tcpmon: relaying 127.0.0.1:8081 → 127.0.0.1:9080")?.[1], "8081");
  assert.equal(RELAYING.exec("tcpmon: relaying [::1]:40112 → http://localhost:80")?.[1], "40112");
  assert.equal(RELAYING.exec("tcpmon: cannot listen on 127.0.0.1:8081: address already in use"), null);
});

Deno.test("versions are found in what the peers say of themselves", () => {
  assert.equal(versionIn("nginx version: nginx/1.22.1\n"), "1.22.1");
  assert.equal(versionIn("HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/"), "2.6.12");
  assert.equal(versionIn("no number"), "?");
  assert.deepEqual(missingPeers(new Map([["nginx", "1.22.1"], ["wrk", "4.1.0"]])), [
    "haproxy",
    "mitmdump",
    "tinyproxy",
    "squid",
  ]);
});

Deno.test("a subject is the source, the binary, a script for Deno or an executable", async () => {
  assert.deepEqual(subjectCommand("binary"), [BINARY]);
  assert.deepEqual(subjectCommand("/usr/bin/other"), ["/usr/bin/other"]);
  assert.deepEqual(subjectCommand("x.ts"), denoCommand("x.ts", "--allow-all"));
  assert.match(subjectCommand("source").at(-1) ?? "", /main\.ts$/);
  assert.equal(subjectFile("x.ts"), "x.ts");
  assert.equal(await exists(`${import.meta.dirname}/relays_test.ts`), true);
  assert.equal(await exists(`${import.meta.dirname}/missing`), false);
});

Deno.test("nginx writes only into the folder and serves the small body of 150 bytes", () => {
  const configuration = nginxConfiguration("/tmp/folder", 8123);
  const paths = [...configuration.matchAll(/(?:_path|pid|root) (\S+);/g)].map((match) => match[1]);
  assert.equal(paths.length, 7);
  for (const path of paths) assert.ok(path.startsWith("/tmp/folder"), path);
  assert.equal(SMALL_BODY.length, 150);
  assert.ok(configuration.includes(`return 200 '${SMALL_BODY}'`));
  assert.ok(configuration.includes("listen 127.0.0.1:8123 "));
});

Deno.test("HAProxy relays TCP on one thread", () => {
  const configuration = haproxyConfiguration(8124, 8123);
  for (const line of ["nbthread 1", "mode tcp", "bind 127.0.0.1:8124", "server backend 127.0.0.1:8123"]) {
    assert.ok(configuration.includes(line), line);
  }
});
