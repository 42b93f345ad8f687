/** The text of `tcpmon ca`: complete, safe to paste, and with a way back from each way in. */
import assert from "node:assert/strict";
import { caHelp } from "../../src/cli/ca_help.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const FACTS = {
  certPath: "/home/me/.local/share/tcpmon/ca.pem",
  fingerprint: Array(32).fill("A1").join(":"),
  pem: PEM,
  subject: "CN=tcpmon CA 01020304, O=tcpmon on box",
  notAfter: new Date("2036-01-15T12:00:00Z"),
};

Deno.test("it says where the CA is, what it is, until when, and shows its PEM as it is", () => {
  const text = caHelp(FACTS);
  for (
    const fact of [
      "CN=tcpmon CA 01020304, O=tcpmon on box",
      "/home/me/.local/share/tcpmon/ca.pem",
      "/home/me/.local/share/tcpmon/ca-key.pem",
      "2036-01-15",
      FACTS.fingerprint,
      `\n${PEM}`,
    ]
  ) assert(text.includes(fact), fact);
  assert.match(text, /believes every certificate that its key signs/);
  assert.match(text, /[^\n]\n$/);
});

Deno.test("it has each system and client, and the way back where trust outlasts a command", () => {
  const text = caHelp(FACTS);
  for (
    const [name, trust, back] of [
      ["curl", "curl --cacert ", undefined],
      ["Node", "NODE_EXTRA_CA_CERTS=", undefined],
      ["Python", "REQUESTS_CA_BUNDLE=", undefined],
      ["Python", "SSL_CERT_FILE=", undefined],
      ["Deno", "DENO_CERT=", undefined],
      ["Java", "-Djavax.net.ssl.trustStore=", undefined],
      ["Java", "keytool -importcert -noprompt -cacerts", "keytool -delete -cacerts"],
      ["Debian", "update-ca-certificates\n", "update-ca-certificates --fresh"],
      ["Chromium", "certutil -d sql:$HOME/.pki/nssdb -A -t C,, ", "certutil -d sql:$HOME/.pki/nssdb -D"],
      ["Firefox", "Trust this CA to identify websites", "Delete or Distrust"],
      ["macOS", "security add-trusted-cert", "security delete-certificate -t -c 'tcpmon CA 01020304'"],
      ["Windows", "certutil -user -addstore Root", 'certutil -user -delstore Root "tcpmon CA 01020304"'],
    ]
  ) {
    const at = text.indexOf(trust!);
    assert(text.includes(name!) && at >= 0, trust);
    if (back !== undefined) assert(text.indexOf(back) > at, back);
  }
  assert.match(text, /nameConstraints=critical,permitted;DNS:example\.test,\\\nexcluded;IP:/);
});

Deno.test("lines fit 80 columns, but for those with the path or the fingerprint", () => {
  for (const line of caHelp(FACTS).split("\n")) {
    assert(line.length <= 80 || /tcpmon\/ca|SHA-256/.test(line), line);
  }
});

Deno.test("a path with spaces or quotes is one word of the shell", () => {
  const spaced = caHelp({ ...FACTS, certPath: "/Users/me/Library/Application Support/tcpmon/ca.pem" });
  assert(spaced.includes("curl --cacert '/Users/me/Library/Application Support/tcpmon/ca.pem' https"));
  assert(
    caHelp({ ...FACTS, certPath: "/o'x $(id)/ca.pem" }).includes("--cacert '/o'\\''x $(id)/ca.pem' https"),
  );
});

Deno.test("a Windows path stands in double quotes for certutil, with the key beside it", () => {
  const text = caHelp({ ...FACTS, certPath: "C:\\Users\\me\\tcpmon\\ca.pem" });
  assert(text.includes('-addstore Root "C:\\Users\\me\\tcpmon\\ca.pem"'));
  assert(text.includes("C:\\Users\\me\\tcpmon\\ca-key.pem"));
});

Deno.test("control characters of a name or a path never reach the terminal", () => {
  const text = caHelp({ ...FACTS, certPath: "/a\u001b[2J/ca.pem", subject: "CN=a\u001b[2J\u202e" });
  // deno-lint-ignore no-control-regex -- that there is none is the point
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});
