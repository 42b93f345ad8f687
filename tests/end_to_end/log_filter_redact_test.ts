import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { answering, ask, type Logged, logOf, message, recordsOf } from "./log_of.ts";
import { Peer, Server } from "./peers.ts";
import { Program } from "./program.ts";

const get = (path: string, ...fields: string[]) =>
  message(`GET ${path} HTTP/1.1`, ["Host: a.test", ...fields]);
const ANSWERS = {
  "/ok": message("HTTP/1.1 200 OK", ["Content-Type: text/plain"], "fine"),
  "/bad": message("HTTP/1.1 500 Broken", ["X-Id: 7"], "it broke"),
  "/gzip": message(
    "HTTP/1.1 200 OK",
    ["Content-Type: text/plain", "Content-Encoding: gzip"],
    gzipSync("a needle"),
  ),
};
const REQUESTS = ["/ok", "/bad", "/gzip", "/missing"].map((path) => get(path));

/** The request targets that a filter lets through. */
async function passing(filter: string): Promise<string[]> {
  const logged = await logOf(["--format", "json", "--filter", filter], ANSWERS, REQUESTS);
  return recordsOf(logged).map(({ request }) => request.target);
}

Deno.test("--filter logs what matches, and all of the traffic passes", async () => {
  const cases: Record<string, string[]> = {
    "status:5xx": ["/bad"],
    "-status:200 type:exchange": ["/bad", "/missing"],
    "body:needle": ["/gzip"],
    "(path:/ok | header:x-id=7) method:GET": ["/ok", "/bad"],
    "broke": ["/bad"],
    "duration:>1h": [],
  };
  const found = await Promise.all(Object.keys(cases).map(passing));
  assert.deepEqual(found, Object.values(cases));
});

Deno.test("--filter holds in the human formats too", async () => {
  for (const format of ["text", "short"]) {
    const { text, bodies } = await logOf(["--format", format, "--filter", "status:5xx"], ANSWERS, REQUESTS);
    assert.deepEqual(text.match(/^#\d+ .*$/gm)?.length, 1);
    assert.match(text, / GET \/bad 500 Broken /);
    assert.equal(bodies.length, 4);
  }
});

const SECRETS = [
  "Bearer-s3cret-1",
  "c00kie-s3cret",
  "passw0rd-s3cret",
  "t0ken-s3cret",
  "xml-s3cret",
  "zipped-s3cret",
];
const [BEARER, COOKIE, PASSWORD, TOKEN, XML, ZIPPED] = SECRETS;
const SECRET_ANSWERS = {
  "/login": message(
    "HTTP/1.1 200 OK",
    ["Content-Type: application/json", `Set-Cookie: sid=${COOKIE}; HttpOnly`],
    JSON.stringify({ user: "ann", password: PASSWORD, nested: [{ access_token: TOKEN }] }),
  ),
  "/soap": message(
    "HTTP/1.1 200 OK",
    ["Content-Type: text/xml"],
    `<a><Password>${XML}</Password><b>kept</b></a>`,
  ),
  "/gzip": message(
    "HTTP/1.1 200 OK",
    ["Content-Type: application/json", "Content-Encoding: gzip"],
    gzipSync(JSON.stringify({ secret: ZIPPED })),
  ),
};
const SECRET_REQUESTS = [
  get(`/login?access_token=${TOKEN}&page=2`, `Authorization: Bearer ${BEARER}`),
  get("/login", `Cookie: sid=${COOKIE}; theme=dark`, `Authorization: Bearer ${BEARER}`),
  get("/soap"),
  get("/gzip"),
];
const TAG = /\[redacted:[0-9a-f]+\]/g;

Deno.test("with --redact no secret is anywhere in the log, in no format, and the traffic has them all", async () => {
  for (const options of [["--format=text"], ["--format=short"], ["--format=json"], ["--pretty"], ["--hex"]]) {
    const { text, bodies, said } = await logOf(["--redact", ...options], SECRET_ANSWERS, SECRET_REQUESTS);
    for (const secret of SECRETS) {
      for (const form of [secret, btoa(secret), btoa(secret).slice(0, -4)]) {
        assert.ok(!text.includes(form), `${options}: ${form}`);
        assert.ok(!said.join().includes(form));
      }
    }
    assert.ok(text.includes("page=2"), "what is no secret stays");
    assert.ok(new TextDecoder().decode(bodies[0]).includes(PASSWORD));
  }
});

Deno.test("the same secret has the same tag wherever it stands, another one another", async () => {
  const logged = await logOf(["--redact", "--format=json"], SECRET_ANSWERS, SECRET_REQUESTS);
  const [first, second] = recordsOf(logged);
  const value = (message: { headers: [string, string][] }, name: string) =>
    message.headers.find(([found]) => found === name)![1].match(TAG)![0];
  assert.equal(value(first.request, "Authorization"), value(second.request, "Authorization"));
  assert.equal(value(second.request, "Cookie"), value(first.response, "Set-Cookie"));
  assert.notEqual(value(second.request, "Cookie"), value(second.request, "Authorization"));
  const token = first.request.target.match(TAG)![0];
  assert.equal(JSON.parse(first.response.body.text).nested[0].access_token, token);
  assert.equal(first.redacted ?? first.request.redacted, true);
});

Deno.test("tags are the same in another run with the same key, else not", async () => {
  const run = (...options: string[]) =>
    logOf(["--redact", "--format=json", ...options], SECRET_ANSWERS, SECRET_REQUESTS);
  const tags = ({ text }: Logged) => text.match(TAG)!;
  const [one, same, other, random, again] = await Promise.all([
    run("--redact-key", "k1"),
    logOf(["--redact", "--format=json"], SECRET_ANSWERS, SECRET_REQUESTS, {
      env: { TCPMON_REDACT_KEY: "k1" },
    }),
    run("--redact-key", "k2"),
    run(),
    run(),
  ]);
  assert.deepEqual(tags(one), tags(same));
  assert.notDeepEqual(tags(one), tags(other));
  assert.notDeepEqual(tags(random), tags(again));
});

Deno.test("--redact=NAMES hides those instead, --redact=+NAMES those too", async () => {
  const [instead, too] = await Promise.all(
    ["--redact=page", "--redact=+page"].map((option) =>
      logOf([option, "--format=json"], SECRET_ANSWERS, SECRET_REQUESTS)
    ),
  );
  for (const { text } of [instead, too]) assert.ok(!text.includes("page=2"));
  assert.ok(instead.text.includes(BEARER));
  assert.ok(!too.text.includes(BEARER));
});

Deno.test("that raw streams are not redacted is said once, when the first is logged", async () => {
  await using http = answering(ANSWERS);
  await using raw = new Server(async (peer) => {
    await peer.send("220 mail\r\n");
    await peer.readUntil("\n");
  });
  await using program = Program.start([
    ...["relay", `0=${http.target}`, `0=${raw.target}`, "--redact", "--format=json"],
  ]);
  const [httpPort, rawPort] = await program.ports(2);
  {
    using client = await Peer.connect(httpPort);
    await ask(client, get("/ok"));
  }
  await program.records("exchange");
  assert.doesNotMatch(program.said.join("\n"), /redact/);
  for (let i = 0; i < 2; i++) {
    using client = await Peer.connect(rawPort);
    await client.readUntil("\n");
    await client.send("QUIT\r\n");
    await client.readToEnd();
  }
  await program.says(/--redact finds secrets in HTTP and in text messages only/);
  await program.records("data", 4);
  await program.stop();
  assert.equal(program.said.filter((line) => line.includes("--redact")).length, 1);
});

Deno.test("what is cut inside a head, or is HTTP that cannot be read, shows no secret with --redact", async () => {
  const secrets = ["t0ken-s3cret", "bearer-s3cret", "c00kie-s3cret", "hunter2"];
  const [token, bearer, cookie, password] = secrets;
  const start = `GET /cut?token=${token} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${bearer}\r\n`;
  const body = `{"password":"${password}"}`;
  const requests = [
    `${start}X: `,
    `${start}Cookie: sid=${cookie}`,
    `${start}X: ${"x".repeat(300_000)}\r\n\r\n`,
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n${body}`,
    get("/answer-is-cut"),
  ];
  await using server = new Server(async (peer) => {
    const text = new TextDecoder().decode(await peer.readToEnd());
    if (text.includes("/answer-is-cut")) {
      await peer.send(`HTTP/1.1 200 OK\r\nSet-Cookie: sid=${cookie}\r\nX-Api-Key: ${bearer}`);
    }
  });
  for (const format of ["json", "text"]) {
    await using program = Program.start([
      "relay",
      `0=${server.target}`,
      "--redact",
      "--format",
      format,
      "--hex",
    ]);
    const port = await program.port();
    for (const request of requests) {
      using client = await Peer.connect(port);
      await client.send(request);
      await client.end();
      await client.readToEnd();
    }
    await program.stop();
    const log = program.log.join("\n");
    assert.equal((log.match(/cut-head/g) ?? []).length, 3);
    const heads = [...log.matchAll(/"head":"([^"]*)"/g)].map(([, head]) => atob(head)).join();
    for (const secret of secrets) assert.ok(!(log + heads).includes(secret), `${format}: ${secret}`);
    assert.doesNotMatch(program.said.join("\n"), /--redact/);
    if (format === "json") await assertLeftOut(program);
  }

  async function assertLeftOut(program: Program): Promise<void> {
    const data = await program.records("data", 0);
    assert.ok(data.length >= 2);
    for (const { text, redacted, truncated, http } of data) {
      assert.deepEqual([text, redacted, truncated, http], ["", true, true, true]);
    }
    const exchanges = await program.records("exchange", 0);
    const outcomes = exchanges.map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ["request-cut", "request-cut", "not-http", "response-cut"]);
  }
});
