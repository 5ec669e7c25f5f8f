/**
 * Waits that begin later, when the stack is less deep: a listener that waits again from within being told
 * would be told again, and so on down the stack. One set for a descriptor, made when it is first needed.
 */
import type { Mode } from './fd-mutex.ts';
import type { Netpoll } from './netpoll.ts';
import type { Waiter } from './poll-desc.ts';

interface Deferred {
  readonly mode: Mode;
  readonly listener: Waiter;
}

export class DeferredWaits {
  readonly #netpoll: Netpoll;
  readonly #waits = new Set<Deferred>();

  constructor(netpoll: Netpoll) {
    this.#netpoll = netpoll;
  }

  /** Calls `begin` in a later turn of the event loop, unless the wait is forgotten first. */
  add(mode: Mode, listener: Waiter, begin: () => void): void {
    const wait: Deferred = { mode, listener };
    this.#waits.add(wait);
    this.#netpoll.later(() => {
      if (this.#waits.delete(wait)) begin();
    });
  }

  /** One wait of this listener does not begin. */
  forget(mode: Mode, listener: Waiter): void {
    for (const wait of this.#waits) {
      if (wait.mode === mode && wait.listener === listener) return void this.#waits.delete(wait);
    }
  }
}
