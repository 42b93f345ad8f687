/** A viewer on a real port, for tests of what crosses the wire. */
import { startViewer, type Viewer, type ViewerSettings } from "../../src/ui/server.ts";
import { MemorySource } from "./memory_source.ts";

const TOKEN = "a-token-of-tests";

/** A viewer of some rows on a free port. */
export class Served implements AsyncDisposable {
  /** Its history, where the test gave no other. */
  readonly source = new MemorySource();
  /** The viewer. */
  readonly viewer: Viewer;
  /** Where it is. */
  readonly host: string;
  /** What the token gave. */
  cookie = "";

  /** One that nobody is logged in to. */
  constructor(settings: Partial<ViewerSettings> = {}) {
    this.viewer = startViewer({
      source: this.source,
      about: () => ({ version: "1.2.3", listeners: [], files: [] }),
      readStatic: (name) => Promise.resolve(new TextEncoder().encode(`the file ${name}`)),
      listen: { hostname: "127.0.0.1", port: 0 },
      token: TOKEN,
      ...settings,
    });
    this.host = `127.0.0.1:${this.viewer.address.port}`;
  }

  /** One that somebody is logged in to. */
  static async open(settings: Partial<ViewerSettings> = {}): Promise<Served> {
    const served = new Served(settings);
    const response = await fetch(served.viewer.url, { redirect: "manual" });
    await response.body?.cancel();
    served.cookie = response.headers.get("set-cookie")!.split(";")[0];
    return served;
  }

  /** Asks as somebody who is logged in. */
  get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://${this.host}${path}`, { headers: { cookie: this.cookie }, ...init });
  }

  /** Sends bytes as they are, and gives what comes back until the end; the connection is to be closed by the server. */
  async raw(request: string): Promise<string> {
    using connection = await this.connect();
    await connection.write(Uint8Array.from(request, (char) => char.charCodeAt(0)));
    let text = "";
    for await (const piece of connection.readable) text += new TextDecoder().decode(piece);
    return text;
  }

  /** A connection to it, to send anything. */
  connect(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: "127.0.0.1", port: this.viewer.address.port });
  }

  /** Closes the viewer. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.viewer.close();
  }
}
