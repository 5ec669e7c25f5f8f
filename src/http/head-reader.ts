/**
 * Heads for all connections of a thread: a HeadParser, and the head that it parsed last. A client that
 * repeats itself, as most do that ask often, sends the same bytes again; they are compared, not parsed.
 */
import { latin1Text } from '../io/latin1.ts';
import { COMPLETE, type HeadLimits, HeadParser } from './head-parser.ts';

/** Longer heads are not kept. */
const MAX_KEPT = 1024;

export class HeadReader {
  /** What {@link HeadReader.read} found. Its offsets are those of the first time. */
  readonly head: HeadParser = new HeadParser();
  /** Where the head ends, in the bytes last read. */
  end = 0;
  #text = '';
  /** The last head, if it came twice or another of the same length did, is in the first `#length`. */
  readonly #kept = new Uint8Array(MAX_KEPT);
  #length = 0;
  #limits: HeadLimits | null = null;
  #lastLength = 0;

  /** As HeadParser.parse. */
  read(bytes: Uint8Array, from: number, to: number, limits: HeadLimits): number {
    const length = this.#length;
    if (length > 0 && to - from >= length && limits === this.#limits) {
      const kept = this.#kept;
      let at = 0;
      while (at < length && bytes[from + at] === kept[at]) at++;
      if (at === length) {
        this.end = from + length;
        return COMPLETE;
      }
    }
    this.#length = 0;
    this.#text = '';
    const result = this.head.parse(bytes, from, to, limits);
    if (result === COMPLETE) this.#complete(bytes, from, limits);
    return result;
  }

  #complete(bytes: Uint8Array, from: number, limits: HeadLimits): void {
    const { start, end } = this.head;
    this.end = end;
    this.#text = latin1Text(bytes, start, end);
    const length = end - from;
    if (length === this.#lastLength && length <= MAX_KEPT) {
      this.#kept.set(bytes.subarray(from, end));
      this.#length = length;
      this.#limits = limits;
    }
    this.#lastLength = length;
  }

  /** The head as text, one code unit a byte, from HeadParser.start on. */
  get text(): string {
    return this.#text;
  }
}
