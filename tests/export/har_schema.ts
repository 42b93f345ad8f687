/**
 * HAR 1.2 as a JSON schema, in our own words: what must be there, and of which type. Names that begin with `_` are the
 * writer's own; others are not allowed.
 */

const text = { type: "string" } as const;
const comment = text;
const size = { type: "integer", minimum: -1 } as const;
/** A step that did not take place is -1. */
const optionalMs = { anyOf: [{ const: -1 }, { type: "number", minimum: 0 }] } as const;
const ms = { type: "number", minimum: 0 } as const;
const time = {
  type: "string",
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$",
} as const;
const url = { type: "string", pattern: "^[a-z][a-z0-9+.-]*:[!#-;=?-\\[\\]_a-z~]*$" } as const;

/** An object with these properties, all of them required but those that are named as optional. */
function object(properties: { readonly [name: string]: unknown }, optional: readonly string[] = []) {
  return {
    type: "object",
    properties: { ...properties, comment },
    patternProperties: { "^_": {} },
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: false,
  };
}

const pairs = { type: "array", items: object({ name: text, value: text }) };

const cookies = {
  type: "array",
  items: object(
    {
      name: text,
      value: text,
      path: text,
      domain: text,
      expires: time,
      httpOnly: { type: "boolean" },
      secure: { type: "boolean" },
      // Not in HAR 1.2; browsers write it.
      sameSite: text,
    },
    ["path", "domain", "expires", "httpOnly", "secure", "sameSite"],
  ),
};

const postData = object({ mimeType: text, text, params: pairs }, ["text", "params"]);

const request = object({
  method: text,
  url,
  httpVersion: text,
  cookies,
  headers: pairs,
  queryString: pairs,
  postData,
  headersSize: size,
  bodySize: size,
}, ["postData"]);

const content = object(
  { size, compression: { type: "integer" }, mimeType: text, text, encoding: { const: "base64" } },
  ["compression", "text", "encoding"],
);

const response = object({
  status: { type: "integer", minimum: 0 },
  statusText: text,
  httpVersion: text,
  cookies,
  headers: pairs,
  content,
  redirectURL: text,
  headersSize: size,
  bodySize: size,
});

const timings = object(
  {
    blocked: optionalMs,
    dns: optionalMs,
    connect: optionalMs,
    ssl: optionalMs,
    send: ms,
    wait: ms,
    receive: ms,
  },
  ["blocked", "dns", "connect", "ssl"],
);

const entry = object(
  {
    pageref: text,
    startedDateTime: time,
    time: ms,
    request,
    response,
    cache: object({}),
    timings,
    serverIPAddress: { type: "string", pattern: "^[0-9a-fA-F:.]+$" },
    connection: text,
  },
  ["pageref", "serverIPAddress", "connection"],
);

const program = object({ name: text, version: text });

/** The schema of a whole file. */
export const HAR_SCHEMA = object({
  log: object(
    {
      version: { const: "1.2" },
      creator: program,
      browser: program,
      pages: { type: "array" },
      entries: { type: "array", items: entry },
    },
    ["browser", "pages"],
  ),
});
