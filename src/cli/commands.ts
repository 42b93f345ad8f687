/** The one table of commands: parsing, help, completion and suggestions come from it. */

/** Name of a command. */
export type CommandName =
  | "relay"
  | "proxy"
  | "send"
  | "resend"
  | "diff"
  | "export"
  | "view"
  | "ca"
  | "demo"
  | "completion"
  | "help";

/** What listens: both take the options of either, as a config file may hold relays and proxies. */
export const LISTENING: readonly CommandName[] = ["relay", "proxy"];

/** What captures traffic. */
export const CAPTURING: readonly CommandName[] = [...LISTENING, "demo"];

/** What sends requests of its own. */
export const SENDING: readonly CommandName[] = ["send", "resend"];

/** What works on captures, or makes one exchange, and ends. */
export const TOOLS: readonly CommandName[] = [...SENDING, "diff", "export"];

/** What writes exchanges to a log. */
export const LOGGING: readonly CommandName[] = [...CAPTURING, ...SENDING];

/** What reaches targets that it is given. */
export const DIALLING: readonly CommandName[] = [...LISTENING, ...SENDING];

/** All of them. */
export const EVERY_COMMAND: readonly CommandName[] = [
  ...CAPTURING,
  ...TOOLS,
  "view",
  "ca",
  "completion",
  "help",
];

/** Shells for which there is a completion script. */
export const SHELLS = ["bash", "zsh", "fish", "pwsh"] as const;

/** A shell for which there is a completion script. */
export type Shell = typeof SHELLS[number];

/** One row of the table. */
export interface CommandInfo {
  /** Its name. */
  readonly name: CommandName;
  /** Every way to call it, without the program's name. */
  readonly usage: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs of its help. */
  readonly about: readonly string[];
  /** Pairs of a command line and what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** Words that can stand as its argument, for completion. */
  readonly words: readonly string[];
}

/** Every command, in the order of help. */
export const COMMANDS: readonly CommandInfo[] = [
  {
    name: "relay",
    usage: ["LISTEN HOST PORT", "relay LISTEN=TARGET... [options]"],
    summary: "relay connections to a target and log what passes",
    about: [
      "LISTEN is PORT, HOST:PORT, [V6]:PORT or unix:PATH. A bare PORT listens on 127.0.0.1 only; 0 takes any free " +
      "port, which the status line names.",
      "TARGET is HOST:PORT, [V6]:PORT, http://HOST[:PORT], https://HOST[:PORT], tls://HOST:PORT or unix:PATH. With " +
      "http:// and https:// and with LISTEN HOST PORT the Host field of every request becomes the target's; else not " +
      "one byte is changed. With https:// and tls:// TLS is spoken with the target, while clients speak plainly, unless " +
      "--tls or --tls-cert is given.",
      "SIZE is a number of bytes or 64k, 1M, 1G (powers of 1024). TIME takes its unit: 150ms, 2s, 1m, 1h; only 0 " +
      "needs none. A flag is switched off by --no-NAME.",
      "Slow and broken links hold for both directions, unless a value begins with up: (client to target) or down:, as in " +
      "--rate up:256kbit,down:2mbit.",
      "Every option can also be set in the environment (--max-body as TCPMON_MAX_BODY) and in the config file " +
      "(max-body). Arguments win over the environment, the environment over the file. The log goes to stdout, " +
      "everything else to stderr.",
    ],
    examples: [
      ["tcpmon 8081 www.apache.org 80", "TCPMon's own form: browse http://localhost:8081"],
      ["tcpmon relay 8081=localhost:8080 5433=db:5432", "two relays, nothing changed"],
      ["tcpmon relay 8081=http://api.test --format json -o api.log", "JSON lines into a file"],
      ['tcpmon relay 8081=localhost:8080 --filter "status:5xx"', "failures only"],
      ["tcpmon relay 8081=https://api.test", "a plain client talks to an HTTPS service"],
      ["tcpmon relay 8443=https://api.test --tls", "an HTTPS client too, which trusts our CA"],
      ["tcpmon relay 8081=localhost:8080 --link 3g", "as over a mobile phone"],
      ["tcpmon relay 8081=localhost:8080 --fault reset@10%", "one connection in ten breaks off"],
      ["tcpmon relay --config tcpmon.json", "options and relays from a file"],
    ],
    words: [],
  },
  {
    name: "proxy",
    usage: ["LISTEN", "proxy LISTEN... [options]"],
    summary: "be an HTTP, HTTPS and SOCKS5 proxy and log what passes",
    about: [
      "Clients name the target: in the request, by CONNECT, or by SOCKS5, all on the same port. Requests go on with " +
      "the fields of their connection taken out, as a proxy must; tunnels pass unchanged.",
      "What is inside TLS is seen with --intercept only, by clients that trust our own CA; tcpmon ca says how they " +
      "come to. Without it a tunnel is logged with the name that its client asked for.",
      "LISTEN is PORT, HOST:PORT, [V6]:PORT or unix:PATH. A bare PORT listens on 127.0.0.1 only; 0 takes any free " +
      "port, which the status line names. Beyond this machine, give --proxy-auth.",
      "Filters, the config file, and how SIZE, TIME and directions are written: tcpmon help relay.",
    ],
    examples: [
      ["tcpmon 8888", "TCPMon's own form: curl -x http://localhost:8888 …"],
      ["tcpmon proxy 8888 --intercept", "see HTTPS too, with our CA trusted"],
      ["tcpmon proxy 8888 --intercept=.api.test --format short", "see that of some hosts only"],
      ["tcpmon proxy 8888 --upstream-proxy http://proxy.test:3128", "on through another proxy"],
      ["tcpmon proxy 0.0.0.0:8888 --proxy-auth @auth.txt", "for others, with a password"],
      ["tcpmon proxy 8888 --link 3g --fault status=503@5%", "a bad day on the phone"],
    ],
    words: [],
  },
  {
    name: "send",
    usage: ["send [METHOD] URL [ITEM...] [options]"],
    summary: "send a request (SOAP, JSON, anything) and show the exchange",
    about: [
      "URL is http://HOST, https://HOST, or HOST:PORT/PATH, or :PORT/PATH on this machine. Without METHOD it is GET, or " +
      "POST where there is a body.",
      "ITEM is Name:value (a field of the head), name==value (of the query), name=value and name:=JSON (of a JSON body, or " +
      "of a form with --form), name@FILE (a file, with --form), name=@FILE and name:=@FILE (from a file); \\ before a " +
      "separator makes it an ordinary character.",
      "The exchange is shown as a relay logs it. Redirects are not followed unless told to, and then never with " +
      "credentials to another host.",
      "Exit codes: 0 sent and answered, 1 no answer, 2 bad usage, 3 an expectation failed.",
    ],
    examples: [
      ["tcpmon send :8080/stock", "GET http://localhost:8080/stock"],
      ["tcpmon send PUT :8080/items/7 name=chair price:=12.5", "a JSON object"],
      [
        "tcpmon send :8080/soap -d @body.xml --soap 1.1 --soap-action urn:GetQuote",
        "a SOAP request, its envelope added",
      ],
      ["tcpmon send https://api.test/health --expect-status 2xx -q --format none", "for a script"],
      ["tcpmon send :8080/ --repeat 10000 --concurrency 32 --rate 500", "a steady load, and its latencies"],
    ],
    words: [],
  },
  {
    name: "resend",
    usage: ["resend FILE [ID...] [options]"],
    summary: "send captured requests again, as they were, edited, or elsewhere",
    about: [
      "FILE is a capture: JSON lines of --format json, a HAR file, or text that TCPMon saved; - is stdin. ID is the number of " +
      "an exchange, 17, or several, 17-20; @1204 is the one in line 1204. Without any all are sent, in the order in which " +
      "they began, with the pauses that were between them.",
      "EDIT is header:NAME=VALUE, header:NAME (taken out), method=PUT, path=/x, query:NAME=VALUE, json:PATH=VALUE with " +
      "a JSONPath, xml:PATH=VALUE with an XPath, or body=TEXT or body=@FILE. Lengths, chunks and content codings are made anew.",
      "RULE of --ignore is a field name, a JSONPath ($...), an XPath (/...), re:REGEXP, status, reason or body.",
      "Exit codes: 0, 1 something could not be sent, 2 bad usage, 3 --diff found a difference, or had " +
      "nothing to compare.",
    ],
    examples: [
      ["tcpmon resend api.log 17", "once more"],
      [
        "tcpmon resend api.log --filter status:5xx --to localhost:9090 --speed max",
        "the failures, at another server",
      ],
      ["tcpmon resend api.log --to localhost:9090 --diff --ignore $.time --speed max", "a regression test"],
      ["tcpmon resend api.log 17 --set json:$.id=5 --set header:X-Test=1", "changed"],
    ],
    words: [],
  },
  {
    name: "diff",
    usage: ["diff FILE ID [FILE] ID [options]"],
    summary: "compare two captured exchanges: heads, bodies, timings",
    about: [
      "FILE and ID are as for tcpmon resend. JSON and XML are compared by what they mean: order of members and " +
      "attributes, white space and prefixes do not matter.",
      "Exit codes: 0 nothing differs, 1 a file cannot be read, 2 bad usage, 3 something differs.",
    ],
    examples: [
      ["tcpmon diff api.log 17 42", "two exchanges of a capture"],
      ["tcpmon diff monday.log 17 tuesday.log 17 --ignore Date --format json", "of two, for a script"],
    ],
    words: [],
  },
  {
    name: "export",
    usage: ["export FILE [ID...] --as FORMAT [options]"],
    summary: "write captures as HAR, curl commands, pcapng, text and more",
    about: [
      "FILE and ID are as for tcpmon resend. What a format cannot represent is counted on stderr.",
      "FORMAT is har (HAR 1.2, for browsers), curl and httpie (shell commands), text (as --format text), tcpmon (as TCPMon " +
      "saved it), json (JSON lines again), csv, pcapng (for Wireshark), or raw (one file a message, in the folder of --output).",
    ],
    examples: [
      ["tcpmon export api.log --as har -o api.har", "open it in the network panel of a browser"],
      ["tcpmon export api.log 17 --as curl", "the curl command for that"],
      ["tcpmon export api.log --as pcapng --filter host:api.test -o api.pcapng", "for Wireshark"],
    ],
    words: [],
  },
  {
    name: "view",
    usage: ["view [FILE...] [options]"],
    summary: "look at saved captures in a browser, and add listeners there",
    about: [
      "FILE is a capture, as for tcpmon resend, or a history of --store. The address, with the secret that opens it, stands " +
      "on the status line. Further captures can be dropped onto the page, and its Admin tab adds relays and proxies, as " +
      "TCPMon's did. To watch those of the command line, give --view to relay or proxy.",
      "On a server: ssh -L 4040:localhost:4040 SERVER, then open the address here.",
    ],
    examples: [
      ["tcpmon view", "an empty page: add a listener, or drop a capture onto it"],
      ["tcpmon view api.log", "yesterday's log"],
      ["tcpmon view api.har --view=127.0.0.1:8099", "at a port of your own"],
    ],
    words: [],
  },
  {
    name: "ca",
    usage: ["ca [--pem] [--ca-dir DIR]"],
    summary: "show our own CA, and how to make clients trust it",
    about: [
      "Prints where the certificate is, its fingerprint, itself, and how to trust it and to stop trusting it. It is " +
      "made when first needed, for this user of this machine alone. Whoever has its key can pose as any site to those " +
      "who trust it: trust it for tests only.",
    ],
    examples: [
      ["tcpmon ca", "all about it"],
      ["tcpmon ca --pem > ca.pem", "then curl --cacert ca.pem -x http://localhost:8888 …"],
    ],
    words: [],
  },
  {
    name: "demo",
    usage: ["demo [--once] [--port N] [options]"],
    summary: "see it work: backend, relay, a few exchanges, the viewer",
    about: [
      "Needs no target: starts a backend of its own (SOAP, JSON, events, errors), relays to it, sends a few " +
      "requests through, shows the log and the viewer, then keeps running and says what to try.",
    ],
    examples: [
      ["tcpmon demo", "start it, and try what it says"],
      ["tcpmon demo --once --format json", "exchanges as JSON lines, then exit"],
    ],
    words: [],
  },
  {
    name: "completion",
    usage: ["completion SHELL"],
    summary: `print the completion script of ${SHELLS.slice(0, -1).join(", ")} or ${SHELLS.at(-1)}`,
    about: ["Prints a script that completes commands, options, their values and files."],
    examples: [
      ["source <(tcpmon completion bash)", "in ~/.bashrc"],
      ["source <(tcpmon completion zsh)", "in ~/.zshrc, after compinit"],
      ["tcpmon completion fish | source", "in ~/.config/fish/config.fish"],
      ["tcpmon completion pwsh | Out-String | Invoke-Expression", "in $PROFILE"],
    ],
    words: SHELLS,
  },
  {
    name: "help",
    usage: ["help [COMMAND]"],
    summary: "show this help, or all about a command",
    about: ["Without COMMAND: an overview. With it: everything about that command."],
    examples: [["tcpmon help relay", "every option, with its default"]],
    words: ["relay", "proxy", "send", "resend", "diff", "export", "view", "ca", "demo", "completion"],
  },
];

/** Names of all commands. */
export const COMMAND_NAMES: readonly string[] = COMMANDS.map((command) => command.name);

/** The command of that name, if there is one. */
export function findCommand(name: string): CommandInfo | undefined {
  return COMMANDS.find((command) => command.name === name);
}
