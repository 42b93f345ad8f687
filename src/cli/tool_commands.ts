/** What the commands are asked to do that work on captures, or send requests of their own. */
import type { OptionValues } from "./option.ts";
import type { CaptureOptions, ViewerOptions } from "./settings.ts";

/** `tcpmon send`: a request of the user's own. */
export interface SendCommand {
  /** Tells commands apart. */
  readonly kind: "send";
  /** Method, in upper case where it was given in lower case; undefined: what suits the body. */
  readonly method?: string;
  /** Where to, as written. */
  readonly url: string;
  /** Items, as written. */
  readonly items: readonly string[];
  /** Fields, as written. */
  readonly headers: readonly string[];
  /** Body: text, `@FILE` or `-`. */
  readonly data?: string;
  /** What the body is; undefined: what it looks like. */
  readonly mode?: "json" | "xml" | "form" | "multipart";
  /** SOAP's version, where it is spoken. */
  readonly soap?: "1.1" | "1.2";
  /** What the SOAP request asks for. */
  readonly soapAction?: string;
  /** Where a relay listens that the request goes through. */
  readonly via?: string;
  /** Whether redirects are followed. */
  readonly follow: boolean;
  /** How long an exchange may take; 0: forever. */
  readonly timeoutMs: number;
  /** How many times to send. */
  readonly repeat: number;
  /** How many at once. */
  readonly concurrency: number;
  /** How many a second; undefined: as many as can be. */
  readonly ratePerSecond?: number;
  /** Statuses wanted, as written. */
  readonly expectStatus?: string;
  /** What must hold of the body, as written. */
  readonly expect: readonly string[];
  /** Send nothing, but print it: as bytes, or as a command of curl. */
  readonly print?: "bytes" | "curl";
  /** How to reach targets and what to log. */
  readonly options: CaptureOptions;
}

/** `tcpmon resend`: captured requests once more. */
export interface ResendCommand {
  /** Tells commands apart. */
  readonly kind: "resend";
  /** The capture; `-`: stdin. */
  readonly file: string;
  /** Which exchanges, as written; none: all. */
  readonly ids: readonly string[];
  /** Where to; undefined: where they went. */
  readonly to?: string;
  /** How much faster pauses pass; Infinity: there are none. */
  readonly speed: number;
  /** Changes, as written. */
  readonly edits: readonly string[];
  /** Whether an editor is opened for each. */
  readonly edit: boolean;
  /** Whether each recorded connection gets one of its own. */
  readonly keepConnections: boolean;
  /** How many at once. */
  readonly concurrency: number;
  /** Whether responses are compared. */
  readonly diff: boolean;
  /** What differences do not matter, as written. */
  readonly ignore: readonly string[];
  /** How long an exchange may take; 0: forever. */
  readonly timeoutMs: number;
  /** Whether a line that cannot be read ends it. */
  readonly strict: boolean;
  /** How to reach targets and what to log. */
  readonly options: CaptureOptions;
}

/** An exchange of a capture. */
export interface ExchangePlace {
  /** The capture; `-`: stdin. */
  readonly file: string;
  /** Which exchange, as written. */
  readonly id: string;
}

/** `tcpmon diff`: two exchanges side by side. */
export interface DiffCommand {
  /** Tells commands apart. */
  readonly kind: "diff";
  /** The one that came first. */
  readonly before: ExchangePlace;
  /** The other one. */
  readonly after: ExchangePlace;
  /** What differences look like. */
  readonly format: "text" | "json";
  /** What differences do not matter, as written. */
  readonly ignore: readonly string[];
  /** Whether a line that cannot be read ends it. */
  readonly strict: boolean;
  /** When to colour. */
  readonly color: CaptureOptions["color"];
  /** Whether stderr is for errors only. */
  readonly quiet: boolean;
}

/** `tcpmon export`: captures in another format. */
export interface ExportCommand {
  /** Tells commands apart. */
  readonly kind: "export";
  /** The capture; `-`: stdin. */
  readonly file: string;
  /** Which exchanges, as written; none: all. */
  readonly ids: readonly string[];
  /** Into what. */
  readonly as: OptionValues["as"];
  /** Where to; undefined: stdout. */
  readonly output?: string;
  /** Whether a line that cannot be read ends it. */
  readonly strict: boolean;
  /** What to filter and redact. */
  readonly options: CaptureOptions;
}

/** `tcpmon view`: saved captures in a browser, and listeners that its page adds. */
export interface ViewCommand {
  /** Tells commands apart. */
  readonly kind: "view";
  /** The captures; `-`: stdin. None: the page opens some, or adds listeners. */
  readonly files: readonly string[];
  /** Where and how it is shown. */
  readonly viewer: ViewerOptions;
  /** How much of a coded body is decoded. */
  readonly maxBodyBytes: number;
  /** Whether stderr is for errors only, the address aside. */
  readonly quiet: boolean;
}
