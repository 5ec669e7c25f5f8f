/**
 * Who uses a descriptor: at most one operation a direction, the others in the order they came; and
 * whether it is still open. A descriptor closed in the middle of an operation is closed in the end by
 * whoever lets go of it last, so its number cannot come to mean another file under anybody's hands.
 *
 * After Go's internal/poll/fd_mutex.go. There the queue is a semaphore; here it is a linked list, and
 * nothing is atomic because nothing is concurrent.
 */

export type Mode = 'read' | 'write';

/** What waits for the lock of a direction. */
export interface Queued {
  next: Queued | null;
}

/** How many operations one descriptor may have under way. Go's limit, and its text. */
export const MAX_OPERATIONS: number = (1 << 20) - 1;

export class FDMutex<T extends Queued> {
  /** The head of each list holds the lock. */
  #readHead: T | null = null;
  #readTail: T | null = null;
  #writeHead: T | null = null;
  #writeTail: T | null = null;
  #references = 0;
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Who holds the lock of a direction. */
  holder(mode: Mode): T | null {
    return mode === 'read' ? this.#readHead : this.#writeHead;
  }

  /** True if `operation` now holds the lock of its direction, false if it waits for it. */
  lock(mode: Mode, operation: T): boolean {
    this.#count();
    const tail = mode === 'read' ? this.#readTail : this.#writeTail;
    if (mode === 'read') this.#readTail = operation;
    else this.#writeTail = operation;
    if (tail !== null) {
      tail.next = operation;
      return false;
    }
    if (mode === 'read') this.#readHead = operation;
    else this.#writeHead = operation;
    return true;
  }

  /** The holder of the lock lets go. Gives the one that holds it now, if any. */
  unlock(mode: Mode): T | null {
    const gone = this.holder(mode);
    if (gone === null) return null;
    this.#references--;
    const head = gone.next as T | null;
    gone.next = null;
    if (mode === 'read') {
      this.#readHead = head;
      if (head === null) this.#readTail = null;
    } else {
      this.#writeHead = head;
      if (head === null) this.#writeTail = null;
    }
    return head;
  }

  /** One more user outside the two locks. False if closed. */
  reference(): boolean {
    if (this.#closed) return false;
    this.#count();
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

  /** Closed, and nobody uses it any more. */
  get abandoned(): boolean {
    return this.#closed && this.#references === 0;
  }

  #count(): void {
    if (this.#references >= MAX_OPERATIONS) {
      throw new RangeError(
        `too many concurrent operations on a single file or socket (max ${MAX_OPERATIONS})`,
      );
    }
    this.#references++;
  }
}
