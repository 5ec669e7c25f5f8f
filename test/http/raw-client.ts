/**
 * Both ends of a test: a server on a transport, and a client that speaks in bytes. The client reads all
 * the time, so that no server waits for it, and keeps what it has read as text, one code unit a byte.
 *
 * The transports are TCP and unix sockets on this machine, and pipes in memory: nothing above a Conn may
 * tell them apart.
 */
import { linux } from '../../src/index.ts';
import type { Handler, HandlerFunc } from '../../src/http/handler.ts';
import { Server } from '../../src/http/server/server.ts';
import type { ServerConn } from '../../src/http/conn/server-conn.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import type { Addr, Conn, Listener } from '../../src/net/conn.ts';
import { pipe } from '../../src/net/pipe.ts';
import { Stack } from '../../src/net/stack.ts';
import { ErrClosed } from '../../src/poll/errors.ts';

export const stack: Stack = new Stack(linux);

export type Transport = 'tcp' | 'unix' | 'pipe';

/** Accepts one end of each pipe whose other end {@link PipeListener.dial} gives. */
export class PipeListener implements Listener {
  readonly addr: Addr = { network: 'pipe', toString: () => 'pipe' };
  readonly #queue: Conn[] = [];
  #wake: (() => void) | null = null;
  #closed = false;

  dial(): Conn {
    if (this.#closed) throw ErrClosed;
    const [client, server] = pipe(linux.clock);
    this.#queue.push(server);
    this.#wake?.();
    return client;
  }

  async accept(): Promise<Conn> {
    for (;;) {
      if (this.#closed) throw ErrClosed;
      const conn = this.#queue.shift();
      if (conn !== undefined) return conn;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  get closed(): boolean {
    return this.#closed;
  }

  ref(): void {}

  unref(): void {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Conn, void, undefined> {
    while (!this.#closed) yield await this.accept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/** A server that runs, and the way to it. */
export interface Running extends AsyncDisposable {
  readonly server: Server;
  readonly listener: Listener;
  /** What the server has logged. */
  readonly log: string[];
  /** The server's open connections, with what is inside of them. */
  connections(): ReadonlySet<ServerConn>;
  /** A connection that nobody reads from. */
  connect(): Promise<Conn>;
  dial(): Promise<RawClient>;
  /** Fulfilled when serve has ended. */
  readonly served: Promise<void>;
}

export async function run(
  transport: Transport,
  handler: Handler | HandlerFunc,
  options: ServerOptions = {},
): Promise<Running> {
  const log: string[] = [];
  const server = new Server(stack, handler, { errorLog: (line) => log.push(line), ...options });
  const pipes = new PipeListener();
  const listener =
    transport === 'pipe' ? pipes : await stack.listen(transport, freeAddress(transport));
  const served = server.serve(listener);
  const connections = () => server.connections as ReadonlySet<ServerConn>;
  const connect = async (): Promise<Conn> =>
    transport === 'pipe' ? pipes.dial() : stack.dial(transport, String(listener.addr));
  const dial = async (): Promise<RawClient> => new RawClient(await connect());
  const dispose = async (): Promise<void> => {
    server.close();
    await served;
  };
  return {
    server,
    listener,
    log,
    connections,
    connect,
    dial,
    served,
    [Symbol.asyncDispose]: dispose,
  };
}

let addresses = 0;

function freeAddress(transport: 'tcp' | 'unix'): string {
  if (transport === 'tcp') return '127.0.0.1:0';
  return `@netfd-http-test-${process.pid}-${++addresses}`;
}

interface Watcher {
  isMet(client: RawClient): boolean;
  tell(): void;
}

export class RawClient implements AsyncDisposable {
  readonly conn: Conn;
  /** All that was received. */
  text = '';
  /** The server has finished, or the connection has failed. */
  ended = false;
  /** Why it has failed, if so. */
  error: Error | null = null;
  #watchers: Watcher[] = [];
  #closed = false;

  constructor(conn: Conn) {
    this.conn = conn;
    void this.#readAll();
  }

  async #readAll(): Promise<void> {
    const buf = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const count = await this.conn.read(buf);
        if (count === null) break;
        this.text += Buffer.from(buf.subarray(0, count)).toString('latin1');
        this.#tell();
      }
    } catch (error) {
      this.error = error as Error;
    }
    this.ended = true;
    this.#tell();
  }

  #tell(): void {
    const met = this.#watchers.filter((watcher) => watcher.isMet(this));
    this.#watchers = this.#watchers.filter((watcher) => !met.includes(watcher));
    for (const watcher of met) watcher.tell();
  }

  /** Settles when `isMet` says so, or nothing more can come. Gives the text. */
  async until(isMet: (text: string) => boolean): Promise<string> {
    const done = (): boolean => this.ended || isMet(this.text);
    if (!done()) {
      await new Promise<void>((tell) => this.#watchers.push({ isMet: done, tell }));
    }
    return this.text;
  }

  /** All that the server sends until it finishes. */
  rest(): Promise<string> {
    return this.until(() => false);
  }

  /** Text whose code units are bytes. False if the server no longer takes it. */
  async send(text: string): Promise<boolean> {
    try {
      await this.conn.write(Buffer.from(text, 'latin1'));
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.conn.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

const DATE = /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/gm;

/** Replies with the one thing that changes written as a star. */
export function withoutDates(text: string): string {
  return text.replace(DATE, 'Date: *\r');
}

/** Lets the event loop turn once: what has arrived is handled. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A promise and the means to settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}

/** Lets the event loop turn until `isMet` says so. For what nobody tells of; a time limit ends it. */
export async function turnsUntil(isMet: () => boolean): Promise<void> {
  while (!isMet()) await turn();
}
