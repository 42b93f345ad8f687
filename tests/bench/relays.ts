/** Starts the relays that are compared: the bare pump, tcpmon in each of its forms, HAProxy and mitmdump. */

import type { Peers } from "./peers.ts";
import { denoCommand, here, subjectCommand } from "./programs.ts";
import { freePort, type Running, type Workshop } from "./workshop.ts";

/** Every way from the load to the backend that is measured; `direct` is none in between. */
export const RELAY_NAMES = [
  "direct",
  "pump",
  "json",
  "json-null",
  "json-host",
  "text",
  "none",
  "haproxy",
  "mitmdump",
] as const;

/** The name of one way. `json-host` is the three-argument form, which rewrites `Host`. */
export type RelayName = (typeof RELAY_NAMES)[number];

/** What a way is called in the tables. */
export const RELAY_TITLES: Readonly<Record<RelayName, string>> = {
  "direct": "direct, no relay",
  "pump": "bare pump",
  "json": "tcpmon json",
  "json-null": "tcpmon json, to /dev/null",
  "json-host": "tcpmon json, Host rewritten",
  "text": "tcpmon text",
  "none": "tcpmon none",
  "haproxy": "HAProxy, TCP mode",
  "mitmdump": "mitmdump, reverse",
};

/** A way that is open. */
export interface Relay {
  /** Which way it is. */
  readonly name: RelayName;
  /** Where to send requests, on 127.0.0.1. */
  readonly port: number;
  /** The relay's process; none for `direct`. */
  readonly running?: Running;
  /** The log that tcpmon writes. */
  readonly logFile?: string;
}

/** Enough for the 32 connections of the load; more would need a higher limit of descriptors than is common. */
const HAPROXY_CONNECTIONS = 1_000;

/** The configuration of HAProxy as a plain TCP relay on one thread, as tcpmon has one. */
export function haproxyConfiguration(port: number, targetPort: number): string {
  return `global
  nbthread 1
  maxconn ${HAPROXY_CONNECTIONS}
defaults
  mode tcp
  timeout connect 5s
  timeout client 600s
  timeout server 600s
listen relay
  bind 127.0.0.1:${port}
  server backend 127.0.0.1:${targetPort}
`;
}

/** The port in a status line such as `tcpmon: relaying 127.0.0.1:8081 → 127.0.0.1:9080`. */
export const RELAYING = /relaying \S*:(\d+) → /;

/** Starts relays for one workshop and one subject. */
export class RelayStarter {
  readonly #workshop: Workshop;
  readonly #subject: readonly string[];
  readonly #peers: Peers;
  #logs = 0;

  /**
   * For the relays that need a program of their own, `peers` says which are there.
   * @param subject What `--subject` says.
   */
  constructor(workshop: Workshop, subject: string, peers: Peers) {
    this.#workshop = workshop;
    this.#subject = subjectCommand(subject);
    this.#peers = peers;
  }

  /** Whether what `name` needs is on this machine. */
  available(name: RelayName): boolean {
    return name === "haproxy" || name === "mitmdump" ? this.#peers.has(name) : true;
  }

  /** Starts the relay `name` before the backend on `targetPort`, and waits until it listens. */
  async start(name: RelayName, targetPort: number): Promise<Relay> {
    switch (name) {
      case "direct":
        return { name, port: targetPort };
      case "pump": {
        const command = [
          ...denoCommand(here("pump.ts"), "--allow-net"),
          "0",
          "127.0.0.1",
          String(targetPort),
        ];
        return await this.#relaying(name, command);
      }
      case "json":
      case "text":
      case "none":
        return await this.#tcpmon(name, ["relay", `127.0.0.1:0=127.0.0.1:${targetPort}`, "--format", name]);
      case "json-null": {
        // What the log costs without what the system's files cost.
        const relay = `127.0.0.1:0=127.0.0.1:${targetPort}`;
        const command = [...this.#subject, "relay", relay, "--format", "json", "--output", "/dev/null"];
        return await this.#relaying(name, command);
      }
      case "json-host":
        return await this.#tcpmon(name, ["0", "127.0.0.1", String(targetPort), "--format", "json"]);
      case "haproxy":
        return await this.#haproxy(targetPort);
      case "mitmdump":
        return await this.#mitmdump(targetPort);
    }
  }

  async #relaying(name: RelayName, command: readonly string[], logFile?: string): Promise<Relay> {
    const running = this.#workshop.start(RELAY_TITLES[name], command, "relay");
    return { name, running, logFile, port: Number((await running.line(RELAYING))[1]) };
  }

  #tcpmon(name: RelayName, args: readonly string[]): Promise<Relay> {
    if (name === "none") return this.#relaying(name, [...this.#subject, ...args]);
    const logFile = `${this.#workshop.folder}/traffic-${++this.#logs}.log`;
    return this.#relaying(name, [...this.#subject, ...args, "--output", logFile], logFile);
  }

  async #haproxy(targetPort: number): Promise<Relay> {
    const port = freePort();
    const file = `${this.#workshop.folder}/haproxy-${port}.cfg`;
    await Deno.writeTextFile(file, haproxyConfiguration(port, targetPort));
    const running = this.#workshop.start("haproxy", ["haproxy", "-db", "-f", file], "relay");
    await running.listening(port);
    return { name: "haproxy", port, running };
  }

  async #mitmdump(targetPort: number): Promise<Relay> {
    const port = freePort();
    const running = this.#workshop.start("mitmdump", [
      "mitmdump",
      "-q",
      "--mode",
      `reverse:http://127.0.0.1:${targetPort}`,
      "--listen-host",
      "127.0.0.1",
      "-p",
      String(port),
      "--set",
      `confdir=${this.#workshop.folder}/mitmproxy`,
    ], "relay");
    await running.listening(port);
    return { name: "mitmdump", port, running };
  }
}
