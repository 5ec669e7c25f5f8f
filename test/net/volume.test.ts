/**
 * Much of everything: bytes through an echo server, connections one after the other, descriptors
 * that are passed, a peer that does not read; and what they leave behind. The normal run takes seconds; `npm run test:volume` makes it
 * 1 GiB, 100,000 connections, 1,000,000 descriptors and 1 GiB, and takes a minute. Each test prints its figures in one line;
 * that something was fast is not asserted.
 *
 * NETFD_VOLUME and NETFD_PENDING are in MiB, NETFD_CHURN is a number of connections, NETFD_DESCRIPTORS one of
 * descriptors, NETFD_SEED makes
 * the random bytes.
 */
import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { suite, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { dial, listen } from '../../src/index.ts';
import type { Conn } from '../../src/net/conn.ts';
import { abstractName, unixPath } from './creators.ts';
import { noIPv6 } from './machine.ts';
import { Program } from './programs/program.ts';
import { stillWaiting } from './settling.ts';
import { eachRead, RandomBytes } from './traffic.ts';

const MIB = 1 << 20;
const LIMIT = 3_600_000;

/** What may be left of the heap: code that was compiled meanwhile. */
const HEAP = 2 * MIB;

/**
 * How much more memory may be taken for a time while so many bytes are on their way. Measured are up to
 * 3 MiB with 64 MiB, and 12 MiB, by and by, with 1 GiB: there is room for what the engine does, and none
 * for a buffer of what is to be written.
 */
function memoryFor(bytes: number): number {
  return bytes > 256 * MIB ? 48 * MIB : 16 * MIB;
}

function setting(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  assert.ok(Number.isInteger(value) && value > 0, `${name} must be a positive number`);
  return value;
}

const volume = setting('NETFD_VOLUME', 64) * MIB;
const churn = setting('NETFD_CHURN', 2000);
const pending = setting('NETFD_PENDING', 64);
const descriptors = setting('NETFD_DESCRIPTORS', 20_000);
const seed = setting('NETFD_SEED', randomInt(1, 2 ** 31));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function mib(bytes: number): string {
  return `${bytes < 0 ? '' : '+'}${(bytes / MIB).toFixed(1)} MiB`;
}

function perSecond(bytes: number, start: number): string {
  return `${(bytes / MIB / ((performance.now() - start) / 1000)).toFixed(0)} MiB/s`;
}

/** The most memory that a process has had at a time. */
function peak(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** How many sockets a process has open. */
function sockets(pid: number): number {
  const isSocket = (fd: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false; // closed by now
    }
  };
  return readdirSync(`/proc/${pid}/fd`).filter(isSocket).length;
}

/** What a program says of its memory. */
interface Heap {
  readonly heap: number;
  readonly buffers: number;
}

/** What this process has more than when it was made. */
class Growth {
  readonly #sockets: number = sockets(process.pid);
  readonly #heap: number = heapUsed();
  readonly #memory: number = process.memoryUsage.rss();
  /** How much memory more there was at most, when it was looked at. */
  memory = 0;

  look(): void {
    this.memory = Math.max(this.memory, process.memoryUsage.rss() - this.#memory);
  }

  get sockets(): number {
    return sockets(process.pid) - this.#sockets;
  }

  get heap(): number {
    return heapUsed() - this.#heap;
  }
}

/** With what garbage there is collected. */
function heapUsed(): number {
  collect();
  const { heapUsed: used, arrayBuffers } = process.memoryUsage();
  return used + arrayBuffers;
}

/** A program of which the pid is known, and that pid. */
async function start(name: string, args: string[]): Promise<{ program: Program; pid: number }> {
  const program = new Program(name, args, { before: 'echo $$', limit: LIMIT });
  return { program, pid: await program.next<number>() };
}

/** Writes `volume` random bytes in pieces of uneven size; gives their digest. */
async function send(conn: Conn, growth: Growth): Promise<string> {
  const random = new RandomBytes(seed);
  const hash = createHash('sha256');
  const buf = new Uint8Array(256 * 1024);
  for (let sent = 0, turn = 1; sent < volume; turn++) {
    const size = Math.min(1 + ((turn * 40_503) % buf.length), volume - sent);
    const piece = random.fill(buf.subarray(0, size));
    hash.update(piece);
    sent += await conn.write(piece);
    growth.look();
  }
  conn.closeWrite();
  return hash.digest('hex');
}

async function receive(conn: Conn): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256');
  const bytes = await eachRead(conn, 100_000, (piece) => hash.update(piece));
  return { digest: hash.digest('hex'), bytes };
}

suite(`${volume / MIB} MiB through an echo server`, () => {
  for (const [name, network, address] of [
    ['tcp', 'tcp', '127.0.0.1:0'],
    ['tcp6', 'tcp6', '[::1]:0'],
    ['unix', 'unix', unixPath()],
    ['unix abstract', 'unix', abstractName()],
  ] as const) {
    test(name, { skip: network === 'tcp6' ? noIPv6 : false, timeout: LIMIT }, async (t) => {
      const { program: server, pid } = await start('echo', [network, address]);
      const at = await server.next<string>();
      const before = { sockets: sockets(pid), peak: peak(pid) };
      const growth = new Growth();
      const conn = await dial(network, at);
      const begin = performance.now();
      const [sent, received] = await Promise.all([send(conn, growth), receive(conn)]);
      const rate = perSecond(volume, begin);
      conn.close();
      const memory = peak(pid) - before.peak;
      const left = growth.sockets + sockets(pid) - before.sockets;
      const { heap } = growth;
      t.diagnostic(
        `${name}: ${volume / MIB} MiB there and back, ${rate}; descriptors left: ${left}; ` +
          `heap ${mib(heap)}; RSS ${mib(growth.memory)}, of the server ${mib(memory)}`,
      );
      assert.equal(received.bytes, volume);
      assert.equal(received.digest, sent, `other bytes came back; NETFD_SEED=${seed}`);
      assert.equal(left, 0, 'descriptors were left');
      assert.ok(heap < HEAP, `the heap grew by ${heap} bytes`);
      assert.ok(growth.memory < memoryFor(volume), `the client took ${growth.memory} bytes`);
      assert.ok(memory < memoryFor(volume), `the server took ${memory} bytes`);
      server.endInput();
      const { status, stderr } = await server.ended;
      assert.equal(status, 0, stderr);
    });
  }
});

/**
 * The value of `promise`, and how much more memory a process had at most in the second half of the time
 * than in the first: what does not stay grows in the first one.
 */
async function withMemory<T>(pid: number, promise: Promise<T>): Promise<[T, number]> {
  const seen: number[] = [];
  const look = (): void => {
    try {
      const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
      seen.push(Number(pages) * 4096);
    } catch {
      // It has come to its end.
    }
  };
  const timer = setInterval(look, 20);
  try {
    const value = await promise;
    const half = seen.splice(seen.length >> 1);
    return [value, Math.max(0, ...half) - Math.max(0, ...seen)];
  } finally {
    clearInterval(timer);
  }
}

test(`${churn} connections leave nothing behind`, { timeout: LIMIT }, async (t) => {
  const options = { node: ['--expose-gc'], before: 'echo $$', limit: LIMIT };
  const begin = performance.now();
  const program = new Program('churn', [String(churn)], options);
  const pid = await program.next<number>();
  const ending = program.next<{ heap: number; buffers: number; descriptors: number }>();
  const [left, memory] = await withMemory(pid, ending);
  const seconds = (performance.now() - begin) / 1000;
  const { heap, buffers, ...rest } = left;
  t.diagnostic(
    `churn: ${churn} connections, ${(churn / seconds).toFixed(0)} a second; ` +
      `descriptors left: ${rest.descriptors}; heap ${mib(heap)}, buffers ${mib(buffers)}; ` +
      `RSS ${mib(memory)} in the second half`,
  );
  assert.deepEqual(rest, { dialled: churn, descriptors: 0 });
  assert.ok(heap < MIB, `the heap grew by ${heap} bytes`);
  assert.ok(buffers < MIB, `the buffers grew by ${buffers} bytes`);
  assert.ok(memory < 32 * MIB, `it took ${memory} bytes`);
  assert.equal((await program.ended).status, 0);
});

test(`${descriptors} descriptors passed leave nothing behind`, { timeout: LIMIT }, async (t) => {
  const options = { node: ['--expose-gc'], before: 'echo $$', limit: LIMIT };
  const program = new Program('descriptors', [String(descriptors)], options);
  await program.next<number>();
  const left = await program.next<Record<'seconds' | 'descriptors' | 'memory', number> & Heap>();
  t.diagnostic(
    `descriptors: ${descriptors} passed over a unix socket, ` +
      `${(descriptors / left.seconds).toFixed(0)} a second; ` +
      `descriptors left: ${left.descriptors}; heap ${mib(left.heap)}, ` +
      `buffers ${mib(left.buffers)}; RSS ${mib(left.memory)}`,
  );
  assert.equal(left.descriptors, 0, 'descriptors were left');
  assert.ok(left.heap < MIB, `the heap grew by ${left.heap} bytes`);
  assert.ok(left.buffers < MIB, `the buffers grew by ${left.buffers} bytes`);
  assert.ok(left.memory < 32 * MIB, `it took ${left.memory} bytes`);
  assert.equal((await program.ended).status, 0);
});

suite(`a peer that does not read makes the writer of ${pending} MiB wait`, () => {
  test('in many writes', { timeout: LIMIT }, async (t) => {
    const growth = new Growth();
    const listener = await listen('tcp', '127.0.0.1:0');
    const program = new Program('slow-reader', [String(listener.addr), String(pending)], {
      limit: LIMIT,
    });
    const conn = await listener.accept();
    const { written } = await program.next<{ written: number }>();
    assert.ok(written < pending, 'the rest waits');
    const done = program.next<{ grown: number }>();
    assert.ok(await stillWaiting(done));
    const begin = performance.now();
    assert.equal(await eachRead(conn, 1 << 16, () => growth.look()), pending * MIB);
    const rate = perSecond(pending * MIB, begin);
    const { grown } = await done;
    assert.equal((await program.ended).status, 0);
    conn.close();
    listener.close();
    const left = growth.sockets;
    const { heap } = growth;
    t.diagnostic(
      `slow reader: ${written} of ${pending} MiB written before it read, then ${rate}; ` +
        `descriptors left: ${left}; heap ${mib(heap)}; RSS of the writer ${mib(grown)}`,
    );
    assert.equal(left, 0, 'descriptors were left');
    assert.ok(heap < HEAP, `the heap grew by ${heap} bytes`);
    assert.ok(grown < memoryFor(pending * MIB), `the writer took ${grown} bytes`);
  });

  test('in one write, of which there is no copy', { timeout: LIMIT }, async (t) => {
    const bytes = new RandomBytes(seed).fill(new Uint8Array(pending * MIB));
    const growth = new Growth();
    const listener = await listen('tcp', '127.0.0.1:0');
    const [conn, peer] = await Promise.all([dial('tcp', String(listener.addr)), listener.accept()]);
    const writing = conn.write(bytes);
    assert.ok(await stillWaiting(writing));
    growth.look();
    const begin = performance.now();
    let at = 0;
    const reading = eachRead(peer, 1 << 16, (piece) => {
      const same = Buffer.compare(piece, bytes.subarray(at, at + piece.length)) === 0;
      assert.ok(same, `other bytes came; NETFD_SEED=${seed}`);
      at += piece.length;
      growth.look();
    });
    assert.equal(await writing, bytes.length);
    conn.close();
    assert.equal(await reading, bytes.length);
    const rate = perSecond(bytes.length, begin);
    peer.close();
    listener.close();
    const left = growth.sockets;
    const { heap } = growth;
    t.diagnostic(
      `one write: ${pending} MiB waited, then ${rate}; descriptors left: ${left}; ` +
        `heap ${mib(heap)}; RSS ${mib(growth.memory)}`,
    );
    assert.equal(left, 0, 'descriptors were left');
    assert.ok(heap < HEAP, `the heap grew by ${heap} bytes`);
    assert.ok(growth.memory < memoryFor(bytes.length), `it took ${growth.memory} bytes`);
  });
});
