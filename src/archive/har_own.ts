/** What tcpmon's own HAR says in `_tcpmon` beyond HAR, under the names of the JSON log: with it, an exchange comes back. */
import type { ExchangeRecord } from "../capture/record.ts";
import { composeResponseHead } from "../http/compose_head.ts";
import type { Field, ResponseHead } from "../http/head.ts";
import { OUTCOMES, readFlags, readTimings } from "./exchange_reader.ts";
import { readFaults } from "./faults.ts";
import { readHarFields, readReason } from "./har_head.ts";
import { readStatus } from "./heads.ts";
import type { Remarks } from "./reading.ts";
import { count, fields, isFields, list, oneOf, optionalText, text } from "./shape.ts";

/** What it says. */
export interface OwnDetails
  extends Pick<ExchangeRecord, "id" | "ms" | "outcome" | "flags" | "error" | "faults" | "interim"> {
  /** The address that accepted the connection. */
  readonly listener: string;
  /** The client's address. */
  readonly client: string;
  /** The target as configured. */
  readonly target: string;
  /** The request target, where it is not the path of the URL. */
  readonly requestTarget?: string;
  /** Fields of the request as they were sent on, where some were changed. */
  readonly rewritten?: readonly Field[];
  /** Trailer fields of the request. */
  readonly requestTrailers: readonly Field[];
  /** Trailer fields of the response. */
  readonly responseTrailers: readonly Field[];
}

/**
 * Reads `_tcpmon`.
 *
 * @param remarks Where what cannot be represented is counted.
 * @returns Nothing where there is none.
 * @throws {Wrong} where a part of it is not what it must be.
 */
export function readOwnDetails(value: unknown, remarks: Remarks): OwnDetails | undefined {
  if (!isFields(value)) return undefined;
  const pairs = (name: string) => readHarFields(value[name], `_tcpmon.${name}`, remarks);
  if (value.requestHead !== undefined || value.responseHead !== undefined) {
    remarks.add("exchange with an odd head (line ends, folding, spaces): written in the ordinary way");
  }
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
    interim: readInterim(value.interim, remarks),
    ...value.rewritten !== undefined && { rewritten: pairs("rewritten") },
    requestTrailers: pairs("requestTrailers"),
    responseTrailers: pairs("responseTrailers"),
    ...error !== undefined && { error },
    ...value.faults !== undefined && { faults: readFaults(value.faults) },
    ...requestTarget !== undefined && { requestTarget: requestTarget.replaceAll("\n", "") },
  };
}

function readInterim(value: unknown, remarks: Remarks): ResponseHead[] {
  if (value === undefined) return [];
  return list(value, "_tcpmon.interim").map((member, i) => {
    const name = `_tcpmon.interim[${i}]`;
    const source = fields(member, name);
    return composeResponseHead({
      version: "HTTP/1.1",
      status: readStatus(source.status, `${name}.status`),
      reason: readReason(source.statusText),
      fields: readHarFields(source.headers, `${name}.headers`, remarks),
    });
  });
}
