/**
 * The heads of responses that were sent in the same second. Servers answer with few different heads, and
 * one that is the same to the last field need not be put together again; nor, if the same text follows
 * it as before, need the two be joined again; nor, if it is the reply before once more, need anything be
 * decided anew.
 */
import { latin1Write } from '../../io/latin1.ts';
import type { Header } from './header.ts';

/** Heads that are kept. The newest stands first. */
const ENTRIES = 8;

/** What the head of a response depends on. */
export interface HeadKey {
  readonly status: number;
  readonly minor: 0 | 1;
  /** The handler's fields; null for none. */
  readonly header: Header | null;
  /** Of the body, for Content-Length; -1 if it is not said. */
  readonly length: number;
  /** The Content-Type that the server adds; empty for none. */
  readonly type: string;
  readonly close: boolean;
}

interface Entry extends HeadKey {
  readonly date: string;
  readonly head: string;
  /** Made when the head is used again. */
  bytes: Uint8Array | null;
  /** A short body that followed it, and both as bytes. */
  body: string;
  whole: Uint8Array | null;
}

export class HeadCache {
  readonly #entries: Entry[] = [];
  #next = 0;
  /** See {@link HeadCache.again}. */
  #last: Entry | null = null;

  /** Where the head for these is kept at the time of `date`; -1 if it is not known. */
  find(
    status: number,
    minor: 0 | 1,
    header: Header | null,
    length: number,
    type: string,
    close: boolean,
    date: string,
  ): number {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      if (
        entry.length === length &&
        entry.status === status &&
        entry.date === date &&
        entry.type === type &&
        entry.close === close &&
        entry.minor === minor &&
        sameFields(entry.header, header)
      ) {
        return i;
      }
    }
    return -1;
  }

  /** The head that {@link HeadCache.find} has found. */
  headAt(place: number): Uint8Array {
    const entry = this.#entries[place]!;
    return (entry.bytes ??= latin1Bytes(entry.head));
  }

  /**
   * The same with the ASCII text `body` behind it, or null: it is not what was sent last time. `plain`: the
   * handler's fields have had no say in where the body ends, nor in whether the connection does.
   */
  wholeAt(place: number, body: string, plain: boolean): Uint8Array | null {
    const entry = this.#entries[place]!;
    if (entry.body === body) {
      if (plain) this.#last = entry;
      return (entry.whole ??= latin1Bytes(entry.head + body));
    }
    entry.body = body;
    entry.whole = null;
    return null;
  }

  /** The whole reply before, if one to a usual request that is made of these is the same; else null. */
  again(
    status: number,
    minor: 0 | 1,
    header: Header | null,
    body: string,
    close: boolean,
    date: string,
  ): Uint8Array | null {
    const last = this.#last;
    if (
      last !== null &&
      last.status === status &&
      last.close === close &&
      last.minor === minor &&
      last.date === date &&
      last.body === body &&
      sameFields(last.header, header)
    ) {
      return last.whole;
    }
    return null;
  }

  /** Keeps `head`. The header is copied: the handler may use its own again. */
  add(key: HeadKey, date: string, head: string): void {
    const header = key.header === null ? null : key.header.clone();
    this.#entries[this.#next] = {
      ...key,
      header,
      date,
      head,
      bytes: null,
      body: '',
      whole: null,
    };
    this.#next = (this.#next + 1) % ENTRIES;
  }
}

function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  latin1Write(text, bytes, 0);
  return bytes;
}

function sameFields(one: Header | null, other: Header | null): boolean {
  if (one === null || other === null) return one === other;
  return one.equals(other);
}
