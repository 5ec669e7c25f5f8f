/**
 * Who uses a descriptor: at most one operation a direction, the others in the order they came; and
 * whether it is still open. A descriptor closed in the middle of an operation is closed in the end by
 * whoever lets go of it last, so its number cannot come to mean another file under anybody's hands.
 *
 * After Go's internal/poll/fd_mutex.go. There the queue is a semaphore; here it is a linked list, and
 * nothing is atomic because nothing is concurrent. Each list is a ring and known by its last operation,
 * which is followed by the first, so that one field tells both ends: every open connection has two lists.
 * It has no private methods, for which the engine would add a field to each object.
 */

export type Mode = 'read' | 'write';

/** What waits for the lock of a direction. */
export interface Queued {
  /** The one behind it; behind the last, the first. Null outside the queue. */
  next: Queued | null;
}

/** How many operations one descriptor may have under way. Go's limit, and its text. */
export const MAX_OPERATIONS: number = (1 << 20) - 1;

/** Instead of a number of references: nobody uses it, and that was told. */
const ABANDONED = -1;

export class FDMutex<T extends Queued> {
  #lastReader: T | null = null;
  #lastWriter: T | null = null;
  #references = 0;
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Who came last to the queue of a direction, which begins with the holder of the lock. */
  last(mode: Mode): T | null {
    return mode === 'read' ? this.#lastReader : this.#lastWriter;
  }

  /** Who holds the lock of a direction. */
  holder(mode: Mode): T | null {
    const last = this.last(mode);
    return last === null ? null : (last.next as T);
  }

  /** Whether it is open, and nobody holds the lock of a direction or waits for it. */
  isFree(mode: Mode): boolean {
    return this.last(mode) === null && !this.#closed;
  }

  /** Who stands behind `operation` in the queue of its direction, if anybody. */
  behind(mode: Mode, operation: T): T | null {
    return operation === this.last(mode) ? null : (operation.next as T);
  }

  /** True if `operation` now holds the lock of its direction, false if it waits for it. */
  lock(mode: Mode, operation: T): boolean {
    this.hold();
    const last = this.last(mode);
    operation.next = last === null ? operation : last.next;
    if (last !== null) last.next = operation;
    if (mode === 'read') this.#lastReader = operation;
    else this.#lastWriter = operation;
    return last === null;
  }

  /** The holder of the lock lets go. Gives the one that holds it now, if any. */
  unlock(mode: Mode): T | null {
    const last = this.last(mode);
    if (last === null) return null;
    this.#references--;
    const gone = last.next as T;
    const next = gone.next as T;
    gone.next = null;
    if (gone !== last) return (last.next = next);
    if (mode === 'read') this.#lastReader = null;
    else this.#lastWriter = null;
    return null;
  }

  /** One more user outside the two locks. False if closed. */
  reference(): boolean {
    if (this.#closed) return false;
    this.hold();
    return true;
  }

  /** One such user less. */
  dereference(): void {
    this.#references--;
  }

  /** Marks as closed. False if it was. */
  close(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    return true;
  }

  /** True once: when it is closed, and nobody uses it any more. */
  abandon(): boolean {
    if (!this.#closed || this.#references !== 0) return false;
    this.#references = ABANDONED;
    return true;
  }

  /** Counts one more user. RangeError if there are too many. */
  hold(): void {
    if (this.#references >= MAX_OPERATIONS) {
      throw new RangeError(
        `too many concurrent operations on a single file or socket (max ${MAX_OPERATIONS})`,
      );
    }
    this.#references++;
  }
}
