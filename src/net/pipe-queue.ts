/**
 * What waits at a pipe, in the order in which it came; any of it may leave before its turn. A linked
 * list: taking the first out of a long array is not cheap. Not limited here, see pipe-side.ts.
 */

interface Link<T> {
  readonly item: T;
  next: Link<T> | null;
}

export class PipeQueue<T> {
  #head: Link<T> | null = null;
  #tail: Link<T> | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The one that has waited longest; it stays. */
  get first(): T | undefined {
    return this.#head?.item;
  }

  push(item: T): void {
    const link: Link<T> = { item, next: null };
    if (this.#tail === null) this.#head = link;
    else this.#tail.next = link;
    this.#tail = link;
    this.#length++;
  }

  /** Takes out the one that has waited longest; undefined if nothing waits. */
  shift(): T | undefined {
    const head = this.#head;
    if (head === null) return undefined;
    this.#unlink(null, head);
    return head.item;
  }

  /** Takes `item` out, the first of several. False if it does not wait. */
  remove(item: T): boolean {
    let before: Link<T> | null = null;
    for (let link = this.#head; link !== null; link = link.next) {
      if (link.item === item) {
        this.#unlink(before, link);
        return true;
      }
      before = link;
    }
    return false;
  }

  #unlink(before: Link<T> | null, link: Link<T>): void {
    if (before === null) this.#head = link.next;
    else before.next = link.next;
    if (this.#tail === link) this.#tail = before;
    this.#length--;
  }
}
