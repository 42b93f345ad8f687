/** Starts the backend that all relays stand before: nginx, or {@link ./backend.ts} where nginx is missing. */

import { LARGE_BYTES, LARGE_PATH, SMALL_BODY } from "./backend.ts";
import { denoCommand, here } from "./programs.ts";
import type { Peers } from "./peers.ts";
import { freePort, type Workshop } from "./workshop.ts";

/** Two files a proxied connection at most, for the 5,000 busy connections and what else is open. */
const WORKER_CONNECTIONS = 12_000;

/** A configuration for nginx that needs no privilege and writes nothing outside of `folder`. */
export function nginxConfiguration(folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${folder}/nginx-${name};`).join("\n");
  return `daemon off;
worker_processes 1;
worker_rlimit_nofile ${WORKER_CONNECTIONS + 1_000};
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections ${WORKER_CONNECTIONS}; }
http {
${temporary}
  access_log off;
  default_type application/json;
  keepalive_requests 10000000;
  keepalive_timeout 600s;
  sendfile on;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { return 200 '${SMALL_BODY}'; }
    location = ${LARGE_PATH} { root ${folder}; }
  }
}
`;
}

async function startNginx(workshop: Workshop): Promise<number> {
  const port = freePort();
  const file = `${workshop.folder}/nginx.conf`;
  await Deno.writeTextFile(file, nginxConfiguration(workshop.folder, port));
  // A sparse file: the kernel makes its zeros without reading a disk.
  using large = await Deno.create(workshop.folder + LARGE_PATH);
  await large.truncate(LARGE_BYTES);
  await workshop.start("nginx", ["nginx", "-p", workshop.folder, "-c", file, "-e", "stderr"], "load")
    .listening(port);
  return port;
}

async function startDenoBackend(workshop: Workshop): Promise<number> {
  const backend = workshop.start("backend", denoCommand(here("backend.ts"), "--allow-net"), "load");
  return Number((await backend.line(/listening on \S+:(\d+)/))[1]);
}

/** Starts the backend and gives its port on 127.0.0.1. It ends with the workshop. */
export function startBackend(workshop: Workshop, peers: Peers): Promise<number> {
  return peers.has("nginx") ? startNginx(workshop) : startDenoBackend(workshop);
}
