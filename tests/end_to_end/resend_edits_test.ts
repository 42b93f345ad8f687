/** `tcpmon resend --set` and `--edit`: requests are changed first, and framed and coded anew. */
import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { inDirectory } from "./log_of.ts";
import { Peer } from "./peers.ts";
import { Program } from "./program.ts";
import { Backend, exchangeLine, field, tcpmon } from "./sending.ts";

const max = ["--speed", "max"];

Deno.test("--set changes head, query and body, and Content-Length counts bytes", async () => {
  await using backend = new Backend();
  const { target } = backend;
  const json = exchangeLine({
    ...{ target, method: "POST", path: "/a?x=1", body: '{"id":1, "n":[1,2]}' },
    headers: [["Host", target], ["Authorization", "old"], ["X-Gone", "1"], ["Content-Length", "19"]],
  });
  const edits = [
    "header:Authorization=Bearer é",
    "header:X-Gone",
    "method=PUT",
    "path=/b",
    "query:x=2 3",
    "json:$.id=ü",
  ];
  const ended = await tcpmon(["resend", "-", ...edits.flatMap((edit) => ["--set", edit])], { stdin: json });
  assert.equal(ended.code, 0, ended.stderr);
  const [{ head, text, body }] = backend.received;
  assert.match(head, /^PUT \/b\?x=2%203 HTTP\/1\.1\r\n/);
  assert.equal(field({ head }, "X-Gone"), undefined);
  assert.match(field({ head }, "Authorization")!, /^Bearer /);
  assert.equal(text, '{"id":"ü", "n":[1,2]}', "only the value changes");
  assert.equal(field({ head }, "Content-Length"), String(body.length));

  const soap = exchangeLine({ target, method: "POST", body: "<a><id>1</id><id>2</id></a>" });
  assert.equal((await tcpmon(["resend", "-", "--set", "xml://id=5<6"], { stdin: soap })).code, 0);
  assert.equal(backend.received[1].text, "<a><id>5&lt;6</id><id>5&lt;6</id></a>");
  assert.equal((await tcpmon(["resend", "-", "--set", "body=new"], { stdin: soap })).code, 0);
  assert.equal(field(backend.received[2], "Content-Length"), "3");
});

Deno.test("an edit that fits nothing is a failure of that exchange: told, not sent, exit code 1", async () => {
  await using backend = new Backend();
  const stdin = exchangeLine({ target: backend.target, method: "POST", body: "no json" });
  const { code, stderr } = await tcpmon(["resend", "-", "--set", "json:$.id=5"], { stdin });
  assert.equal(code, 1);
  assert.equal(backend.received.length, 0);
  assert.match(stderr, /^tcpmon: #1 POST \/[^\n]*\$\.id[^\n]*\n/);
});

Deno.test("chunks, trailers and content codings are made anew, from a log that a relay wrote", () =>
  inDirectory(async (directory) => {
    await using backend = new Backend();
    const log = `${directory}/log`;
    const zipped = gzipSync('{"id":1}');
    {
      await using relay = Program.start([
        "relay",
        `0=${backend.target}`,
        "--format",
        "json",
        "--output",
        log,
      ]);
      using client = await Peer.connect(await relay.port());
      const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n";
      await client.send(`${head}Content-Length: ${zipped.length}\r\n\r\n`);
      await client.send(zipped);
      await client.readHead();
      await client.read(5);
      await client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n");
      await client.send('3\r\n{"i\r\n5\r\nd":1}\r\n0\r\nX-T: 9\r\n\r\n');
      await client.readHead();
      await client.read(5);
      client.close();
      await relay.stop();
    }
    const same = await tcpmon(["resend", log, ...max, "--format", "none", "--diff"]);
    assert.equal(same.code, 0, same.stderr);
    assert.deepEqual(backend.received[2].body, backend.received[0].body, "compressed as it was");
    assert.equal(backend.received[3].text, '8\r\n{"id":1}\r\n0\r\nX-T: 9\r\n\r\n');
    const edited = await tcpmon(["resend", log, ...max, "--format", "none", "--set", "json:$.id=22"]);
    assert.equal(edited.code, 0, edited.stderr);
    assert.equal(gunzipSync(backend.received[4].body).toString(), '{"id":22}');
    assert.equal(field(backend.received[4], "Content-Length"), String(backend.received[4].body.length));
    assert.equal(backend.received[5].text, '9\r\n{"id":22}\r\n0\r\nX-T: 9\r\n\r\n');
  }));

Deno.test("--edit passes each request through $EDITOR; an emptied one is not sent, a failing editor sends nothing", async () => {
  await using backend = new Backend();
  const stdin = exchangeLine({ target: backend.target, method: "POST", body: '{"id":1}' });
  const edit = (editor: string) =>
    tcpmon(["resend", "-", "--edit", "--format", "none"], { stdin, env: { EDITOR: editor, VISUAL: "" } });
  const changed = await edit('sed -i \'s/POST/PUT/; s/"id":1/"id":234/; s/^Host:.*/&\\nX-New: 1/\'');
  assert.equal(changed.code, 0, changed.stderr);
  const [{ head, text }] = backend.received;
  assert.match(head, /^PUT \/ HTTP\/1\.1\r\n/);
  assert.equal(field({ head }, "X-New"), "1");
  assert.deepEqual([text, field({ head }, "Content-Length")], ['{"id":234}', "10"]);
  assert.equal((await edit("true")).code, 0);
  assert.equal(backend.received[1].text, '{"id":1}', "what is not changed goes as it was");
  await edit("truncate -s 0");
  const failed = await edit("false");
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /^tcpmon: the editor "false" ended with a failure, nothing more is sent\n$/);
  const odd = await edit("sed -i 1s/.*/nonsense/");
  assert.equal(odd.code, 1);
  assert.match(odd.stderr, /^tcpmon: cannot send what was edited: found "nonsense"/);
  assert.equal(backend.received.length, 2);
});

Deno.test("--edit sends nothing that was not kept whole or is redacted still, and rewrites Host as the relay had", async () => {
  await using backend = new Backend();
  const resent = async (change: (line: Record<string, Record<string, unknown>>) => void) => {
    const line = JSON.parse(exchangeLine({ target: backend.target, headers: [["Host", "a"], ["X-A", "1"]] }));
    change(line);
    return await tcpmon(["resend", "-", "--edit", "--format", "none"], {
      stdin: JSON.stringify(line),
      env: { EDITOR: "sed -i 's/X-A: 1/X-A: 2/'", VISUAL: "" },
    });
  };
  const cut = await resent(({ request }) => {
    request.headers = [["Host", "a"], ["X-A", "1"], ["Content-Length", "1000"]];
    request.body = { bytes: 1000, text: "abc", truncated: true };
  });
  assert.deepEqual([cut.code, backend.received.length], [1, 0], cut.stderr);
  assert.match(cut.stderr, /1 not sent: not all of its body was recorded/);
  const redacted = await resent(({ request }) => {
    request.headers = [["X-A", "1"], ["Authorization", "[redacted:3f9ac21b0d]"]];
    request.redacted = true;
  });
  assert.deepEqual([redacted.code, backend.received.length], [1, 0], redacted.stderr);
  assert.match(redacted.stderr, /1 not sent: it holds what was redacted/);
  const rewritten = await resent(({ request }) => request.rewritten = [["Host", "api.test"]]);
  assert.equal(rewritten.code, 0, rewritten.stderr);
  assert.deepEqual(["Host", "X-A"].map((name) => field(backend.received[0], name)), ["api.test", "2"]);
});
