/** Other protocols, and rubbish: a stream from the first byte that begins no message. */
import { type Case, stream } from "./case.ts";

function other(name: string, kind: "request" | "response", wire: string): Case {
  return { name, kind, wire, becomes: [stream(wire)] };
}

const CLIENT_HELLO = "\x16\x03\x01\0\xc8\x01\0\0\xc4\x03\x03" + "\x5a".repeat(32) + "\x20" +
  "\x11".repeat(32);
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const get = { start: "GET / HTTP/1.1", fields: ["Host: a"] };
const ok = { start: "HTTP/1.1 200 OK", fields: ["Content-Length: 2"], body: "ok" };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** The cases of this group. */
export const NOT_HTTP: readonly Case[] = [
  other("a TLS ClientHello", "request", CLIENT_HELLO),
  other("a TLS ServerHello", "response", "\x16\x03\x03\0\x7a\x02\0\0\x76\x03\x03"),
  other("a TLS alert", "response", "\x15\x03\x01\0\x02\x02\x28"),
  other("an SSH client's banner", "request", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\0\0\x05\xbc"),
  other("an SSH server's banner", "response", "SSH-2.0-OpenSSH_9.2p1\r\n"),
  other("a MySQL greeting", "response", "J\0\0\0\n8.0.36\0\x08\0\0\0abcdefgh\0"),
  other("a MySQL client", "request", "\x20\0\0\x01\x85\xa6\xff\x01"),
  other("a PostgreSQL start", "request", "\0\0\0\x08\x04\xd2\x16\x2f"),
  other(
    "an SMTP client",
    "request",
    "EHLO client.example\r\nMAIL FROM:<a@b.example>\r\nDATA\r\n.\r\nQUIT\r\n",
  ),
  other("an SMTP server", "response", "220 mail.example ESMTP\r\n250-mail.example\r\n250 OK\r\n"),
  other("an FTP server", "response", "220 FTP ready\r\n331 Password\r\n"),
  other("Redis requests", "request", "*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n"),
  other("Redis replies", "response", "+PONG\r\n$1\r\nx\r\n-ERR no\r\n"),
  other("Redis inline commands", "request", "PING\r\nGET a\r\n"),
  other("Memcached", "request", "set k 0 0 1\r\nx\r\nget k\r\n"),
  other("the preface of HTTP/2", "request", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
  other("settings of an HTTP/2 server", "response", "\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"),
  other("HTTP/2.0 in a status line", "response", "HTTP/2.0 200 OK\r\n\r\n"),
  other("HTTP/2 without a minor version, as curl prints it", "response", "HTTP/2 200\r\n\r\n"),
  other("HTTP/0.9", "request", "GET /\r\n"),
  other("the answer to HTTP/0.9", "response", "<HTML>\nA page\n</HTML>\n"),
  other("HTTP/1.10", "request", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
  other("HTTP/1. and HTTP/11", "response", "HTTP/1. 200 OK\r\n\r\n"),
  other("http in lower case: the name is case-sensitive", "request", "GET / http/1.1\r\nHost: a\r\n\r\n"),
  other("a lower-case status line", "response", "http/1.1 200 OK\r\n\r\n"),
  other("a status of two digits", "response", "HTTP/1.1 20 OK\r\n\r\n"),
  other("a status of four digits", "response", "HTTP/1.1 2000 OK\r\n\r\n"),
  other("a status with a word in it", "response", "HTTP/1.1 2x0 OK\r\n\r\n"),
  other("no space behind the status", "response", "HTTP/1.1 200OK\r\n\r\n"),
  other("a request line without a target", "request", "GET HTTP/1.1\r\nHost: a\r\n\r\n"),
  other("a space before the method", "request", ` ${GET}`),
  other("a method that is no token", "request", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
  other("a method longer than any", "request", `${"M".repeat(41)} / HTTP/1.1\r\nHost: a\r\n\r\n`),
  {
    name: "the longest method that is read",
    kind: "request",
    wire: `${"M".repeat(40)} / HTTP/1.1\r\nHost: a\r\n\r\n`,
    becomes: [{ start: `${"M".repeat(40)} / HTTP/1.1`, fields: ["Host: a"] }],
  },
  other("a response where a request was due", "request", OK),
  other("a request where a response was due", "response", GET),
  other("JSON, line by line", "request", '{"jsonrpc":"2.0","id":1}\n'),
  other("NUL bytes", "request", "\0\0\0\0"),
  other("NUL bytes from the target", "response", "\0\0\0\0"),
  other("bytes above 0x7F", "request", "\xff\xfe\xfd\r\n\r\n"),
  other("a byte-order mark before a request", "request", `\xef\xbb\xbf${GET}`),
  other("a CR before a request", "request", `\r${GET}`),
  {
    name: "rubbish behind a request",
    kind: "request",
    wire: `${GET}\x01\x02${GET}`,
    becomes: [get, stream(`\x01\x02${GET}`)],
  },
  {
    name: "a line of text behind a response",
    kind: "response",
    wire: `${OK}and more\r\n${OK}`,
    becomes: [ok, stream(`and more\r\n${OK}`)],
  },
  {
    name: "a wrong length makes the body's rest rubbish, from its first byte on",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!${OK}`,
    becomes: [ok, stream(`!${OK}`)],
  },
  {
    name: "HTTP/1.0 first, then HTTP/2.0",
    kind: "request",
    wire: "GET / HTTP/1.0\r\n\r\nGET / HTTP/2.0\r\n\r\n",
    becomes: [{ start: "GET / HTTP/1.0" }, stream("GET / HTTP/2.0\r\n\r\n")],
  },
];
