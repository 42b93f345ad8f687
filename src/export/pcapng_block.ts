/**
 * Blocks of a pcapng file that hold no packets (draft-ietf-opsawg-pcapng): the section's head (§4.1), the interface
 * (§4.2) and names for addresses (§4.5). Numbers are little-endian, which the byte-order magic says.
 */
import { ByteWriter } from "../log/byte_writer.ts";

const SECTION_HEADER = 0x0a0d0d0a, INTERFACE_DESCRIPTION = 1, NAME_RESOLUTION = 4;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Packets begin with their IPv4 or IPv6 header: no Ethernet addresses have to be invented. */
const LINKTYPE_RAW = 101;
const NAME_IPV4 = 1, NAME_IPV6 = 2;

const OPTION_END = 0, OPTION_COMMENT = 1;
const SHB_APPLICATION = 4;
const IF_NAME = 2, IF_DESCRIPTION = 3, IF_TIME_RESOLUTION = 9;
/** Times are counted in 10^-6 s. */
const MICROSECONDS = 6;

const UNKNOWN_LENGTH = 0xffffffff;

/** A name for an address. */
export interface AddressName {
  /** 4 bytes of IPv4 or 16 of IPv6. */
  readonly address: Uint8Array;
  /** What readers show instead; without NUL. */
  readonly name: string;
}

/** Writes the head of the section, and its one interface. */
export function writeSectionHead(out: ByteWriter): void {
  writeBlock(out, SECTION_HEADER, (body) => {
    u32(body, BYTE_ORDER_MAGIC);
    u16(body, 1);
    u16(body, 0);
    u32(body, UNKNOWN_LENGTH);
    u32(body, UNKNOWN_LENGTH);
    writeTextOption(
      body,
      OPTION_COMMENT,
      "Made from a log of tcpmon: what applications sent is as it was recorded; TCP and IP around it are synthesised.",
    );
    writeTextOption(body, SHB_APPLICATION, "tcpmon");
    u32(body, OPTION_END);
  });
  writeBlock(out, INTERFACE_DESCRIPTION, (body) => {
    u16(body, LINKTYPE_RAW);
    u16(body, 0);
    u32(body, 0);
    writeTextOption(body, IF_NAME, "tcpmon");
    writeTextOption(body, IF_DESCRIPTION, "clients and targets of tcpmon");
    u16(body, IF_TIME_RESOLUTION);
    u16(body, 1);
    u32(body, MICROSECONDS);
    u32(body, OPTION_END);
  });
}

/** Writes names for addresses. Readers use them for the packets that follow. */
export function writeNames(out: ByteWriter, names: readonly AddressName[]): void {
  writeBlock(out, NAME_RESOLUTION, (body) => {
    for (const { address, name } of names) {
      const value = new TextEncoder().encode(name);
      u16(body, address.length === 4 ? NAME_IPV4 : NAME_IPV6);
      u16(body, address.length + value.length + 1);
      body.bytes(address);
      body.bytes(value);
      body.byte(0);
      pad(body);
    }
    u32(body, 0);
  });
}

/** A block: its type, its length, what it holds, and its length again. */
function writeBlock(out: ByteWriter, type: number, write: (body: ByteWriter) => void): void {
  const body = new ByteWriter(512);
  write(body);
  const length = body.length + 12;
  u32(out, type);
  u32(out, length);
  out.bytes(body.view());
  u32(out, length);
}

function writeTextOption(body: ByteWriter, code: number, text: string): void {
  const value = new TextEncoder().encode(text);
  u16(body, code);
  u16(body, value.length);
  body.bytes(value);
  pad(body);
}

function pad(body: ByteWriter): void {
  while (body.length % 4 !== 0) body.byte(0);
}

function u16(out: ByteWriter, value: number): void {
  out.byte(value & 255);
  out.byte(value >>> 8);
}

function u32(out: ByteWriter, value: number): void {
  u16(out, value & 0xffff);
  u16(out, value >>> 16);
}
