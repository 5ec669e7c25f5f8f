/**
 * Giving up: a dial or a lookup ends because its time is up or because somebody aborted it. These are
 * not the errors of a connection's own deadline (poll/errors.ts), though the first has the same text:
 * in Go they are context.DeadlineExceeded and context.Canceled.
 */
import type { Clock, Timer } from '../kernel/clock.ts';
import type { NetError } from './errors.ts';

export class CancelError extends Error implements NetError {
  override readonly name: string = 'CancelError';
  readonly code: string;
  readonly timeout: boolean;
  readonly temporary: boolean;

  constructor(message: string, code: string, timeout: boolean, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.timeout = timeout;
    this.temporary = timeout;
  }
}

/** The time given to the operation is up. */
export function timedOut(): CancelError {
  return new CancelError('i/o timeout', 'ETIMEDOUT', true);
}

/** The operation was aborted; `reason` is the signal's. */
export function canceled(reason?: unknown): CancelError {
  return new CancelError('operation was canceled', 'ABORT_ERR', false, reason);
}

/** One operation's right to go on: until a time, and until one of its signals says otherwise. */
export class Cancellation {
  readonly #clock: Clock;
  readonly #signals: readonly AbortSignal[];
  /** On the monotonic clock; 0 for none. */
  readonly deadline: number;

  constructor(clock: Clock, deadline: number, signals: readonly AbortSignal[]) {
    this.#clock = clock;
    this.#signals = signals;
    this.deadline = deadline;
  }

  /** Why the operation may not go on, if so. */
  get error(): CancelError | null {
    const signal = this.#signals.find(({ aborted }) => aborted);
    if (signal !== undefined) return canceled(signal.reason);
    if (this.deadline !== 0 && this.deadline <= this.#clock.monotonic()) return timedOut();
    return null;
  }

  /** With an earlier end, if `deadline` (monotonic, 0 for none) is one. */
  until(deadline: number): Cancellation {
    const none = deadline === 0 || (this.deadline !== 0 && this.deadline <= deadline);
    return none ? this : new Cancellation(this.#clock, deadline, this.#signals);
  }

  /** With one more signal that ends it. */
  with(signal: AbortSignal): Cancellation {
    return new Cancellation(this.#clock, this.deadline, [...this.#signals, signal]);
  }

  /** Calls `callback` once when the operation may not go on any more. Undone by the result. */
  onCancel(callback: (error: CancelError) => void): () => void {
    const undoSignals = this.#signals.map((signal) => {
      const aborted = (): void => callback(canceled(signal.reason));
      signal.addEventListener('abort', aborted, { once: true });
      return () => signal.removeEventListener('abort', aborted);
    });
    let timer: Timer | null = null;
    if (this.deadline !== 0) {
      timer = this.#clock.at(this.deadline, () => callback(timedOut()), true);
    }
    return () => {
      for (const undo of undoSignals) undo();
      timer?.cancel();
    };
  }

  /** The outcome of `work`, unless the operation may not go on before: then it is left to itself. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { error } = this;
    if (error !== null) {
      work.catch(() => {});
      throw error;
    }
    let undo = (): void => {};
    const cancelled = new Promise<never>((_, reject) => {
      undo = this.onCancel(reject);
    });
    try {
      return await Promise.race([work, cancelled]);
    } finally {
      undo();
    }
  }
}
