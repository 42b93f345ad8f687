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
  /** End after the exchanges of the demo. */
  readonly once: boolean;
  /** Port of the demo's relay; 0: any free one. */
  readonly port: number;
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
  : [V] extends [number | undefined] ? {
      readonly kind: "size" | "duration" | "integer";
      /** Smallest and largest value, in the unit of the value. */
      readonly least?: number;
      readonly most?: number;
    }
  : string extends V ? { readonly kind: "text" | "file" | "optional-text" }
  : { readonly kind: "choice"; readonly choices: readonly NonNullable<V>[] };

/** An option whose value can not be undefined has a default, written as a user would; a flag's is off. */
export type OptionDefault<V> = undefined extends V ? { readonly default?: undefined }
  : [V] extends [boolean] ? { readonly default?: undefined }
  : { readonly default: string };

/** Heading of help under which an option stands. */
export type OptionGroup = "Log" | "Secrets" | "Relay" | "Safety" | "Demo" | "General";

/** What is known of an option whatever it takes. */
export interface OptionBase {
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
