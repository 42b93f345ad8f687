/** Certificates for one test run, made by openssl and thrown away with their folder. */

/** A certificate and its key, as text and as files. */
export interface TestCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** One authority, and what it has signed. Dispose of it to remove the files. */
export interface TestCertificates extends AsyncDisposable {
  readonly folder: string;
  readonly ca: TestCertificate;
  /** For localhost, 127.0.0.1 and ::1. */
  readonly localhost: TestCertificate;
  /** As localhost's, but over since yesterday. */
  readonly expired: TestCertificate;
  /** For localhost, signed by itself. */
  readonly selfSigned: TestCertificate;
  /** For a client. */
  readonly client: TestCertificate;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1";
const SERVER = `${NAMES}\nextendedKeyUsage=serverAuth`;

/** Makes all of them: about 0.2 s. */
export async function makeCertificates(): Promise<TestCertificates> {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-tls-" });
  const openssl = async (...args: string[]) => {
    const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder, stdout: "null" })
      .output();
    if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  };
  const read = async (name: string): Promise<TestCertificate> => {
    const certFile = `${folder}/${name}.pem`;
    const keyFile = `${folder}/${name}.key`;
    return {
      certFile,
      keyFile,
      certPem: await Deno.readTextFile(certFile),
      keyPem: await Deno.readTextFile(keyFile),
    };
  };
  const own = async (name: string, extensions: readonly string[]) => {
    const files = ["-keyout", `${name}.key`, "-out", `${name}.pem`];
    const added = extensions.flatMap((extension) => ["-addext", extension]);
    await openssl("req", "-x509", ...KEY, ...files, "-days", "9", "-subj", `/O=Test/CN=${name}`, ...added);
    return await read(name);
  };
  const signed = async (name: string, extensions: string, days: number) => {
    const files = ["-keyout", `${name}.key`, "-out", `${name}.csr`];
    await openssl("req", ...KEY, ...files, "-subj", `/O=Test/CN=${name}`);
    await Deno.writeTextFile(`${folder}/${name}.ext`, `basicConstraints=CA:FALSE\n${extensions}\n`);
    const authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", `${name}.ext`];
    const args = ["-in", `${name}.csr`, "-out", `${name}.pem`, "-days", String(days)];
    await openssl("x509", "-req", ...args, ...authority);
    return await read(name);
  };
  const ca = await own("ca", ["keyUsage=critical,keyCertSign"]);
  return {
    folder,
    ca,
    localhost: await signed("localhost", SERVER, 9),
    expired: await signed("expired", SERVER, -1),
    selfSigned: await own("self", ["basicConstraints=critical,CA:FALSE", NAMES]),
    client: await signed("client", "extendedKeyUsage=clientAuth", 9),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
