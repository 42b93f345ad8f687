/** What tcpmon's own HAR says in `_tcpmon` beyond HAR, under the names of the JSON log: with it, an exchange comes back. */
import type { ExchangeRecord } from "../capture/record.ts";
import { OUTCOMES, readFlags, readTimings } from "./exchange_reader.ts";
import { readFaults } from "./faults.ts";
import { count, fields, isFields, oneOf, optionalText, text } from "./shape.ts";

/** What it says. */
export interface OwnDetails
  extends Pick<ExchangeRecord, "id" | "ms" | "outcome" | "flags" | "error" | "faults"> {
  /** The address that accepted the connection. */
  readonly listener: string;
  /** The client's address. */
  readonly client: string;
  /** The target as configured. */
  readonly target: string;
  /** The request target, where it is not the path of the URL. */
  readonly requestTarget?: string;
}

/**
 * Reads `_tcpmon`.
 *
 * @returns Nothing where there is none.
 * @throws {Wrong} where a part of it is not what it must be.
 */
export function readOwnDetails(value: unknown): OwnDetails | undefined {
  if (!isFields(value)) return undefined;
  const error = optionalText(value.error, "_tcpmon.error");
  const requestTarget = optionalText(value.requestTarget, "_tcpmon.requestTarget");
  return {
    listener: text(value.listener, "_tcpmon.listener"),
    client: text(value.client, "_tcpmon.client"),
    target: text(value.target, "_tcpmon.target"),
    id: count(value.id, "_tcpmon.id"),
    ms: readTimings(fields(value.ms, "_tcpmon.ms")),
    outcome: oneOf(value.outcome, "_tcpmon.outcome", OUTCOMES),
    flags: readFlags(value.flags),
    ...error !== undefined && { error },
    ...value.faults !== undefined && { faults: readFaults(value.faults) },
    ...requestTarget !== undefined && { requestTarget: requestTarget.replaceAll("\n", "") },
  };
}
