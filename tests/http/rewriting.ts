/** A request rewriter as a connection has it, and what it sends on. */
import assert from "node:assert/strict";
import {
  type Became,
  hostRule,
  remembered,
  RequestRewriter,
  type RewriteHandler,
} from "../../src/http/request_rewriter.ts";
import { bytesOf, cutAt, latin1 } from "./events.ts";

/** What Host is rewritten to. */
export const VALUE = "target.example:8080";

/** A rewriter as a connection has it. Buffers are reused between chunks, as sockets do. */
export class Rewriting {
  readonly changed: Became[] = [];
  readonly sending: string[] = [];
  /** What was sent on. */
  sent = "";
  /** What was answered instead. */
  answers = "";
  readonly rewriter: RequestRewriter;
  /** Whether what waits for a response is an upgrade; in order, then `false`. */
  readonly #upgrades: boolean[];

  constructor(upgrades: readonly boolean[] = [], handler: Partial<RewriteHandler> = {}) {
    this.#upgrades = [...upgrades];
    this.rewriter = new RequestRewriter({
      rule: remembered(hostRule(VALUE)),
      sending: (head) => {
        this.sending.push(head.target);
        return true;
      },
      ...handler,
    });
  }

  /** Pushes once, and tells how much was taken. */
  pushOnce(piece: Uint8Array): number {
    const borrowed = piece.slice();
    const taken = this.rewriter.push(borrowed);
    this.changed.push(...this.rewriter.rewritten);
    this.#send();
    borrowed.fill(0x21);
    return taken;
  }

  /** Pushes all of it; what it waits for comes at once. */
  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      at += this.pushOnce(piece.subarray(at));
      if (this.rewriter.mustAnswer !== undefined) this.answer();
      else if (at < piece.length) this.rewriter.resume(this.#upgrades.shift() ?? false);
    }
  }

  answer(): void {
    this.answers += latin1(this.rewriter.mustAnswer ?? assert.fail("no answer is due"));
    this.rewriter.answered();
  }

  end(): void {
    this.rewriter.close();
    this.#send();
  }

  #send(): void {
    for (const piece of this.rewriter.pieces) this.sent += latin1(piece);
  }
}

/** Pushes the pieces one after the other, and ends. */
export function rewrite(pieces: readonly Uint8Array[], upgrades?: readonly boolean[]): Rewriting {
  const rewriting = new Rewriting(upgrades);
  for (const piece of pieces) rewriting.push(piece);
  rewriting.end();
  return rewriting;
}

/** What is sent is the same whole, byte by byte, and cut at every offset. */
export function becomes(wire: string, want: string, upgrades?: readonly boolean[]): void {
  const bytes = bytesOf(wire);
  assert.equal(rewrite([bytes], upgrades).sent, want, "whole");
  assert.equal(
    rewrite(Array.from(bytes, (byte) => Uint8Array.of(byte)), upgrades).sent,
    want,
    "byte by byte",
  );
  for (let at = 0; at <= bytes.length; at++) {
    assert.equal(rewrite(cutAt(bytes, [at]), upgrades).sent, want, `cut at ${at}`);
  }
}

/** A request with these fields. */
export const get = (host: string, more = "") => `GET / HTTP/1.1\r\n${host}\r\nX: y\r\n${more}\r\n`;
