import assert from "node:assert/strict";
import { readCertified, readTrusted } from "../../src/program/certificates.ts";
import { installed } from "../end_to_end/program.ts";
import { run } from "../end_to_end/tools.ts";
import { makeCertificates } from "../net/tls/certificates.ts";

const ignore = !installed("openssl");

Deno.test({
  name: "keys in every usual form are taken: PKCS#8, PKCS#1, SEC 1, Ed25519",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    const { folder, localhost } = certificates;
    const openssl = async (...args: string[]) => assert.equal((await run("openssl", args)).code, 0);
    await openssl("ec", "-in", localhost.keyFile, "-out", `${folder}/sec1.key`);
    const own = async (name: string, ...kind: string[]) => {
      const out = ["-keyout", `${folder}/${name}.key`, "-out", `${folder}/${name}.pem`];
      await openssl("req", "-x509", "-newkey", ...kind, "-nodes", "-subj", "/CN=localhost", ...out);
    };
    await own("ed", "ed25519");
    await own("rsa", "rsa:2048");
    await openssl("rsa", "-traditional", "-in", `${folder}/rsa.key`, "-out", `${folder}/pkcs1.key`);
    const pairs = [
      [localhost.certFile, localhost.keyFile],
      [localhost.certFile, `${folder}/sec1.key`],
      [`${folder}/ed.pem`, `${folder}/ed.key`],
      [`${folder}/rsa.pem`, `${folder}/pkcs1.key`],
    ];
    for (const [cert, key] of pairs) {
      assert.match(readCertified(cert, key, "--tls-cert").keyPem, /PRIVATE KEY/);
    }
  },
});

Deno.test({
  name: "text around the blocks of a file is passed over, and only certificates are taken from it",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    const { folder, ca, localhost } = certificates;
    const file = `${folder}/mixed.pem`;
    const text = `\ufeffIssuer: CN=ca\r\n${
      ca.certPem.replaceAll("\n", "\r\n")
    }\r\n${ca.keyPem}\n${localhost.certPem}`;
    await Deno.writeTextFile(file, text);
    const { pem } = readTrusted(file, "--ca");
    assert.equal(pem.match(/BEGIN CERTIFICATE/g)?.length, 2);
    assert.doesNotMatch(pem, /KEY|Issuer/);
    assert.equal(readTrusted(ca.certFile, "--ca").names("localhost"), false);
    assert.equal(readTrusted(localhost.certFile, "--ca").names("localhost"), false, "no authority");
  },
});
