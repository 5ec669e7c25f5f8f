/**
 * Work that goes on after the response: what handlers hand to `waitUntil`. A shutdown waits for it. One
 * that fails is told in the log, and is no unhandled rejection.
 */
import { isThenable } from '../../io/thenable.ts';
import { ErrorLog } from '../error-log.ts';
import { describe } from '../errors.ts';

export class Background {
  readonly #pending = new Set<PromiseLike<unknown>>();
  readonly #log: ErrorLog;
  #onEmpty: (() => void)[] = [];
  /** May be called without its object: frameworks pass it on. What is no promise is ignored. */
  readonly waitUntil: (promise: PromiseLike<unknown>) => void;

  constructor(log?: (message: string) => void) {
    this.#log = new ErrorLog(log);
    this.waitUntil = (promise) => this.#add(promise);
  }

  get size(): number {
    return this.#pending.size;
  }

  #add(promise: PromiseLike<unknown>): void {
    if (!isThenable(promise)) return;
    const own = Promise.resolve(promise);
    this.#pending.add(own);
    own.then(
      () => this.#done(own),
      (error: unknown) => {
        this.#log.log(`http: waitUntil: ${describe(error)}`);
        this.#done(own);
      },
    );
  }

  #done(promise: PromiseLike<unknown>): void {
    this.#pending.delete(promise);
    if (this.#pending.size > 0) return;
    for (const tell of this.#onEmpty.splice(0)) tell();
  }

  /**
   * Settles when nothing goes on any more, what was begun meanwhile included. If `signal` aborts first it
   * rejects with its reason.
   */
  async settled(signal?: AbortSignal): Promise<void> {
    if (this.#pending.size === 0) return;
    signal?.throwIfAborted();
    let abort = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onEmpty.push(resolve);
        abort = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', abort, { once: true });
      });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}
