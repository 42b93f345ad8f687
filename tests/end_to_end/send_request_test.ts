/** `tcpmon send`: words become a request on the wire, and the exchange is shown as a relay's log shows it. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { installed } from "./program.ts";
import { answered, Backend, field, ok, records, tcpmon } from "./sending.ts";
import { run } from "./tools.ts";

/** Sends something to a backend that says hello, and gives what the backend got. */
async function sent(...args: readonly string[]) {
  await using backend = new Backend();
  const ended = await tcpmon(["send", ...args.map((arg) => arg.replace("URL", `http://${backend.target}`))]);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(backend.received.length, 1);
  return { ...backend.received[0], ended, target: backend.target };
}

Deno.test("send URL is a GET, shown as request, answer and a summary on stdout, with nothing on stderr", async () => {
  const { head, ended, target } = await sent("URL/stock");
  assert.match(
    head,
    new RegExp(
      `^GET /stock HTTP/1\\.1\r\nHost: ${target}\r\nUser-Agent: tcpmon/[\\d.]+\r\nAccept: \\*/\\*\r\n\r\n$`,
    ),
  );
  assert.equal(ended.stderr, "");
  assert.match(ended.text, /^#1 \S+ \S+ → \S+ GET \/stock 200 OK [\d.]+ m?s ↑0 B ↓5 B$/m);
  assert.match(ended.text, /^> GET \/stock HTTP\/1\.1$/m);
  assert.match(ended.text, /^< HTTP\/1\.1 200 OK\n< Content-Length: 5\n<\n {4}hello$/m);
});

Deno.test("any method goes, those in lower case in upper case; HEAD waits for no body", async () => {
  for (const method of ["PUT", "delete", "PROPFIND", "options"]) {
    assert.match(
      (await sent(method, "URL/x")).head,
      new RegExp(`^${method.toUpperCase()} /x HTTP/1\\.1\r\n`),
    );
  }
  await using backend = new Backend(() => "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  const { code } = await tcpmon(["send", "HEAD", `http://${backend.target}/`]);
  assert.equal(code, 0);
});

Deno.test("httpie's items are fields of the head, of the query and of a JSON body", async () => {
  const { head, text } = await sent(
    "URL/items",
    "X-Id:7",
    "q==a b&c",
    "name=chair",
    "price:=12.5",
    "tags:=[1,2]",
  );
  assert.match(head, /^POST \/items\?q=a%20b%26c HTTP\/1\.1\r\n/);
  assert.equal(field({ head }, "X-Id"), "7");
  assert.equal(field({ head }, "Content-Type"), "application/json");
  assert.equal(field({ head }, "Content-Length"), String(text.length));
  assert.deepEqual(JSON.parse(text), { name: "chair", price: 12.5, tags: [1, 2] });
});

Deno.test("--form and --multipart make bodies of items, files among them", () =>
  inDirectory(async (directory) => {
    await Deno.writeFile(`${directory}/a.bin`, new Uint8Array([0, 255, 13, 10]));
    const form = await sent("URL/", "--form", "a=b c", "d=é&f");
    assert.equal(form.text, "a=b+c&d=%C3%A9%26f");
    assert.equal(field(form, "Content-Type"), "application/x-www-form-urlencoded");
    const parts = await sent("URL/", "--multipart", "a=b", `file@${directory}/a.bin`);
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(field(parts, "Content-Type")!)![1];
    const body = Array.from(parts.body, (byte) => String.fromCharCode(byte)).join("");
    assert.ok(body.includes(`--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n`), body);
    assert.ok(body.includes('name="file"; filename="a.bin"\r\n'), body);
    assert.ok(body.includes("\r\n\r\n\x00\xff\r\n\r\n--"), "the file, byte for byte");
    assert.ok(body.endsWith(`--${boundary}--\r\n`));
  }));

Deno.test("-d takes a text, a file or stdin, byte for byte; -H replaces, adds and takes out fields", () =>
  inDirectory(async (directory) => {
    await Deno.writeFile(`${directory}/body`, new Uint8Array([0, 1, 254, 255]));
    assert.equal((await sent("URL/", "-d", "a\nb")).text, "a\nb");
    const file = await sent(
      "URL/",
      "-d",
      `@${directory}/body`,
      "-H",
      "Host: other.test",
      "-H",
      "User-Agent:",
    );
    assert.deepEqual([...file.body], [0, 1, 254, 255]);
    assert.equal(field(file, "Content-Type"), "application/octet-stream");
    assert.equal(field(file, "Host"), "other.test");
    assert.equal(field(file, "User-Agent"), undefined);
    await using backend = new Backend();
    const { code } = await tcpmon(["send", "PUT", `http://${backend.target}/`, "-d", "-", "--xml"], {
      stdin: "<a>ü</a>",
    });
    assert.equal(code, 0);
    assert.equal(backend.received[0].text, "<a>ü</a>");
    assert.equal(field(backend.received[0], "Content-Type"), "application/xml");
  }));

Deno.test("a body goes in chunks where Transfer-Encoding is given", async () => {
  const { head, text } = await sent("URL/", "-d", "hello", "-H", "Transfer-Encoding: chunked");
  assert.equal(field({ head }, "Content-Length"), undefined);
  assert.equal(text, "5\r\nhello\r\n0\r\n\r\n");
});

Deno.test("--soap wraps a body in an envelope of its version, with its content type and its action", async () => {
  const one = await sent("URL/", "--soap-action", "urn:Get", "-d", "<Get/>");
  assert.equal(field(one, "Content-Type"), "text/xml; charset=utf-8");
  assert.equal(field(one, "SOAPAction"), '"urn:Get"');
  assert.match(
    one.text,
    /<(\w+):Envelope xmlns:\1="http:\/\/schemas\.xmlsoap\.org\/soap\/envelope\/"><\1:Body><Get\/><\/\1:Body>/,
  );
  assert.match(one.ended.text, /POST \/ Get 200 OK/, "the operation stands in the summary");
  const two = await sent("URL/", "--soap", "1.2", "--soap-action", "urn:Get", "-d", "<Get/>");
  assert.equal(field(two, "Content-Type"), 'application/soap+xml; charset=utf-8; action="urn:Get"');
  assert.equal(field(two, "SOAPAction"), undefined);
  assert.ok(two.text.includes('"http://www.w3.org/2003/05/soap-envelope"'));
  const whole = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>';
  assert.equal((await sent("URL/", "--soap", "1.1", "-d", whole)).text, whole, "an envelope goes as it is");
});

Deno.test("--offline prints what would be sent, byte for byte, and sends nothing", async () => {
  await using backend = new Backend();
  const args = ["PUT", `http://${backend.target}/a?b=c`, "name=é", "X-A:1"];
  const printed = await tcpmon(["send", ...args, "--offline"]);
  assert.equal(printed.code, 0);
  assert.equal(backend.received.length, 0);
  assert.equal((await tcpmon(["send", ...args])).code, 0);
  assert.equal(printed.text, backend.received[0].head + backend.received[0].text);
});

Deno.test({
  name: "--curl prints a command that sends the same through a real shell, whatever its values",
  ignore: !installed("curl"),
  async fn() {
    await using backend = new Backend();
    const hostile = 'it\'s "$(id)" `id` \\ !x\n-- %41 é';
    const args = ["PUT", `http://${backend.target}/a;b?c=$d`, "-d", hostile, "-H", "X-A: 'quoted' $HOME"];
    const { text } = await tcpmon(["send", ...args, "--curl"]);
    assert.equal(backend.received.length, 0);
    const { code, stderr } = await run("sh", ["-c", text.replace(/^curl /, "curl -sS --noproxy '*' ")]);
    assert.equal(code, 0, stderr);
    assert.equal((await tcpmon(["send", ...args])).code, 0);
    const [byCurl, bySend] = backend.received;
    assert.equal(byCurl.text, hostile);
    assert.deepEqual(sorted(byCurl.head), sorted(bySend.head));
  },
});

function sorted(head: string): string[] {
  return head.split("\r\n").sort();
}

Deno.test("--format json writes the records that every capture is made of; the log can be resent", async () => {
  await using backend = new Backend();
  const log = await tcpmon(["send", `http://${backend.target}/x`, "a=b", "--format", "json"]);
  const [exchange] = records(log);
  assert.equal(exchange.listener, "send");
  assert.equal(exchange.request.body.text, '{"a": "b"}');
  assert.equal(exchange.outcome, "complete");
  assert.deepEqual(records(log, "connection").map(({ event }) => event), ["opened", "closed"]);
  const again = await tcpmon(["resend", "-", "--diff"], { stdin: log.stdout });
  assert.equal(again.code, 0, again.stderr);
  assert.equal(
    backend.received[0].head + backend.received[0].text,
    backend.received[1].head + backend.received[1].text,
  );
});

Deno.test("--output appends to a file, --pretty, --hex, --max-body and --redact hold as for relays", () =>
  inDirectory(async (directory) => {
    await using backend = new Backend(() => ok('{"a":[1,2]}', "Content-Type: application/json"));
    const url = `http://u:s3cret@${backend.target}/`;
    const log = `${directory}/log`;
    for (const more of [["--pretty"], ["--hex", "--max-body", "3"], ["--redact"]]) {
      const { code, text } = await tcpmon(["send", url, "--output", log, ...more]);
      assert.deepEqual([code, text], [0, ""]);
    }
    const [pretty, hex, redacted] = (await Deno.readTextFile(log)).split(/^#1 /m).slice(1);
    assert.match(pretty, /^ {4}\{\n +"a": \[/m);
    assert.match(hex, /^ {4}00000000 {2}7b 22 61 /m);
    const credentials = btoa("u:s3cret");
    assert.ok(pretty.includes(credentials) && !redacted.includes(credentials), redacted);
    assert.equal(backend.received[2].head.includes(credentials), true, "what is sent is not redacted");
  }));

Deno.test("an answer that is no success is an answer: exit code 0", async () => {
  await using backend = new Backend(() => answered("500 Oh", "no"));
  const { code, text } = await tcpmon(["send", `http://${backend.target}/`, "--format", "short"]);
  assert.equal(code, 0);
  assert.match(text, / GET \/ 500 Oh /);
});
