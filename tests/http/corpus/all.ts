/** All wire cases, by group. */
import type { Case } from "./case.ts";
import { CHUNKED } from "./chunked.ts";
import { FRAMING } from "./framing.ts";
import { NOT_HTTP } from "./not_http.ts";
import { ODD } from "./odd.ts";
import { RFC9112 } from "./rfc9112.ts";
import { RTSP_AND_ICE } from "./rtsp_ice.ts";
import { SMUGGLING } from "./smuggling.ts";
import { TRUNCATIONS } from "./truncations.ts";
import { VALID_REQUESTS } from "./valid_requests.ts";
import { VALID_RESPONSES } from "./valid_responses.ts";

/** The groups by name. */
export const GROUPS: Record<string, readonly Case[]> = {
  "valid requests": VALID_REQUESTS,
  "valid responses": VALID_RESPONSES,
  "framing": FRAMING,
  "chunked": CHUNKED,
  "odd but readable": ODD,
  "smuggling": SMUGGLING,
  "truncations": TRUNCATIONS,
  "not HTTP": NOT_HTTP,
  "RTSP and ICE": RTSP_AND_ICE,
  "RFC 9112": RFC9112,
};
