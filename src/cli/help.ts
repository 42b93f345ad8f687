/** Help texts from the tables of commands and options, for a terminal of 80 columns. */
import { type CommandName, COMMANDS, findCommand, LISTENING, TOOLS } from "./commands.ts";
import type { Option, OptionGroup } from "./option.ts";
import { briefly, OPTIONS, shownOptionsOf, written } from "./options.ts";

const COLUMNS = 80;
/** Where the text beside an option begins; a longer option has its text on the next line. */
const OPTION_COLUMN = 28;
const GROUPS: readonly OptionGroup[] = [
  "Demo",
  "CA",
  "Request",
  "Checks",
  "Load",
  "Resending",
  "Comparing",
  "Captures",
  "Proxy",
  "TLS",
  "Log",
  "Secrets",
  "Connections",
  "Upstream proxy",
  "Slow and broken links",
  "Viewer",
  "Flight recorder",
  "Safety",
  "General",
];
/** How many examples of relay and of proxy the overview shows. */
const OVERVIEW_EXAMPLES = 2;

/** Commands whose usage the overview shows: those that take more than their name. */
const IN_OVERVIEW = COMMANDS.filter(({ name }) =>
  LISTENING.includes(name) || TOOLS.includes(name) || name === "view"
);

const CONFIG_EXAMPLE = `{
  // every option by its name
  "format": "json",
  "max-body": "64k",
  "relays": [
    { "listen": "8081", "target": "localhost:8080" },
    { "listen": "0.0.0.0:8082", "target": "http://api.test", "host": "keep" },
    { "listen": "8443", "target": "https://10.0.0.7", "insecure": true }
  ],
  "proxies": ["8888"]
}`;

const FILTERS = [
  "method:POST,PUT  status:5xx  path:/api/*  host:shop  header:x-id=3  body:fault",
  "duration:>500ms  size:>1M  outcome:no-response  flag:bare-lf  type:connection",
  "soap:GetQuote  fault:*",
];
const FILTER_RULES =
  "A space means and, | or, - before a term not; ( ) group; commas give alternatives; * is any " +
  "text; quotes keep spaces. A word without a key is looked for everywhere, bodies included.";

/** What it is, commands, the most used options and examples, on one screen. */
export function overview(): string {
  const common = OPTIONS.filter((option) => option.common);
  const examples = COMMANDS.slice(0, 2).flatMap((command) =>
    command.examples.slice(0, OVERVIEW_EXAMPLES).map(([line]) => `  ${line}`)
  );
  return join([
    ["tcpmon relays or proxies TCP and HTTP and logs all that passes, byte for byte."],
    ["Usage:", ...usageLines(IN_OVERVIEW.flatMap((command) => command.usage))],
    [
      "LISTEN is PORT (on 127.0.0.1 only), HOST:PORT, [V6]:PORT or unix:PATH; TARGET is",
      "HOST:PORT, [V6]:PORT, tls://HOST:PORT, http(s)://HOST[:PORT] or unix:PATH.",
    ],
    ["Commands:", ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`)],
    [
      "Options (all of them: tcpmon help COMMAND):",
      ...common.flatMap((option) => row(option, brief(option))),
    ],
    ["Examples:", ...examples],
  ]);
}

/** Everything about one command: what it does, every option with its default, examples. */
export function commandHelp(name: CommandName): string {
  const command = findCommand(name) ?? COMMANDS[0];
  const options = shownOptionsOf(name);
  const groups = GROUPS.map((group) => {
    const rows = options.filter((option) => option.group === group).flatMap((option) =>
      row(option, full(option))
    );
    return rows.length === 0 ? [] : [`${group}:`, ...rows];
  });
  const examples = command.examples.flatMap(([line, purpose]) => [`  ${line}`, `      ${purpose}`]);
  return join([
    [`tcpmon ${name}: ${command.summary}`],
    ["Usage:", ...usageLines(command.usage)],
    ...command.about.map((paragraph) => wrap(paragraph, COLUMNS)),
    ...groups,
    name === "relay"
      ? ["Filters:", ...FILTERS.map(indented), ...wrap(FILTER_RULES, COLUMNS - 2).map(indented)]
      : [],
    ["Examples:", ...examples],
    name === "relay" ? ["A config file:", ...CONFIG_EXAMPLE.split("\n").map(indented)] : [],
  ]);
}

function indented(line: string): string {
  return `  ${line}`;
}

function usageLines(usage: readonly string[]): readonly string[] {
  return usage.map((line) => `  tcpmon ${line}`);
}

/** An option and its text in two columns. */
function row(option: Option, text: string): readonly string[] {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const left = `  ${short}${written(option)}`;
  const lines = wrap(text, COLUMNS - OPTION_COLUMN).map((line) => " ".repeat(OPTION_COLUMN) + line);
  if (left.length > OPTION_COLUMN - 2) return [left, ...lines];
  return [left.padEnd(OPTION_COLUMN) + lines[0].trimStart(), ...lines.slice(1)];
}

function full(option: Option): string {
  const choices = option.kind === "choice" ? ` (${option.choices.join(", ")})` : "";
  return option.help + choices + defaultOf(option);
}

/** The first clause of its help, with its choices where it has some. */
function brief(option: Option): string {
  const choices = option.kind === "choice" ? `: ${option.choices.join(", ")}` : "";
  return briefly(option) + choices + defaultOf(option);
}

function defaultOf(option: Option): string {
  return option.default === undefined ? "" : ` (default: ${option.default})`;
}

/** Breaks text at spaces so that no line is longer than `width`, unless a single word is. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line += line === "" ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}

/** Blocks of lines with an empty line between them. */
function join(blocks: readonly (readonly string[])[]): string {
  return blocks.filter((block) => block.length > 0).map((block) => `${block.join("\n")}\n`).join("\n");
}
