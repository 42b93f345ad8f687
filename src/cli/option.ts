/** What an option is: the shape of the rows of the table in options.ts, and the value that each option has once read. */
import type { CommandName } from "./commands.ts";

/** The value of every option once read: sizes in bytes, durations in ms. Undefined: not given, and no default. */
export interface OptionValues {
  /** What the log looks like. */
  readonly format: "text" | "short" | "json" | "none";
  /** File of the log, or `-`. */
  readonly output: string | undefined;
  /** Filter expression. */
  readonly filter: string | undefined;
  /** Show XML and JSON indented. */
  readonly pretty: boolean;
  /** Show bodies as hex dumps. */
  readonly hex: boolean;
  /** How much of each body is kept, in bytes. */
  readonly "max-body": number;
  /** When to colour. */
  readonly color: "auto" | "always" | "never";
  /** Names to redact; "" is the default list. */
  readonly redact: string | undefined;
  /** Key of the tags. */
  readonly "redact-key": string | undefined;
  /** What becomes of the Host field. */
  readonly host: "keep" | "target" | undefined;
  /** In ms; 0: none of our own. */
  readonly "connect-timeout": number;
  /** In ms; 0: none. */
  readonly "idle-timeout": number;
  /** How many at once. */
  readonly "max-connections": number | undefined;
  /** In ms. */
  readonly drain: number;
  /** In bytes. */
  readonly "log-queue": number;
  /** End when the reader of stdout is gone. */
  readonly "exit-on-broken-pipe": boolean;
  /** File of certificates to trust. */
  readonly ca: string | undefined;
  /** Targets whose certificate is not verified, as host patterns; "": all. */
  readonly insecure: string | undefined;
  /** File of the certificate to show to targets. */
  readonly "client-cert": string | undefined;
  /** File of its key. */
  readonly "client-key": string | undefined;
  /** Speak TLS with clients, with a certificate of our own CA. */
  readonly tls: boolean;
  /** File of the certificate to show to clients. */
  readonly "tls-cert": string | undefined;
  /** File of its key. */
  readonly "tls-key": string | undefined;
  /** Folder of the CA. */
  readonly "ca-dir": string | undefined;
  /** Print the PEM alone. */
  readonly pem: boolean;
  /** URL of the proxy to reach targets through, or `env`. */
  readonly "upstream-proxy": string | undefined;
  /** Targets to reach without it, as host patterns. */
  readonly "no-proxy": string | undefined;
  /** Hosts whose TLS is ended and looked into, as patterns; "": all. */
  readonly intercept: string | undefined;
  /** Hosts that are left alone all the same, as patterns. */
  readonly "no-intercept": string | undefined;
  /** `USER:PASSWORD` or `@FILE`. */
  readonly "proxy-auth": string | undefined;
  /** Add Via to what is forwarded. */
  readonly via: boolean;
  /** Bytes between two pauses. */
  readonly "bytes-per-pause": string | undefined;
  /** How long a pause lasts. */
  readonly delay: string | undefined;
  /** Bytes that vanish. */
  readonly "drop-bytes": string | undefined;
  /** How fast bytes pass. */
  readonly rate: string | undefined;
  /** How late bytes come. */
  readonly latency: string | undefined;
  /** How much that varies. */
  readonly jitter: string | undefined;
  /** Name of a kind of link. */
  readonly link: string | undefined;
  /** What goes wrong, joined by commas. */
  readonly fault: string | undefined;
  /** Makes chance repeat. */
  readonly seed: number | undefined;
  /** End after the exchanges of the demo. */
  readonly once: boolean;
  /** Port of the demo's relay; 0: any free one. */
  readonly port: number;
  /** Fields of the request, as `Name: value`. */
  readonly header: readonly string[] | undefined;
  /** Body of the request: text, `@FILE` or `-`. */
  readonly data: string | undefined;
  /** The body is JSON. */
  readonly json: boolean;
  /** The body is XML. */
  readonly xml: boolean;
  /** The body is a form. */
  readonly form: boolean;
  /** The body is a form in parts. */
  readonly multipart: boolean;
  /** Version of SOAP to speak. */
  readonly soap: "1.1" | "1.2" | undefined;
  /** What the SOAP request asks for. */
  readonly "soap-action": string | undefined;
  /** Where a running relay or proxy listens that the request goes through. */
  readonly "send-via": string | undefined;
  /** Go where redirects lead. */
  readonly follow: boolean;
  /** How long an exchange may take, in ms; 0: forever. */
  readonly timeout: number;
  /** How many times to send. */
  readonly repeat: number;
  /** How many at once. */
  readonly concurrency: number | undefined;
  /** Requests a second. */
  readonly "send-rate": number | undefined;
  /** Statuses that are a success, joined by commas. */
  readonly "expect-status": string | undefined;
  /** What must hold for the response's body. */
  readonly expect: readonly string[] | undefined;
  /** Print the request instead of sending it. */
  readonly offline: boolean;
  /** Print it as a command of curl instead of sending it. */
  readonly curl: boolean;
  /** Where requests go instead of where they went. */
  readonly to: string | undefined;
  /** How fast the recorded pauses pass, or `max`. */
  readonly speed: string;
  /** Changes to requests. */
  readonly set: readonly string[] | undefined;
  /** Change requests in an editor. */
  readonly edit: boolean;
  /** One connection for each that was recorded. */
  readonly "keep-connections": boolean;
  /** Compare responses with those that were recorded. */
  readonly diff: boolean;
  /** What differences do not matter. */
  readonly ignore: readonly string[] | undefined;
  /** Stop at the first record that cannot be read. */
  readonly strict: boolean;
  /** Format of an export. */
  readonly as: "har" | "curl" | "httpie" | "text" | "tcpmon" | "json" | "csv" | "pcapng" | "raw";
  /** File or folder of an export, or `-`. */
  readonly "export-output": string | undefined;
  /** What differences look like. */
  readonly "diff-format": "text" | "json";
  /** Folder of the flight recorder. */
  readonly record: string | undefined;
  /** How much of it is kept, in bytes. */
  readonly "record-size": number;
  /** How its old segments are compressed. */
  readonly "record-compress": "none" | "gzip" | "zstd";
  /** Which records make it write what it has to a file of its own. */
  readonly "dump-on": string | undefined;
  /** How far back that goes, in ms. */
  readonly "dump-window": number;
  /** Where the viewer listens; "": where it usually does; undefined: there is none. */
  readonly view: string | undefined;
  /** Secret of the viewer's address. */
  readonly "view-token": string | undefined;
  /** Other names by which the viewer is opened, joined by commas. */
  readonly "view-name": string | undefined;
  /** The viewer changes nothing. */
  readonly "view-readonly": boolean;
  /** File of the history. */
  readonly store: string | undefined;
  /** How much of it is kept, joined by commas. */
  readonly keep: string;
  /** No status lines. */
  readonly quiet: boolean;
  /** Path of the config file. */
  readonly config: string | undefined;
  /** Help was asked for. */
  readonly help: boolean;
  /** The version was asked for. */
  readonly version: boolean;
}

/** Name of an option, without its dashes. */
export type OptionName = keyof OptionValues;

/** What kind of value an option takes, as its type allows. */
export type OptionKind<V> = [V] extends [boolean] ? { readonly kind: "flag" }
  : [V] extends [readonly string[] | undefined] ? { readonly kind: "list" }
  : [V] extends [number | undefined] ? {
      readonly kind: "size" | "duration" | "integer";
      /** Smallest and largest value, in the unit of the value. */
      readonly least?: number;
      readonly most?: number;
    }
  : string extends V ? { readonly kind: "text" | "file" | "folder" | "optional-text" }
  : { readonly kind: "choice"; readonly choices: readonly NonNullable<V>[] };

/** An option whose value can not be undefined has a default, written as a user would; a flag's is off. */
export type OptionDefault<V> = undefined extends V ? { readonly default?: undefined }
  : [V] extends [boolean] ? { readonly default?: undefined }
  : { readonly default: string };

/** Heading of help under which an option stands. */
export type OptionGroup =
  | "Demo"
  | "CA"
  | "Request"
  | "Resending"
  | "Comparing"
  | "Checks"
  | "Load"
  | "Captures"
  | "Log"
  | "Secrets"
  | "Connections"
  | "Proxy"
  | "TLS"
  | "Upstream proxy"
  | "Slow and broken links"
  | "Safety"
  | "Flight recorder"
  | "Viewer"
  | "General";

/** What a run must have for an option to mean anything. */
export type OptionNeed = "relay" | "proxy" | "TLS target";

/**
 * Says what is wrong with a text, in a line that goes on after `cannot read --NAME: `, or gives `undefined`.
 */
export type Check = (text: string) => string | undefined;

/** What is known of an option whatever it takes. */
export interface OptionBase {
  /** How it is written, where an option of other commands has the same name. */
  readonly spelled?: string;
  /** One letter. */
  readonly short?: string;
  /** Name of the value in help. */
  readonly value?: string;
  /** What it does, as short clauses: the overview shows the first one. */
  readonly help: string;
  /** Where help shows it. */
  readonly group: OptionGroup;
  /** The commands that take it. */
  readonly commands: readonly CommandName[];
  /**
   * Without which it has no effect: as an argument it is then refused, and help of the other command leaves
   * it out.
   */
  readonly needs?: OptionNeed;
  /** What is wrong with its text. */
  readonly check?: Check;
  /** Words that completion offers as its value, beside which there are others. */
  readonly words?: readonly string[];
  /** Whether a config file may give its text as a number. */
  readonly numeric?: boolean;
  /** Whether texts given several times are joined by commas, instead of the last one counting. */
  readonly repeatable?: boolean;
  /** Whether the help that fits one screen shows it. */
  readonly common?: boolean;
  /** Where it can not be set: neither in the environment nor in a config file, or only not in a config file. */
  readonly only?: "arguments" | "arguments-and-environment";
}

/** One row of the table. */
export type Option = {
  readonly [N in OptionName]:
    & OptionBase
    & { readonly name: N }
    & OptionKind<OptionValues[N]>
    & OptionDefault<OptionValues[N]>;
}[OptionName];
