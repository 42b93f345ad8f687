/** The durations of an exchange as segments of a bar: where its time went. */
import type { Timings } from "../../../capture/record.ts";

/** A step of an exchange. */
export interface Segment {
  /** Which one. */
  readonly step: "connect" | "tls" | "send" | "wait" | "receive";
  /** What it is, in words. */
  readonly label: string;
  /** How long it took, ms. */
  readonly ms: number;
  /** Where it begins, as a part of the whole bar: from 0 to 1. */
  readonly from: number;
  /** How long it is, as such a part. */
  readonly share: number;
}

const LABELS = {
  connect: "Connect",
  tls: "TLS handshake",
  send: "Send request",
  wait: "Wait for response",
  receive: "Receive response",
} as const;

/** The steps that took place, one after the other. */
export function segmentsOf(ms: Timings): readonly Segment[] {
  const { connect, tls, send, wait, receive } = ms;
  // The handshake is a part of the connecting.
  const reach = connect === undefined ? undefined : Math.max(connect - (tls ?? 0), 0);
  const steps = [
    ["connect", reach],
    ["tls", tls],
    ["send", send],
    ["wait", wait],
    ["receive", receive],
  ] as const;
  const sum = steps.reduce((total, [, value]) => total + (value ?? 0), 0);
  const whole = sum > 0 ? sum : 1;
  const segments: Segment[] = [];
  let done = 0;
  for (const [step, value] of steps) {
    if (value === undefined) continue;
    segments.push({ step, label: LABELS[step], ms: value, from: done / whole, share: value / whole });
    done += value;
  }
  return segments;
}
