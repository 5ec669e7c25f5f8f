/**
 * Addresses that datagrams came from, by the kernel's bytes of them: the next datagram of the same peer
 * needs no new object. It remembers one address in each of 256 places, so it is as large however many
 * peers there are.
 */

const PLACES = 256;

/** The words of struct sockaddr_in6. */
const WORDS = 7;

/** sin6_scope_id: the name of an interface may change. */
const SCOPE_WORD = 6;

/** The words of struct sockaddr_in that mean something: family and port, address. */
const INET_WORDS = 2;
const INET_SIZE = 16;
const INET6_SIZE = 28;

export class PeerCache<A> {
  readonly #decode: (bytes: Uint8Array, size: number) => A;
  #keys: Uint32Array | null = null;
  readonly #addrs: A[] = [];

  /** `decode` makes the address of the first `size` bytes. */
  constructor(decode: (bytes: Uint8Array, size: number) => A) {
    this.#decode = decode;
  }

  /** The address that begins at byte `offset` of `bytes`, a multiple of 4; `words` is the same memory. */
  get(bytes: Uint8Array, words: Uint32Array, offset: number, size: number): A {
    const at = offset >> 2;
    const inet = size === INET_SIZE;
    if (!inet && (size !== INET6_SIZE || words[at + SCOPE_WORD] !== 0)) {
      return this.#decode(bytes.subarray(offset), size);
    }
    const keys = (this.#keys ??= new Uint32Array(PLACES * WORDS));
    const length = inet ? INET_WORDS : WORDS;
    const place = placeOf(words, at, length);
    const key = place * WORDS;
    const known = this.#addrs[place];
    if (known !== undefined && isEqual(keys, key, words, at, length)) return known;
    for (let i = 0; i < length; i++) keys[key + i] = words[at + i]!;
    return (this.#addrs[place] = this.#decode(bytes.subarray(offset), size));
  }
}

/** Fibonacci hashing of all words. */
function placeOf(words: Uint32Array, at: number, length: number): number {
  let mixed = 0;
  for (let i = 0; i < length; i++) mixed = Math.imul(mixed ^ words[at + i]!, 0x9e3779b1);
  return mixed >>> 24;
}

function isEqual(
  keys: Uint32Array,
  key: number,
  words: Uint32Array,
  at: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (keys[key + i] !== words[at + i]) return false;
  return true;
}
