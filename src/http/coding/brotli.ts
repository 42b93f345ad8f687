/**
 * Brotli (RFC 7932), for content codings: all of the input in, nothing kept between calls. What was written so far is
 * the window, so memory is bounded by the limit of the output and the tables of one meta-block.
 */
import { BrotliBits } from "./brotli_bits.ts";
import { dictionaryWord } from "./brotli_dictionary.ts";
import {
  BLOCK_BASE,
  BLOCK_EXTRA,
  CONTEXT_BEFORE,
  CONTEXT_LAST,
  COPY_BASE,
  COPY_CELL,
  COPY_EXTRA,
  INSERT_BASE,
  INSERT_CELL,
  INSERT_EXTRA,
  SHORT_ADD,
  SHORT_WHICH,
} from "./brotli_tables.ts";
import { type CappedOutput, CodingError, CUT_SHORT, TableBudget } from "./output.ts";
import type { PrefixCode } from "./prefix_code.ts";

/** Symbols of insert-and-copy lengths and of block counts. */
const COMMAND_SYMBOLS = 704, BLOCK_COUNT_SYMBOLS = 26;

/** The block count where there is one block type only: more than a meta-block can hold (§9.2). */
const ENDLESS = 1 << 24;

/**
 * Decodes one Brotli stream.
 *
 * @throws {CodingError} Where the input is corrupt, cut short, or goes on after its end.
 */
export function unbrotli(input: Uint8Array, output: CappedOutput): void {
  new BrotliDecoder(input, output).decode();
}

/** The blocks of one category, literals, commands or distances: which type is in force, and for how long (§6). */
class BlockSwitch {
  /** How many types there are. */
  readonly types: number;
  /** The type in force. */
  type = 0;
  #previous = 1;
  #left = ENDLESS;
  readonly #typeCode: PrefixCode | undefined;
  readonly #countCode: PrefixCode | undefined;

  constructor(bits: BrotliBits) {
    this.types = bits.count();
    if (this.types === 1) return;
    this.#typeCode = bits.prefixCode(this.types + 2);
    this.#countCode = bits.prefixCode(BLOCK_COUNT_SYMBOLS);
    this.#left = this.#readCount(bits);
  }

  /** Counts one element, reading the next block's header before it where the block is over. */
  step(bits: BrotliBits): void {
    if (this.#left-- > 0) return;
    const symbol = bits.symbol(this.#typeCode!);
    const type = symbol === 0 ? this.#previous : symbol === 1 ? (this.type + 1) % this.types : symbol - 2;
    this.#previous = this.type;
    this.type = type;
    this.#left = this.#readCount(bits) - 1;
  }

  #readCount(bits: BrotliBits): number {
    const code = bits.symbol(this.#countCode!);
    return BLOCK_BASE[code] + bits.read(BLOCK_EXTRA[code]);
  }
}

/** Decodes one stream. */
class BrotliDecoder {
  readonly #input: Uint8Array;
  readonly #bits: BrotliBits;
  readonly #output: CappedOutput;
  readonly #start: number;
  #window = 0;
  readonly #tables: TableBudget;
  /** The last four distances, and the index of the last one (§4). */
  readonly #distances = Int32Array.of(16, 15, 11, 4);
  #latest = 3;

  constructor(input: Uint8Array, output: CappedOutput) {
    this.#input = input;
    this.#bits = new BrotliBits(input);
    this.#output = output;
    this.#start = output.length;
    this.#tables = new TableBudget(input.length);
  }

  decode(): void {
    const bits = this.#bits;
    this.#window = (1 << this.#readWindowBits()) - 16;
    for (let last = false; !last && !this.#output.full;) {
      last = bits.read(1) === 1;
      if (last && bits.read(1) === 1) break;
      const nibbles = 4 + bits.read(2);
      if (nibbles === 7) {
        if (last) throw new CodingError("corrupt: the last meta-block holds no data");
        this.#skipMetadata();
        continue;
      }
      const low = bits.read(16);
      const high = bits.read((nibbles - 4) * 4);
      if (nibbles > 4 && high >> ((nibbles - 5) * 4) === 0) throw new CodingError("corrupt: bad length");
      const size = ((high << 16) | low) + 1;
      if (!last && bits.read(1) === 1) this.#copyStored(size);
      else this.#compressed(size);
    }
    if (this.#output.full) return;
    bits.align();
    const rest = this.#input.length - bits.skipBytes(0);
    if (rest > 0) throw new CodingError(`${rest} ${rest === 1 ? "byte" : "bytes"} after the end`);
  }

  #readWindowBits(): number {
    const bits = this.#bits;
    if (bits.read(1) === 0) return 16;
    const high = bits.read(3);
    if (high !== 0) return 17 + high;
    const low = bits.read(3);
    if (low === 1) throw new CodingError("corrupt: bad window");
    return low === 0 ? 17 : 8 + low;
  }

  #skipMetadata(): void {
    const bits = this.#bits;
    if (bits.read(1) !== 0) throw new CodingError("corrupt: reserved bit");
    const sizeBytes = bits.read(2);
    let size = 0;
    for (let i = 0; i < sizeBytes; i++) size += bits.read(8) << (8 * i);
    if (sizeBytes > 1 && size >> (8 * (sizeBytes - 1)) === 0) throw new CodingError("corrupt: bad length");
    if (sizeBytes > 0) size++;
    bits.align();
    if (bits.skipBytes(size) + size > this.#input.length) throw new CodingError(CUT_SHORT);
  }

  #copyStored(size: number): void {
    this.#bits.align();
    const from = this.#bits.skipBytes(size);
    this.#output.append(this.#input, from, Math.min(from + size, this.#input.length));
    if (from + size > this.#input.length) throw new CodingError(CUT_SHORT);
  }

  /** Decodes a compressed meta-block of `size` bytes (§9.2, §10). */
  #compressed(size: number): void {
    const bits = this.#bits, output = this.#output;
    const literals = new BlockSwitch(bits),
      commands = new BlockSwitch(bits),
      distances = new BlockSwitch(bits);
    const postfixBits = bits.read(2);
    const direct = bits.read(4) << postfixBits;
    const modes = new Uint8Array(literals.types);
    for (let i = 0; i < modes.length; i++) modes[i] = bits.read(2);
    const [literalMap, literalTrees] = this.#contextMap(literals.types * 64);
    const [distanceMap, distanceTrees] = this.#contextMap(distances.types * 4);
    const literalCodes = this.#codes(literalTrees, 256);
    const commandCodes = this.#codes(commands.types, COMMAND_SYMBOLS);
    const distanceCodes = this.#codes(distanceTrees, 16 + direct + (48 << postfixBits));
    const end = output.length + size;
    while (output.length < end) {
      commands.step(bits);
      const command = bits.symbol(commandCodes[commands.type]);
      const insertCode = INSERT_CELL[command >> 6] + ((command >> 3) & 7);
      const copyCode = COPY_CELL[command >> 6] + (command & 7);
      const inserted = INSERT_BASE[insertCode] + bits.read(INSERT_EXTRA[insertCode]);
      const copied = COPY_BASE[copyCode] + bits.read(COPY_EXTRA[copyCode]);
      if (inserted > end - output.length) throw new CodingError("corrupt: more than the meta-block holds");
      let last = this.#back(1), before = this.#back(2);
      for (let n = inserted; n > 0; n--) {
        literals.step(bits);
        const mode = modes[literals.type] << 8;
        const context = CONTEXT_LAST[mode + last] | CONTEXT_BEFORE[mode + before];
        before = last;
        last = bits.symbol(literalCodes[literalMap[(literals.type << 6) + context]]);
        output.byte(last);
        if (output.full) return;
      }
      if (output.length === end) break;
      let symbol = 0;
      if (command >= 128) {
        distances.step(bits);
        const context = Math.min(copied, 5) - 2;
        symbol = bits.symbol(distanceCodes[distanceMap[(distances.type << 2) + context]]);
      }
      const distance = this.#distance(symbol, direct, postfixBits);
      const furthest = Math.min(this.#window, output.length - this.#start);
      if (distance <= furthest) {
        if (symbol !== 0) this.#distances[this.#latest = (this.#latest + 1) & 3] = distance;
        if (copied > end - output.length) throw new CodingError("corrupt: more than the meta-block holds");
        output.copyBack(distance, copied);
      } else {
        const word = dictionaryWord(copied, distance - furthest - 1);
        if (word.length > end - output.length) {
          throw new CodingError("corrupt: more than the meta-block holds");
        }
        output.append(word, 0, word.length);
      }
      if (output.full) return;
    }
  }

  /** The byte that stands `distance` back, 0 before the beginning. */
  #back(distance: number): number {
    const at = this.#output.length - distance;
    return at < this.#start ? 0 : this.#output.buffer[at];
  }

  /** Reads a context map (§7.3): the tree of each context, and how many trees there are. */
  #contextMap(size: number): [Uint8Array, number] {
    const bits = this.#bits;
    const map = new Uint8Array(size);
    const trees = bits.count();
    if (trees === 1) return [map, 1];
    this.#tables.spend(size);
    const longest = bits.read(1) === 0 ? 0 : 1 + bits.read(4);
    const code = bits.prefixCode(trees + longest);
    for (let i = 0; i < size;) {
      const symbol = bits.symbol(code);
      if (symbol === 0) i++;
      else if (symbol > longest) map[i++] = symbol - longest;
      else i += (1 << symbol) + bits.read(symbol);
      if (i > size) throw new CodingError("corrupt: bad context map");
    }
    if (bits.read(1) === 1) moveToFront(map);
    return [map, trees];
  }

  #codes(count: number, symbols: number): PrefixCode[] {
    this.#tables.spend(count * symbols);
    const codes: PrefixCode[] = [];
    for (let i = 0; i < count; i++) codes.push(this.#bits.prefixCode(symbols));
    return codes;
  }

  /** The distance that a symbol and the bits after it stand for (§4). */
  #distance(symbol: number, direct: number, postfixBits: number): number {
    if (symbol < 16) {
      const distance = this.#distances[(this.#latest - SHORT_WHICH[symbol]) & 3] + SHORT_ADD[symbol];
      if (distance <= 0) throw new CodingError("corrupt: a distance that cannot be");
      return distance;
    }
    if (symbol < 16 + direct) return symbol - 15;
    const code = symbol - direct - 16;
    const extraBits = 1 + (code >> (postfixBits + 1));
    const upper = code >> postfixBits;
    const offset = ((2 + (upper & 1)) << extraBits) - 4 + this.#bits.read(extraBits);
    return (offset << postfixBits) + (code & ((1 << postfixBits) - 1)) + direct + 1;
  }
}

/** Undoes the move-to-front transform (§7.3). */
function moveToFront(map: Uint8Array): void {
  const order = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (let i = 0; i < map.length; i++) {
    const index = map[i];
    const value = order[index];
    map[i] = value;
    order.copyWithin(1, 0, index);
    order[0] = value;
  }
}
