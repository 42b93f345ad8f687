/** TLS for end-to-end tests: an nginx that speaks it, raw TLS servers, and proxies of our own with their CA. */
import { type TestCertificate, type TestCertificates } from "../net/tls/certificates.ts";
import { freePort } from "./nginx.ts";
import { Peer, Server } from "./peers.ts";
import { Program, type StartOptions, within } from "./program.ts";

/** An nginx that answers over TLS. */
export class TlsNginx implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  /** HTTP/2 and HTTP/1.1 over TLS, for localhost; any client. */
  readonly port: number;
  /** The same with the expired certificate. */
  readonly expiredPort: number;
  /** The same for clients that show a certificate of the test's authority. */
  readonly mutualPort: number;
  /** HTTP without TLS. */
  readonly plainPort: number;
  /** What all of them serve. */
  readonly files: string;

  private constructor(child: Deno.ChildProcess, folder: string, ports: readonly number[]) {
    this.#child = child;
    this.#folder = folder;
    this.files = `${folder}/files`;
    [this.port, this.expiredPort, this.mutualPort, this.plainPort] = ports;
  }

  /** Starts it and waits until it answers. */
  static async start(certificates: TestCertificates): Promise<TlsNginx> {
    const folder = await Deno.makeTempDir({ prefix: "tcpmon-nginx-tls-" });
    // As root, workers run as nobody.
    await Deno.chmod(folder, 0o777);
    await Deno.mkdir(`${folder}/files`);
    await Deno.chmod(`${folder}/files`, 0o777);
    const ports = Array.from({ length: 4 }, freePort);
    await Deno.writeTextFile(`${folder}/nginx.conf`, configuration(folder, ports, certificates));
    const child = new Deno.Command("nginx", {
      args: ["-p", folder, "-c", `${folder}/nginx.conf`, "-e", "stderr"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const nginx = new TlsNginx(child, folder, ports);
    try {
      await within(answers(ports[0]), "nginx did not start");
    } catch (error) {
      await nginx[Symbol.asyncDispose]();
      throw error;
    }
    return nginx;
  }

  /** Ends it, and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function configuration(
  folder: string,
  [port, expiredPort, mutualPort, plainPort]: readonly number[],
  { localhost, expired, ca }: TestCertificates,
): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${folder}/temp-${name};`).join("\n");
  const shared = `    root ${folder}/files;
    location = /said { return 200 "$server_protocol $http_host sni=$ssl_server_name $ssl_client_s_dn"; }
    location / { dav_methods PUT; }`;
  const certified = ({ certFile, keyFile }: TestCertificate) =>
    `    ssl_certificate ${certFile};\n    ssl_certificate_key ${keyFile};`;
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 2048; }
http {
${temporary}
  access_log off;
  client_max_body_size 0;
  keepalive_requests 1000000;
  default_type application/octet-stream;
  types { text/html html; text/plain txt; }
  server {
    listen 127.0.0.1:${port} ssl http2 backlog=2048;
${certified(localhost)}
${shared}
  }
  server {
    listen 127.0.0.1:${expiredPort} ssl;
${certified(expired)}
${shared}
  }
  server {
    listen 127.0.0.1:${mutualPort} ssl;
${certified(localhost)}
    ssl_client_certificate ${ca.certFile};
    ssl_verify_client on;
${shared}
  }
  server {
    listen 127.0.0.1:${plainPort};
${shared}
  }
}
`;
}

async function answers(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** A server that speaks TLS and hands each connection to a function. */
export function tlsServer(
  { certPem, keyPem }: TestCertificate,
  serve: (peer: Peer, index: number) => Promise<void>,
): Server {
  return new Server(
    async (peer, index) => {
      try {
        await (peer.conn as Deno.TlsConn).handshake();
      } catch {
        // The client did not like the certificate, or was not there for TLS at all.
        return;
      }
      await serve(peer, index);
    },
    Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: certPem,
      key: keyPem,
    }) as unknown as Deno.Listener,
  );
}

/** Speaks TLS with a port of localhost. */
export async function tlsPeer(port: number, caPem: string): Promise<Peer> {
  const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts: [caPem] });
  try {
    await conn.handshake();
  } catch (error) {
    conn.close();
    throw error;
  }
  return new Peer(conn);
}

/** Sends back what comes, until it ends. */
export async function echo(peer: Peer): Promise<void> {
  for (let bytes = await peer.readSome(); bytes !== null; bytes = await peer.readSome()) {
    await peer.send(bytes);
  }
  await peer.end();
}

/** The program with a CA of its own in a folder that goes with it. */
export interface WithAuthority extends AsyncDisposable {
  readonly program: Program;
  /** The folder of its CA. */
  readonly folder: string;
  /** The CA's certificate, once the program listens. */
  readonly caFile: string;
}

/** Starts the program with `--ca-dir` on a new folder. */
export async function withAuthority(
  args: readonly string[],
  options?: StartOptions,
): Promise<WithAuthority> {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-ca-" });
  const program = Program.start([...args, "--ca-dir", folder], options);
  return {
    program,
    folder,
    caFile: `${folder}/ca.pem`,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The port of the proxy that a program says it is. */
export async function proxyPort(program: Program): Promise<number> {
  return Number(/proxy on \S*:(\d+) /.exec(await program.says(/proxy on /))![1]);
}
