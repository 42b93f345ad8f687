/** A browser that trusts the CA, and its page with a WebSocket, through an intercepting proxy. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { installed, within } from "./program.ts";
import { proxyPort, withAuthority } from "./tls.ts";
import { run } from "./tools.ts";

const PAGE = `<!doctype html><title>t</title><script>
const socket = new WebSocket("wss://" + location.host + "/socket");
socket.onopen = () => socket.send("hello from the page");
socket.onmessage = ({ data }) => fetch("/done?" + encodeURIComponent(data), { method: "POST", body: data });
</script>`;

/** Chromium's process with all that it starts; it is ended as a group. */
async function browse(url: string, proxy: string, home: string): Promise<AsyncDisposable> {
  const args = [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
    ...["--disable-background-networking", "--disable-component-update", `--user-data-dir=${home}/profile`],
    ...[`--proxy-server=${proxy}`, "--proxy-bypass-list=<-loopback>", "--remote-debugging-port=0", url],
  ];
  const child = new Deno.Command("setsid", {
    args: ["chromium", ...args],
    env: { HOME: home },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await Promise.resolve();
  return {
    async [Symbol.asyncDispose]() {
      try {
        Deno.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
      await child.status;
    },
  };
}

Deno.test({
  name: "Chromium that trusts the CA loads a page over https, and its WebSocket's messages are recorded",
  ignore: ["chromium", "certutil", "openssl", "setsid"].some((name) => !installed(name)),
  async fn() {
    await using certificates = await makeCertificates();
    const { certPem: cert, keyPem: key } = certificates.localhost;
    const done = Promise.withResolvers<string>();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
      (request) => {
        const { pathname, search } = new URL(request.url);
        if (pathname === "/") return new Response(PAGE, { headers: { "Content-Type": "text/html" } });
        if (pathname === "/done") {
          done.resolve(decodeURIComponent(search.slice(1)));
          return new Response(null, { status: 204 });
        }
        if (pathname !== "/socket") return new Response(null, { status: 404 });
        const { socket, response } = Deno.upgradeWebSocket(request);
        socket.onmessage = ({ data }) => socket.send(`you said: ${data}`);
        return response;
      },
    );
    await using tcpmon = await withAuthority([
      ...["proxy", "0", "--intercept", "--ca", certificates.ca.certFile, "--format", "json"],
    ]);
    const { program, caFile } = tcpmon;
    const proxy = `http://127.0.0.1:${await proxyPort(program)}`;
    const home = await Deno.makeTempDir({ prefix: "tcpmon-chromium-" });
    try {
      const database = `sql:${home}/.pki/nssdb`;
      await Deno.mkdir(`${home}/.pki/nssdb`, { recursive: true });
      await run("certutil", ["-d", database, "-N", "--empty-password"]);
      const added = await run("certutil", ["-d", database, "-A", "-t", "C,,", "-n", "tcpmon", "-i", caFile]);
      assert.equal(added.code, 0, added.stderr);
      {
        await using _browser = await browse(`https://localhost:${server.addr.port}/`, proxy, home);
        const text = await within(done.promise, "the page did not finish");
        assert.equal(text, "you said: hello from the page");
      }
      const page = (await program.logs((lines) => lines.some((line) => /"target":"\/done/.test(line))))
        .map((line) => JSON.parse(line));
      const targets = page.filter(({ type }) => type === "exchange").map(({ request }) => request.target);
      for (const target of ["/", "/socket"]) assert.ok(targets.includes(target), `${target} in ${targets}`);
      const messages = page.filter(({ type, opcode }) => type === "message" && opcode === "text");
      assert.deepEqual(messages.map(({ direction, text }) => [direction, text]), [
        ["up", "hello from the page"],
        ["down", "you said: hello from the page"],
      ]);
    } finally {
      await Deno.remove(home, { recursive: true }).catch(() => {});
    }
    await server.shutdown();
  },
});
