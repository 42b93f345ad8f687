/** curl commands out of a capture of hostile requests: run by a real shell, the server gets the same bytes again. */
import assert from "node:assert/strict";
import { exchangeLine, exported, tcpmon } from "./exported.ts";
import { ask, inDirectory, message } from "./log_of.ts";
import { Peer, Server } from "./peers.ts";
import { installed, Program } from "./program.ts";
import { run } from "./tools.ts";

const bytes = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Requests with what shells and curl itself would change. */
const HOSTILE = [
  message(
    "POST /a?q=$(touch%20pwned)&x=[1-3]{a,b} HTTP/1.1",
    ["Host: a.test"],
    "it's $(touch pwned) `touch pwned` \\ \"\n",
  ),
  message(
    "POST /b/../c HTTP/1.1",
    ["Host: a.test", 'X-Quote: it\'s "$HOME" !!', "X-Empty:", "Accept: */*"],
    "@/etc/passwd",
  ),
  message("PUT /-d HTTP/1.1", ["Host: a.test", "Content-Type: application/octet-stream"], bytes),
  message("POST /minus HTTP/1.1", ["Host: a.test", "X-Dash: --output=pwned"], "--next\r\n-o pwned"),
  message("PATCH /bytes HTTP/1.1", ["Host: a.test", "X-Latin: caf\xe9"], latin1("\xe9\xff\0end")),
  message("DELETE /none HTTP/1.1", ["Host: a.test", "User-Agent: x"]),
];

/** A server that keeps what it is sent: request line, own fields, body. */
function keeping(kept: string[]): Server {
  return new Server(async (peer) => {
    for (;;) {
      const head = await peer.readUntil("\r\n\r\n").catch(() => undefined);
      if (head === undefined) return;
      const body = await peer.read(Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0));
      const fields = head.split("\r\n").filter((line) => /^(?:host|x-|user-agent)/i.test(line)).sort();
      kept.push(JSON.stringify([head.split("\r\n")[0], fields, [...body]]));
      await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  });
}

for (const shell of ["sh", "bash"]) {
  Deno.test(`the commands of hostile requests, run by ${shell}, send the same again and nothing else`, {
    ignore: !installed(shell) || !installed("curl"),
  }, () =>
    inDirectory(async (directory) => {
      const kept: string[] = [];
      await using server = keeping(kept);
      await using program = Program.start(
        ["relay", `0=${server.target}`, "--format", "json", "-o", `${directory}/a.log`],
      );
      {
        using client = await Peer.connect(await program.port());
        for (const request of HOSTILE) await ask(client, request);
      }
      assert.equal((await program.stop()).code, 0);
      const sent = kept.splice(0);
      assert.equal(sent.length, HOSTILE.length);

      // Once with bodies beside the commands, once with everything in the commands.
      await tcpmon(["export", `${directory}/a.log`, "--as", "curl", "-o", `${directory}/with-files.sh`]);
      const { stdout } = await tcpmon(["export", `${directory}/a.log`, "--as", "curl"]);
      await Deno.writeFile(`${directory}/alone.sh`, stdout);
      for (const script of ["with-files.sh", "alone.sh"]) {
        const found = await run("env", ["-C", directory, "no_proxy=*", shell, script]);
        assert.equal(found.code, 0, found.stderr);
        assert.deepEqual(kept.splice(0), sent, script);
      }
      const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
      assert.deepEqual(names, [
        "a.log",
        "alone.sh",
        "with-files.sh",
        "with-files.sh.bodies",
      ]);
    }));
}

Deno.test("bodies of two runs in one log, whose numbers repeat, are files of their own", () =>
  inDirectory(async (directory) => {
    const line = (letter: string, client: string) =>
      exchangeLine({
        client,
        request: {
          method: "POST",
          target: "/",
          version: "HTTP/1.1",
          headers: [["Host", "a.test"], ["Content-Length", "2"]],
          body: { bytes: 2, base64: btoa(`\0${letter}`) },
        },
      });
    const capture = `${line("a", "127.0.0.1:1")}\n${line("b", "127.0.0.1:2")}\n`;
    const { text } = await exported(capture, "curl", "-o", `${directory}/a.sh`);
    assert.equal(text, "");
    const script = await Deno.readTextFile(`${directory}/a.sh`);
    const files = [...script.matchAll(/--data-binary '?@([^\s']+)/g)].map(([, path]) =>
      Deno.readTextFileSync(path)
    );
    assert.deepEqual(files, ["\0a", "\0b"]);
  }));

Deno.test("of a connection with TLS the commands are https, also where one exchange is asked for", () =>
  inDirectory(async (directory) => {
    const ends = { connection: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "api.test:8443" };
    const opened = {
      type: "connection",
      event: "opened",
      ...ends,
      time: "2026-11-20T10:31:06.123Z",
      ms: { connect: 1 },
    };
    const capture = [
      JSON.stringify({ ...opened, tls: { target: { version: "TLSv1.3" } } }),
      exchangeLine({ ...ends, id: 1 }),
      exchangeLine({ ...ends, id: 2 }),
    ].join("\n");
    const file = `${directory}/a.log`;
    await Deno.writeTextFile(file, capture);
    for (const how of [["2"], ["@3"], ["--filter", "id:2"], ["--filter", "status:200"]]) {
      const { text, code } = await tcpmon(["export", file, ...how, "--as", "curl"]);
      assert.equal(code, 0);
      assert.match(text, /^curl https:\/\/api\.test:8443\/ \\\n/, how.join(" "));
    }
    const { text } = await tcpmon(["export", file, "2", "--as", "httpie"]);
    assert.match(text, /https:\/\/api\.test:8443/);
  }));

Deno.test("what can be sent by no command is counted, and what can is written", async () => {
  const connect = exchangeLine({
    request: {
      method: "CONNECT",
      target: "a:1",
      version: "HTTP/1.1",
      headers: [],
      body: { bytes: 0, text: "" },
    },
  });
  const unasked = exchangeLine({ request: undefined, outcome: "unrequested" });
  const { text, stderr } = await exported([connect, unasked, exchangeLine(), ""].join("\n"), "curl");
  assert.equal(text.match(/^curl /gm)?.length, 1);
  assert.equal(
    stderr,
    "tcpmon: not in the export: CONNECT requests: they ask a proxy for a tunnel (1)\n" +
      "tcpmon: not in the export: responses without a request (1)\n",
  );
});
