/** A recorded WebSocket message as the frame of a client (RFC 6455 §5.2): whole, masked, not compressed. */
import type { WebSocketRecord } from "../capture/record.ts";

const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const FINAL = 0x80;
const MASKED = 0x80;

/**
 * The frame of a message.
 *
 * @param mask Four bytes, new and unpredictable for each frame (§5.3).
 * @returns `undefined` where the message cannot be sent as it was: cut, broken, or of an opcode without a meaning.
 */
export function clientFrame(message: WebSocketRecord, mask: Uint8Array): Uint8Array | undefined {
  const { opcode, body, error } = message;
  if (opcode === "reserved" || error !== undefined || body.kept.length < body.bytes) return undefined;
  const payload = opcode === "close" ? closePayload(message) : body.kept;
  const length = payload.length;
  const extended = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const frame = new Uint8Array(2 + extended + 4 + length);
  const view = new DataView(frame.buffer);
  frame[0] = FINAL | OPCODES[opcode];
  frame[1] = MASKED | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  const start = 2 + extended + 4;
  frame.set(mask.subarray(0, 4), start - 4);
  for (let i = 0; i < length; i++) frame[start + i] = payload[i] ^ mask[i & 3];
  return frame;
}

/** How many bytes a recorded message took on the wire from the server at least: as one frame. */
export function serverFrameBytes({ body, compressedBytes, closeCode }: WebSocketRecord): number {
  const length = (compressedBytes ?? body.bytes) + (closeCode === undefined ? 0 : 2);
  return length + (length < 126 ? 2 : length < 65536 ? 4 : 10);
}

function closePayload({ body, closeCode }: WebSocketRecord): Uint8Array {
  if (closeCode === undefined) return body.kept;
  const payload = new Uint8Array(2 + body.kept.length);
  new DataView(payload.buffer).setUint16(0, closeCode);
  payload.set(body.kept, 2);
  return payload;
}
