/** The token of a viewer and the cookie that stands for it: compared in constant time, and not to be guessed. */
import type { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";

/** A shorter token could be guessed in spite of {@link Attempts}. */
export const MIN_TOKEN_LENGTH = 8;

/** So many characters at random, as of the token that is made for each run, are found by no number of guesses. */
const UNGUESSABLE_LENGTH = 22;

/** The secrets of one viewer. */
export class Secrets {
  /** Value of the cookie. Made from the token, so that browsers stay logged in where a program starts again with it. */
  readonly cookie: string;
  /**
   * Whether somebody may have thought of the token, so that guesses have to be slowed down. Where nobody did, slowing them
   * down would only let whoever guesses keep out those who know it, behind one address as they may be.
   */
  readonly isGuessable: boolean;
  readonly #token: Uint8Array;
  readonly #cookie: Uint8Array;

  /** Knows the token. */
  constructor(token: string) {
    this.isGuessable = token.length < UNGUESSABLE_LENGTH;
    this.cookie = digest(`tcpmon viewer\0${token}`).toString("base64url");
    this.#token = digest(token);
    this.#cookie = digest(this.cookie);
  }

  /** Whether this is the token. */
  isToken(text: string): boolean {
    return timingSafeEqual(digest(text), this.#token);
  }

  /** Whether this is the cookie's value. */
  isCookie(text: string): boolean {
    return timingSafeEqual(digest(text), this.#cookie);
  }
}

/** Digests have one length, whatever the guess: comparing them tells nothing of the secret, nor of its length. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** So many wrong secrets are looked at one after the other … */
const BURST = 20;
/** … and then one in so many ms. */
const REFILL_MS = 1000;
/** So many addresses are remembered: bounds the memory that guessing takes. */
const MAX_PEERS = 1000;

interface Peer {
  /** How many more wrong secrets are looked at. */
  readonly left: number;
  /** As of when, monotonic ms. */
  readonly at: number;
  /** The last wrong one: a page that is left open repeats its old cookie, which is no guess. */
  readonly wrong: string;
}

/** Wrong secrets, counted by the address that they came from. */
export class Attempts {
  readonly #peers = new Map<string, Peer>();

  /** Whether a secret from there may be looked at. */
  mayTry(address: string, nowMs: number): boolean {
    return this.#left(address, nowMs) >= 1;
  }

  /** Counts a wrong one. */
  failed(address: string, secret: string, nowMs: number): void {
    const wrong = digest(secret).toString("base64");
    if (this.#peers.get(address)?.wrong === wrong) return;
    const left = this.#left(address, nowMs) - 1;
    this.#peers.delete(address);
    this.#peers.set(address, { left, at: nowMs, wrong });
    if (this.#peers.size > MAX_PEERS) this.#peers.delete(this.#peers.keys().next().value!);
  }

  #left(address: string, nowMs: number): number {
    const peer = this.#peers.get(address);
    return peer === undefined ? BURST : Math.min(BURST, peer.left + (nowMs - peer.at) / REFILL_MS);
  }
}
