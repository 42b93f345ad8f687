/**
 * The first handshake message of a TLS connection, taken out of its records (RFC 8446 §4, §5.1; RFC 5246 §6.2.1). Bytes go
 * in, the message's body comes out; what cannot be TLS is told as early as it shows.
 */

/** Content type of records that carry handshake messages. */
const HANDSHAKE_RECORD = 22;
const RECORD_HEAD_BYTES = 5;
/** Type and length. */
const MESSAGE_HEAD_BYTES = 4;
/** A record's payload before it is encrypted. */
const MOST_RECORD_BYTES = 16 * 1024;
/** A hello is at most a few kilobytes, post-quantum key shares included; what claims more is not waited for. */
const MOST_MESSAGE_BYTES = 64 * 1024;

/** Joins the first handshake message. */
export class HandshakeMessageReader {
  readonly #type: number;
  readonly #head = new Uint8Array(RECORD_HEAD_BYTES);
  #headBytes = 0;
  #recordLeft = 0;
  #message = new Uint8Array(1024);
  #bytes = 0;
  #result: Uint8Array | "not-tls" | undefined;

  /**
   * Nothing read yet.
   *
   * @param type The type that the first message must have, for example 1 for a ClientHello.
   */
  constructor(type: number) {
    this.#type = type;
  }

  /**
   * Takes the next bytes; they are copied.
   *
   * @returns The message without its type and length once it is whole; the same answer from then on.
   */
  push(chunk: Uint8Array): "more" | "not-tls" | Uint8Array {
    let at = 0;
    while (this.#result === undefined && at < chunk.length) {
      if (this.#recordLeft > 0) {
        const count = Math.min(this.#recordLeft, chunk.length - at);
        this.#keep(chunk.subarray(at, at + count));
        this.#recordLeft -= count;
        at += count;
      } else {
        this.#head[this.#headBytes++] = chunk[at++];
        this.#checkHead();
      }
    }
    return this.#result ?? "more";
  }

  #checkHead(): void {
    const head = this.#head;
    const count = this.#headBytes;
    const length = head[3] << 8 | head[4];
    const wrong = head[0] !== HANDSHAKE_RECORD || count > 1 && head[1] !== 3 || count > 2 && head[2] > 4 ||
      count === RECORD_HEAD_BYTES && (length === 0 || length > MOST_RECORD_BYTES);
    if (wrong) this.#result = "not-tls";
    else if (count === RECORD_HEAD_BYTES) {
      this.#headBytes = 0;
      this.#recordLeft = length;
    }
  }

  #keep(bytes: Uint8Array): void {
    const total = this.#bytes + bytes.length;
    if (total > this.#message.length) {
      const larger = new Uint8Array(Math.max(total, 2 * this.#message.length));
      larger.set(this.#message.subarray(0, this.#bytes));
      this.#message = larger;
    }
    this.#message.set(bytes, this.#bytes);
    this.#bytes = total;
    const [type, high, middle, low] = this.#message;
    if (type !== this.#type) {
      this.#result = "not-tls";
      return;
    }
    if (total < MESSAGE_HEAD_BYTES) return;
    const length = high << 16 | middle << 8 | low;
    if (length > MOST_MESSAGE_BYTES) this.#result = "not-tls";
    else if (total >= MESSAGE_HEAD_BYTES + length) {
      this.#result = this.#message.subarray(MESSAGE_HEAD_BYTES, MESSAGE_HEAD_BYTES + length);
    }
  }
}

/** Reads the fields of a message, most significant byte first. Past its end everything is empty, and `broken` says so. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #broken = false;

  /**
   * At the first byte.
   *
   * @param bytes What to read; it is borrowed.
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether more was asked for than there is. */
  get broken(): boolean {
    return this.#broken;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A number of so many bytes; 0 past the end. */
  number(size: 1 | 2): number {
    const bytes = this.bytes(size);
    return bytes.length === 0 ? 0 : size === 1 ? bytes[0] : bytes[0] << 8 | bytes[1];
  }

  /** So many bytes, as a view; none of them where there are fewer. */
  bytes(count: number): Uint8Array {
    if (count > this.left) {
      this.#broken = true;
      this.#at = this.#bytes.length;
      return new Uint8Array();
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Bytes that stand after their own length, which has so many bytes. */
  vector(size: 1 | 2): Uint8Array {
    return this.bytes(this.number(size));
  }
}

/** The extensions at the end of a hello: each type with its data. */
export function* extensionsOf(fields: FieldReader): Generator<readonly [type: number, data: Uint8Array]> {
  // A hello of TLS 1.2 may end before them.
  if (fields.left === 0) return;
  const extensions = new FieldReader(fields.vector(2));
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (!extensions.broken) yield [type, data];
  }
}

/** A version by its number on the wire. */
export function versionName(version: number): string | undefined {
  return VERSIONS.get(version);
}

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, "TLSv1.3"],
  [0x0303, "TLSv1.2"],
  [0x0302, "TLSv1.1"],
  [0x0301, "TLSv1"],
  [0x0300, "SSLv3"],
]);

/** Extension that names the versions (RFC 8446 §4.2.1). */
export const SUPPORTED_VERSIONS = 43;
