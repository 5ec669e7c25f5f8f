/**
 * The workers of a program, seen from its main thread: started, watched, started again when they die,
 * and ended together. Each runs the whole program; what is a server in a worker is here a Site, which
 * listens to nothing itself.
 *
 *   starting ──all listen──► running ──shutdown, close──► ending ──all gone──► ended
 *      └─ one cannot ─► failed       └ one dies: again after 100 ms, doubling to 10 s
 *
 * Not here: what happens in a worker (worker-site.ts), what a server is (serve-by-workers.ts).
 */
import { availableParallelism } from 'node:os';
import { isMainThread, MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { Backoff } from './backoff.ts';
import type { FromMain, FromWorker } from './worker-messages.ts';
import { received } from './worker-messages.ts';
import type { PoolData } from './worker-site.ts';
import { WorkersSite } from './workers-site.ts';

/** Threads at most: more than any machine has use for. */
const MAX_WORKERS = 1024;

/** A worker whose servers have ended has so long to do the rest of its program. */
const LAST_WORDS = 5000;

/** How many workers, and what they run. */
export type Workers =
  | number
  | 'auto'
  | {
      readonly count: number | 'auto';
      /** The file that each worker runs; the program's own if not given. */
      readonly module?: string | URL | undefined;
    };

interface Plan {
  readonly count: number;
  readonly module: string;
}

/** TypeError or RangeError that names the option. */
function planOf(method: string, workers: Workers): Plan {
  const given = typeof workers === 'object' && workers !== null ? workers : { count: workers };
  const { count, module = process.argv[1] } = given;
  if (count !== 'auto' && typeof count !== 'number') {
    throw new TypeError(`${method}: option workers must be a number, "auto", or { count, module }`);
  }
  const many = count === 'auto' ? availableParallelism() : count;
  if (!Number.isInteger(many) || many < 1 || many > MAX_WORKERS) {
    throw new RangeError(`${method}: option workers must be an integer in 1..${MAX_WORKERS}`);
  }
  if (typeof module === 'string' || module instanceof URL) {
    return { count: many, module: String(module) };
  }
  throw new TypeError(
    `${method}: option workers needs a program in a file: give { count, module }`,
  );
}

/** One place in the pool, in which one thread follows the other. */
class Slot {
  readonly index: number;
  readonly backoff: Backoff = new Backoff();
  worker: Worker | null = null;
  channel: MessagePort | null = null;
  /** What the thread died of, told before it exits. */
  cause: unknown = null;
  /** It died, and another one is to follow. */
  again: NodeJS.Timeout | null = null;

  constructor(index: number) {
    this.index = index;
  }

  get isFree(): boolean {
    return this.worker === null && this.again === null;
  }

  begin(worker: Worker, channel: MessagePort): void {
    this.worker = worker;
    this.channel = channel;
    this.cause = null;
    this.backoff.started(performance.now());
  }

  /** The thread has exited. What it died of, if that is known. */
  end(): unknown {
    this.worker = null;
    this.channel?.close();
    this.channel = null;
    return this.cause;
  }

  cancel(): void {
    if (this.again !== null) clearTimeout(this.again);
    this.again = null;
  }
}

export class WorkerPool {
  static #only: WorkerPool | null = null;

  readonly #plan: Plan;
  readonly #log: (message: string) => void;
  readonly #slots: readonly Slot[];
  /** By number; those of workers whose call the main thread has not come to yet are there too. */
  readonly #sites: WorkersSite[] = [];
  #claimed = 0;
  #referenced = true;

  private constructor(plan: Plan, log: (message: string) => void) {
    this.#plan = plan;
    this.#log = log;
    this.#slots = Array.from({ length: plan.count }, (_, index) => new Slot(index));
  }

  /**
   * The next site of this program; the workers are started with the first one. TypeError or RangeError
   * that names what is wrong with the option.
   */
  static nextSite(method: string, workers: Workers, log: (message: string) => void): WorkersSite {
    const plan = planOf(method, workers);
    if (!isMainThread) {
      throw new TypeError(`${method}: option workers is for the main thread`);
    }
    const pool = (WorkerPool.#only ??= new WorkerPool(plan, log));
    if (pool.#plan.count !== plan.count || pool.#plan.module !== plan.module) {
      const { count, module } = pool.#plan;
      throw new TypeError(
        `${method}: option workers must be what it was before: ${count}, ${module}`,
      );
    }
    return pool.#claim();
  }

  #claim(): WorkersSite {
    const site = this.#site(this.#claimed++);
    for (const slot of this.#slots) if (slot.isFree) this.#start(slot);
    return site;
  }

  #site(number: number): WorkersSite {
    return (this.#sites[number] ??= new WorkersSite(number, this.#plan.count, {
      tell: (message) => this.#tellAll(message),
      siteOver: () => this.#siteOver(),
    }));
  }

  #tellAll(message: FromMain): void {
    for (const slot of this.#slots) {
      slot.channel?.postMessage(message);
      if (slot.worker !== null) continue;
      // It has died, and nobody needs another one.
      slot.cancel();
      this.#sites[message.site]?.gone(slot.index);
    }
  }

  // ---- one worker

  #start(slot: Slot): void {
    const { port1, port2 } = new MessageChannel();
    const data: PoolData = { netfdWorker: { port: port2, index: slot.index } };
    const { module } = this.#plan;
    const worker = new Worker(module.startsWith('file:') ? new URL(module) : module, {
      workerData: data,
      transferList: [port2],
      argv: process.argv.slice(2),
    });
    slot.begin(worker, port1);
    if (!this.#referenced) worker.unref();
    port1.on('message', (message: FromWorker) => this.#got(slot, message));
    // The thread is what keeps the process alive.
    port1.unref();
    worker.on('error', (error) => (slot.cause ??= error));
    worker.on('exit', (code) => this.#exited(slot, code));
  }

  #got(slot: Slot, message: FromWorker): void {
    const site = this.#site(message.site);
    if (message.kind === 'place') {
      const answer = (port: number | null): void =>
        slot.channel?.postMessage({ kind: 'place', site: message.site, port });
      site.place(slot.index, answer);
    } else if (message.kind === 'listening') {
      site.listening(slot.index, message.addr);
    } else if (message.kind === 'ended') {
      site.ended(slot.index);
    } else {
      const error = received(message.error);
      slot.cause = error;
      if (site.failed(error)) this.#terminate();
      // Its program may go on without the server: a new one may be able to serve.
      else if (!site.ending) void slot.worker?.terminate();
      else site.ended(slot.index);
    }
  }

  #exited(slot: Slot, code: number): void {
    const cause = slot.end();
    const left = this.#sites.filter((site) => !site.ending && !site.hasEnded(slot.index));
    for (const site of this.#sites) site.gone(slot.index);
    if (left.length === 0) return;
    const number = slot.index + 1;
    const starting = left.find((site) => !site.ready);
    if (starting !== undefined) {
      const why = `http: worker ${number} has ended before it listened (exit code ${code})`;
      starting.failed(cause instanceof Error ? cause : new Error(why));
      return this.#terminate();
    }
    const delay = slot.backoff.died(performance.now());
    const reason = cause instanceof Error ? (cause.stack ?? String(cause)) : `exit code ${code}`;
    this.#log(`http: worker ${number} has ended, another one follows in ${delay} ms: ${reason}`);
    slot.again = setTimeout(() => this.#restart(slot), delay);
    if (!this.#referenced) slot.again.unref();
  }

  #restart(slot: Slot): void {
    slot.again = null;
    if (this.#sites.some((site) => !site.ending)) this.#start(slot);
  }

  #terminate(): void {
    for (const { worker } of this.#slots) void worker?.terminate();
  }

  /** With the last one, the workers have little left to do. */
  #siteOver(): void {
    if (!this.#sites.every((site) => site.over)) return;
    for (const slot of this.#slots) slot.cancel();
    setTimeout(() => {
      if (this.#sites.every((site) => site.over)) this.#terminate();
    }, LAST_WORDS).unref();
  }

  /** Whether the workers of the program keep the process alive. */
  static set referenced(value: boolean) {
    const pool = WorkerPool.#only;
    if (pool === null) return;
    pool.#referenced = value;
    for (const { worker, again } of pool.#slots) {
      if (value) {
        worker?.ref();
        again?.ref();
      } else {
        worker?.unref();
        again?.unref();
      }
    }
  }
}
