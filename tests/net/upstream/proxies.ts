/** Real proxies for tests: tinyproxy and squid, each with a configuration and a folder of its own, on a free port. */
import { freePort } from "../../end_to_end/nginx.ts";
import { within } from "../../end_to_end/program.ts";

/** Who may log in at a proxy. Squid's helper and tinyproxy's configuration take no other characters. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** How a proxy is started in a folder. */
interface Recipe {
  readonly command: string;
  readonly args: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

/** A running proxy. */
export class RealProxy implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;

  private constructor(child: Deno.ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
  }

  /** Starts one and waits until it listens. */
  static async start(name: "tinyproxy" | "squid", login?: Login): Promise<RealProxy> {
    const folder = await Deno.makeTempDir({ prefix: `tcpmon-${name}-` });
    // Started as root, squid goes on as another user.
    await Deno.chmod(folder, 0o777);
    const port = freePort();
    const { command, args, files } = (name === "squid" ? squid : tinyproxy)(folder, port, login);
    for (const [file, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${file}`, text, { mode: 0o755 });
    }
    const child = new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const proxy = new RealProxy(child, folder, port);
    try {
      await within(listens(port, child), `${name} did not start`);
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
    return proxy;
  }

  /** Ends it, and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      // At SIGTERM squid takes its time.
      this.#child.kill("SIGINT");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function tinyproxy(folder: string, port: number, login?: Login): Recipe {
  const auth = login === undefined ? "" : `BasicAuth ${login.user} ${login.password}\n`;
  const configuration = `Port ${port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\n${auth}`;
  return {
    command: "tinyproxy",
    args: ["-d", "-c", `${folder}/proxy.conf`],
    files: { "proxy.conf": configuration },
  };
}

function squid(folder: string, port: number, login?: Login): Recipe {
  const access = login === undefined ? "http_access allow all" : `auth_param basic program ${folder}/check
auth_param basic children 1 startup=1 idle=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all`;
  const configuration = `http_port 127.0.0.1:${port}
visible_hostname test
pid_filename none
cache deny all
cache_mem 1 MB
cache_log ${folder}/cache.log
access_log none
coredump_dir ${folder}
shutdown_lifetime 0 seconds
pinger_enable off
${access}
`;
  // Lines of user and password, percent-encoded, on stdin; a verdict for each on stdout.
  const check = `#!/bin/sh
while read -r line; do
  if [ "$line" = "${login?.user} ${login?.password}" ]; then echo OK; else echo ERR; fi
done
`;
  // Squids share memory by name: with one of its own it neither meets another nor what a dead one left.
  const name = `t${crypto.randomUUID().slice(0, 8)}`;
  return {
    command: "squid",
    args: ["-N", "-n", name, "-f", `${folder}/squid.conf`],
    files: { "squid.conf": configuration, check },
  };
}

async function listens(port: number, child: Deno.ChildProcess): Promise<void> {
  let ended = false;
  child.status.then(() => ended = true);
  while (!ended) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  throw new Error("the proxy ended at once");
}
