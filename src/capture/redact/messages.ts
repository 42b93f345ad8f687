/** What WebSocket messages (RFC 6455) and server-sent events carry, with its secrets replaced. */
import { scanText } from "./content.ts";
import { type Rules, Scan } from "./scan.ts";
import { redactShortBytes } from "./short_text.ts";

/** How many bytes the status code takes up in a close frame (RFC 6455 §5.5.1). */
const CLOSE_CODE_BYTES = 2;

/**
 * The payload of a WebSocket message or the data of a server-sent event with its secrets replaced, read as XML if it
 * begins so, else as JSON, since frames such as Socket.IO's put a few characters before theirs.
 */
export function redactMessageText(payload: Uint8Array, rules: Rules): Uint8Array {
  const scan = new Scan(payload, rules);
  scanText(scan, 0, payload.length);
  return scan.result();
}

/** The payload of a close frame, a status code and a reason, with the secrets of the reason replaced. */
export function redactCloseFrame(payload: Uint8Array, rules: Rules): Uint8Array {
  const reason = payload.subarray(CLOSE_CODE_BYTES);
  const redacted = redactShortBytes(reason, rules);
  if (redacted === reason) return payload;
  const out = new Uint8Array(CLOSE_CODE_BYTES + redacted.length);
  out.set(payload.subarray(0, CLOSE_CODE_BYTES));
  out.set(redacted, CLOSE_CODE_BYTES);
  return out;
}
