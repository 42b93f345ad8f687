/** Traffic on one connection, exchange by exchange, into a history in memory. */
import { get, ok, post } from "../capture/connection_script.ts";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { Script } from "../capture/connection_script.ts";
import { MemorySource } from "./memory_source.ts";

/** The connection and its history. */
export class Traffic {
  /** The history. */
  readonly source = new MemorySource();
  readonly #script = new Script({ memory: new BodyMemory(1 << 20, 1 << 24) });
  #taken = 0;

  /** A history with a GET for each target, all answered with 200. */
  static of(...targets: readonly string[]): Traffic {
    const traffic = new Traffic();
    for (const target of targets) traffic.get(target);
    return traffic;
  }

  /** A GET and its answer. */
  get(target: string, body = "hello", status = "200 OK"): void {
    this.exchange(get(target), ok(body, status));
  }

  /** A SOAP call and its answer. */
  soap(operation: string, answer: string): void {
    const envelope = (inner: string) =>
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inner}</s:Body></s:Envelope>`;
    const body = envelope(answer);
    this.exchange(
      post("/soap", envelope(`<m:${operation} xmlns:m="urn:m"/>`), "Content-Type: text/xml\r\n"),
      `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  }

  /** Any request and response, as they cross the wire. */
  exchange(request: string, response: string): void {
    this.#script.step(["up", request]);
    this.#script.step(["down", response]);
    const { records } = this.#script;
    this.source.add(records.slice(this.#taken));
    this.#taken = records.length;
  }
}
