/** What the names in a record mean, in whole sentences: outcomes, flags, simulated faults, ends of connections. */
import type { ConnectionEnd, FaultNote, Outcome } from "../../../capture/record.ts";
import type { Flag } from "../../../http/flags.ts";

/** How an exchange ended. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  "complete": "Complete: request and response both ended as they should.",
  "upgraded": "Upgraded: what follows on this connection is no longer HTTP.",
  "no-response": "No response: the connection ended before one began.",
  "request-cut": "Request cut: the connection ended inside the request.",
  "response-cut": "Response cut: the connection ended inside the response.",
  "connect-failed": "Connect failed: the target could not be reached.",
  "refused": "Refused by tcpmon: it answered itself, the target did not see this request.",
  "unrequested": "Unrequested: a response that no request had asked for.",
  "not-http": "Not HTTP: what followed the head could not be read; it stands in the timeline.",
};

/** What each flag means. */
export const FLAG_WORDS: Readonly<Record<Flag, string>> = {
  "bare-lf": "A line ends in LF without CR. Some recipients refuse this, others do not (RFC 9112 §2.2).",
  "bare-cr":
    "The head holds a CR that no LF follows: recipients disagree where the line ends (RFC 9112 §2.2).",
  "leading-blank-line": "Empty lines stand before the start line (RFC 9112 §2.2).",
  "obs-fold": "A field continues on the next line, which is obsolete and often misread (RFC 9112 §5.2).",
  "space-before-colon":
    "White space stands between a field's name and its colon: a known way to smuggle requests " +
    "(RFC 9112 §5.1).",
  "space-before-fields": "White space stands before the first field (RFC 9112 §2.2).",
  "no-colon": "A line among the fields has no colon.",
  "bad-field-name": "A field's name holds characters that no name may have (RFC 9110 §5.1).",
  "control-in-field": "A field's value holds a NUL or another control character (RFC 9110 §5.5).",
  "cut-head": "The connection ended inside the head: the fields are those that came whole.",
  "odd-start-line": "The start line has more than single spaces between its parts (RFC 9112 §3).",
  "cl-and-te":
    "Content-Length and Transfer-Encoding stand in one message: recipients may disagree where it ends, " +
    "which is how requests are smuggled (RFC 9112 §6.1).",
  "duplicate-length": "Content-Length is given more than once, with the same value (RFC 9112 §6.3).",
  "conflicting-length":
    "Content-Length is given with different values: recipients disagree where the body ends " +
    "(RFC 9112 §6.3).",
  "bad-length": "Content-Length is not a number (RFC 9110 §8.6).",
  "odd-transfer-encoding": "Transfer-Encoding is something else than exactly “chunked” (RFC 9112 §6.1).",
  "te-in-http10": "Transfer-Encoding stands in an HTTP/1.0 message, where it has no meaning (RFC 9112 §6.1).",
  "length-not-allowed": "A response that never has a body says how long its body is (RFC 9110 §8.6).",
  "odd-chunk-size": "A chunk's size is written in an odd way, yet could be read (RFC 9112 §7.1).",
  "chunk-extension": "A chunk carries an extension, which hardly anyone reads (RFC 9112 §7.1.1).",
  "no-host": "The request has no Host field, although HTTP/1.1 demands one (RFC 9112 §3.2).",
  "duplicate-host": "The request has more than one Host field (RFC 9112 §3.2).",
  "host-rewritten": "tcpmon wrote the target's name into Host, so that a virtual host answers.",
  "early-response": "The response began before the request had ended.",
  "body-left-out":
    "The request waited for leave to send its body (Expect: 100-continue), was answered instead, and left the " +
    "body out (RFC 9110 §10.1.1).",
  "not-rewritten":
    "The request went on as it came, Host included: after an ambiguous head, tcpmon cannot be sure what is a " +
    "head and what a body.",
  "unrequested-response": "A response came that no request was waiting for.",
  "bytes-after-end": "Bytes follow a message that should have been the last, or begin no message.",
  "over-limit": "A size or a count went past what tcpmon reads as HTTP: what follows stands in the timeline.",
  "not-http": "What came where a message was due is not HTTP: it stands in the timeline.",
};

/** What each fault of a simulated link does. */
const FAULT_WORDS: Readonly<Record<string, string>> = {
  "reset": "reset the connection",
  "timeout": "stopped passing bytes on",
  "slow-close": "held back the end of the connection",
  "slicer": "cut what passed into small pieces",
  "limit-data": "closed the connection once its limit was reached",
  "cut-after": "cut the connection off",
  "refuse": "refused the connection",
  "corrupt": "changed bytes",
  "drop": "dropped bytes",
  "status": "answered instead of the target",
};

/** How a connection ended. */
export const END_WORDS: Readonly<Record<ConnectionEnd, string>> = {
  "client-closed": "The client closed the connection.",
  "target-closed": "The target closed the connection.",
  "client-reset": "The client reset the connection.",
  "target-reset": "The target reset the connection.",
  "connect-failed": "The target could not be reached.",
  "idle-timeout": "Nothing passed for too long.",
  "tls-failed": "The TLS handshake with the client failed.",
  "fault": "A simulated fault ended the connection.",
  "stopped": "tcpmon was stopped.",
};

/** The words for a name, or the name itself where a newer program uses one that this page does not know. */
export function wordsFor(words: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(words, name) ? words[name] : name;
}

/** A simulated fault as a sentence, for example `The simulated link reset the connection, …`. */
export function faultSentence({ fault, direction, offset, bytes, seed }: FaultNote): string {
  const did = wordsFor(FAULT_WORDS, fault);
  const size = bytes === undefined ? "" : ` (${bytes} B)`;
  const way = direction === undefined
    ? ""
    : direction === "up"
    ? " of the request’s way"
    : " of the response’s way";
  return `The simulated link ${did}${size} at byte ${offset}${way}: fault ${fault}, seed ${seed}.`;
}
