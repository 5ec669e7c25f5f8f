/**
 * Answers for who starts, stops and balances servers: is it alive, and should it get requests? `livez` and
 * `readyz` are named after the paths at which such programs ask. A process that is ending is alive and not
 * ready: `readyz` says so from the first moment of a shutdown.
 */
import { describe } from '../errors.ts';
import type { Handler, ResponseWriter, ServerRequest } from '../handler.ts';
import { optionalDuration, requireOptions } from '../../net/options.ts';
import { refuseUnknown } from '../option-names.ts';

/** What has to be so for requests to be answered: it throws, rejects or gives false if it is not. */
export type ReadinessCheck = () => unknown;

/** What {@link readyz} asks, for how long, and where it tells of failures. */
export interface ReadinessOptions {
  /** By name: `{ database: () => pool.query('select 1') }`. All are made at the same time. */
  readonly checks?: Readonly<Record<string, ReadinessCheck>> | undefined;
  /** After so many milliseconds a check has failed [1000]. */
  readonly timeout?: number | undefined;
  /** Told why a check has failed; the answer gives no more than its name [nobody]. */
  readonly errorLog?: ((message: string) => void) | undefined;
}

/** What is known of a server that may be ending. */
export interface Drainable {
  readonly draining: boolean;
}

const DEFAULT_TIMEOUT = 1000;

const KNOWN: ReadonlySet<string> = new Set<keyof ReadinessOptions>([
  'checks',
  'timeout',
  'errorLog',
]);

/** A handler that answers "ok": that it does says that the process is alive. */
export function livez(): Handler {
  return { serveHTTP: (w, r) => answer(w, r, 200, 'ok\n') };
}

/**
 * A handler that answers 200 "ok" while `server` should get requests; else 503 with a line for each reason:
 * "draining" once its shutdown has begun, "database: failed", "database: timeout". A check that still runs
 * when another answer is asked for is not made a second time.
 */
export function readyz(server: Drainable, options: ReadinessOptions = {}): Handler {
  if (typeof (server as Partial<Drainable> | null | undefined)?.draining !== 'boolean') {
    throw new TypeError('readyz: server must be a Server');
  }
  const checks = new Checks(options);
  return {
    serveHTTP(w, r) {
      if (server.draining) return answer(w, r, 503, 'draining\n');
      if (checks.none) return answer(w, r, 200, 'ok\n');
      return checks.run().then((failures) => {
        const reasons = server.draining ? ['draining', ...failures] : failures;
        if (reasons.length === 0) answer(w, r, 200, 'ok\n');
        else answer(w, r, 503, `${reasons.join('\n')}\n`);
      });
    },
  };
}

function answer(w: ResponseWriter, r: ServerRequest, status: number, text: string): void {
  const header = w.header();
  const asked = r.method === 'GET' || r.method === 'HEAD';
  if (!asked) header.set('Allow', 'GET, HEAD');
  header.set('Content-Type', 'text/plain; charset=utf-8');
  header.set('Cache-Control', 'no-store');
  w.writeHeader(asked ? status : 405);
  void w.write(asked ? text : 'Method Not Allowed\n');
}

class Checks {
  readonly #checks: readonly (readonly [name: string, check: ReadinessCheck])[];
  readonly #timeout: number;
  readonly #log: (message: string) => void;
  /** Those that run, by name: what they come to, null if all is well. */
  readonly #running = new Map<string, Promise<string | null>>();

  /** TypeError that names what is wrong. */
  constructor(options: ReadinessOptions) {
    requireOptions('readyz', options);
    refuseUnknown('readyz', options, KNOWN);
    const { checks = {}, timeout = DEFAULT_TIMEOUT, errorLog = () => {} } = options;
    optionalDuration('readyz', 'timeout', timeout);
    if (typeof errorLog !== 'function') {
      throw new TypeError('readyz: option errorLog must be a function');
    }
    if (typeof checks !== 'object' || checks === null) {
      throw new TypeError('readyz: option checks must be an object of functions');
    }
    for (const [name, check] of Object.entries(checks)) {
      if (typeof check === 'function') continue;
      throw new TypeError(`readyz: option checks.${name} must be a function`);
    }
    this.#checks = Object.entries(checks);
    this.#timeout = timeout;
    this.#log = errorLog;
  }

  get none(): boolean {
    return this.#checks.length === 0;
  }

  /** What is not well: a line for each. */
  async run(): Promise<string[]> {
    const results = await Promise.all(this.#checks.map(([name, check]) => this.#one(name, check)));
    return results.filter((result) => result !== null);
  }

  /** Null, or the line. */
  #one(name: string, check: ReadinessCheck): Promise<string | null> {
    let running = this.#running.get(name);
    if (running === undefined) {
      running = this.#begin(name, check);
      this.#running.set(name, running);
    }
    return this.#within(name, running);
  }

  async #begin(name: string, check: ReadinessCheck): Promise<string | null> {
    await Promise.resolve(); // so that it is among those that run before it has ended
    try {
      return (await check()) === false ? `${name}: failed` : null;
    } catch (error) {
      this.#tell(`http: readyz: ${name}: ${describe(error)}`);
      return `${name}: failed`;
    } finally {
      this.#running.delete(name);
    }
  }

  #tell(message: string): void {
    try {
      this.#log(message);
    } catch {
      // There is nobody else to tell.
    }
  }

  #within(name: string, result: Promise<string | null>): Promise<string | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#tell(`http: readyz: ${name}: no answer within ${this.#timeout} ms`);
        resolve(`${name}: timeout`);
      }, this.#timeout);
      void result.then((line) => {
        clearTimeout(timer);
        resolve(line);
      });
    });
  }
}
