/**
 * Much of everything: bytes through an echo server, connections one after the other, a peer that does
 * not read. The normal run takes seconds; the full one minutes:
 *
 *   NETFD_VOLUME=1024 NETFD_CHURN=100000 NETFD_PENDING=1024 \
 *     node --enable-source-maps --test dist/test/net/volume.test.js
 *
 * NETFD_VOLUME and NETFD_PENDING are in MiB, NETFD_CHURN is a number of connections, NETFD_SEED makes
 * the random bytes. Figures are printed as diagnostics; none of them is asserted to be fast.
 */
import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { suite, test } from 'node:test';
import { dial, listen } from '../../src/index.ts';
import type { Conn } from '../../src/net/conn.ts';
import { abstractName, unixPath } from './creators.ts';
import { noIPv6 } from './machine.ts';
import { Program } from './programs/program.ts';
import { stillWaiting } from './settling.ts';
import { eachRead, RandomBytes } from './traffic.ts';

const MIB = 1 << 20;
const LIMIT = 3_600_000;

function setting(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  assert.ok(Number.isInteger(value) && value > 0, `${name} must be a positive number`);
  return value;
}

const volume = setting('NETFD_VOLUME', 16) * MIB;
const churn = setting('NETFD_CHURN', 2000);
const pending = setting('NETFD_PENDING', 64);
const seed = setting('NETFD_SEED', randomInt(1, 2 ** 31));

/** Writes `volume` random bytes in pieces of uneven size; gives their digest. */
async function send(conn: Conn): Promise<string> {
  const random = new RandomBytes(seed);
  const hash = createHash('sha256');
  const buf = new Uint8Array(256 * 1024);
  for (let sent = 0, turn = 1; sent < volume; turn++) {
    const size = Math.min(1 + ((turn * 40_503) % buf.length), volume - sent);
    const piece = random.fill(buf.subarray(0, size));
    hash.update(piece);
    sent += await conn.write(piece);
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
      t.diagnostic(`NETFD_SEED=${seed}`);
      const server = new Program('echo', [network, address], { limit: LIMIT });
      const conn = await dial(network, await server.next<string>());
      const start = performance.now();
      const [sent, received] = await Promise.all([send(conn), receive(conn)]);
      const seconds = (performance.now() - start) / 1000;
      t.diagnostic(`${(volume / MIB / seconds).toFixed(0)} MiB/s there and back`);
      assert.equal(received.bytes, volume);
      assert.equal(received.digest, sent, `other bytes came back; seed ${seed}`);
      conn.close();
      server.endInput();
      const { status, stderr } = await server.ended;
      assert.equal(status, 0, stderr);
    });
  }
});

test(`${churn} connections leave nothing behind`, { timeout: LIMIT }, async (t) => {
  const options = { node: ['--expose-gc'], limit: LIMIT };
  const start = performance.now();
  const program = new Program('churn', [String(churn)], options);
  const left = await program.next<{ heap: number; buffers: number }>();
  t.diagnostic(
    `${((performance.now() - start) / 1000).toFixed(1)} s; left: ${JSON.stringify(left)}`,
  );
  const { heap, buffers, ...rest } = left;
  assert.deepEqual(rest, { dialled: churn, descriptors: 0 });
  assert.ok(heap < MIB, `the heap grew by ${heap} bytes`);
  assert.ok(buffers < MIB, `the buffers grew by ${buffers} bytes`);
  assert.equal((await program.ended).status, 0);
});

test(
  `a peer that does not read makes the writer of ${pending} MiB wait`,
  { timeout: LIMIT },
  async (t) => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const args = [String(listener.addr), String(pending)];
    const program = new Program('slow-reader', args, { limit: LIMIT });
    const conn = await listener.accept();
    const { written } = await program.next<{ written: number }>();
    t.diagnostic(`the kernel took ${written} MiB before a write had to wait`);
    assert.ok(written < pending, 'the rest waits');
    const done = program.next<{ grown: number }>();
    assert.ok(await stillWaiting(done));
    assert.equal(await eachRead(conn, 1 << 16, () => {}), pending * MIB);
    const { grown } = await done;
    t.diagnostic(`the writer grew by ${(grown / MIB).toFixed(1)} MiB`);
    assert.ok(grown < 64 * MIB, `the writer grew by ${grown} bytes`);
    assert.equal((await program.ended).status, 0);
    conn.close();
  },
);
