/** Certificates and keys that cannot be used: one line at the start, and exit code 1. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { installed, runProgram } from "./program.ts";
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
      [["--tls-cert", localhost.certFile], /--tls-cert \S+: found no private key in PEM/],
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
      assert.deepEqual([code, stdout], [1, ""], stderr);
      assert.match(stderr, said);
      assert.match(stderr, /^tcpmon: cannot (read|use) [^\n]*$/);
    }));
  },
});
