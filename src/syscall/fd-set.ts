/**
 * The sets of descriptors that select(2) takes: a bit for each descriptor below FD_SETSIZE.
 *
 * In C a descriptor that is too large for the set overwrites whatever lies behind it; here it is a
 * RangeError. poll(2) and epoll(7) have no such limit. Source: select(2), <sys/select.h>.
 */

/** Descriptors that a set has room for: 0 to 1023. glibc and the kernel's select agree on it. */
export const FD_SETSIZE = 1024;

/** A set of descriptors for select(2), which changes it in place. */
export class FdSet {
  /** The set as select(2) takes it: struct fd_set, as little-endian words. Changed by select. */
  readonly bytes: Uint8Array = new Uint8Array(FD_SETSIZE / 8);

  /** A set of these descriptors. RangeError for one that is not in 0..1023. */
  constructor(fds: Iterable<number> = []) {
    if (typeof fds?.[Symbol.iterator] !== 'function') {
      throw new TypeError('FdSet: fds must be an array or another iterable of descriptors');
    }
    for (const fd of fds) this.set(fd);
  }

  /** FD_ZERO: removes all. */
  zero(): void {
    this.bytes.fill(0);
  }

  /** FD_SET: adds `fd`. */
  set(fd: number): void {
    const at = place('set', fd);
    this.bytes[at] = this.bytes[at]! | (1 << (fd & 7));
  }

  /** FD_CLR: removes `fd`. */
  clr(fd: number): void {
    const at = place('clr', fd);
    this.bytes[at] = this.bytes[at]! & ~(1 << (fd & 7));
  }

  /** FD_ISSET: whether `fd` is in the set. */
  isSet(fd: number): boolean {
    return (this.bytes[place('isSet', fd)]! & (1 << (fd & 7))) !== 0;
  }

  /** The descriptors in the set, in ascending order. */
  *[Symbol.iterator](): Generator<number, void, undefined> {
    for (let at = 0; at < this.bytes.length; at++) {
      const byte = this.bytes[at]!;
      if (byte === 0) continue;
      for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) yield at * 8 + bit;
    }
  }
}

function place(method: string, fd: number): number {
  if (!Number.isInteger(fd) || fd < 0 || fd >= FD_SETSIZE) {
    throw new RangeError(`FdSet.${method}: fd must be an integer in 0..${FD_SETSIZE - 1}`);
  }
  return fd >> 3;
}
