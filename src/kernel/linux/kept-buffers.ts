/**
 * read(2), write(2) and accept4(2) at less cost, for a buffer that is used again and again: native/kept.c knows
 * where its bytes are, and takes the numbers from an array. Every other buffer goes the usual way, and so do
 * arguments that are not what they should be, which are refused there.
 *
 * One buffer for each direction is kept: the last that came twice in a row and is not large. The memory of a
 * typed array stays where it is for as long as the array has a length. One that was detached, or whose
 * ArrayBuffer became too short for it, has none, so it is enough that each call looks at the length.
 */
import type { Kernel } from '../kernel.ts';

/**
 * The functions of the addon. `words`: descriptor, count, offset; of accept descriptor, flags, length of the
 * address; then the result in place of the first.
 */
export interface KeptCalls {
  readonly words: Int32Array;
  keep(direction: number, buf: Uint8Array): void;
  read(): void;
  write(): void;
  accept(): void;
}

type Transfer = Kernel['read'];

const READ = 0;
const WRITE = 1;
const ADDRESS = 2;

/** Larger ones are not held here when nobody else holds them any more. */
const MAX_KEPT = 256 * 1024;

/** Which buffer of a direction is kept. */
class Place {
  /** The one; at first one that nobody else has. */
  buffer: Uint8Array = new Uint8Array(1);
  readonly #direction: number;
  readonly #calls: KeptCalls;
  #latest: Uint8Array | null = null;

  constructor(calls: KeptCalls, direction: number) {
    this.#calls = calls;
    this.#direction = direction;
  }

  /** A call is made with a buffer that is not kept. */
  notice(buf: Uint8Array): void {
    if (!(buf instanceof Uint8Array) || buf.length === 0 || buf.length > MAX_KEPT) return;
    if (buf !== this.#latest) {
      this.#latest = buf;
      return;
    }
    this.#calls.keep(this.#direction, buf);
    this.buffer = buf;
  }
}

/** {@link Kernel.accept4}, of which `calls` has the usual one. */
export function keptAccept(kept: KeptCalls, calls: Kernel): Kernel['accept4'] {
  const { words } = kept;
  const place = new Place(kept, ADDRESS);
  /** Where the length came from last time, which was good. */
  let lengths: Uint32Array | null = null;
  return (sockfd, addr, addrlen, flags) => {
    if (
      addr === place.buffer &&
      addrlen === lengths &&
      addrlen !== null &&
      (sockfd | 0) === sockfd &&
      (flags | 0) === flags &&
      addrlen[0]! <= addr.length
    ) {
      words[0] = sockfd;
      words[1] = flags;
      words[2] = addrlen[0]!;
      kept.accept();
      addrlen[0] = words[2];
      return words[0];
    }
    const result = calls.accept4(sockfd, addr, addrlen, flags);
    if (addr !== null) place.notice(addr);
    lengths = addrlen;
    return result;
  };
}

/** {@link Kernel.read} and {@link Kernel.write}, of which `calls` has the usual ones. */
export function keptTransfers(kept: KeptCalls, calls: Kernel): { read: Transfer; write: Transfer } {
  const { words } = kept;
  const target = new Place(kept, READ);
  const source = new Place(kept, WRITE);
  return {
    read(fd, buf, count, offset = 0) {
      if (buf === target.buffer && areGood(fd, buf, count, offset)) {
        words[0] = fd;
        words[1] = count;
        words[2] = offset;
        kept.read();
        return words[0]!;
      }
      target.notice(buf);
      return calls.read(fd, buf, count, offset);
    },
    write(fd, buf, count, offset = 0) {
      if (buf === source.buffer && areGood(fd, buf, count, offset)) {
        words[0] = fd;
        words[1] = count;
        words[2] = offset;
        kept.write();
        return words[0]!;
      }
      source.notice(buf);
      return calls.write(fd, buf, count, offset);
    },
  };
}

/** All three are integers of 32 bits, and the kernel stays inside the buffer. */
function areGood(fd: number, buf: Uint8Array, count: number, offset: number): boolean {
  return (
    (fd | 0) === fd &&
    (count | 0) === count &&
    (offset | 0) === offset &&
    count >= 0 &&
    offset >= 0 &&
    offset + count <= buf.length
  );
}
