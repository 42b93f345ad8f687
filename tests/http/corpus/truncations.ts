/** Directions that end inside a message. */
import { type Case, stream } from "./case.ts";

const ok = { start: "HTTP/1.1 200 OK", fields: ["Content-Length: 2"], body: "ok" };
const chunked = { start: "HTTP/1.1 200 OK", fields: ["Transfer-Encoding: chunked"] };
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Half a head comes out as it is. */
function half(name: string, kind: "request" | "response", wire: string): Case {
  return { name, kind, wire, becomes: [stream(wire, "cut")] };
}

/** A chunked body that ends early. Of the framing that was begun nothing is told. */
function cut(name: string, chunks: string, body: string): Case {
  return { name, kind: "response", wire: CHUNKED + chunks, becomes: [{ ...chunked, body, state: "cut" }] };
}

/** The cases of this group. */
export const TRUNCATIONS: readonly Case[] = [
  { name: "nothing at all", kind: "request", wire: "", becomes: [] },
  { name: "nothing at all from the target", kind: "response", wire: "", becomes: [] },
  half("part of a method", "request", "GE"),
  half("a method and its space", "request", "GET "),
  half("a request line without its end", "request", "GET / HTTP/1.1"),
  half("a request line and CR", "request", "GET / HTTP/1.1\r"),
  half("a request line and its end", "request", "GET / HTTP/1.1\r\n"),
  half("part of a field", "request", "GET / HTTP/1.1\r\nHost: a\r\nX: "),
  half("a head that lacks its last LF", "request", "GET / HTTP/1.1\r\nHost: a\r\n\r"),
  half("an empty line and no more", "request", "\r\n"),
  half("part of the protocol's name", "response", "HT"),
  half("a status line without its end", "response", "HTTP/1.1 200 OK"),
  half("half the head of a response", "response", "HTTP/1.1 200 OK\r\nContent-Le"),
  {
    name: "the second head is cut",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nC",
    becomes: [ok, stream("HTTP/1.1 200 OK\r\nC", "cut")],
  },
  {
    name: "no byte of the body",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
    becomes: [{ ...ok, body: "", state: "cut" }],
  },
  {
    name: "one byte of two",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no",
    becomes: [{ ...ok, body: "o", state: "cut" }],
  },
  {
    name: "a request's body that is cut",
    kind: "request",
    wire: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
    becomes: [{
      start: "POST / HTTP/1.1",
      fields: ["Host: a", "Content-Length: 9"],
      body: "abc",
      state: "cut",
    }],
  },
  cut("a chunked body without a chunk", "", ""),
  cut("inside a size", "1", ""),
  cut("behind a size", "3\r\n", ""),
  cut("inside a chunk", "3\r\nab", "ab"),
  cut("behind the data of a chunk", "3\r\nabc", "abc"),
  cut("before the last chunk", "3\r\nabc\r\n", "abc"),
  cut("behind the last chunk: its final CRLF is missing (RFC 9112 \u00a78)", "3\r\nabc\r\n0\r\n", "abc"),
  cut("inside the trailers", "3\r\nabc\r\n0\r\nX: y\r\n", "abc"),
];
