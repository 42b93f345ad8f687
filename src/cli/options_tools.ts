/**
 * Rows of the table of options: sending, resending, comparing and exporting. What an edit, a rule or an expectation may
 * be is known where they are carried out; here they are passed on as written.
 */
import { SENDING, TOOLS } from "./commands.ts";
import type { Option, OptionBase } from "./option.ts";
import { MOST_TIMER_MS } from "./options_capture.ts";

/** More connections at once are no client's load any more. */
const MOST_CONCURRENCY = 10_000;

const REQUEST = { group: "Request", commands: ["send"], only: "arguments" } as const satisfies Partial<
  OptionBase
>;
const CHECKS = { group: "Checks", commands: ["send"], only: "arguments" } as const satisfies Partial<
  OptionBase
>;
const LOAD = { group: "Load", commands: ["send"], only: "arguments" } as const satisfies Partial<OptionBase>;
const RESENDING = { group: "Resending", commands: ["resend"], only: "arguments" } as const satisfies Partial<
  OptionBase
>;

/** The options, in the order of help. */
export const TOOL_OPTIONS: readonly Option[] = [
  {
    name: "header",
    short: "H",
    kind: "list",
    value: "FIELD",
    help: 'a field of the head, "Name: value", as often as wanted',
    ...REQUEST,
  },
  {
    name: "data",
    short: "d",
    kind: "text",
    value: "TEXT",
    help: "the body; @FILE reads it from a file, - from stdin",
    ...REQUEST,
  },
  { name: "json", kind: "flag", help: "the body is JSON, which items are without --form too", ...REQUEST },
  { name: "xml", kind: "flag", help: "the body is XML", ...REQUEST },
  { name: "form", kind: "flag", help: "the body is a form, made of items or as given", ...REQUEST },
  { name: "multipart", kind: "flag", help: "the body is a form in parts, as for files", ...REQUEST },
  {
    name: "soap",
    kind: "choice",
    choices: ["1.1", "1.2"],
    value: "VERSION",
    help: "speak SOAP: an envelope around the body where it has none, and its content type",
    ...REQUEST,
  },
  {
    name: "soap-action",
    kind: "text",
    value: "ACTION",
    help: "what the SOAP request asks for; alone it means --soap 1.1",
    ...REQUEST,
  },
  {
    name: "send-via",
    spelled: "via",
    kind: "text",
    value: "LISTEN",
    help: "send through a relay that listens there, with the Host of the URL",
    ...REQUEST,
  },
  { name: "follow", kind: "flag", help: "go where redirects lead", ...REQUEST },
  {
    name: "offline",
    kind: "flag",
    help: "print the request, byte for byte, instead of sending it",
    ...REQUEST,
  },
  { name: "curl", kind: "flag", help: "print it as a command of curl instead of sending it", ...REQUEST },
  {
    name: "timeout",
    kind: "duration",
    default: "30s",
    most: MOST_TIMER_MS,
    value: "TIME",
    help: "give up an exchange that takes longer; 0: never",
    group: "Connections",
    commands: SENDING,
    only: "arguments",
  },
  {
    name: "expect-status",
    kind: "text",
    value: "STATUS",
    help: "exit with 3 unless the status is one of these, such as 200,204 or 2xx",
    ...CHECKS,
  },
  {
    name: "expect",
    kind: "list",
    value: "EXPR",
    help:
      'exit with 3 unless this holds for the body: a JSONPath or XPath, alone or with "= value", "!= value" or ' +
      '"~ regexp"; as often as wanted',
    ...CHECKS,
  },
  {
    name: "repeat",
    kind: "integer",
    default: "1",
    least: 1,
    value: "N",
    help: "send it N times, and show a summary instead of each exchange",
    ...LOAD,
  },
  {
    name: "concurrency",
    kind: "integer",
    least: 1,
    most: MOST_CONCURRENCY,
    value: "N",
    help: "use N connections at once",
    group: "Load",
    commands: SENDING,
    only: "arguments",
  },
  {
    name: "send-rate",
    spelled: "rate",
    kind: "integer",
    least: 1,
    value: "N",
    help: "begin N requests a second, late ones counted from when they were due",
    ...LOAD,
  },
  {
    name: "to",
    kind: "text",
    value: "TARGET",
    help: "send them there instead of where they went",
    ...RESENDING,
  },
  {
    name: "speed",
    kind: "text",
    default: "1",
    words: ["max"],
    value: "FACTOR",
    help: "let the pauses between requests pass so much faster; max: none at all",
    ...RESENDING,
  },
  {
    name: "set",
    kind: "list",
    value: "EDIT",
    help: "change each request first, as often as wanted",
    ...RESENDING,
  },
  { name: "edit", kind: "flag", help: "change each request in $EDITOR first", ...RESENDING },
  {
    name: "keep-connections",
    kind: "flag",
    help: "use a connection for each that was recorded, at the same time as then",
    ...RESENDING,
  },
  {
    name: "diff",
    kind: "flag",
    help: "compare each response with the recorded one; exit with 3 where something differs",
    ...RESENDING,
  },
  {
    name: "ignore",
    kind: "list",
    value: "RULE",
    help:
      "what differences do not matter: a field name, a JSONPath, an XPath, re:REGEXP; as often as wanted; Date, Age and " +
      "fields of the connection never do, unless the rule none is given",
    group: "Comparing",
    commands: ["resend", "diff"],
    only: "arguments",
  },
  {
    name: "diff-format",
    spelled: "format",
    kind: "choice",
    choices: ["text", "json"],
    default: "text",
    value: "FORMAT",
    help: "what the differences look like",
    group: "Comparing",
    commands: ["diff"],
    only: "arguments",
  },
  {
    name: "as",
    kind: "choice",
    choices: ["har", "curl", "httpie", "text", "tcpmon", "json", "csv", "pcapng", "raw"],
    default: "json",
    value: "FORMAT",
    help: "what to write",
    group: "Captures",
    commands: ["export"],
    only: "arguments",
  },
  {
    name: "export-output",
    spelled: "output",
    short: "o",
    kind: "file",
    value: "FILE",
    help: "write to a file instead of stdout, or, as raw, to a folder",
    group: "Captures",
    commands: ["export"],
    only: "arguments",
  },
  {
    name: "strict",
    kind: "flag",
    help: "stop at the first line that cannot be read, instead of leaving it out",
    group: "Captures",
    commands: TOOLS.filter((name) => name !== "send"),
    only: "arguments",
  },
];
