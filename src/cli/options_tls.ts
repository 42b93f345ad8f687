/** Rows of the table of options: TLS with targets, TLS with clients, and our own CA. */
import { DIALLING, LISTENING } from "./commands.ts";
import type { Option } from "./option.ts";

/** The options, in the order of help. */
export const TLS_OPTIONS: readonly Option[] = [
  {
    name: "ca",
    kind: "file",
    value: "FILE",
    help: "trust these CA certificates (PEM) too, when speaking TLS with targets",
    group: "TLS",
    commands: DIALLING,
    needs: "TLS target",
  },
  {
    name: "insecure",
    kind: "optional-text",
    repeatable: true,
    value: "HOSTS",
    help: "take any certificate of targets; HOSTS: of these only, written as for --no-proxy",
    group: "TLS",
    commands: DIALLING,
    needs: "TLS target",
  },
  {
    name: "client-cert",
    kind: "file",
    value: "FILE",
    help: "certificate (PEM) to show to targets that ask for one; the file may hold its key too",
    group: "TLS",
    commands: DIALLING,
    needs: "TLS target",
  },
  {
    name: "client-key",
    kind: "file",
    value: "FILE",
    help: "key (PEM) of --client-cert",
    group: "TLS",
    commands: DIALLING,
    needs: "TLS target",
  },
  {
    name: "tls",
    kind: "flag",
    help: "speak TLS with clients, with certificates of our own CA, which they must trust (tcpmon ca)",
    group: "TLS",
    commands: LISTENING,
  },
  {
    name: "tls-cert",
    kind: "file",
    value: "FILE",
    help: "speak TLS with clients, with this certificate (PEM); the file may hold its key too",
    group: "TLS",
    commands: LISTENING,
  },
  {
    name: "tls-key",
    kind: "file",
    value: "FILE",
    help: "key (PEM) of --tls-cert",
    group: "TLS",
    commands: LISTENING,
  },
  {
    name: "ca-dir",
    kind: "folder",
    value: "DIR",
    help: "folder of our own CA, made when first needed; default: tcpmon in the user's data folder",
    group: "TLS",
    commands: [...LISTENING, "ca"],
  },
  {
    name: "pem",
    kind: "flag",
    help: "print the certificate alone, for a file or a pipe",
    group: "CA",
    commands: ["ca"],
    only: "arguments",
  },
];
