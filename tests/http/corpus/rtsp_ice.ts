/** Start lines of protocols that borrowed HTTP's: RTSP/1.0 (RFC 2326), RTSP/2.0 (RFC 7826), Icecast. */
import { type Case, stream } from "./case.ts";

/** The cases of this group. */
export const RTSP_AND_ICE: readonly Case[] = [
  {
    name: "RTSP requests, one after the other",
    kind: "request",
    wire: "OPTIONS rtsp://h/m RTSP/1.0\r\nCSeq: 1\r\n\r\nDESCRIBE rtsp://h/m RTSP/1.0\r\nCSeq: 2\r\n\r\n",
    becomes: [
      { start: "OPTIONS rtsp://h/m RTSP/1.0", fields: ["CSeq: 1"] },
      { start: "DESCRIBE rtsp://h/m RTSP/1.0", fields: ["CSeq: 2"] },
    ],
  },
  {
    name: "an RTSP request with a body",
    kind: "request",
    wire: "SET_PARAMETER rtsp://h/m RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\na: b",
    becomes: [{
      start: "SET_PARAMETER rtsp://h/m RTSP/1.0",
      fields: ["CSeq: 1", "Content-Length: 4"],
      body: "a: b",
    }],
  },
  {
    name: "an RTSP response without Content-Length has no body (RFC 2326 \u00a712.14)",
    kind: "response",
    wire:
      "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: PLAY\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\nv=0",
    becomes: [
      { start: "RTSP/1.0 200 OK", fields: ["CSeq: 1", "Public: PLAY"] },
      { start: "RTSP/1.0 200 OK", fields: ["CSeq: 2", "Content-Length: 3"], body: "v=0" },
    ],
  },
  {
    name: "RTSP/2.0 is read alike",
    kind: "response",
    wire: "RTSP/2.0 404 Not Found\r\nCSeq: 9\r\n\r\n",
    becomes: [{ start: "RTSP/2.0 404 Not Found", fields: ["CSeq: 9"] }],
  },
  {
    name: "interleaved RTP after a response is a stream (RFC 2326 \u00a710.12)",
    kind: "response",
    wire: "RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n$\0\0\x04abcd",
    becomes: [{ start: "RTSP/1.0 200 OK", fields: ["CSeq: 3"] }, stream("$\0\0\x04abcd")],
  },
  {
    name: "interleaved RTP from the client, too",
    kind: "request",
    wire: "RECORD rtsp://h/m RTSP/1.0\r\nCSeq: 3\r\n\r\n$\0\0\x04abcd",
    becomes: [{ start: "RECORD rtsp://h/m RTSP/1.0", fields: ["CSeq: 3"] }, stream("$\0\0\x04abcd")],
  },
  {
    name: "an Icecast listener gets its stream until it ends",
    kind: "response",
    wire: "ICE/1.0 200 OK\r\nicy-name: x\r\n\r\n\xff\xfb\x90",
    becomes: [{ start: "ICE/1.0 200 OK", fields: ["icy-name: x"], body: "\xff\xfb\x90" }],
  },
  {
    name: "an Icecast source, and the sound that follows",
    kind: "request",
    wire: "SOURCE /live ICE/1.0\r\nContent-Type: audio/mpeg\r\n\r\n\xff\xfb\x90",
    becomes: [
      { start: "SOURCE /live ICE/1.0", fields: ["Content-Type: audio/mpeg"] },
      stream("\xff\xfb\x90"),
    ],
  },
  {
    name: "SHOUTcast's `ICY 200 OK` is no status line that HTTP parsers take",
    kind: "response",
    wire: "ICY 200 OK\r\nicy-br:128\r\n\r\n\xff",
    becomes: [stream("ICY 200 OK\r\nicy-br:128\r\n\r\n\xff")],
  },
  {
    name: "SIP looks like HTTP, but is not read",
    kind: "request",
    wire: "INVITE sip:bob@b.example SIP/2.0\r\nVia: x\r\n\r\n",
    becomes: [stream("INVITE sip:bob@b.example SIP/2.0\r\nVia: x\r\n\r\n")],
  },
];
