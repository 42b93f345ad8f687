/** An nginx that answers small requests over TLS, and the certificate that vouches for it. */

import { SMALL_BODY } from "./backend.ts";
import { freePort, type Workshop } from "./workshop.ts";

/** A backend that speaks TLS. */
export interface TlsBackend {
  /** Its port; it is called localhost. */
  readonly port: number;
  /** What has to be trusted, PEM. */
  readonly caFile: string;
}

function configuration(folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${folder}/tls-${name};`).join("\n");
  return `daemon off;
worker_processes 1;
pid ${folder}/tls-nginx.pid;
error_log stderr warn;
events { worker_connections 2000; }
http {
${temporary}
  access_log off;
  default_type application/json;
  keepalive_requests 10000000;
  keepalive_timeout 600s;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${port} ssl backlog=1024;
    ssl_certificate ${folder}/tls.pem;
    ssl_certificate_key ${folder}/tls.key;
    location / { return 200 '${SMALL_BODY}'; }
  }
}
`;
}

/** Makes a certificate with openssl, and starts nginx with it. It ends with the workshop. */
export async function startTlsBackend(workshop: Workshop): Promise<TlsBackend> {
  const { folder } = workshop;
  const caFile = `${folder}/tls.pem`;
  await workshop.run([
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"],
    // Not an authority's, so that the runtime's own TLS verifies it, as it does with certificates of the world.
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", `${folder}/tls.key`, "-out", caFile],
  ], "load");
  const port = freePort();
  await Deno.writeTextFile(`${folder}/tls-nginx.conf`, configuration(folder, port));
  const command = ["nginx", "-p", folder, "-c", `${folder}/tls-nginx.conf`, "-e", "stderr"];
  await workshop.start("nginx with TLS", command, "load").listening(port);
  return { port, caFile };
}
