/** Certificates and keys that cannot be used: one line at the start, and exit code 2, as all bad configuration. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { installed, Program, runProgram } from "./program.ts";
import { run } from "./tools.ts";

const ignore = !installed("openssl");

Deno.test({
  name: "files of certificates and keys that cannot be used end the program at its start, in one line",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    const { localhost, client, folder } = certificates;
    const key = localhost.keyFile;
    const openssl = async (...args: string[]) => assert.equal((await run("openssl", args)).code, 0);
    await openssl("pkcs8", "-topk8", "-in", key, "-out", `${folder}/encrypted.key`, "-passout", "pass:x");
    await openssl(...["ec", "-aes128", "-in", key, "-out", `${folder}/old.key`, "-passout", "pass:x"]);
    await Deno.writeTextFile(`${folder}/empty.pem`, "");
    const broken = localhost.certPem.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA");
    await Deno.writeTextFile(`${folder}/broken.pem`, broken);
    await Deno.writeTextFile(`${folder}/second.pem`, localhost.certPem + broken);
    const cases: readonly (readonly [args: readonly string[], said: RegExp])[] = [
      [["--tls-cert", localhost.certFile, "--tls-key", client.keyFile], /--tls-cert \S+: .* not of one pair/],
      [["--client-cert", client.certFile, "--client-key", key], /--client-cert \S+: .* not of one pair/],
      [
        ["--tls-cert", localhost.certFile],
        /--tls-cert \S+: found no private key in PEM, wanted .*, or --tls-key FILE with it$/,
      ],
      [
        ["--client-cert", client.certFile],
        /--client-cert \S+: found no private key in PEM, wanted .*, or --client-key FILE with it$/,
      ],
      [
        ["--tls-cert", localhost.certFile, "--tls-key", `${folder}/encrypted.key`],
        /--tls-key \S+: found an encrypted private key, wanted one without a passphrase: openssl pkey -in/,
      ],
      [
        ["--tls-cert", localhost.certFile, "--tls-key", `${folder}/old.key`],
        /--tls-key \S+: found an encrypted private key/,
      ],
      [["--tls-cert", key, "--tls-key", key], /--tls-cert \S+: found no certificate in PEM/],
      [["--tls-cert", `${folder}/missing.pem`], /--tls-cert \S+missing.pem: no such file/],
      [
        ["--tls-cert", `${folder}/broken.pem`, "--tls-key", key],
        /--tls-cert \S+: its certificate is damaged/,
      ],
      [["--ca", `${folder}/empty.pem`], /--ca \S+: found no certificate in PEM/],
      [["--ca", `${folder}/second.pem`], /--ca \S+: certificate 2 of 2 is damaged/],
      [["--ca", folder], /--ca \S+: is a directory/],
    ];
    await Promise.all(cases.map(async ([args, said]) => {
      const { code, stdout, stderr } = await runProgram(["relay", "0=https://localhost:9", ...args]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, said);
      assert.match(stderr, /^tcpmon: cannot (read|use) [^\n]*$/);
    }));
  },
});

Deno.test({
  name: "what the older runtime cannot do with a client certificate is told at the start, not to each client",
  ignore,
  async fn() {
    const { stdout } = await runProgram(["--version"]);
    const isOlder = /Deno 2\.[0-8]\./.test(stdout);
    await using certificates = await makeCertificates();
    const { client, folder } = certificates;
    const shown = ["--client-cert", client.certFile, "--client-key", client.keyFile];
    const file = `${folder}/tcpmon.json`;
    const relays = [{ listen: "0", target: "https://localhost:9", insecure: true }];
    await Deno.writeTextFile(file, JSON.stringify({ relays }));
    for (
      const args of [
        ["relay", "0=https://localhost:9", "--insecure", ...shown],
        ["relay", "0=https://localhost:9", "--insecure=localhost", ...shown],
        ["proxy", "0", "--insecure", ...shown],
        ["--config", file, ...shown],
      ]
    ) {
      if (isOlder) {
        const { code, stderr } = await runProgram(args);
        assert.equal(code, 2, stderr);
        assert.match(stderr, /^tcpmon: cannot use --client-cert with --insecure: [^\n]*Deno 2\.9$/);
      } else {
        await using program = Program.start(args);
        await program.port();
      }
    }
    await using program = Program.start([
      "relay",
      "0=https://localhost:9",
      "--insecure=other.test",
      ...shown,
    ]);
    await program.port();
  },
});
