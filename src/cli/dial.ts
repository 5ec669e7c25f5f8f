/**
 * netfd dial: stdin to a connection, the connection to stdout. Each direction has one piece on its way
 * at a time, so whoever is slow makes the other end wait, and memory does not grow.
 *
 *   stdin ──► write … ──end of stdin──► closeWrite
 *   read … ──► stdout ──end of the peer's stream──► nothing more to send, or none comes? over
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Conn, dial as dialConn } from '../index.ts';
import type { Arguments } from './usage.ts';

const BUFFER = 64 * 1024;

/**
 * A peer that has ended its stream may still read, or be gone: only sending tells. So when stdin gives
 * nothing for this time, in milliseconds, it is over. socat waits as long.
 */
const IDLE = 500;

/** Transfers until the peer has ended; gives the exit status. */
export async function dial(args: Arguments): Promise<number> {
  const [network = '', address = ''] = args.operands;
  const conn = await dialConn(network, address);
  const sender = new Sender(conn);
  const sent = sender.run();
  if (!(await receive(conn))) return 0;
  await sender.pause(sent);
  if (sender.failure !== null) throw sender.failure;
  await conn[Symbol.asyncDispose]();
  return 0;
}

/** Sends stdin. */
class Sender {
  readonly #conn: Conn;
  #chunks = 0;
  #writing = false;
  /** Why not all could be sent, if so. The peer may have sent something nevertheless. */
  failure: unknown = null;

  constructor(conn: Conn) {
    this.#conn = conn;
  }

  /** Until the end of stdin, or until it fails. */
  async run(): Promise<void> {
    try {
      for await (const chunk of process.stdin) {
        this.#chunks++;
        this.#writing = true;
        await this.#conn.write(chunk as Uint8Array);
        this.#writing = false;
      }
      this.#conn.closeWrite();
    } catch (error) {
      this.failure = error;
      this.#writing = false;
    }
  }

  /** Settles when `sent` does, or when there is nothing to be sent for a while. */
  async pause(sent: Promise<void>): Promise<void> {
    for (let before = -1; this.#writing || before < this.#chunks;) {
      before = this.#chunks;
      const timer = new AbortController();
      const ended = sent.then(() => true);
      const idle = delay(IDLE, false, timer).catch(() => false);
      const over = await Promise.race([ended, idle]);
      timer.abort();
      if (over) return;
    }
  }
}

/** Until the end of the peer's stream; false if nobody reads what we print any more. */
async function receive(conn: Conn): Promise<boolean> {
  const buf = new Uint8Array(BUFFER);
  for (;;) {
    const count = await conn.read(buf);
    if (count === null) return true;
    try {
      await print(buf.subarray(0, count));
    } catch (error) {
      if ((error as { code?: unknown }).code === 'EPIPE') return false;
      throw error;
    }
  }
}

/** Settles when the bytes are out. */
function print(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
