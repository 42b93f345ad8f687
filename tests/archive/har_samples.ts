/** HAR files in the manner of the programs that write them, made for these tests. */

/** A HAR with these entries. */
export function har(...entries: unknown[]): string {
  return JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries } });
}

/** An entry with as little as possible, and what is given. */
export function entry(
  request: { readonly [name: string]: unknown } = {},
  response: { readonly [name: string]: unknown } = {},
  more: { readonly [name: string]: unknown } = {},
): unknown {
  return {
    startedDateTime: "2026-11-20T10:31:06.123Z",
    time: 12.5,
    request: { method: "GET", url: "http://a.test/", httpVersion: "HTTP/1.1", headers: [], ...request },
    response: {
      status: 200,
      statusText: "OK",
      httpVersion: "HTTP/1.1",
      headers: [],
      content: {},
      ...response,
    },
    cache: {},
    timings: { send: 1, wait: 10, receive: 1.5 },
    ...more,
  };
}

/** What Chrome exports of a page: HTTP/2, a cookie set twice, a data URL, a blocked request, a WebSocket. */
export const CHROME: string = JSON.stringify(
  {
    log: {
      version: "1.2",
      creator: { name: "WebInspector", version: "537.36" },
      pages: [{
        startedDateTime: "2026-11-20T10:31:06.100Z",
        id: "page_1",
        title: '"entries":[{',
        pageTimings: {},
      }],
      entries: [
        {
          _connectionId: "71",
          _initiator: { type: "other" },
          _priority: "VeryHigh",
          _resourceType: "document",
          cache: {},
          connection: "443",
          pageref: "page_1",
          request: {
            method: "GET",
            url: "https://shop.test/list?q=a%20b&n=1#top",
            httpVersion: "http/2.0",
            headers: [
              { name: ":authority", value: "shop.test" },
              { name: ":method", value: "GET" },
              { name: ":path", value: "/list?q=a%20b&n=1" },
              { name: ":scheme", value: "https" },
              { name: "accept-encoding", value: "gzip, deflate, br, zstd" },
            ],
            queryString: [{ name: "q", value: "a%20b" }],
            cookies: [],
            headersSize: -1,
            bodySize: 0,
          },
          response: {
            status: 200,
            statusText: "",
            httpVersion: "http/2.0",
            headers: [
              { name: "content-encoding", value: "br" },
              { name: "content-length", value: "9" },
              { name: "content-type", value: "text/html; charset=utf-8" },
              { name: "set-cookie", value: "a=1; Path=/\nb=2; Path=/" },
            ],
            cookies: [],
            content: { size: 14, mimeType: "text/html", text: "<p>Größe</p>" },
            redirectURL: "",
            headersSize: -1,
            bodySize: -1,
            _transferSize: 120,
            _error: null,
          },
          serverIPAddress: "192.0.2.1",
          startedDateTime: "2026-11-20T10:31:06.123Z",
          time: 31.250000000,
          timings: {
            blocked: 2,
            dns: 1,
            ssl: 8,
            connect: 12.25,
            send: 0.5,
            wait: 15,
            receive: 0.5,
            _blocked_queueing: 1,
          },
        },
        {
          connection: "443",
          request: {
            method: "POST",
            url: "https://shop.test/cart",
            httpVersion: "h2",
            headers: [{ name: ":authority", value: "shop.test" }],
            postData: {
              mimeType: "application/x-www-form-urlencoded",
              params: [{ name: "a", value: "1 é" }, { name: "b" }],
            },
            bodySize: 11,
          },
          response: {
            status: 200,
            statusText: "",
            httpVersion: "h2",
            headers: [{ name: "content-type", value: "image/png" }],
            content: { size: 4, mimeType: "image/png", text: "iVBORw==", encoding: "base64" },
            bodySize: 4,
          },
          startedDateTime: "2026-11-20T11:31:07.000+01:00",
          time: 3,
          timings: { blocked: -1, dns: -1, ssl: -1, connect: -1, send: 1, wait: 1, receive: 1 },
        },
        {
          request: { method: "GET", url: "data:image/png;base64,AAAA", httpVersion: "", headers: [] },
          response: { status: 200, statusText: "OK", httpVersion: "", headers: [], content: {} },
          startedDateTime: "2026-11-20T10:31:08.000Z",
          time: 0,
          timings: {},
        },
        {
          request: { method: "GET", url: "http://ads.test/x", httpVersion: "", headers: [] },
          response: {
            status: 0,
            statusText: "",
            httpVersion: "",
            headers: [],
            content: { size: 0, mimeType: "x-unknown" },
            _error: "net::ERR_BLOCKED_BY_CLIENT",
          },
          startedDateTime: "2026-11-20T10:31:09.000Z",
          time: 1,
          timings: { blocked: 1, send: 0, wait: 0, receive: 0 },
        },
        {
          _resourceType: "websocket",
          _webSocketMessages: [
            { type: "send", time: 1795170670.5, opcode: 1, data: "hé" },
            { type: "receive", time: 1795170671.25, opcode: 2, data: "AAEC" },
          ],
          request: {
            method: "GET",
            url: "wss://shop.test:8443/live",
            httpVersion: "HTTP/1.1",
            headers: [{ name: "Host", value: "shop.test:8443" }, { name: "Upgrade", value: "websocket" }],
          },
          response: { status: 101, statusText: "Switching Protocols", httpVersion: "HTTP/1.1", headers: [] },
          startedDateTime: "2026-11-20T10:31:10.000Z",
          time: 2,
          timings: { send: 0, wait: 2, receive: 0 },
        },
      ],
    },
  },
  null,
  2,
);
