/** Rows of the table of options: the history on disk, and the viewer that shows it. */
import { CAPTURING } from "./commands.ts";
import type { Option } from "./option.ts";

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
