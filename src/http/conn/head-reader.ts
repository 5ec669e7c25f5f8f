/**
 * Heads for all connections of a thread: a HeadParser, and the head that it parsed last. A client that
 * repeats itself, as most do that ask often, sends the same bytes again; they are compared, not parsed.
 *
 * Where nobody repeats himself this costs next to nothing: a head that was kept in vain makes the next
 * ones go unkept, for longer and longer. See docs/decisions/005-what-is-kept-between-requests.md.
 */
import { latin1Text } from '../../io/latin1.ts';
import { COMPLETE, type HeadLimits, HeadParser } from '../message/head-parser.ts';
import { RequestHead } from '../message/request-head.ts';

/** Longer heads are not kept. */
const MAX_KEPT = 1024;

/** So many heads go unkept at most before another one is. */
const LONGEST_REST = 256;

/** Before anything was found. */
const NOTHING = new RequestHead(new HeadParser(), '');

export class HeadReader {
  /** Why {@link HeadReader.read} has failed, if so. */
  readonly parser: HeadParser = new HeadParser();
  /** What it has found. */
  head: RequestHead = NOTHING;
  /** Where the head ends, in the bytes last read. */
  end = 0;
  /** The last head is in the first `#length`, if that is not 0. */
  readonly #kept = new Uint8Array(MAX_KEPT);
  readonly #keptView = new DataView(this.#kept.buffer);
  #viewed: Uint8Array = this.#kept;
  #view: DataView = this.#keptView;
  #length = 0;
  #limits: HeadLimits | null = null;
  #repeated = false;
  /** How many heads go unkept after one that was kept in vain, and how many of them are left. */
  #rest = 0;
  #resting = 0;

  /** As HeadParser.parse. */
  read(bytes: Uint8Array, from: number, to: number, limits: HeadLimits): number {
    const length = this.#length;
    if (length > 0) {
      if (to - from >= length && limits === this.#limits && this.#isKept(bytes, from)) {
        this.#repeated = true;
        this.end = from + length;
        return COMPLETE;
      }
      this.#letGo();
    }
    const result = this.parser.parse(bytes, from, to, limits);
    if (result !== COMPLETE) return result;
    const { start, end } = this.parser;
    this.end = end;
    this.head = new RequestHead(this.parser, latin1Text(bytes, start, end));
    if (this.#resting > 0) this.#resting--;
    else if (end - from <= MAX_KEPT) this.#keep(bytes, from, end, limits);
    return result;
  }

  /** Four bytes at a time, the last ones perhaps twice. No head has fewer than that. */
  #isKept(bytes: Uint8Array, from: number): boolean {
    const kept = this.#keptView;
    const last = this.#length - 4;
    const view = this.#viewOf(bytes);
    if (view.getInt32(from + last) !== kept.getInt32(last)) return false;
    let at = 0;
    while (at < last && view.getInt32(from + at) === kept.getInt32(at)) at += 4;
    return at >= last;
  }

  /** Kept, since nearly all heads are in the same buffer. */
  #viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#viewed) {
      this.#viewed = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.#view;
  }

  #keep(bytes: Uint8Array, from: number, end: number, limits: HeadLimits): void {
    this.#kept.set(bytes.subarray(from, end));
    this.#length = end - from;
    this.#limits = limits;
    this.#repeated = false;
  }

  #letGo(): void {
    this.#length = 0;
    this.#rest = this.#repeated ? 0 : Math.min(2 * this.#rest + 1, LONGEST_REST);
    this.#resting = this.#rest;
  }
}
