/**
 * Forgets connections and listeners and lets the garbage collector have them: run by leak.test.ts with
 * --expose-gc as `leak.js SCENE`.
 */
import { setImmediate as immediate } from 'node:timers/promises';
import type { Conn } from '../../../src/net/conn.ts';
import { Server } from '../../../src/http.ts';
import {
  dial,
  linux,
  listen,
  type TCPConn,
  type TCPListener,
  watchInterfaces,
} from '../../../src/index.ts';
import { openSockets } from '../machine.ts';
import { print, told } from './output.ts';

/** Collections after which everything unreachable is gone. */
const ROUNDS = 100;

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('run with --expose-gc');

const warnings: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));

/** Collects until `done`, or often enough to be sure that it will not be. */
async function collectUntil(done: () => boolean): Promise<boolean> {
  for (let round = 0; round < ROUNDS && !done(); round++) {
    await immediate(); // what `done` has looked at is held until then
    collect!();
    await immediate();
  }
  return done();
}

async function pairOf(listener: TCPListener): Promise<[TCPConn, TCPConn]> {
  return Promise.all([dial('tcp', String(listener.addr)), listener.accept()]);
}

/** Accepts and reads, and keeps nothing. */
async function startReading(listener: TCPListener, how: string): Promise<WeakRef<Conn>> {
  const conn = await listener.accept();
  const buf = new Uint8Array(64);
  if (how === 'read') {
    void conn.read(buf).then((count) => print(Buffer.from(buf.subarray(0, count!)).toString()));
  } else {
    conn.tryRead(buf);
    conn.whenReadable({
      ready: () => print(Buffer.from(buf.subarray(0, conn.tryRead(buf)!)).toString()),
    });
  }
  return new WeakRef(conn);
}

const scenes: Readonly<Record<string, () => Promise<void>>> = {
  /** Both ends of some connections, then a listener and a watcher: all are closed, and it is said once. */
  async forgotten() {
    const listener = await listen('tcp', '127.0.0.1:0');
    const before = openSockets();
    const forget = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) await pairOf(listener);
      await listen('unix', '');
      watchInterfaces();
    };
    await forget();
    const opened = openSockets() - before;
    const closed = await collectUntil(() => openSockets() === before);
    listener.close();
    print({ opened, closed, warnings });
  },

  /** Files of a listener: all are closed, the listener is not, and it is said once. */
  async file() {
    const listener = await listen('tcp', '127.0.0.1:0');
    const before = openSockets();
    const forget = (): void => {
      for (let i = 0; i < 5; i++) listener.file();
    };
    forget();
    listener.file().close();
    const given = listener.file().detach();
    const opened = openSockets() - before;
    const closed = await collectUntil(() => openSockets() === before + 1);
    linux.kernel.close(given);
    listener.close();
    print({ opened, closed, warnings });
  },

  /** The peer of a forgotten connection reads the end of the stream. */
  async peer() {
    const listener = await listen('tcp', '127.0.0.1:0');
    const [one] = await pairOf(listener);
    let end: number | null | undefined;
    void one.read(new Uint8Array(8)).then((count) => {
      end = count;
    });
    print({ told: await collectUntil(() => end !== undefined), end });
    one.close();
    listener.close();
  },

  /** A connection that a handler has taken over, and then lost. */
  async hijacked() {
    let taken = 0;
    const server = new Server((w) => {
      w.hijack();
      taken++;
    });
    const listener = await listen('tcp', '127.0.0.1:0');
    const served = server.serve(listener);
    const before = openSockets();
    const client = await dial('tcp', String(listener.addr));
    await client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const end = client.read(new Uint8Array(8)); // of the stream: there was no reply
    const closed = await collectUntil(() => taken === 1 && openSockets() === before + 1);
    print({ taken, closed, end: await end, warnings });
    client.close();
    server.close();
    await served;
  },

  /** One that was closed before it was given away: its descriptor is another one's by now. */
  async closedFirst() {
    const listener = await listen('tcp', '127.0.0.1:0');
    const before = openSockets();
    const lose = async (): Promise<void> => {
      for (const conn of await pairOf(listener)) conn.close();
      const client = await dial('tcp', String(listener.addr));
      const accepted = await listener.accept();
      accepted.close();
      accepted.guard();
      client.close();
      const unwatched = await dial('tcp', String(listener.addr));
      const tracked = listener.tryAccept(true)!;
      tracked.close();
      tracked.guard();
      unwatched.close();
    };
    await lose();
    const [one, other] = await pairOf(listener);
    await collectUntil(() => false);
    print({ open: openSockets() - before, warnings });
    for (const conn of [one, other, listener]) conn.close();
  },

  /** What was closed in time is nobody's leak. */
  async closed() {
    const listener = await listen('tcp', '127.0.0.1:0');
    const use = async (): Promise<WeakRef<object>[]> => {
      const used = [...(await pairOf(listener)), watchInterfaces()];
      for (const each of used) each.close();
      return used.map((each) => new WeakRef(each));
    };
    const refs = await use();
    const collected = await collectUntil(() => refs.every((ref) => ref.deref() === undefined));
    await collectUntil(() => false);
    listener.close();
    print({ collected, warnings });
  },
};

/** One that is waited for is kept, however forgotten: the test writes to it at last. */
async function pending(how: string): Promise<void> {
  const lines = told();
  const listener = await listen('tcp', '127.0.0.1:0');
  print(String(listener.addr));
  const ref = await startReading(listener, how);
  const before = openSockets();
  await collectUntil(() => ref.deref() === undefined);
  print({ kept: ref.deref() !== undefined, open: openSockets() === before, warnings });
  await lines.next();
  listener.close();
  process.stdin.destroy();
}

const scene = process.argv[2] ?? '';
await (scenes[scene] ?? (() => pending(scene)))();
