/** What a SOCKS 5 server answers to a request (RFC 1928 §6): the codes, and what they are called in messages. */

/** An answer to a request. */
export type SocksReply =
  | "succeeded"
  | "general-failure"
  | "not-allowed"
  | "network-unreachable"
  | "host-unreachable"
  | "refused"
  | "ttl-expired"
  | "command-not-supported"
  | "address-type-not-supported";

/** Each answer at the index that is its code, with its words for people. */
const REPLIES: readonly (readonly [SocksReply, string])[] = [
  ["succeeded", "succeeded"],
  ["general-failure", "general failure"],
  ["not-allowed", "not allowed by its rules"],
  ["network-unreachable", "network unreachable"],
  ["host-unreachable", "host unreachable"],
  ["refused", "connection refused"],
  ["ttl-expired", "time to live expired"],
  ["command-not-supported", "command not supported"],
  ["address-type-not-supported", "address type not supported"],
];

/** The code of an answer. */
export function replyCode(reply: SocksReply): number {
  return REPLIES.findIndex(([name]) => name === reply);
}

/** An answer in words: `connection refused`; `reply 91` for a code that has no meaning. */
export function replyText(code: number): string {
  return REPLIES[code]?.[1] ?? `reply ${code}`;
}

/**
 * The answer that fits why a target could not be reached.
 *
 * @param reason What the attempt said, in the words of `reasonOf`, or those of another proxy's refusal.
 */
export function replyTo(reason: string): SocksReply {
  if (/connection refused/i.test(reason)) return "refused";
  if (/network (is )?unreachable/i.test(reason)) return "network-unreachable";
  if (/does not resolve|no route to host|host (is )?unreachable/i.test(reason)) return "host-unreachable";
  if (/no answer|timed out|time to live/i.test(reason)) return "ttl-expired";
  if (/not allowed|listener of this tcpmon|refused the tunnel/i.test(reason)) return "not-allowed";
  return "general-failure";
}
