/** Rows of the table of options: the history on disk, and the viewer that shows it. */
import { CAPTURING } from "./commands.ts";
import type { Option } from "./option.ts";

/** A name of a machine (RFC 952, with the underscores that there are), or an address; that it exists is not asked. */
const NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.(?!$)|$))+$/i;
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i;
/** Longest name (RFC 1035 §2.3.4). */
const MAX_NAME_LENGTH = 253;

function nameProblem(text: string): string | undefined {
  const wrong = text.split(",").map((name) => name.trim()).find((name) => !isName(name));
  if (wrong === undefined) return undefined;
  const wanted = "wanted the name of a machine alone, as the browser shows it, such as dev.example.com";
  return `found ${JSON.stringify(wrong)}, ${wanted}`;
}

function isName(text: string): boolean {
  if (IPV6.test(text)) return URL.canParse(`http://[${text}]`);
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}

/** The options, in the order of help. */
export const HISTORY_OPTIONS: readonly Option[] = [
  {
    name: "view",
    kind: "optional-text",
    value: "HOST:PORT",
    help:
      "show the traffic in a browser, at the address that the status line names; beyond this machine only if told",
    group: "Viewer",
    commands: [...CAPTURING, "view"],
    common: true,
  },
  {
    name: "view-token",
    kind: "text",
    value: "TEXT",
    help:
      "secret that the viewer's address holds, instead of a new one for each run; better set as TCPMON_VIEW_TOKEN",
    group: "Viewer",
    commands: [...CAPTURING, "view"],
  },
  {
    name: "view-name",
    kind: "text",
    repeatable: true,
    value: "NAME",
    help:
      "another name by which the viewer is opened, several joined by commas or given one by one: that of a container's " +
      "machine, or of a reverse proxy before it",
    group: "Viewer",
    commands: [...CAPTURING, "view"],
    check: nameProblem,
  },
  {
    name: "view-readonly",
    kind: "flag",
    help: "let the viewer change nothing",
    group: "Viewer",
    commands: [...CAPTURING, "view"],
  },
  {
    name: "store",
    kind: "file",
    value: "FILE",
    help:
      "keep the history in this file (SQLite), which resend, diff, export and view read; else it goes at the end",
    group: "Viewer",
    commands: CAPTURING,
  },
  {
    name: "keep",
    kind: "text",
    repeatable: true,
    default: "1G",
    value: "AMOUNT",
    help:
      "how much of the history is kept: a number of records, a size such as 1G, an age such as 24h, or several",
    group: "Viewer",
    commands: CAPTURING,
  },
];
