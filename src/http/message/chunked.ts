/**
 * The chunked transfer coding: a decoder that is fed bytes and holds no socket.
 *
 *     SIZE ─┬─ blank ─→ BLANK ─ ; ─→ EXTENSION ─┐
 *      ↑    ├─ ; ──────────────────→ EXTENSION ─┤
 *      │    └─ CR ────────────────────────────→ SIZE_LF ── size > 0 ──→ DATA → DATA_CR → DATA_LF ─┐
 *      └────────────────────────────────────────────────────────────────────────────────────────┘
 *     SIZE_LF ── size 0 ─→ LINE ── CR ─→ END_LF → DONE;   LINE → NAME → VALUE → VALUE_LF → LINE
 *
 * Strict where leniency has let requests be smuggled: line ends are CRLF, never one of the two, and
 * nothing but an extension may follow the size. Extensions are checked and dropped; those, and data
 * in tiny chunks, may not outweigh the data without bound. Source: RFC 9112 section 7.1; the texts
 * of errors are Go's where it has one.
 */
import { FIELD_VALUE_BYTES, HEX_VALUES, NOT_HEX, TOKEN_BYTES, isBlank } from './token.ts';

/** What {@link ChunkedDecoder.decode} has found. */
export const ChunkEvent = {
  /** All input is used up; more is needed. */
  More: 0,
  /** Data stands from `dataStart` to `dataEnd`. */
  Data: 1,
  /** The body is complete, its trailer in `trailer`; what follows `position` is not part of it. */
  End: 2,
} as const;

export type ChunkEvent = (typeof ChunkEvent)[keyof typeof ChunkEvent];

/** The body is not in the chunked coding, or exceeds a limit. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
  /** The status code to answer with. */
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export interface ChunkLimits {
  /**
   * Bytes of framing in one body beyond 16 for each chunk and two for each byte of data.
   * Default 16 KiB.
   */
  readonly maxChunkOverhead?: number;
  /** Bytes of the trailer's lines. Default 4096. */
  readonly maxTrailerBytes?: number;
  /** Lines of the trailer. Default 100. */
  readonly maxTrailers?: number;
}

export const DEFAULT_CHUNK_LIMITS: Readonly<Required<ChunkLimits>> = {
  maxChunkOverhead: 16 * 1024,
  maxTrailerBytes: 4096,
  maxTrailers: 100,
};
/** Digits of a chunk's size. */
const MAX_DIGITS = 16;
/** Bytes of the line that begins a chunk. */
const MAX_LINE = 4096;
/** Bytes of framing that each chunk may have for free. */
const FREE_OVERHEAD = 16;

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SEMICOLON = 0x3b;

const SIZE = 0;
const BLANK = 1;
const EXTENSION = 2;
const SIZE_LF = 3;
const DATA = 4;
const DATA_CR = 5;
const DATA_LF = 6;
const LINE = 7;
const NAME = 8;
const VALUE = 9;
const VALUE_LF = 10;
const END_LF = 11;
const DONE = 12;

/** Decodes one body. */
export class ChunkedDecoder {
  /** Up to where the last {@link decode} has used its input. */
  position = 0;
  /** Where the data begins and ends that the last {@link decode} has found. */
  dataStart = 0;
  dataEnd = 0;

  #state = SIZE;
  /** Of the size being read, then of the data still to come. */
  #remaining = 0;
  #digits = 0;
  #lineBytes = 0;
  #excess = 0;
  #trailer = '';
  #trailerFields = 0;
  readonly #maxOverhead: number;
  readonly #maxTrailerBytes: number;
  readonly #maxTrailers: number;

  constructor(limits: ChunkLimits = {}) {
    this.#maxOverhead = limits.maxChunkOverhead ?? DEFAULT_CHUNK_LIMITS.maxChunkOverhead;
    this.#maxTrailerBytes = limits.maxTrailerBytes ?? DEFAULT_CHUNK_LIMITS.maxTrailerBytes;
    this.#maxTrailers = limits.maxTrailers ?? DEFAULT_CHUNK_LIMITS.maxTrailers;
  }

  get done(): boolean {
    return this.#state === DONE;
  }

  /** Bytes of data that the present chunk still has, 0 between chunks. */
  get remaining(): number {
    return this.#state === DATA ? this.#remaining : 0;
  }

  /** The trailer's field lines, checked, for Header.fromText. Complete when {@link done}. */
  get trailer(): string {
    return this.#trailer;
  }

  /**
   * Goes on with the bytes of `input` from `start` to `end` up to the next event and says which it
   * is; `position` is where the next call goes on. Nothing is copied: data stays in `input`.
   * ChunkError if the body is malformed; the decoder is of no use then.
   */
  decode(input: Uint8Array, start: number, end: number): ChunkEvent {
    let at = start;
    while (this.#state !== DONE && at < end) {
      if (this.#state === DATA) {
        this.dataStart = at;
        this.dataEnd = this.position = at + Math.min(this.#remaining, end - at);
        this.skip(this.dataEnd - at);
        return ChunkEvent.Data;
      }
      this.#state = this.#step(input[at++] as number);
    }
    this.position = at;
    return this.#state === DONE ? ChunkEvent.End : ChunkEvent.More;
  }

  /**
   * Says that `count` bytes of the present chunk's data, at most {@link remaining}, have been taken
   * past the decoder: read from the connection to where they belong.
   */
  skip(count: number): void {
    if (count > this.remaining) throw new RangeError('ChunkedDecoder.skip: past the chunk');
    this.#remaining -= count;
    if (this.#state === DATA && this.#remaining === 0) this.#state = DATA_CR;
  }

  /** The state after one byte of framing. */
  #step(byte: number): number {
    if (this.#state <= SIZE_LF) return this.#sizeLine(byte);
    if (this.#state === DATA_CR) {
      if (byte !== CR) throw new ChunkError('malformed chunked encoding');
      return DATA_LF;
    }
    if (this.#state === DATA_LF) {
      if (byte !== LF) throw new ChunkError('malformed chunked encoding');
      return SIZE;
    }
    return this.#trailerSection(byte);
  }

  #sizeLine(byte: number): number {
    if (++this.#lineBytes > MAX_LINE) throw new ChunkError('header line too long');
    if (this.#state === SIZE_LF) {
      if (byte !== LF) throw new ChunkError('bare CR in a chunk’s first line');
      return this.#chunk();
    }
    if (byte === LF) throw new ChunkError('bare LF in a chunk’s first line');
    if (this.#state === SIZE) {
      const digit = HEX_VALUES[byte] as number;
      if (digit !== NOT_HEX) return this.#digit(digit);
      if (this.#digits === 0) {
        throw new ChunkError(
          byte === CR ? 'empty hex number for chunk length' : 'invalid byte in chunk length',
        );
      }
    }
    // A blank at the end of the line would be no harm but is not in the grammar.
    if (byte === CR && this.#state !== BLANK) return SIZE_LF;
    if (this.#state === EXTENSION) {
      if (FIELD_VALUE_BYTES[byte] !== 1) throw new ChunkError('invalid byte in chunk extension');
      return EXTENSION;
    }
    if (byte === SEMICOLON) return EXTENSION;
    if (isBlank(byte)) return BLANK;
    throw new ChunkError('invalid byte in chunk length');
  }

  #digit(digit: number): number {
    this.#remaining = this.#remaining * 16 + digit;
    if (++this.#digits > MAX_DIGITS || this.#remaining > Number.MAX_SAFE_INTEGER) {
      throw new ChunkError('http chunk length too large');
    }
    return SIZE;
  }

  /** The first line of a chunk is complete. */
  #chunk(): number {
    const excess = this.#excess + this.#lineBytes - FREE_OVERHEAD - 2 * this.#remaining;
    this.#excess = Math.max(0, excess);
    if (this.#excess > this.#maxOverhead) {
      throw new ChunkError('chunked encoding contains too much non-data');
    }
    this.#lineBytes = 0;
    this.#digits = 0;
    return this.#remaining === 0 ? LINE : DATA;
  }

  #trailerSection(byte: number): number {
    if (this.#state === END_LF) {
      if (byte !== LF) throw new ChunkError('malformed trailer: bare CR');
      return DONE;
    }
    if (this.#state === LINE && byte === CR) return END_LF;
    if (this.#trailer.length >= this.#maxTrailerBytes) {
      throw new ChunkError('http: suspiciously long trailer after chunked body', 431);
    }
    this.#trailer += String.fromCharCode(byte);
    if (this.#state === LINE) {
      if (++this.#trailerFields > this.#maxTrailers) {
        throw new ChunkError('too many trailer fields', 431);
      }
      if (TOKEN_BYTES[byte] === 1) return NAME;
    } else if (this.#state === NAME) {
      if (byte === COLON) return VALUE;
      if (TOKEN_BYTES[byte] === 1) return NAME;
    } else if (this.#state === VALUE) {
      if (byte === CR) return VALUE_LF;
      if (FIELD_VALUE_BYTES[byte] === 1) return VALUE;
    } else if (byte === LF) {
      return LINE;
    }
    throw new ChunkError('malformed trailer');
  }
}
