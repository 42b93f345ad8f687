/** What the viewer's page wants to be sent, as bytes and whom they go to: a captured request, or one that is made. */
import { Buffer } from "node:buffer";
import { encodeText } from "../capture/charset.ts";
import type { ExchangeRecord } from "../capture/record.ts";
import { contentCodings } from "../http/coding.ts";
import { fieldValue } from "../http/head.ts";
import { AddressError, defaultHostField, parseTarget, type Target } from "../net/address.ts";
import { Destinations } from "../resend/destination.ts";
import { Preparer } from "../resend/prepare.ts";
import { recode } from "../resend/recode.ts";
import { buildRequest, type BuiltRequest } from "../send/build_request.ts";
import { SendUsageError } from "../send/send_error.ts";
import { throughUpstream } from "../send/upstream.ts";
import type { HistoryReader } from "../store/history_reader.ts";
import type { ResendRequest, SendRequest } from "../ui/api.ts";
import { Refused } from "../ui/requests.ts";
import type { Network } from "./network.ts";
import { quoted } from "./history_source.ts";

/** Bytes to be sent. */
export interface ToSend {
  /** Whom to. */
  readonly target: Target;
  /** The request as it is to cross the wire. */
  readonly pieces: readonly Uint8Array[];
  /** What its records call the listener. */
  readonly listener: string;
}

/** What making them takes. */
export interface MakingSettings {
  /** How targets are reached. */
  readonly network: Pick<Network, "upstreamFor">;
  /** Version of the program, for User-Agent. */
  readonly version: string;
  /** Whether Host stays as it is in what is sent elsewhere. */
  readonly keepsHost: boolean;
}

/** What records of requests from the page call the listener. */
const LISTENER = "viewer";
/** Records that are read to learn whether TLS is spoken with a target. */
const MOST_RECORDS = 4;

/**
 * A captured request as it was, byte for byte, but for the Host of another target.
 *
 * @throws {Refused} 400, where it cannot be sent again.
 */
export async function againOf(
  recorded: ExchangeRecord,
  { row, to }: ResendRequest,
  { network, keepsHost, reader }: MakingSettings & { readonly reader: HistoryReader },
): Promise<ToSend> {
  const { id, request, connection, ms } = recorded;
  const refuse = (why: string) => new Refused(400, `cannot send #${id} again: ${why}`);
  const destinations = new Destinations({
    ...to !== undefined && { to: targetOf(to) },
    keepHost: keepsHost,
  });
  if (ms.connect !== undefined && request?.head.method !== "CONNECT") {
    destinations.learn(connection, ms.tls !== undefined);
  } else {
    const { rows } = await reader.page({
      before: row,
      limit: MOST_RECORDS,
      filter: `type:connection connection:${connection.id} client:=${quoted(connection.client)} ` +
        `listener:=${quoted(connection.listener)}`,
    });
    for (const { id } of rows) {
      const record = await reader.record(id);
      if (record?.type !== "connection" || record.event !== "opened") continue;
      destinations.learn(record.connection, record.targetTls !== undefined || record.tlsMs !== undefined);
    }
  }
  if (request !== undefined && destinations.isOwnTunnel(recorded, request)) {
    throw refuse("it asked tcpmon, as a proxy, for a tunnel");
  }
  const prepared = new Preparer(destinations, undefined, network.upstreamFor).prepare(recorded);
  if ("skip" in prepared) {
    throw refuse(prepared.skip.replace("(--to TARGET names one)", "(another target can be named)"));
  }
  const { destination: { target }, pieces } = prepared;
  // A capture may come from anywhere: what it names must not be able to reach into this machine's services by a click.
  if (target.kind === "unix") {
    throw refuse("it went to a Unix socket, wanted an HTTP target (tcpmon resend sends it there)");
  }
  return { target, pieces, listener: `${LISTENER}, resend of #${id}` };
}

/**
 * A request that is made.
 *
 * @param origin The exchange that it was made of, where there is one.
 * @throws {Refused} 400, where there is no such request.
 */
export function madeOf(
  request: SendRequest,
  origin: ExchangeRecord | undefined,
  { network, version }: MakingSettings,
): ToSend {
  const { to, url } = request;
  if (!/^https?:\/\//i.test(url)) {
    throw new Refused(400, "cannot send this: wanted a URL that begins with http:// or https://");
  }
  try {
    const built = build(request, version);
    const elsewhere = to === undefined ? built : redirected(built, targetOf(to));
    const { target, pieces } = throughUpstream(elsewhere, network.upstreamFor);
    return {
      target,
      pieces,
      listener: origin === undefined ? LISTENER : `${LISTENER}, resend of #${origin.id}`,
    };
  } catch (error) {
    if (!(error instanceof SendUsageError)) throw error;
    throw new Refused(400, `cannot send this: ${error.message}`);
  }
}

/** Fields that a new request has unless it is told otherwise. One that was captured has what its client sent. */
const USUAL_FIELDS = ["User-Agent", "Accept"];

function build(
  { method, url, headers, body, from, soap, soapAction }: SendRequest,
  version: string,
): BuiltRequest {
  const fields = headers.filter(([name]) => name.trim().toLowerCase() !== "content-length");
  const isSoap = soap !== undefined || soapAction !== undefined;
  const left = from === undefined ? [] : isSoap ? USUAL_FIELDS : [...USUAL_FIELDS, "Content-Type"];
  return buildRequest({
    ...method !== "" && { method },
    url,
    headers: [],
    items: [
      ...left.map((name) => ({ kind: "no-header" as const, name })),
      ...fields.map(([name, value]) => ({ kind: "header" as const, name: name.trim(), value: value.trim() })),
    ],
    data: bodyOf(body, fields, isSoap),
    soap,
    soapAction,
  }, {
    version,
    boundary: () => `tcpmon-${crypto.randomUUID().replaceAll("-", "")}`,
  });
}

/** The bytes of the body; `undefined`: there is none. */
function bodyOf(
  { text, base64 }: SendRequest["body"],
  fields: SendRequest["headers"],
  isSoap: boolean,
): Uint8Array | undefined {
  if (base64 !== undefined) return base64 === "" ? undefined : bytesOf(base64);
  if (text === undefined || text === "") return undefined;
  const utf8 = () => new TextEncoder().encode(text);
  const codings = contentCodings(fields);
  // An envelope is made in the program's own encoding, and as it is.
  if (isSoap && codings.length > 0) {
    throw new SendUsageError(`Content-Encoding ${codings[0]} on a SOAP body`, "none");
  }
  if (isSoap) return utf8();
  const plain = encodeText(text, fieldValue(fields, "content-type")) ?? utf8();
  if (codings.length === 0) return plain;
  const { bytes, leftOff } = recode(plain, codings, ZLIB_HEADER);
  if (leftOff === undefined) return bytes;
  throw new SendUsageError(
    `the content coding ${leftOff}`,
    "one that can be put on here, or no Content-Encoding",
  );
}

/** Deflate is sent as RFC 9110 §8.4.1.2 has it, in zlib's wrapper. */
const ZLIB_HEADER = Uint8Array.of(0x78, 0x9c);

function bytesOf(base64: string): Uint8Array {
  if (base64.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(base64.replace(/={1,2}$/, ""))) {
    return new Uint8Array(Buffer.from(base64, "base64"));
  }
  throw new SendUsageError("a body that is no base64", "base64 with its padding");
}

/** The same request on the way to another target; a proxy on that way is told of that one. */
function redirected(built: BuiltRequest, target: Target): BuiltRequest {
  const scheme = target.kind === "tcp" && target.tls ? "https" : "http";
  return { ...built, target, url: { ...built.url, scheme, target, host: defaultHostField(target) } };
}

/** Another target: by HTTP or HTTPS, never a socket of this machine's. */
function targetOf(text: string): Target {
  try {
    const target = parseTarget(/^(?:[a-z][a-z0-9+.-]*:\/\/|unix:)/i.test(text) ? text : `http://${text}`);
    if (target.kind === "tcp" && target.http) return target;
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new Refused(400, `cannot send there: ${error.message}`);
  }
  throw new Refused(400, "cannot send there: wanted http://HOST[:PORT], https://HOST[:PORT] or HOST:PORT");
}
