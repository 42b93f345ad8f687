/** Writes a log of JSON lines, as `--format json` writes them, for the viewer to show; nothing in it is random. */

/** Lines that are joined before they are written. */
const LINES_AT_ONCE = 5_000;
const CONNECTIONS = 32;
/** When the first exchange began; the next ones follow a millisecond apart. */
const FIRST_AT = Date.UTC(2026, 10, 20);

/** The one exchange that takes longest has this path; it stands at a third of the log. */
export const SLOWEST_PATH = "/slowest";
/** The one exchange that has this word in its response stands at an eighth of the log. */
export const NEEDLE = "needle";
/** One exchange of so many is answered with 500. */
const ERROR_EVERY = 5003;

function lineOf(id: number, slowestId: number, needleId: number): string {
  const order = (id * 2654435761 % 4294967296).toString(36);
  const note = id === needleId ? `,"note":"${NEEDLE}"` : "";
  const text = `{"symbol":"ACME","price":${id * 31 % 9973},"order":"${order}"${note}}`;
  const isError = id % ERROR_EVERY === 7;
  const waitMs = id === slowestId ? 9000 : id % 1000 / 100;
  return JSON.stringify({
    type: "exchange",
    id,
    connection: 1 + id % CONNECTIONS,
    listener: "127.0.0.1:8081",
    client: `127.0.0.1:${40_000 + id % CONNECTIONS}`,
    target: "127.0.0.1:9080",
    time: new Date(FIRST_AT + id).toISOString(),
    request: {
      method: id % 17 === 0 ? "POST" : "GET",
      target: id === slowestId ? SLOWEST_PATH : `/stock/${id * 7919 % 1_000_003}?symbol=ACME`,
      version: "HTTP/1.1",
      headers: [["Host", "localhost:8081"], ["User-Agent", "curl/8.5.0"], ["Accept", "*/*"]],
      body: { bytes: 0, text: "" },
    },
    response: {
      version: "HTTP/1.1",
      status: isError ? 500 : 200,
      reason: isError ? "Internal Server Error" : "OK",
      headers: [["Content-Type", "application/json"], ["Content-Length", String(text.length)]],
      body: { bytes: text.length, text },
    },
    ms: { send: 0.01, wait: waitMs, receive: 0.01, total: waitMs + 0.02, relay: 0.06 },
    outcome: "complete",
    flags: [],
  });
}

/** Writes `count` exchanges, at least 8, to `file`. */
export async function writeLog(file: string, count: number): Promise<void> {
  const [slowestId, needleId] = [Math.floor(count / 3), Math.floor(count / 8)];
  using log = await Deno.create(file);
  const encoder = new TextEncoder();
  for (let id = 1; id <= count;) {
    let lines = "";
    for (const end = Math.min(count, id + LINES_AT_ONCE - 1); id <= end; id++) {
      lines += `${lineOf(id, slowestId, needleId)}\n`;
    }
    const bytes = encoder.encode(lines);
    for (let at = 0; at < bytes.length;) at += await log.write(bytes.subarray(at));
  }
}
