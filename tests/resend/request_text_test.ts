import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import type { RequestMessage } from "../../src/capture/record.ts";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import { EditError } from "../../src/resend/edit.ts";
import { requestOfText, textOfRequest } from "../../src/resend/request_text.ts";
import { bytesOf } from "../http/events.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function message(head: string, body: Uint8Array | string = "", bytes?: number): RequestMessage {
  const parsed = parseRequestHead(bytesOf(head));
  assert.ok(typeof parsed !== "string");
  const kept = typeof body === "string" ? encoder.encode(body) : body;
  return { head: parsed, body: { bytes: bytes ?? kept.length, kept }, trailers: [] };
}

function edited(request: RequestMessage, change: (text: string) => string): RequestMessage {
  const shown = textOfRequest(request);
  return requestOfText(change(shown.text), request, shown);
}

const headOf = ({ head }: RequestMessage) => decoder.decode(head.raw);
const bodyOf = ({ body }: RequestMessage) => decoder.decode(body.kept);

Deno.test("what was not changed is the request itself, also where the editor has ended its last line", () => {
  const request = message("GET /a HTTP/1.1\nHost:x\n\n", "abc");
  assert.equal(edited(request, (text) => text), request);
  assert.equal(edited(request, (text) => `${text}\n`), request);
});

Deno.test("a body keeps its line ends and its last line when another part is edited", () => {
  const bodies = fc.array(fc.constantFrom("a", "\r\n", "\n", "\r", "é", " "), { maxLength: 12 });
  fc.assert(fc.property(bodies, (parts) => {
    const body = parts.join("");
    const request = message(`POST /a HTTP/1.1\r\nX: 1\r\nContent-Length: ${body.length}\r\n\r\n`, body);
    for (const ending of ["", "\n"]) {
      const after = edited(
        request,
        (text) => text.replace("X: 1", "X: 22") + (text.endsWith("\n") ? "" : ending),
      );
      assert.equal(bodyOf(after), body);
      assert.match(headOf(after), /\r\nX: 22\r\n/);
    }
  }));
});

Deno.test("an editor that ends lines by CR LF changes no body that had LF", () => {
  const crlf = (text: string) => `${text.replaceAll(/\r?\n/g, "\r\n").replace("X: 1", "X: 2")}\r\n`;
  const head = "POST /a HTTP/1.1\r\nX: 1\r\n\r\n";
  assert.equal(bodyOf(edited(message(head, "a\nb"), crlf)), "a\nb");
  assert.equal(bodyOf(edited(message(head, "a\r\nb"), crlf)), "a\r\nb");
});

Deno.test("lengths and content codings of a changed body are made anew", () => {
  const body = new Uint8Array(gzipSync("old"));
  const head = `POST /a HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
  const after = edited(message(head, body), (text) => text.replace("old", "something new"));
  assert.equal(gunzipSync(after.body.kept).toString(), "something new");
  assert.match(headOf(after), new RegExp(`Content-Length: ${after.body.bytes}\r\n`));
  const odd = message("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "a");
  assert.throws(
    () =>
      edited(odd, (text) => text.replace("Content-Length", "Content-Encoding: x-odd\nContent-Length") + "b"),
    EditError,
  );
});

Deno.test("a body that was not kept whole stays marked as such, and may be replaced", () => {
  const request = message("POST /a HTTP/1.1\r\nX: 1\r\nContent-Length: 1000\r\n\r\n", "abc", 1000);
  const after = edited(request, (text) => text.replace("X: 1", "X: 2"));
  assert.equal(after.body, request.body);
  assert.match(headOf(after), /Content-Length: 1000\r\n/);
  const replaced = edited(request, (text) => `${text}new\n`);
  assert.deepEqual([bodyOf(replaced), replaced.body.bytes], ["new", 3]);
});

Deno.test("that a request was redacted is known of it after an edit, too", () => {
  const request = {
    ...message("GET / HTTP/1.1\r\nX: 1\r\nAuthorization: [redacted:3f9ac21b0d]\r\n\r\n"),
    redacted: true,
  };
  const after = edited(request, (text) => text.replace("X: 1", "X: 2"));
  assert.equal((after as typeof request).redacted, true);
});

Deno.test("a Host that tcpmon rewrote is rewritten again, unless it was edited", () => {
  const request = {
    ...message("GET / HTTP/1.1\r\nHost: localhost:8081\r\nX: 1\r\n\r\n"),
    rewritten: [["Host", "api.test"], ["Via", "1.1 tcpmon"]] as const,
  };
  assert.deepEqual(edited(request, (text) => text.replace("X: 1", "X: 2")).rewritten, request.rewritten);
  assert.deepEqual(
    edited(request, (text) => text.replace("localhost:8081", "other.test")).rewritten,
    [["Via", "1.1 tcpmon"]],
  );
});

Deno.test("what is no request any more is refused with what was found", () => {
  const request = message("GET / HTTP/1.1\r\nX: 1\r\n\r\n");
  assert.throws(() => edited(request, () => "nonsense\n\n"), /found "nonsense", wanted a request line/);
});
