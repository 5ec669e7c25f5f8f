/**
 * A server of a pool of workers as the main thread sees it: where its workers listen, which of them do,
 * and how it ended. It listens to nothing itself.
 *
 *   starting ──all listen──► ready ──shutdown, close──► ending ──each has ended or is gone──► over
 *      └── one fails ──────────────────────────────────────────────────────────────────────────┘
 */
import type { FromMain } from './worker-messages.ts';

/** What a site needs of its pool. */
export interface SitePool {
  /** To all workers. */
  tell(message: FromMain): void;
  siteOver(): void;
}

type Answer = (port: number | null) => void;

export class WorkersSite {
  /** Fulfilled with "host:port" when all workers listen; rejects if one cannot from the start. */
  readonly listens: Promise<string>;
  /** Fulfilled when all have ended; rejects as `listens` does. */
  readonly finished: Promise<void>;

  readonly #number: number;
  readonly #count: number;
  readonly #pool: SitePool;
  readonly #listening = new Set<number>();
  readonly #ended = new Set<number>();
  /** The worker that chooses the port, and those that wait for its choice. */
  #chooser = -1;
  readonly #waiting = new Map<number, Answer>();
  #addr: string | null = null;
  #ready = false;
  #ending = false;
  #over = false;
  #settle!: { listens: (addr: string) => void; finished: () => void; fail: (error: Error) => void };

  constructor(number: number, count: number, pool: SitePool) {
    this.#number = number;
    this.#count = count;
    this.#pool = pool;
    let listens!: (addr: string) => void;
    let fails!: (error: Error) => void;
    this.listens = new Promise((resolve, reject) => {
      listens = resolve;
      fails = reject;
    });
    this.finished = new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        fails(error);
        reject(error);
      };
      this.#settle = { listens, finished: resolve, fail };
    });
    // Whoever cares for one of them need not care for the other.
    this.listens.catch(() => {});
    this.finished.catch(() => {});
  }

  /** All have listened once. */
  get ready(): boolean {
    return this.#ready;
  }

  get ending(): boolean {
    return this.#ending;
  }

  get over(): boolean {
    return this.#over;
  }

  // ---- what a worker says

  /** Asks for a port: the first is told to choose, the others wait for its choice. */
  place(worker: number, answer: Answer): void {
    if (this.#ending) {
      this.#pool.tell({ kind: 'shutdown', site: this.#number });
      answer(null);
    } else if (this.#addr !== null) {
      answer(portOf(this.#addr));
    } else if (this.#chooser < 0) {
      this.#chooser = worker;
      answer(null);
    } else {
      this.#waiting.set(worker, answer);
    }
  }

  listening(worker: number, addr: string): void {
    this.#addr ??= addr;
    this.#ended.delete(worker);
    this.#listening.add(worker);
    for (const answer of this.#waiting.values()) answer(portOf(this.#addr));
    this.#waiting.clear();
    if (this.#listening.size < this.#count || this.#ready) return;
    this.#ready = true;
    this.#settle.listens(this.#addr);
  }

  ended(worker: number): void {
    this.#ended.add(worker);
    this.#listening.delete(worker);
    this.#check();
  }

  /** Its thread has exited. */
  gone(worker: number): void {
    this.#listening.delete(worker);
    this.#waiting.delete(worker);
    if (this.#ending) this.#ended.add(worker);
    this.#check();
  }

  /** Whether a worker has ended it by itself. */
  hasEnded(worker: number): boolean {
    return this.#ended.has(worker);
  }

  /** It cannot be had. False if it had been before: then another worker is worth a try. */
  failed(error: Error): boolean {
    if (this.#ready || this.#over) return false;
    this.#ending = this.#over = true;
    this.#settle.fail(error);
    return true;
  }

  #check(): void {
    if (this.#over || this.#ended.size < this.#count) return;
    this.#ending = this.#over = true;
    this.#settle.finished();
    this.#pool.siteOver();
  }

  // ---- what the main thread wants

  /** Ends it in all workers: gracefully, or at once. */
  end(kind: 'shutdown' | 'close'): void {
    if (this.#over) return;
    this.#ending = true;
    this.#pool.tell({ kind, site: this.#number });
  }
}

function portOf(addr: string): number {
  return Number(addr.slice(addr.lastIndexOf(':') + 1));
}
