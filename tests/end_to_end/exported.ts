/** The program as it reads captures: run to its end, stdout as bytes, memory as the kernel counted it. */
import assert from "node:assert/strict";
import { tcpmon as runTcpmon } from "./sending.ts";
import type { ToolResult } from "./tools.ts";

/** Runs the program to its end, with `stdin` as its input. */
export function tcpmon(args: readonly string[], stdin?: Uint8Array): Promise<ToolResult> {
  return runTcpmon(args, { stdin });
}

/** Exports a capture that is given as text or bytes, on stdin; nothing else may be wrong. */
export async function exported(
  capture: string | Uint8Array,
  as: string,
  ...args: readonly string[]
): Promise<ToolResult> {
  const stdin = typeof capture === "string" ? new TextEncoder().encode(capture) : capture;
  const result = await tcpmon(["export", "-", "--as", as, ...args], stdin);
  assert.equal(result.code, 0, result.stderr);
  return result;
}

/** A line of a log: an exchange, with what is given. */
export function exchangeLine(more: { readonly [name: string]: unknown } = {}): string {
  return JSON.stringify({
    type: "exchange",
    id: 1,
    connection: 1,
    listener: "127.0.0.1:8081",
    client: "127.0.0.1:40112",
    target: "127.0.0.1:9080",
    time: "2026-11-20T10:31:06.123Z",
    request: {
      method: "GET",
      target: "/",
      version: "HTTP/1.1",
      headers: [["Host", "a.test"]],
      body: { bytes: 0, text: "" },
    },
    response: {
      version: "HTTP/1.1",
      status: 200,
      reason: "OK",
      headers: [["Content-Length", "2"]],
      body: { bytes: 2, text: "hi" },
    },
    ms: { send: 0.1, wait: 1, receive: 0.1, total: 1.2 },
    outcome: "complete",
    flags: [],
    ...more,
  });
}

/** A capture of `tcpmon demo`: SOAP, JSON, gzip, chunks, events, a picture, WebSocket. */
export async function demoCapture(): Promise<Uint8Array> {
  const { code, stdout, stderr } = await tcpmon(["demo", "--once", "--format", "json"]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The bytes of base64. */
export function decodeBase64Text(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
