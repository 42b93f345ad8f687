/**
 * How much of a message head tcpmon reads as HTTP. What goes past a limit is still relayed, but shown as a stream.
 *
 * The limits keep the memory of one connection bounded; each is well above what widely used servers accept.
 */

/** Bytes of a head, or of a trailer section. nginx takes 32 KiB, Node 16 KiB, Apache 100 lines of 8 KiB. */
export const HEAD_LIMIT_BYTES = 256 * 1024;

/** Field lines of a head or trailer section. Apache takes 100, most others count bytes only. */
export const FIELD_LIMIT = 2_000;

/** Characters of a method: no method in any registry is longer than 17. */
export const METHOD_LIMIT = 40;

/** Bytes of a start line that is told from a body: RFC 9112 §3 asks recipients to take 8,000. */
export const START_LINE_LIMIT_BYTES = 8 * 1024;

/** Bytes of a chunk size line with its extensions. Extensions are rare, and longer ones have been used in attacks. */
export const CHUNK_LINE_LIMIT_BYTES = 4 * 1024;

/** Empty lines before a start line, in bytes. RFC 9112 §2.2 asks to ignore "at least one". */
export const BLANK_LINE_LIMIT_BYTES = 64;

/** Bytes kept while it is open whether a client's bytes after an upgrade request are HTTP: as much as a head. */
export const PAUSE_LIMIT_BYTES: number = HEAD_LIMIT_BYTES;
