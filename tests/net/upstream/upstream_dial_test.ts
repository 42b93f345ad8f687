import assert from "node:assert/strict";
import type { Target } from "../../../src/net/address.ts";
import type { Connection } from "../../../src/net/connection.ts";
import { HostPatterns } from "../../../src/net/host_patterns.ts";
import { upstreamFromEnvironment } from "../../../src/net/upstream/environment.ts";
import { parseUpstreamProxy } from "../../../src/net/upstream/proxy_address.ts";
import { chooseByScheme, schemeOf, upstreamDial, wayTo } from "../../../src/net/upstream/upstream_dial.ts";

const RAW: Target = { kind: "tcp", host: "a.test", port: 25, http: false };
const TLS: Target = { ...RAW, tls: true };
const PLAIN_HTTP: Target = { kind: "tcp", host: "a.test", port: 80, http: true };
const HTTPS: Target = { kind: "tcp", host: "a.test", port: 443, http: true, tls: true };
const UNIX: Target = { kind: "unix", path: "/run/a" };
const TARGETS = [RAW, TLS, PLAIN_HTTP, HTTPS, UNIX];

Deno.test("only plain HTTP goes to an HTTP proxy in absolute-form, everything else in tunnels", () => {
  const ways = (url: string) => TARGETS.map((target) => wayTo(target, parseUpstreamProxy(url)));
  assert.deepEqual(ways("http://h"), ["connect", "connect", "absolute-form", "connect", "direct"]);
  assert.deepEqual(ways("https://h"), ["connect", "connect", "absolute-form", "connect", "direct"]);
  assert.deepEqual(ways("socks5://h"), ["socks5", "socks5", "socks5", "socks5", "direct"]);
  assert.deepEqual(TARGETS.map((target) => wayTo(target, undefined)), new Array(5).fill("direct"));
});

Deno.test("the proxy is chosen by scheme, and exceptions are reached directly", () => {
  assert.deepEqual(TARGETS.map(schemeOf), ["tcp", "https", "http", "https", "tcp"]);
  const variables: Record<string, string> = { http_proxy: "a", https_proxy: "b", all_proxy: "c" };
  const { forScheme } = upstreamFromEnvironment((name) => variables[name]);
  const hosts = (noProxy: string) => {
    const choose = chooseByScheme(forScheme, HostPatterns.parse(noProxy));
    return TARGETS.map((target) => choose(target)?.host);
  };
  assert.deepEqual(hosts(""), ["c", "b", "a", "b", undefined]);
  assert.deepEqual(hosts("test:443"), ["c", "b", "a", undefined, undefined]);
  assert.deepEqual(hosts("*"), new Array(5).fill(undefined));
});

Deno.test("a target without a proxy is dialled directly, one in absolute-form ends at the proxy", async () => {
  const nothing = (): Promise<never> => Promise.reject(new Error("not to be used"));
  const connection = (port: number): Connection => ({
    localAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port },
    read: nothing,
    write: nothing,
    closeWrite: nothing,
    close: () => {},
  });
  const proxy = parseUpstreamProxy("http://h:3128");
  const dial = upstreamDial(
    ({ port }) => Promise.resolve(connection(port)),
    (target) => target === RAW ? undefined : proxy,
    () => Promise.resolve(connection(25)),
  );
  const reached = async (target: Target) => (await dial(target, new AbortController().signal)).remoteAddr;
  assert.deepEqual(await reached(RAW), connection(25).remoteAddr);
  assert.deepEqual(await reached(UNIX), connection(25).remoteAddr);
  assert.deepEqual(await reached(PLAIN_HTTP), connection(3128).remoteAddr);
});

Deno.test("a proxy that cannot be reached is named, without its password", async () => {
  const proxy = parseUpstreamProxy("http://u:secret@h:3128");
  const never = () => Promise.reject(new Error("not to be used"));
  const dial = upstreamDial(() => Promise.reject(new Error("connection refused")), () => proxy, never);
  await assert.rejects(dial(RAW, new AbortController().signal), {
    message: "cannot reach the proxy http://h:3128: connection refused",
  });
});
