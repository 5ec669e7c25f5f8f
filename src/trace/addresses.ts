/**
 * Numbers in the place of addresses: where a call has failed, strace(1) prints pointers in place of what
 * they point to, and JavaScript knows none.
 *
 * Each ArrayBuffer gets a place of its own at its first sight, in the order of sight, so the same program prints the
 * same numbers each time, and the same number is the same memory. They are no addresses of the process.
 */
const FIRST = 0x7f00_0000_0000;

/** Between two buffers, as pages lie. */
const PAGE = 4096;

export class Addresses {
  readonly #places: WeakMap<ArrayBufferLike, number> = new WeakMap();
  #next = FIRST;

  /** The place of the first byte of `view`, as strace prints a pointer. */
  of(view: ArrayBufferView): string {
    let place = this.#places.get(view.buffer);
    if (place === undefined) {
      place = this.#next;
      this.#places.set(view.buffer, place);
      this.#next += Math.ceil((view.buffer.byteLength + 1) / PAGE) * PAGE;
    }
    return `0x${(place + view.byteOffset).toString(16)}`;
  }
}
