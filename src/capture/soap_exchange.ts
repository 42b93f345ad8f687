/**
 * What is told of an exchange of SOAP messages: by every log format, by filters, by viewers.
 *
 * A reply may come in an exchange of its own (WS-Addressing Core §3.4, as in WS-Addressing's asynchronous
 * bindings): its request then relates to the message of an earlier one. {@link SoapCorrelation} remembers
 * which.
 */
import type { ExchangeRecord } from "./record.ts";
import { type SoapFault, soapOf, type SoapVersion } from "./soap.ts";

/** SOAP in an exchange. */
export interface ExchangeSoap {
  /** What is called: the operation of the request; of the response, where only that is SOAP. */
  readonly operation?: string;
  /** The version of the request; of the response, where only that is SOAP. */
  readonly version: SoapVersion;
  /** SOAPAction of the request, or the `action` of its Content-Type. */
  readonly action?: string;
  /** The Fault of the response; else that of the request, which then is the reply to an earlier one. */
  readonly fault?: SoapFault;
  /** MessageID of the request. */
  readonly messageId?: string;
  /** What request and response relate to, each id once. */
  readonly relatesTo?: readonly string[];
  /**
   * Id of the exchange whose request this one answers. Absent: none that is remembered, or it answers its
   * own.
   */
  readonly repliesTo?: number;
}

/** How many message ids are remembered. */
const MAX_MESSAGES = 10_000;
/**
 * The longest message id that is remembered, in characters: with it, the memory has a bound. A UUID's URN has
 * 45.
 */
const MAX_ID_LENGTH = 256;

/**
 * What an exchange says, if one of its messages is SOAP, without {@link ExchangeSoap.repliesTo}.
 *
 * @param limitBytes How many bytes a content coding is undone to.
 */
export function soapOfExchange(record: ExchangeRecord, limitBytes: number): ExchangeSoap | undefined {
  const { request, response } = record;
  const asked = request === undefined ? undefined : soapOf(request, limitBytes);
  const answered = response === undefined ? undefined : soapOf(response, limitBytes);
  const first = asked ?? answered;
  if (first === undefined) return undefined;
  const fault = answered?.fault ?? asked?.fault;
  const relatesTo = [...new Set([...asked?.relatesTo ?? [], ...answered?.relatesTo ?? []])];
  return {
    ...first.operation !== undefined && { operation: first.operation },
    version: first.version,
    ...asked?.action !== undefined && { action: asked.action },
    ...fault !== undefined && { fault },
    ...asked?.messageId !== undefined && { messageId: asked.messageId },
    ...relatesTo.length > 0 && { relatesTo },
  };
}

/** Finds the exchange that another one answers, by the message ids of those that it was shown before. */
export class SoapCorrelation {
  /** The exchange that each message id was first seen in, in the order in which they were. */
  readonly #exchanges = new Map<string, number>();

  /**
   * What an exchange says, if one of its messages is SOAP. Its message id is remembered for later ones;
   * asking about the same exchange again changes nothing.
   *
   * @param limitBytes How many bytes a content coding is undone to.
   */
  of(record: ExchangeRecord, limitBytes: number): ExchangeSoap | undefined {
    const soap = soapOfExchange(record, limitBytes);
    if (soap === undefined) return undefined;
    const repliesTo = soap.relatesTo === undefined ? undefined : this.#find(soap.relatesTo, soap.messageId);
    if (soap.messageId !== undefined) this.#remember(soap.messageId, record.id);
    return repliesTo === undefined || repliesTo === record.id ? soap : { ...soap, repliesTo };
  }

  /** @param own MessageID of the exchange itself: what relates to that is the answer to its own request. */
  #find(ids: readonly string[], own: string | undefined): number | undefined {
    for (const id of ids) {
      const exchange = id === own ? undefined : this.#exchanges.get(id);
      if (exchange !== undefined) return exchange;
    }
    return undefined;
  }

  #remember(messageId: string, exchange: number): void {
    // A message that is sent again has the same id: what answers it answers the first one.
    if (messageId === "" || messageId.length > MAX_ID_LENGTH || this.#exchanges.has(messageId)) return;
    this.#exchanges.set(messageId, exchange);
    if (this.#exchanges.size <= MAX_MESSAGES) return;
    const [oldest] = this.#exchanges.keys();
    this.#exchanges.delete(oldest);
  }
}
