/**
 * Short names for what is odd about the framing of a message. The traffic is forwarded unchanged all the same.
 *
 * Most name a rule of RFC 9112 or RFC 9110 that the sender broke, or a place where two recipients are known to
 * disagree (request smuggling).
 */

/** One oddity of an exchange. */
export type Flag =
  /** A line of the head or of the chunked framing ends in LF without CR (RFC 9112 §2.2). */
  | "bare-lf"
  /** A CR in the head that is not followed by LF (RFC 9112 §2.2). */
  | "bare-cr"
  /** Empty lines before the start line (RFC 9112 §2.2). */
  | "leading-blank-line"
  /** A field continued on the next line (RFC 9112 §5.2). */
  | "obs-fold"
  /** White space between field name and colon (RFC 9112 §5.1). */
  | "space-before-colon"
  /** White space before the first field line (RFC 9112 §2.2). */
  | "space-before-fields"
  /** A field line without a colon. */
  | "no-colon"
  /** A field name that is not a token (RFC 9110 §5.1). */
  | "bad-field-name"
  /** A NUL or another control character in a field value (RFC 9110 §5.5). */
  | "control-in-field"
  /** The direction ended inside the head: there are the fields that came whole. */
  | "cut-head"
  /** More than single spaces in the start line (RFC 9112 §3). */
  | "odd-start-line"
  /** Content-Length and Transfer-Encoding in one message (RFC 9112 §6.1). */
  | "cl-and-te"
  /** Content-Length given more than once, with one value (RFC 9112 §6.3). */
  | "duplicate-length"
  /** Content-Length given more than once, with different values (RFC 9112 §6.3). */
  | "conflicting-length"
  /** A Content-Length that is not a number (RFC 9110 §8.6). */
  | "bad-length"
  /** A Transfer-Encoding other than exactly `chunked` (RFC 9112 §6.1). */
  | "odd-transfer-encoding"
  /** Transfer-Encoding in an HTTP/1.0 message (RFC 9112 §6.1). */
  | "te-in-http10"
  /** Transfer-Encoding or Content-Length in a 1xx or 204 response (RFC 9110 §8.6, RFC 9112 §6.1). */
  | "length-not-allowed"
  /** A chunk size line that breaks the grammar, yet could be read (RFC 9112 §7.1). */
  | "odd-chunk-size"
  /** A chunk extension (RFC 9112 §7.1.1). */
  | "chunk-extension"
  /** An HTTP/1.1 request without Host (RFC 9112 §3.2). */
  | "no-host"
  /** More than one Host field (RFC 9112 §3.2). */
  | "duplicate-host"
  /** The Host field was rewritten on its way to the target. */
  | "host-rewritten"
  /** A final response began before its request had ended. */
  | "early-response"
  /** A request with `Expect: 100-continue` got its final answer, and its body was left out (RFC 9110 §10.1.1). */
  | "body-left-out"
  /** Sent on as it came, where it could no longer be told for sure what is a head: Host was not rewritten. */
  | "not-rewritten"
  /** A response that no request was waiting for. */
  | "unrequested-response"
  /** Bytes that follow a message which should have been the last, or that begin no message. */
  | "bytes-after-end"
  /** A size or count went past what tcpmon reads as HTTP: what follows is shown as a stream. */
  | "over-limit"
  /** What came where a message was due is not HTTP: it is shown as a stream. */
  | "not-http";
