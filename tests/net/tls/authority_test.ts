/**
 * The CA: made once, opened again, refused where something is wrong with it; and what its certificates say.
 */
import assert from "node:assert/strict";
import { Authority, AuthorityError } from "../../../src/net/tls/authority.ts";
import { run } from "../../end_to_end/tools.ts";
import { testWith } from "./authority_tools.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 0, 15, 12);
const WINDOWS = Deno.build.os === "windows";

/** A clock that stands still, and a machine with a name. */
function at(nowMs: number, hostname: string | undefined = "box") {
  return { now: () => nowMs, hostname: () => hostname };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-ca-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What OpenSSL reads in the first certificate of a chain. */
async function read(certPem: string) {
  const { code, text, stderr } = await run(
    "openssl",
    ["x509", "-noout", "-text", "-subject", "-issuer", "-serial", "-dates", "-fingerprint", "-sha256"],
    new TextEncoder().encode(certPem),
  );
  assert.equal(code, 0, stderr);
  const line = (name: string) => new RegExp(`^${name}=(.*)$`, "mi").exec(text)![1];
  return {
    subject: line("subject").replaceAll(" = ", "="),
    issuer: line("issuer").replaceAll(" = ", "="),
    serial: line("serial"),
    fingerprint: line("sha256 fingerprint"),
    notBeforeMs: Date.parse(line("notBefore")),
    notAfterMs: Date.parse(line("notAfter")),
    /** Each extension with its value in one line. */
    extensions: [...text.matchAll(/^ {12}X509v3 (.+)\n {16}(.+)$/gm)].map(([, name, value]) =>
      `${name.trim()} ${value.trim()}`
    ),
    publicKey: /pub:\n([\s0-9a-f:]+)\n/.exec(text)![1],
  };
}

/** The part of an extension after its name. */
function valueOf(extensions: readonly string[], name: string): string | undefined {
  return extensions.find((each) => each.startsWith(name))?.slice(name.length);
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

/** Opens a folder that cannot be used; the message, which is one line. */
async function refused(folder: string, nowMs = NOW_MS): Promise<string> {
  let message = "";
  await assert.rejects(Authority.open(folder, at(nowMs)), (error: unknown) => {
    assert(error instanceof AuthorityError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    message = error.message.replaceAll(folder, "F");
    return true;
  });
  return message;
}

testWith(
  ["openssl"],
  "a CA is made on first use, for ten years, able to sign servers only",
  () =>
    withFolder(async (folder) => {
      const home = `${folder}/new/tcpmon`;
      const ca = await Authority.open(home, at(NOW_MS));
      assert.equal(ca.made, true);
      assert.match(ca.subject, /^CN=tcpmon CA [0-9a-f]{8}, O=tcpmon on box$/);
      assert.deepEqual(await names(home), ["ca-key.pem", "ca.pem"]);
      assert.equal(await Deno.readTextFile(ca.certPath), ca.certPem);
      const certificate = await read(ca.certPem);
      assert.equal(certificate.fingerprint, ca.fingerprint);
      assert.equal(certificate.subject, ca.subject);
      assert.equal(certificate.issuer, ca.subject);
      assert.equal(certificate.notBeforeMs, NOW_MS - DAY_MS);
      assert.equal(certificate.notAfterMs, ca.notAfter.getTime());
      assert.equal(ca.notAfter.toISOString().slice(0, 10), "2036-01-15");
      const [constraints, usage, keyId, ...more] = certificate.extensions;
      assert.equal(constraints, "Basic Constraints: critical CA:TRUE, pathlen:0");
      assert.equal(usage, "Key Usage: critical Certificate Sign, CRL Sign");
      assert.match(keyId, /^Subject Key Identifier: ([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
      assert.deepEqual(more, []);
    }),
);

Deno.test({
  name: "the key is for its owner alone, the certificate for everybody",
  ignore: WINDOWS,
  fn: () =>
    withFolder(async (folder) => {
      const home = `${folder}/tcpmon`;
      await Authority.open(home, at(NOW_MS));
      const mode = async (path: string) => ((await Deno.stat(path)).mode! & 0o777).toString(8);
      assert.equal(await mode(home), "700");
      assert.equal(await mode(`${home}/ca-key.pem`), "600");
      assert.match(await mode(`${home}/ca.pem`), /^6[04][04]$/); // 644, less what the umask takes
    }),
});

Deno.test("a CA that is there is opened and not changed", () =>
  withFolder(async (folder) => {
    const first = await Authority.open(folder, at(NOW_MS));
    const again = await Authority.open(folder, at(NOW_MS + DAY_MS, "another-name"));
    assert.equal(again.made, false);
    assert.equal(again.fingerprint, first.fingerprint);
    assert.equal(again.certPem, first.certPem);
  }));

Deno.test("odd, long and unknown host names make a readable CA name", async () => {
  for (
    const [hostname, organisation] of [
      [undefined, "tcpmon on this machine"],
      ["", "tcpmon on this machine"],
      ["a,b=c\n\u001bd", "tcpmon on abcd"],
      ["x".repeat(200), `tcpmon on ${"x".repeat(54)}`],
    ]
  ) {
    await withFolder(async (folder) => {
      const { subject } = await Authority.open(folder, { now: () => NOW_MS, hostname: () => hostname });
      assert.equal(subject.slice(subject.indexOf("O=") + 2), organisation);
    });
  }
});

testWith(["openssl"], "two CAs share neither key nor name", () =>
  withFolder(async (folder) => {
    const one = await Authority.open(`${folder}/1`, at(NOW_MS));
    const two = await Authority.open(`${folder}/2`, at(NOW_MS));
    assert.notEqual(one.subject, two.subject);
    assert.notEqual((await read(one.certPem)).publicKey, (await read(two.certPem)).publicKey);
  }));

Deno.test("many who open an empty folder at once get one CA", () =>
  withFolder(async (folder) => {
    const all = await Promise.all(Array.from({ length: 12 }, () => Authority.open(folder, at(NOW_MS))));
    assert.equal(new Set(all.map(({ fingerprint }) => fingerprint)).size, 1);
    assert.equal(all.filter(({ made }) => made).length, 1);
    assert.deepEqual(await names(folder), ["ca-key.pem", "ca.pem"]);
  }));

Deno.test("several processes that open an empty folder at once get one CA", () =>
  withFolder(async (folder) => {
    const module = new URL("../../../src/net/tls/authority.ts", import.meta.url);
    const program = `const { Authority } = await import(${JSON.stringify(module.href)});
      console.log((await Authority.open(Deno.args[0])).fingerprint);`;
    const script = `${folder}/open.ts`;
    await Deno.writeTextFile(script, program);
    const outputs = await Promise.all(
      Array.from({ length: 4 }, () =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "--quiet", "--no-check", "--allow-all", "--config", config(), script, `${folder}/ca`],
          stderr: "inherit",
        }).output()),
    );
    const printed = outputs.map(({ stdout }) => new TextDecoder().decode(stdout).trim());
    assert.match(printed[0], /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.equal(new Set(printed).size, 1, printed.join("\n"));
    assert.equal((await Authority.open(`${folder}/ca`)).fingerprint, printed[0]);
  }));

function config(): string {
  return new URL("../../../deno.json", import.meta.url).pathname;
}

Deno.test("one file without the other is refused, saying what to remove", () =>
  withFolder(async (folder) => {
    await Authority.open(folder, at(NOW_MS));
    await Deno.rename(`${folder}/ca-key.pem`, `${folder}/away`);
    assert.equal(
      await refused(folder),
      "cannot use the CA in F: ca.pem is there without ca-key.pem; put that back, or remove ca.pem, and a new CA is made",
    );
    await Deno.rename(`${folder}/away`, `${folder}/ca-key.pem`);
    await Deno.rename(`${folder}/ca.pem`, `${folder}/away`);
    // Nobody is still writing what belongs to a key of that age.
    await Deno.utime(`${folder}/ca-key.pem`, NOW_MS / 1_000 - 10, NOW_MS / 1_000 - 10);
    const startedAt = performance.now();
    assert.equal(
      await refused(folder),
      "cannot use the CA in F: ca-key.pem is there without ca.pem; put that back, or remove ca-key.pem, and a new CA " +
        "is made",
    );
    assert(performance.now() - startedAt < 2_000, "found at once, not waited for");
  }));

Deno.test("a certificate that another process writes a moment after its key is waited for", () =>
  withFolder(async (folder) => {
    const { fingerprint } = await Authority.open(`${folder}`, at(NOW_MS));
    await Deno.rename(`${folder}/ca.pem`, `${folder}/later`);
    const opening = Authority.open(folder, at(NOW_MS));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Deno.rename(`${folder}/later`, `${folder}/ca.pem`);
    assert.equal((await opening).fingerprint, fingerprint);
  }));

Deno.test("a pair that does not fit, a broken file and a certificate of no CA are refused", () =>
  withFolder(async (folder) => {
    const ca = await Authority.open(folder, at(NOW_MS));
    await Authority.open(`${folder}/other`, at(NOW_MS));
    const certPem = ca.certPem;
    const keyPem = await Deno.readTextFile(`${folder}/ca-key.pem`);
    const otherKeyPem = await Deno.readTextFile(`${folder}/other/ca-key.pem`);
    const leaf = await ca.leafFor("example.org");
    const mend = "; remove it and F/ca-key.pem, and a new CA is made, or name another folder with --ca-dir";
    const badCert = "the certificate cannot be read: wanted a PEM block CERTIFICATE";
    const badKey = "the key cannot be read: wanted an ECDSA P-256 key in a PEM block PRIVATE KEY";
    for (
      const [cert, key, reason] of [
        [certPem, otherKeyPem, "the certificate and the key are not of one pair"],
        [leaf.certPem, leaf.keyPem, "the certificate is not one of a CA"],
        ["", keyPem, badCert],
        [certPem.slice(0, 200), keyPem, badCert],
        [keyPem, keyPem, badCert],
        [certPem.replace(/\n.{64}\n/, "\n"), keyPem, badCert],
        ["\u0000".repeat(1_000), keyPem, badCert],
        [certPem, "", badKey],
        [certPem, certPem, badKey],
        [certPem, keyPem.replace(/\n.{64}\n/, "\n"), badKey],
      ]
    ) {
      await Deno.writeTextFile(`${folder}/ca.pem`, cert);
      await Deno.writeTextFile(`${folder}/ca-key.pem`, key);
      assert.equal(await refused(folder), `cannot use the CA F/ca.pem: ${reason}${mend}`);
    }
  }));

Deno.test("an expired CA and one of the future are refused, with the day", () =>
  withFolder(async (folder) => {
    await Authority.open(folder, at(NOW_MS));
    assert.match(
      await refused(folder, Date.UTC(2036, 0, 16)),
      /: the certificate expired on 2036-01-15; remove it/,
    );
    assert.match(
      await refused(folder, Date.UTC(2025, 0, 1)),
      /: the certificate is not valid before 2026-01-14, so/,
    );
  }));

Deno.test({
  name: "a key that others may read is refused, with the command that mends it",
  ignore: WINDOWS,
  fn: () =>
    withFolder(async (folder) => {
      await Authority.open(folder, at(NOW_MS));
      for (const mode of [0o640, 0o604, 0o620]) {
        await Deno.chmod(`${folder}/ca-key.pem`, mode);
        assert.equal(
          await refused(folder),
          `cannot use the CA key F/ca-key.pem: others may read or change it (mode 0${
            mode.toString(8)
          }, wanted 0600); ` +
            "if nobody did, run chmod 600 on it, else remove it and ca.pem, and a new CA is made",
        );
      }
      await Deno.chmod(`${folder}/ca-key.pem`, 0o400);
      assert.equal((await Authority.open(folder, at(NOW_MS))).made, false);
    }),
});

Deno.test("a folder that is a file is refused, naming --ca-dir", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    assert.match(
      await refused(`${folder}/file`),
      /^cannot use the CA folder F: .+; make it .+ with --ca-dir$/,
    );
  }));

testWith(
  ["openssl"],
  "a leaf names its host in the right kind, for servers, signed by the CA",
  () =>
    withFolder(async (folder) => {
      const ca = await Authority.open(folder, at(NOW_MS));
      const authority = await read(ca.certPem);
      const serials = new Set<string>();
      for (
        const [host, commonName, alternative] of [
          ["Www.Example.org", "www.example.org", "DNS:www.example.org"],
          ["127.0.0.1", "127.0.0.1", "IP Address:127.0.0.1"],
          ["[::1]", "::1", "IP Address:0:0:0:0:0:0:0:1"],
          ["2001:db8::a:0:1", "2001:db8::a:0:1", "IP Address:2001:DB8:0:0:0:A:0:1"],
          ["::ffff:192.0.2.1", "::ffff:c000:201", "IP Address:0:0:0:0:0:FFFF:C000:201"],
        ]
      ) {
        const { certPem } = await ca.leafFor(host);
        assert(certPem.endsWith(`-----END CERTIFICATE-----\n${ca.certPem}`));
        const leaf = await read(certPem);
        assert.equal(leaf.subject, `CN=${commonName}`);
        assert.equal(leaf.issuer, ca.subject);
        assert.equal(leaf.extensions.length, 6);
        assert(leaf.extensions.includes("Basic Constraints: critical CA:FALSE"));
        assert(leaf.extensions.includes("Key Usage: critical Digital Signature"));
        assert(leaf.extensions.includes("Extended Key Usage: TLS Web Server Authentication"));
        assert.equal(valueOf(leaf.extensions, "Subject Alternative Name: "), alternative);
        assert.equal(
          valueOf(leaf.extensions, "Authority Key Identifier: ")?.replace("keyid:", ""),
          valueOf(authority.extensions, "Subject Key Identifier: "),
        );
        assert.notEqual(
          valueOf(leaf.extensions, "Subject Key Identifier: "),
          valueOf(authority.extensions, "Subject Key Identifier: "),
        );
        assert.match(leaf.serial, /^[4-7][0-9A-F]{31}$/);
        serials.add(leaf.serial);
      }
      assert.equal(serials.size, 5);
    }),
);

testWith(
  ["openssl"],
  "a name longer than a common name may be stands in the alternative name alone, which is then critical",
  () =>
    withFolder(async (folder) => {
      const ca = await Authority.open(folder, at(NOW_MS));
      const fits = `${"a".repeat(60)}.org`;
      const short = await read((await ca.leafFor(fits)).certPem);
      assert.equal(short.subject, `CN=${fits}`);
      assert.equal(valueOf(short.extensions, "Subject Alternative Name: "), `DNS:${fits}`);
      const longer = `b.${fits}`;
      const long = await read((await ca.leafFor(longer)).certPem);
      assert.equal(long.subject, "");
      assert.equal(valueOf(long.extensions, "Subject Alternative Name: "), `critical DNS:${longer}`);
      const longest = Array(4).fill("c".repeat(62)).join(".");
      const most = await read((await ca.leafFor(longest)).certPem);
      assert.equal(valueOf(most.extensions, "Subject Alternative Name: "), `critical DNS:${longest}`);
    }),
);

testWith(
  ["openssl"],
  "a leaf lasts 397 days at most, and never longer than its CA",
  () =>
    withFolder(async (folder) => {
      const { notAfter } = await Authority.open(folder, at(NOW_MS));
      for (const daysLeft of [3_652, 397, 396, 300, 1, 0.001]) {
        const nowMs = notAfter.getTime() - daysLeft * DAY_MS;
        const ca = await Authority.open(folder, at(nowMs));
        const leaf = await read((await ca.leafFor("example.org")).certPem);
        // The last second counts.
        const lastsMs = leaf.notAfterMs - leaf.notBeforeMs + 1_000;
        assert(lastsMs <= 397 * DAY_MS, `${lastsMs / DAY_MS} days`);
        assert(leaf.notAfterMs <= notAfter.getTime() && leaf.notBeforeMs >= NOW_MS - DAY_MS);
        assert(leaf.notBeforeMs <= nowMs - DAY_MS + 1_000 && leaf.notAfterMs > nowMs);
      }
    }),
);

testWith(
  ["openssl"],
  "a leaf is kept, in every spelling of its host, and renewed before it ends",
  () =>
    withFolder(async (folder) => {
      let nowMs = NOW_MS;
      const ca = await Authority.open(folder, { now: () => nowMs, hostname: () => undefined });
      const [first, same] = await Promise.all([ca.leafFor("example.org"), ca.leafFor("EXAMPLE.org.")]);
      assert.equal(first, same);
      nowMs += 350 * DAY_MS;
      assert.equal(await ca.leafFor("example.org"), first);
      nowMs += 10 * DAY_MS;
      const next = await ca.leafFor("example.org");
      assert.notEqual(next, first);
      assert((await read(first.certPem)).notAfterMs > nowMs);
      nowMs = ca.notAfter.getTime();
      await assert.rejects(ca.leafFor("example.org"), {
        name: "AuthorityError",
        message: /expired meanwhile; remove it/,
      });
    }),
);

Deno.test("a host that is none gets no leaf", () =>
  withFolder(async (folder) => {
    const ca = await Authority.open(folder, at(NOW_MS));
    await assert.rejects(ca.leafFor("a\r\nb"), {
      name: "AuthorityError",
      message:
        'cannot make a certificate for "a\\u000d\\u000ab": wanted a host name or an address, such as example.org ' +
        "or 127.0.0.1",
    });
  }));
