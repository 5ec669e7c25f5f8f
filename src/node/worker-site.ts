/**
 * A site in a worker: how a server there learns from the main thread which port it is to listen on and
 * when it is to end, and tells it how it goes. The main thread's side is in worker-pool.ts.
 */
import type { MessagePort } from 'node:worker_threads';
import { workerData } from 'node:worker_threads';
import type { FromMain, FromWorker } from './worker-messages.ts';
import { sendable } from './worker-messages.ts';

/** What the main thread gives a worker of its pool. */
export interface PoolData {
  readonly netfdWorker: { readonly port: MessagePort; readonly index: number };
}

/** The end of the channel to the main thread; null in a thread that is not a pool's. */
function channel(): MessagePort | null {
  const data = workerData as Partial<PoolData> | null | undefined;
  return data?.netfdWorker?.port ?? null;
}

export class WorkerSite {
  static #next = 0;
  static readonly #sites = new Map<number, WorkerSite>();

  readonly #number: number;
  readonly #channel: MessagePort;
  readonly #shutdown = new AbortController();
  #place: ((port: number | null) => void) | null = null;
  /** Ends the server at once; for whoever runs it to set. */
  onClose: (() => void) | null = null;

  private constructor(number: number, to: MessagePort) {
    this.#number = number;
    this.#channel = to;
  }

  /** The next site of this thread; null if it is not a worker of a pool. */
  static next(): WorkerSite | null {
    const to = channel();
    if (to === null) return null;
    if (WorkerSite.#next === 0) to.on('message', (message: FromMain) => WorkerSite.#got(message));
    // What keeps the thread alive is its servers.
    to.unref();
    const site = new WorkerSite(WorkerSite.#next++, to);
    WorkerSite.#sites.set(site.#number, site);
    return site;
  }

  static #got(message: FromMain): void {
    const site = WorkerSite.#sites.get(message.site);
    if (site === undefined) return;
    if (message.kind === 'place') {
      site.#place?.(message.port);
      site.#place = null;
    } else if (message.kind === 'shutdown') {
      site.#shutdown.abort(new Error('http: shutting down'));
    } else {
      site.onClose?.();
    }
  }

  /** Aborts when the main thread wants the server to end gracefully. */
  get signal(): AbortSignal {
    return this.#shutdown.signal;
  }

  #send(message: FromWorker): void {
    this.#channel.postMessage(message);
  }

  /** The port to listen on; null if this worker is the first, and takes the one that its program names. */
  async port(): Promise<number | null> {
    const told = new Promise<number | null>((resolve) => (this.#place = resolve));
    // Until the answer has come there may be nothing else that keeps the thread alive.
    this.#channel.ref();
    this.#send({ kind: 'place', site: this.#number });
    const port = await told;
    this.#channel.unref();
    return port;
  }

  listening(addr: string): void {
    this.#send({ kind: 'listening', site: this.#number, addr });
  }

  failed(error: unknown): void {
    this.#send({ kind: 'failed', site: this.#number, error: sendable(error) });
  }

  ended(): void {
    this.#send({ kind: 'ended', site: this.#number });
  }
}
