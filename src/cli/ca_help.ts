/**
 * What `tcpmon ca` prints: the interception CA, what trusting it means, how to trust it, and how to end
 * that.
 */
import { escaped } from "../net/address.ts";

/** What is to be known of the CA for its help. */
export interface CaFacts {
  /** Where the certificate stands. */
  readonly certPath: string;
  /** Its SHA-256, as `AA:BB:…`. */
  readonly fingerprint: string;
  /** The certificate, PEM. */
  readonly pem: string;
  /** Its name, as `CN=…, O=…`. */
  readonly subject: string;
  /** When it ends. */
  readonly notAfter: Date;
}

/**
 * The text of `tcpmon ca`: the facts, the PEM, and commands for each system and client, ready to paste.
 *
 * @returns Lines, each closed by a line end.
 */
export function caHelp(facts: CaFacts): string {
  const pem = facts.pem.trimEnd();
  const folder = facts.certPath.replace(/[/\\][^/\\]*$/, "");
  const key = `${folder}${facts.certPath.includes("\\") ? "\\" : "/"}ca-key.pem`;
  return `The CA of tcpmon's TLS interception

  name         ${escaped(facts.subject)}
  certificate  ${escaped(facts.certPath)}
  key          ${escaped(key)}
  valid until  ${facts.notAfter.toISOString().slice(0, 10)}
  SHA-256      ${facts.fingerprint}

${pem}

Whoever trusts it believes every certificate that its key signs, for any host.
So trust it on machines for testing only, for one program rather than for the
whole system where that will do, never hand out the key, and take the trust
back when you are done. tcpmon makes another CA on each machine.

${sections(facts)}
To start anew, take the trust back everywhere, then remove both files: the next
use makes another CA.
`;
}

function sections(facts: CaFacts): string {
  const path = posix(facts.certPath);
  const windows = `"${escaped(facts.certPath)}"`;
  const name = commonName(facts.subject);
  return [...programs(path), ...systems(path, windows, name), ...constraints()].join("\n");
}

function programs(path: string): string[] {
  return [
    section("curl, for one command (in place of the usual roots)", [
      `curl --cacert ${path} https://example.org/`,
    ]),
    section("Node.js, for one process (beside the usual roots)", [
      `NODE_EXTRA_CA_CERTS=${path} node app.js`,
    ]),
    section("Python, for one process (in place of the usual roots), with requests; with ssl", [
      `REQUESTS_CA_BUNDLE=${path} python3 app.py`,
      `SSL_CERT_FILE=${path} python3 app.py`,
    ]),
    section("Deno, for one process (beside the usual roots)", [
      `deno run --cert ${path} app.ts`,
      `DENO_CERT=${path} deno run app.ts`,
    ]),
    section("Java, for one process (in place of the usual roots)", [
      `keytool -importcert -noprompt -alias tcpmon -file ${path} \\`,
      "  -keystore tcpmon.p12 -storetype PKCS12 -storepass changeit",
      "java -Djavax.net.ssl.trustStore=tcpmon.p12 \\",
      "  -Djavax.net.ssl.trustStorePassword=changeit -jar app.jar",
    ], ["rm tcpmon.p12"]),
    section("Java, for all that runs on one JDK", [
      "keytool -importcert -noprompt -cacerts -alias tcpmon -storepass changeit \\",
      `  -file ${path}`,
    ], ["keytool -delete -cacerts -alias tcpmon -storepass changeit"]),
  ];
}

function systems(path: string, windows: string, name: string): string[] {
  return [
    section("Debian and Ubuntu, for the system (curl, Python's ssl, Go)", [
      `sudo cp ${path} /usr/local/share/ca-certificates/tcpmon.crt`,
      "sudo update-ca-certificates",
    ], [
      "sudo rm /usr/local/share/ca-certificates/tcpmon.crt",
      "sudo update-ca-certificates --fresh",
    ]),
    section("Chromium and Chrome on Linux (certutil is in libnss3-tools)", [
      `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n tcpmon -i ${path}`,
    ], ["certutil -d sql:$HOME/.pki/nssdb -D -n tcpmon"]),
    section("Firefox, in Settings, Privacy & Security, View Certificates, Authorities", [
      `Import ${path}`,
      "and tick: Trust this CA to identify websites",
    ], [`choose ${name} there, then Delete or Distrust`]),
    section("macOS, for your login (Safari, Chrome)", [
      "security add-trusted-cert -r trustRoot \\",
      `  -k ~/Library/Keychains/login.keychain-db ${path}`,
    ], [
      `security delete-certificate -t -c ${posix(name)} \\`,
      "  ~/Library/Keychains/login.keychain-db",
    ]),
    section("Windows, for your account (Edge, Chrome)", [
      `certutil -user -addstore Root ${windows}`,
    ], [`certutil -user -delstore Root "${name}"`]),
  ];
}

function constraints(): string[] {
  return [`Name constraints: this CA has none, since which hosts to intercept is said when
tcpmon runs, and another list would mean another CA to trust. To hold it to
some names whatever happens, make the pair yourself, in a folder of its own for
--ca-dir; clients then refuse its certificates for all other hosts:
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \\
    -days 365 -subj '/CN=tcpmon CA for example.test' \\
    -keyout ca-key.pem -out ca.pem \\
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' \\
    -addext 'keyUsage=critical,keyCertSign,cRLSign' \\
    -addext "nameConstraints=critical,permitted;DNS:example.test,\\
excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:::/::"
`];
}

/** A heading, commands that trust, and commands that end it; without the latter it ends with the process. */
function section(heading: string, trust: readonly string[], end: readonly string[] = []): string {
  const lines = [`${heading}:`, ...trust.map((line) => `  ${line}`)];
  if (end.length > 0) lines.push("and back:", ...end.map((line) => `  ${line}`));
  return `${lines.join("\n")}\n`;
}

/** The common name in a subject, or all of it where there is none. */
function commonName(subject: string): string {
  return escaped(/(?:^|, ?)CN=([^,]+)/.exec(subject)?.[1] ?? subject);
}

/** A word for a POSIX shell: in single quotes where it holds more than plain characters. */
function posix(word: string): string {
  const safe = escaped(word);
  return /^[\w./:@%+=,-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}
