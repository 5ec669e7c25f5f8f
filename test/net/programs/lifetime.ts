/**
 * Programs whose end is what is tested: run by lifetime.test.ts as `lifetime.js SCENE`. Those that are
 * kept alive say so from a timer that does not keep them alive itself, and then let go.
 */
import type { Conn } from '../../../src/net/conn.ts';
import {
  dial,
  linux,
  listen,
  pipe,
  Stack,
  type TCPConn,
  type TCPListener,
} from '../../../src/index.ts';
import { EINPROGRESS } from '../../../src/syscall/errno.ts';
import { AF_INET6 } from '../../../src/syscall/socket.ts';
import { real, lookupOnly, wrapped } from '../wrapped-system.ts';
import { print } from './output.ts';

const AN_HOUR = 3_600_000;

/** Starts an operation whose end nobody awaits; it may fail when it is let go. */
function start(operation: Promise<unknown>): void {
  operation.catch(() => {});
}

function printReason(error: Error): void {
  print(/: (.*)$/.exec(error.message)?.[1]);
}

/** If the process is still there after a while: says so and does `letGo`. */
function ifAlive(letGo: () => void): void {
  setTimeout(() => {
    print('alive');
    letGo();
  }, 30).unref();
}

async function pair(): Promise<[TCPConn, TCPConn]> {
  const listener = await listen('tcp', '127.0.0.1:0');
  const both = await Promise.all([dial('tcp', String(listener.addr)), listener.accept()]);
  listener.close();
  return both;
}

function listening(): Promise<TCPListener> {
  return listen('tcp', '127.0.0.1:0');
}

const waitingFor: Readonly<Record<string, (conn: Conn) => Promise<unknown> | void>> = {
  read: (conn) => conn.read(new Uint8Array(8)),
  write: (conn) => conn.write(new Uint8Array(64 << 20)),
  readable: (conn) => {
    conn.tryRead(new Uint8Array(8));
    return conn.readable();
  },
  iteration: (conn) => conn[Symbol.asyncIterator]().next(),
  stream: (conn) => conn.readStream.getReader().read(),
};

const scenes: Record<string, () => Promise<void>> = {
  /** Open descriptors alone do not keep a process alive. */
  async idle() {
    await listening();
    const [one] = await pair();
    one.setDeadline(Date.now() + AN_HOUR);
  },

  async accept() {
    const listener = await listening();
    start(listener.accept());
    ifAlive(() => listener.close());
  },

  async 'accept unref'() {
    const listener = await listening();
    listener.unref();
    start(listener.accept());
  },

  async 'accept, then unref'() {
    const listener = await listening();
    start(listener.accept());
    ifAlive(() => listener.unref());
  },

  async 'accept unref, then ref'() {
    const listener = await listening();
    listener.unref();
    start(listener.accept());
    listener.ref();
    ifAlive(() => listener.unref());
  },

  async 'accept with a deadline'() {
    const listener = await listening();
    listener.setDeadline(Date.now() + 30);
    start(listener.accept().catch(printReason));
  },

  async 'read unref with a deadline'() {
    const [one] = await pair();
    one.unref();
    one.setDeadline(Date.now() + AN_HOUR);
    start(one.read(new Uint8Array(8)));
  },

  async forget() {
    const [one] = await pair();
    one.tryRead(new Uint8Array(8));
    const listener = { ready: () => print('told') };
    one.whenReadable(listener);
    ifAlive(() => one.forgetReadable(listener));
  },

  async dialling() {
    const connect: typeof real.connect = () => -EINPROGRESS;
    const giveUp = new AbortController();
    start(new Stack(wrapped({ connect })).dial('tcp', '127.0.0.1:1', { signal: giveUp.signal }));
    ifAlive(() => giveUp.abort());
  },

  /** The family that did not answer is forgotten once the other one has. */
  async 'loser of two families'() {
    const listener = await listening();
    const connect: typeof real.connect = (fd, addr, addrlen) =>
      addr[0] === AF_INET6 ? -EINPROGRESS : real.connect(fd, addr, addrlen);
    const lookup = async (): Promise<string[]> => ['::1', '127.0.0.1'];
    const stack = new Stack(wrapped({ connect }, { names: lookupOnly(lookup) }));
    const [, port] = String(listener.addr).split(':');
    const conn = await stack.dial('tcp', `two.families.test:${port}`, { fallbackDelay: 1 });
    print(conn.remoteAddr.ip);
  },

  async pipe() {
    const [one, other] = pipe();
    start(one.read(new Uint8Array(8)));
    start(one.write('x'));
    const [third] = pipe();
    third.setDeadline(Date.now() + AN_HOUR);
    third.close();
    other.setReadDeadline(Date.now() + AN_HOUR);
    other.setReadDeadline(null);
  },

  async 'pipe with a deadline'() {
    const [one] = pipe();
    one.setDeadline(Date.now() + 30);
    start(one.read(new Uint8Array(8)).catch(printReason));
  },

  async 'pipe with a System’s clock'() {
    const [one] = pipe(linux.clock);
    one.setDeadline(Date.now() + 30);
    start(one.write('x').catch(printReason));
  },

  /** Its reads and writes end at once, so no deadline is waited for. */
  async 'pipe whose peer has gone'() {
    const [one, other] = pipe();
    one.setDeadline(Date.now() + AN_HOUR);
    other.close();
  },

  async 'exit in the midst'() {
    const [one, other] = await pair();
    one.whenReadable({ ready: () => one.whenReadable({ ready: () => process.exit(7) }) });
    one.tryRead(new Uint8Array(8));
    await other.write('now');
  },
};

for (const [name, wait] of Object.entries(waitingFor)) {
  scenes[name] = async () => {
    const [one] = await pair();
    start(Promise.resolve(wait(one)));
    ifAlive(() => one.close());
  };
  scenes[`${name} unref`] = async () => {
    const [one] = await pair();
    one.unref();
    start(Promise.resolve(wait(one)));
  };
}

const scene = scenes[process.argv[2] ?? ''];
if (scene === undefined) throw new Error(`no scene ${process.argv[2]}`);
await scene();
