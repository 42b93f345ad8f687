/**
 * Real clients against a server with our certificates: OpenSSL, curl, Node, Python, Java, Deno and
 * Chromium.
 */
import assert from "node:assert/strict";
import { Authority } from "../../../src/net/tls/authority.ts";
import { curl, run } from "../../end_to_end/tools.ts";
import { testWith } from "./authority_tools.ts";
import { CHROMIUM, CHROMIUM_ARGUMENTS } from "../../ui/chromium_arguments.ts";

const HOST = "service.tcpmon.test";
const ADDRESSES = ["127.0.0.1", "::1"] as const;

async function withAuthority(use: (ca: Authority, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-ca-" });
  try {
    await use(await Authority.open(`${folder}/ca`), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Serves "fine" over HTTPS on a free port of 127.0.0.1 with the leaf for a host. */
async function withServer(ca: Authority, host: string, use: (port: number) => Promise<void>): Promise<void> {
  const { certPem, keyPem } = await ca.leafFor(host);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: certPem,
    key: keyPem,
    onListen: () => {},
    onError: () => new Response("", { status: 500 }),
  }, () => new Response("fine"));
  try {
    await use(server.addr.port);
  } finally {
    await server.shutdown();
  }
}

testWith(
  ["openssl"],
  "openssl's strict check takes leaves for names and addresses, and for long names",
  () =>
    withAuthority(async (ca, folder) => {
      const long = `${"a".repeat(60)}.${"b".repeat(60)}.test`;
      for (const host of [HOST, long, ...ADDRESSES]) {
        await Deno.writeTextFile(`${folder}/leaf.pem`, (await ca.leafFor(host)).certPem);
        const named = host.includes(":") || /^[\d.]+$/.test(host) ? "-verify_ip" : "-verify_hostname";
        const verify = (name: string) =>
          run("openssl", [
            ...["verify", "-x509_strict", "-check_ss_sig", "-purpose", "sslserver", "-CAfile", ca.certPath],
            ...[named, name, `${folder}/leaf.pem`],
          ]);
        const right = await verify(host);
        assert.equal(right.code, 0, right.stderr + right.text);
        const wrong = await verify(named === "-verify_ip" ? "127.0.0.2" : `x.${host}`);
        assert.match(wrong.stderr, /mismatch/);
      }
      const own = await run("openssl", ["verify", "-x509_strict", "-CAfile", ca.certPath, ca.certPath]);
      assert.equal(own.code, 0, own.stderr);
    }),
);

testWith(
  ["openssl"],
  "a CA and leaves beyond 2049, when the form of dates changes, pass the strict check",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "tcpmon-ca-" });
    try {
      const nowMs = Date.UTC(2049, 11, 1);
      const ca = await Authority.open(folder, { now: () => nowMs, hostname: () => "box" });
      await Deno.writeTextFile(`${folder}/leaf.pem`, (await ca.leafFor(HOST)).certPem);
      const at = `${nowMs / 1_000 + 90 * 86_400}`;
      const result = await run("openssl", [
        ...["verify", "-x509_strict", "-attime", at, "-CAfile", ca.certPath, `${folder}/leaf.pem`],
      ]);
      assert.equal(result.code, 0, result.stderr);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testWith(
  ["openssl"],
  "a pair with name constraints that openssl made is taken, and keeps to them",
  () =>
    withAuthority(async (_, folder) => {
      const own = `${folder}/own`;
      await Deno.mkdir(own);
      const made = await run("openssl", [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365"],
        ...[
          "-subj",
          "/CN=tcpmon CA for example.test",
          "-keyout",
          `${own}/ca-key.pem`,
          "-out",
          `${own}/ca.pem`,
        ],
        ...["-addext", "basicConstraints=critical,CA:TRUE,pathlen:0"],
        ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
        "-addext",
        "nameConstraints=critical,permitted;DNS:example.test,excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:::/::",
      ]);
      assert.equal(made.code, 0, made.stderr);
      const ca = await Authority.open(own);
      assert.deepEqual([ca.made, ca.subject], [false, "CN=tcpmon CA for example.test"]);
      for (
        const [host, fine] of [
          ["example.test", true],
          ["a.example.test", true],
          ["example.org", false],
          ["127.0.0.1", false],
          ["::1", false],
        ] as const
      ) {
        await Deno.writeTextFile(`${folder}/leaf.pem`, (await ca.leafFor(host)).certPem);
        const verify = ["verify", "-x509_strict", "-CAfile", ca.certPath, `${folder}/leaf.pem`];
        const result = await run("openssl", verify);
        assert.equal(result.code === 0, fine, `${host}: ${result.stderr}`);
        if (!fine) assert.match(result.stderr, /permitted subtree violation|excluded subtree violation/);
      }
    }),
);

testWith(
  ["curl"],
  "curl takes a leaf for a name and for an address, and refuses it for another",
  () =>
    withAuthority(async (ca) => {
      await withServer(ca, HOST, async (port) => {
        const ask = (host: string) =>
          curl("--cacert", ca.certPath, "--resolve", `${host}:${port}:127.0.0.1`, `https://${host}:${port}/`);
        assert.equal((await ask(HOST)).text, "fine");
        assert.equal((await ask("other.tcpmon.test")).code, 60);
        assert.equal(
          (await curl("--resolve", `${HOST}:${port}:127.0.0.1`, `https://${HOST}:${port}/`)).code,
          60,
        );
      });
      await withServer(ca, "127.0.0.1", async (port) => {
        assert.equal((await curl("--cacert", ca.certPath, `https://127.0.0.1:${port}/`)).text, "fine");
      });
    }),
);

testWith(
  ["node"],
  "Node takes a leaf with NODE_EXTRA_CA_CERTS and refuses it without",
  () =>
    withAuthority((ca) =>
      withServer(ca, HOST, async (port) => {
        const program =
          `require("node:https").get({ host: "127.0.0.1", servername: "${HOST}", port: ${port} },
        (response) => response.pipe(process.stdout)).on("error", (error) => console.log(error.code));`;
        const ask = (...env: string[]) => run("env", [...env, "node", "-e", program]);
        assert.equal((await ask(`NODE_EXTRA_CA_CERTS=${ca.certPath}`)).text, "fine");
        assert.match((await ask()).text, /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)/);
      })
    ),
);

testWith(
  ["python3"],
  "Python takes a leaf with SSL_CERT_FILE, strictly too, and refuses it without",
  () =>
    withAuthority((ca) =>
      withServer(ca, HOST, async (port) => {
        const program = `
import socket, ssl
context = ssl.create_default_context()
context.verify_flags |= ssl.VERIFY_X509_STRICT
try:
    with socket.create_connection(("127.0.0.1", ${port})) as plain:
        with context.wrap_socket(plain, server_hostname="${HOST}") as secure:
            secure.sendall(b"GET / HTTP/1.0\\r\\nHost: ${HOST}\\r\\n\\r\\n")
            print(secure.recv(12).decode())
except ssl.SSLCertVerificationError as error:
    print(error.verify_message)
`;
        const ask = (...env: string[]) => run("env", [...env, "python3", "-c", program]);
        assert.match((await ask(`SSL_CERT_FILE=${ca.certPath}`)).text, /^HTTP\/1\.[01] 200/);
        assert.match((await ask()).text, /self[- ]signed certificate|unable to get local issuer/);
      })
    ),
);

testWith(
  ["keytool", "java"],
  "Java takes a leaf with a trust store that keytool made, and refuses it without",
  () =>
    withAuthority((ca, folder) =>
      withServer(ca, "127.0.0.1", async (port) => {
        const store = `${folder}/tcpmon.p12`;
        const imported = await run("keytool", [
          ...["-importcert", "-noprompt", "-alias", "tcpmon", "-file", ca.certPath],
          ...["-keystore", store, "-storetype", "PKCS12", "-storepass", "changeit"],
        ]);
        assert.equal(imported.code, 0, imported.text);
        const source = `${folder}/Ask.java`;
        await Deno.writeTextFile(
          source,
          `public class Ask {
          public static void main(String[] args) throws Exception {
            try (var in = new java.net.URL("https://127.0.0.1:${port}/").openStream()) {
              System.out.println(new String(in.readAllBytes()));
            } catch (javax.net.ssl.SSLHandshakeException e) {
              System.out.println("refused");
            }
          }
        }`,
        );
        const trust = [`-Djavax.net.ssl.trustStore=${store}`, "-Djavax.net.ssl.trustStorePassword=changeit"];
        assert.equal((await run("java", [...trust, source])).text, "fine\n");
        assert.equal((await run("java", [source])).text, "refused\n");
      })
    ),
);

Deno.test("Deno takes a leaf with the CA's certificate and refuses it without", () =>
  withAuthority((ca) =>
    withServer(ca, "localhost", async (port) => {
      const connect = async (caCerts: string[]) => {
        using connection = await Deno.connectTls({ hostname: "localhost", port, caCerts });
        await connection.handshake();
      };
      await connect([ca.certPem]);
      await assert.rejects(connect([]), /UnknownIssuer/);
    })
  ));

testWith(
  ["chromium", "certutil"],
  "Chromium takes a leaf once its store trusts the CA, and refuses it before",
  () =>
    withAuthority((ca, folder) =>
      withServer(ca, HOST, async (port) => {
        const store = `${folder}/.pki/nssdb`;
        await Deno.mkdir(store, { recursive: true });
        const nss = async (...args: string[]) => {
          const result = await run("certutil", ["-d", `sql:${store}`, ...args]);
          assert.equal(result.code, 0, result.stderr);
        };
        const page = () => dom(folder, port);
        await nss("-N", "--empty-password");
        assert.match(await page(), /ERR_CERT_AUTHORITY_INVALID/);
        await nss("-A", "-t", "C,,", "-n", "tcpmon", "-i", ca.certPath);
        assert.match(await page(), />fine</);
      })
    ),
);

/**
 * The page that Chromium sees, as HTML, and its complaints. Its home is a folder of the test, so the user's
 * own store is not touched.
 */
async function dom(home: string, port: number): Promise<string> {
  const result = await run("env", [
    ...[`HOME=${home}`, CHROMIUM, "--headless", ...CHROMIUM_ARGUMENTS, "--no-proxy-server"],
    ...[`--user-data-dir=${home}/profile`, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`, "--dump-dom"],
    `https://${HOST}:${port}/`,
  ]);
  return result.text + result.stderr;
}
