/** curl as the SOCKS client of our server's side. */
import assert from "node:assert/strict";
import { Server } from "../../end_to_end/peers.ts";
import { installed } from "../../end_to_end/program.ts";
import { run } from "../../end_to_end/tools.ts";
import { freePort } from "../../end_to_end/nginx.ts";
import { SocksProxy } from "./socks_proxy.ts";

const here = installed("curl");
const skipped = here ? "" : " (skipped: curl is not installed)";

/** Runs curl, which takes no exception from the environment. */
const curl = (...args: string[]) => run("curl", ["-sS", "--noproxy", "", ...args]);

/** A web server with one answer. */
function web(): Server {
  return new Server(async (peer) => {
    await peer.readHead();
    await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  });
}

Deno.test({
  name: `curl reaches names and addresses through it${skipped}`,
  ignore: !here,
  async fn() {
    await using server = web();
    await using proxy = new SocksProxy();
    const at = `127.0.0.1:${proxy.port}`;
    const { port } = server;
    for (const [option, host] of [["--socks5-hostname", "name.invalid"], ["--socks5", "127.0.0.1"]]) {
      assert.equal((await curl(option, at, `http://${host}:${port}/`)).text, "hello");
    }
    assert.equal((await curl("--socks5-hostname", at, `http://[::1]:${port}/`)).text, "hello");
    assert.deepEqual(proxy.asked, [
      { host: "name.invalid", port },
      { host: "127.0.0.1", port },
      { host: "::1", port },
    ]);
  },
});

Deno.test({
  name: `curl logs in, and is turned away with wrong credentials or none${skipped}`,
  ignore: !here,
  async fn() {
    await using server = web();
    await using proxy = new SocksProxy((user, password) => user === "jürgen" && password === "p:w@d");
    const url = `http://name.invalid:${server.port}/`;
    const by = (login: string) => curl("--proxy", `socks5h://${login}127.0.0.1:${proxy.port}`, url);
    assert.equal((await by("j%C3%BCrgen:p%3Aw%40d@")).text, "hello");
    // 97 is curl's code for "the proxy handshake failed".
    assert.equal((await by("j%C3%BCrgen:wrong@")).code, 97);
    assert.equal((await by("")).code, 97);
    assert.equal(proxy.asked.length, 1);
    assert.deepEqual([proxy.failures[0], proxy.failures[1].replace(/[\d, ]+, wanted/, " …, wanted")], [
      "wrong user or password",
      "found the login methods …, wanted user and password (2)",
    ]);
  },
});

Deno.test({
  name: `curl is told why a target could not be reached, and that SOCKS 4 is not spoken${skipped}`,
  ignore: !here,
  async fn() {
    await using proxy = new SocksProxy();
    const at = `127.0.0.1:${proxy.port}`;
    const url = `http://127.0.0.1:${freePort()}/`;
    const refused = await curl("--socks5", at, url);
    assert.equal(refused.code, 97);
    assert.match(refused.stderr, /\(5\)/);
    const old = await curl("--socks4", at, url);
    assert.equal(old.code, 97);
    assert.match(old.stderr, /91/);
    assert.match(proxy.failures[0], /found SOCKS 4, wanted SOCKS 5/);
  },
});
