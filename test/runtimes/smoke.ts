/**
 * What must work on every runtime, through the public faces alone: a plain program without a test runner.
 *
 *   smoke.js             runs every check in this process; prints "ok NAME" or "not ok NAME: why"
 *   smoke.js NAME …      runs those
 *   smoke.js --list      prints the names
 *
 * It never calls exit: that the process ends by itself is a check too, for whoever runs it.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { serve } from '../../src/http.ts';
import {
  type Conn,
  dial,
  ErrClosed,
  ErrDeadlineExceeded,
  interfaces,
  listen,
  Resolver,
  watchInterfaces,
} from '../../src/index.ts';
import type { Listener, OpError } from '../../src/index.ts';
import * as sys from '../../src/syscall.ts';
import { zone } from '../net/dns-zone.ts';
import { FakeDNS } from '../net/fake-dns.ts';
import { httpChecks, serveByWorkers } from './smoke-http.ts';

/** How long a check may take before it has failed. */
const LIMIT = 30_000;

const MEGABYTE = 2 ** 20;

/** A connection through `listener`: the dialled end and the accepted one. */
async function connected(listener: Listener): Promise<[Conn, Conn]> {
  const accepted = listener.accept();
  const dialled = await dial(listener.addr.network, String(listener.addr));
  return [dialled, await accepted];
}

/** A fresh name for a unix socket. */
function unixPath(): string {
  return join(tmpdir(), `netfd-smoke-${process.pid}-${randomBytes(4).toString('hex')}`);
}

async function echo(conn: Conn): Promise<void> {
  for await (const chunk of conn) await conn.write(chunk);
  conn.closeWrite();
}

async function echoes(network: string, address: string, size: number): Promise<void> {
  const listener = await listen(network, address);
  const [client, server] = await connected(listener);
  listener.close();
  const sent = randomBytes(size);
  const digest = createHash('sha256');
  const received = (async () => {
    for await (const chunk of client) digest.update(chunk);
  })();
  const echoed = echo(server);
  assert.equal(await client.write(sent), size);
  client.closeWrite();
  await Promise.all([received, echoed]);
  assert.equal(digest.digest('hex'), createHash('sha256').update(sent).digest('hex'));
  client.close();
  server.close();
}

/** The error that `promise` is rejected with. */
async function failure(promise: Promise<unknown>): Promise<OpError> {
  try {
    await promise;
  } catch (error) {
    return error as OpError;
  }
  throw new Error('it did not fail');
}

/** Runs `use` with a connection over a unix socket that nobody else knows. */
async function withPair(use: (client: Conn, server: Conn) => Promise<void>): Promise<void> {
  const listener = await listen('unix', `@netfd-smoke-${randomBytes(8).toString('hex')}`);
  const [client, server] = await connected(listener);
  listener.close();
  await use(client, server);
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
}

function getWithNode(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    });
    request.on('error', reject);
  });
}

async function getWithFetch(url: string): Promise<string> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return `${response.status} ${await response.text()}`;
}

async function serves(get: (url: string) => Promise<string>): Promise<void> {
  const handler = (request: Request): Response =>
    new Response(`you asked for ${new URL(request.url).pathname}`, { status: 201 });
  const server = await serve({ fetch: handler, hostname: '127.0.0.1', port: 0 });
  assert.equal(await get(`http://${String(server.addr)}/a/b`), '201 you asked for /a/b');
  await server.shutdown();
}

/** How many sockets of TCP this process has. The runtimes make and keep pairs of unix sockets when they like. */
function sockets(): number {
  // "sl local_address rem_address st queues tr:tm retrnsmt uid timeout inode"
  const table = readFileSync('/proc/self/net/tcp', 'latin1').trimEnd().split('\n').slice(1);
  const inodes = new Set(table.map((line) => `socket:[${line.trim().split(/\s+/)[9]}]`));
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // the one that lists the folder
    }
  });
  return links.filter((link) => inodes.has(link)).length;
}

/** Turns the event loop until `done`. */
async function until(done: () => boolean): Promise<void> {
  for (const start = Date.now(); !done() && Date.now() - start < LIMIT / 2;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A worker that listens; gives its address. */
function listeningWorker(): Promise<[Worker, string]> {
  const worker = new Worker(new URL(import.meta.url), { workerData: 'listen' });
  return new Promise((resolve, reject) => {
    worker.on('message', (address: string) => resolve([worker, address]));
    worker.on('error', reject);
  });
}

async function listenInWorker(): Promise<void> {
  const listener = await listen('tcp', '127.0.0.1:0');
  listener.accept().catch(() => {});
  parentPort?.postMessage(String(listener.addr));
}

const checks: Readonly<Record<string, () => Promise<void>>> = {
  'tcp echo': () => echoes('tcp', '127.0.0.1:0', MEGABYTE),

  'unix echo': async () => {
    const path = unixPath();
    await echoes('unix', path, MEGABYTE);
    rmSync(path, { force: true });
  },

  'abstract echo': () => echoes('unix', `@${unixPath()}`, MEGABYTE),

  'read deadline': () =>
    withPair(async (client, server) => {
      client.setReadDeadline(Date.now() + 20);
      const error = await failure(client.read(new Uint8Array(8)));
      assert.equal(error.cause, ErrDeadlineExceeded);
      assert.equal(error.timeout, true);
      client.setReadDeadline(null);
      await server.write('late');
      assert.equal(await client.read(new Uint8Array(8)), 4);
    }),

  'close wakes a read': () =>
    withPair(async (client) => {
      const failed = failure(client.read(new Uint8Array(8)));
      client.close();
      assert.equal((await failed).cause, ErrClosed);
    }),

  'a write to nobody is EPIPE': () =>
    withPair(async (client, server) => {
      server.close();
      assert.equal((await failure(client.write('x'))).code, 'EPIPE');
    }),

  'an exception in a listener is uncaught': () =>
    withPair(async (client, server) => {
      const seen = new Promise<Error>((resolve) => {
        process.once('uncaughtException', resolve);
      });
      assert.equal(client.tryRead(new Uint8Array(8)), undefined);
      client.whenReadable({
        ready() {
          throw new Error('from the listener');
        },
      });
      await server.write('x');
      assert.equal((await seen).message, 'from the listener');
    }),

  'http to node:http': () => serves(getWithNode),
  'http to fetch': () => serves(getWithFetch),

  'the calls themselves': async () => {
    const [a, b] = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC);
    sys.sendmsg(a, { iov: ['to ', 'and fro'] });
    const readers = new sys.FdSet([a, b]);
    assert.equal(sys.select(Math.max(a, b) + 1, readers, null, null, null), 1);
    assert.deepEqual([...readers], [b]);
    const buf = new Uint8Array(16);
    assert.equal(sys.recvmsg(b, { iov: buf }).size, 10);
    sys.close(b);
    assert.throws(() => sys.write(a, 'x'), { code: 'EPIPE', fd: a });
    sys.close(a);
  },

  'names from a server': async () => {
    await using dns = await FakeDNS.start(zone);
    const resolver = new Resolver({ servers: [dns.server], attempts: 1 });
    const hasty = new Resolver({ servers: [dns.server], timeout: 200, attempts: 1 });
    assert.deepEqual(await resolver.lookupIP('ip4', 'four.test.'), ['127.0.0.5', '127.0.0.6']);
    assert.deepEqual(await resolver.lookupIP('ip4', 'big.test.'), ['127.0.0.5']);
    assert.equal((await resolver.lookupMX('mx.test.'))[0]!.host, 'first.test.');
    assert.equal((await failure(resolver.lookupHost('missing.test.'))).code, 'ENOTFOUND');
    assert.equal(
      (await failure(hasty.lookupTXT('silent.test.'))).message.slice(-11),
      'i/o timeout',
    );
    const signal = AbortSignal.timeout(20);
    assert.equal((await failure(resolver.lookupNS('silent.test.', { signal }))).code, 'ABORT_ERR');
  },

  'network interfaces': async () => {
    const lo = interfaces().find(({ flags }) => flags.loopback)!;
    assert.ok(lo.addrs().map(String).includes('127.0.0.1/8'));
    const watcher = watchInterfaces();
    const pending = watcher.next();
    setTimeout(() => watcher.close(), 10);
    assert.equal((await pending).done, true);
  },

  'a terminated worker leaves nothing': async () => {
    const before = sockets();
    const [worker, address] = await listeningWorker();
    assert.ok(sockets() > before);
    (await dial('tcp', address)).close();
    await worker.terminate();
    await until(() => sockets() <= before);
    assert.ok(sockets() <= before);
    assert.equal((await failure(dial('tcp', address))).code, 'ECONNREFUSED');
  },

  ...httpChecks,
};

async function inTime(check: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('it takes too long')), LIMIT);
  });
  try {
    await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function run(names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      const check = checks[name];
      if (check === undefined) throw new Error('there is no such check');
      await inTime(check);
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`not ok ${name}: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
}

const asked = process.argv.slice(2);
if (!isMainThread) await (workerData === 'listen' ? listenInWorker() : serveByWorkers());
else if (asked[0] === '--list') console.log(Object.keys(checks).join('\n'));
else await run(asked.length > 0 ? asked : Object.keys(checks));
