/** nginx as a real server behind the relay: its own prefix, an unprivileged free port, no daemon. */
import { within } from "./program.ts";

/** A running nginx that serves a folder, and takes what is PUT into it. */
export class Nginx implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** What it serves. */
  readonly files: string;

  private constructor(child: Deno.ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
    this.files = `${folder}/files`;
  }

  /** Starts it and waits until it answers. */
  static async start(): Promise<Nginx> {
    const folder = await Deno.makeTempDir({ prefix: "tcpmon-nginx-" });
    // As root, workers run as nobody.
    await Deno.chmod(folder, 0o777);
    await Deno.mkdir(`${folder}/files`);
    await Deno.chmod(`${folder}/files`, 0o777);
    const port = freePort();
    await Deno.writeTextFile(`${folder}/nginx.conf`, configuration(folder, port));
    const child = new Deno.Command("nginx", {
      args: ["-p", folder, "-c", `${folder}/nginx.conf`, "-e", "stderr"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const nginx = new Nginx(child, folder, port);
    try {
      await within(answers(port), "nginx did not start");
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

function configuration(folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${folder}/temp-${name};`).join("\n");
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 2048; }
http {
${temporary}
  access_log off;
  client_max_body_size 0;
  default_type application/octet-stream;
  keepalive_requests 1000000;
  gzip on;
  gzip_min_length 1;
  gzip_types application/json;
  types { application/json json; text/html html; }
  server {
    listen 127.0.0.1:${port} backlog=2048;
    root ${folder}/files;
    location = /host { return 200 "$http_host"; }
    location / { dav_methods PUT; }
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

/** A port that was free a moment ago, for programs that cannot choose one themselves. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
