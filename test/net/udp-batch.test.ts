/** Batches of datagrams on the real kernel, with what it joins and cuts and without. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import {
  DatagramBatch,
  dial,
  ErrClosed,
  ErrDeadlineExceeded,
  listenPacket,
  OpError,
  UDPAddr,
  type UDPConn,
} from '../../src/index.ts';
import { chosenSeed, Random } from '../native/random.ts';
import { SO_NO_CHECK, SOL_SOCKET } from '../../src/syscall/socket.ts';
import { noIPv6 } from './machine.ts';
import { failure, stillWaiting, thrown } from './settling.ts';

const LOOPBACK = '127.0.0.1:0';

/** As many as there are, in their order: the bytes and the sender. */
async function collect(conn: UDPConn, count: number, join: boolean): Promise<Buffer[]> {
  const batch = new DatagramBatch({ join, size: 65_535, capacity: 16 });
  const all: Buffer[] = [];
  while (all.length < count) {
    const received = await conn.readBatch(batch);
    assert.equal(received, batch.count);
    for (let i = 0; i < received; i++) {
      assert.equal(batch.truncated(i), false);
      all.push(Buffer.from(batch.data(i)));
    }
  }
  return all;
}

suite('batches', () => {
  test('one is logged by what it holds, not by its memory', () => {
    const batch = new DatagramBatch({ join: false });
    batch.add(new Uint8Array(3), null);
    assert.equal(inspect(batch), 'DatagramBatch { 1 of 64 }');
    assert.equal(inspect(new DatagramBatch({ capacity: 2 })), 'DatagramBatch { 0 }');
  });

  test('nobody who reads one by one gets what was joined for a batch', async () => {
    await using server = await listenPacket('udp', LOOPBACK);
    await using client = await listenPacket('udp', LOOPBACK);
    const room = new Uint8Array(65_536);
    const reading = server.readFrom(room);
    const joining = new DatagramBatch();
    const error = await failure(server.readBatch(joining));
    assert.equal(error.name, 'TypeError');
    assert.match(error.message, /^readBatch: another read is waiting/);
    const batch = new DatagramBatch();
    for (let i = 0; i < 10; i++) batch.add(Buffer.alloc(100, i), server.localAddr);
    assert.equal(await client.writeBatch(batch), 10);
    assert.equal((await reading).size, 100);
    assert.equal((await server.readFrom(room)).size, 100);
    assert.ok((await server.readBatch(joining)) > 0); // nobody waits any more
  });

  test('what is sent arrives, joined or not: any sizes to any destinations', async () => {
    const seed = chosenSeed();
    const random = new Random(seed);
    const below = (n: number): number => random.below(n);
    for (let round = 0; round < 30; round++) {
      const joins = [true, false, below(2) === 0];
      const servers = await Promise.all(joins.map(() => listenPacket('udp', LOOPBACK)));
      const sender = await listenPacket('udp', below(2) === 0 ? LOOPBACK : ':0');
      // So that the kernel joins from the first datagram on.
      for (const [i, server] of servers.entries()) {
        assert.equal(server.tryReadBatch(new DatagramBatch({ join: joins[i]!, capacity: 1 })), 0);
      }
      const batch = new DatagramBatch({ capacity: 1 + below(64) });
      const expected: Buffer[][] = servers.map(() => []);
      let bytes = 0;
      let size = below(1400);
      let to = 0;
      for (let i = below(200); i > 0 && bytes < 60_000; i--) {
        if (below(4) === 0) size = below([40, 1400, 9000][below(3)]!);
        if (below(6) === 0) to = below(servers.length);
        const data = Buffer.alloc(size, `${round} ${i} `);
        if (!batch.add(data, servers[to]!.localAddr)) break;
        bytes += size;
        if (below(20) === 0) batch.drop(batch.count - 1);
        else expected[to]!.push(data);
      }
      const count = expected.reduce((sum, { length }) => sum + length, 0);
      assert.equal(await sender.writeBatch(batch), count, `seed ${seed}`);
      for (const [i, server] of servers.entries()) {
        const got = await collect(server, expected[i]!.length, joins[i]!);
        assert.deepEqual(got, expected[i], `seed ${seed}, round ${round}`);
      }
      for (const conn of [...servers, sender]) conn.close();
    }
  });

  for (const join of [true, false]) {
    test(`an echo of many senders, ${join ? 'joined' : 'each for itself'}`, async () => {
      await using server = await listenPacket('udp', LOOPBACK);
      const batch = new DatagramBatch({ join });
      const echoing = (async () => {
        for (;;) {
          await server.readBatch(batch);
          await server.writeBatch(batch);
        }
      })();
      const clients = Array.from({ length: 4 }, async (_, n) => {
        await using client = await dial('udp', String(server.localAddr));
        const mine = new DatagramBatch({ capacity: 8 });
        const back = new DatagramBatch({ capacity: 8 });
        for (let round = 0; round < 20; round++) {
          mine.clear();
          for (let i = 0; i < 20; i++) mine.add(Buffer.from(`${n} ${round} ${i}`), null);
          assert.equal(await client.writeBatch(mine), 20);
          const texts: string[] = [];
          while (texts.length < 20) {
            const count = await client.readBatch(back);
            assert.ok(back.addr(0)!.equals(server.localAddr));
            for (let i = 0; i < count; i++) texts.push(Buffer.from(back.data(i)).toString());
          }
          assert.deepEqual(
            texts,
            Array.from({ length: 20 }, (__, i) => `${n} ${round} ${i}`),
          );
        }
      });
      await Promise.all(clients);
      server.close();
      assert.equal((await failure(echoing)).cause, ErrClosed);
    });
  }

  test('a relay: other addresses, shorter, some dropped; of the other family too', async (t) => {
    if (noIPv6 !== false) return t.skip(noIPv6);
    await using relay = await listenPacket('udp4', LOOPBACK);
    await using out = await listenPacket('udp', '[::1]:0');
    await using wide = await listenPacket('udp', ':0');
    await using last = await listenPacket('udp6', '[::1]:0');
    await using source = await dial('udp', String(relay.localAddr));
    const batch = new DatagramBatch({ join: false });
    for (const data of ['first', 'second', 'third', 'third']) await source.write(data);
    assert.equal(await relay.readBatch(batch), 4);
    batch.drop(1);
    batch.setSize(0, 2);
    for (const i of [0, 2, 3]) batch.setAddr(i, last.localAddr);
    assert.equal(await out.writeBatch(batch), 3);
    const got = await collect(last, 3, false);
    assert.deepEqual(got.map(String), ['fi', 'third', 'third']);
    // Back to where it came from, by a socket of another family.
    await source.write('again');
    assert.equal(await relay.readBatch(batch), 1);
    await using unconnected = await listenPacket('udp4', '127.0.0.2:0');
    await unconnected.writeTo('again', relay.localAddr);
    assert.equal(await relay.readBatch(batch), 1);
    assert.equal(batch.addr(0)!.ip, '127.0.0.2');
    assert.equal(await wide.writeBatch(batch), 1);
    const { addr } = await unconnected.readFrom(new Uint8Array(8));
    assert.equal(addr.port, wide.localAddr.port);
    // An address that the socket cannot have fails at its datagram, after those before it.
    batch.clear();
    assert.ok(batch.add(Buffer.from('x'), relay.localAddr));
    assert.ok(batch.add(Buffer.from('x'), last.localAddr));
    const error = await failure(relay.writeBatch(batch));
    assert.match(error.message, /^write udp4 .*: address ::1: non-IPv4 address$/);
    assert.equal((error as unknown as { datagramsSent: number }).datagramsSent, 1);
  });

  test('joined datagrams of one sender come with one call', async () => {
    await using server = await listenPacket('udp', LOOPBACK);
    const small = new DatagramBatch({ capacity: 1, oobSize: 0 });
    assert.equal(server.tryReadBatch(small), 0);
    await using client = await dial('udp', String(server.localAddr));
    const batch = new DatagramBatch();
    for (let i = 0; i < 50; i++) batch.add(Buffer.alloc(i === 49 ? 7 : 100, i), null);
    assert.equal(await client.writeBatch(batch), 50);
    // One message has them all, where the kernel can join (since 5.0).
    const count = await server.readBatch(small);
    assert.equal(count, 50);
    assert.deepEqual([small.size(48), small.size(49), small.data(49)[0]], [100, 7, 49]);
    assert.equal(small.start(1) - small.start(0), 100);
    assert.equal(small.controlMessages(3).length, 1);
  });
});

suite('errors of batches', () => {
  test('one datagram that fails: those before it are sent, none after it', async () => {
    await using server = await listenPacket('udp4', LOOPBACK);
    await using sender = await listenPacket('udp4', LOOPBACK);
    const batch = new DatagramBatch();
    const nowhere = new UDPAddr('127.0.0.1', 0);
    for (const addr of [server.localAddr, server.localAddr, nowhere, nowhere, server.localAddr]) {
      batch.add(Buffer.from('same'), addr);
    }
    const error = await failure(sender.writeBatch(batch));
    assert.ok(error instanceof OpError);
    assert.match(error.message, /^write udp4 .*->127.0.0.1:0: sendmmsg: invalid argument$/);
    assert.equal((error as OpError & { datagramsSent: number }).datagramsSent, 2);
    assert.equal(await sender.writeBatch(batch, 4), 1);
    assert.equal((await collect(server, 3, false)).length, 3);
    // That it was not the joining has been found out: the next ones are joined.
    assert.equal(server.tryReadBatch(new DatagramBatch({ join: false })), 0);
  });

  test('what cannot be joined is sent one by one', async () => {
    await using server = await listenPacket('udp4', LOOPBACK);
    await using sender = await listenPacket('udp4', LOOPBACK);
    const set = sender.fd.control('set', (sysfd, kernel) =>
      kernel.setsockopt(sysfd, SOL_SOCKET, SO_NO_CHECK, Uint8Array.of(1, 0, 0, 0), 4),
    );
    assert.equal(set, 0);
    const batch = new DatagramBatch();
    for (let i = 0; i < 5; i++) batch.add(Buffer.alloc(30, i), server.localAddr);
    assert.equal(await sender.writeBatch(batch), 5); // UDP_SEGMENT without checksums is EINVAL
    const got = await collect(server, 5, false);
    assert.deepEqual(
      got.map(([byte]) => byte),
      [0, 1, 2, 3, 4],
    );
    assert.equal(await sender.writeBatch(batch), 5);
    assert.equal((await collect(server, 5, false)).length, 5);
  });

  test('a peer that is not there', async () => {
    const gone = await listenPacket('udp', LOOPBACK);
    await using client = await dial('udp', String(gone.localAddr));
    gone.close();
    const batch = new DatagramBatch();
    batch.add(Buffer.from('x'), null);
    await client.writeBatch(batch);
    const error = await failure(client.readBatch(new DatagramBatch()));
    assert.match(error.message, /^read udp .*: recvmmsg: connection refused$/);
  });

  test('deadlines, closing, and a batch that is in use', async () => {
    const conn = await listenPacket('udp', LOOPBACK);
    const batch = new DatagramBatch();
    const reading = conn.readBatch(batch);
    assert.ok(await stillWaiting(reading));
    const message = /the batch is being read or written$/;
    for (const act of [() => batch.clear(), () => batch.add(new Uint8Array(1), conn.localAddr)]) {
      assert.match(thrown(act).message, message);
    }
    await assert.rejects(conn.readBatch(batch), { name: 'TypeError', message });
    await assert.rejects(conn.writeBatch(batch), { name: 'TypeError', message });
    conn.setReadDeadline(Date.now() + 1);
    assert.equal((await failure(reading)).cause, ErrDeadlineExceeded);
    conn.setReadDeadline(null);
    const again = conn.readBatch(batch);
    conn.close();
    assert.equal((await failure(again)).cause, ErrClosed);
    assert.equal((await failure(conn.writeBatch(batch))).cause, ErrClosed);
    batch.clear();
  });

  test('a connection read in joined batches is read in those only', async () => {
    await using conn = await listenPacket('udp', LOOPBACK);
    const buf = new Uint8Array(1);
    assert.equal(conn.tryReadBatch(new DatagramBatch({ join: false })), 0);
    assert.equal(conn.tryReadFrom(buf), undefined);
    assert.equal(conn.tryReadBatch(new DatagramBatch()), 0);
    const expected = { name: 'TypeError', message: /this connection is read in batches/ };
    await assert.rejects(conn.readFrom(buf), expected);
    await assert.rejects(conn.readMsg(buf), expected);
    await assert.rejects(conn.read(buf), expected);
    assert.throws(() => conn.tryReadFrom(buf), expected);
    assert.throws(() => conn.tryReadBatch(new DatagramBatch({ join: false })), TypeError);
  });

  test('arguments', async () => {
    for (const options of [
      { capacity: 0 },
      { capacity: 513 },
      { size: 65_536 },
      { oobSize: -1 },
      { oobSize: 1.5 },
    ]) {
      assert.throws(() => new DatagramBatch(options), RangeError);
    }
    assert.throws(() => new DatagramBatch({ join: 1 as never }), TypeError);
    assert.throws(() => new DatagramBatch(null as never), TypeError);
    const batch = new DatagramBatch({ capacity: 1, join: false, size: 10 });
    assert.equal(batch.add(new Uint8Array(11), null), true); // the room is in lines of 64 bytes
    assert.equal(batch.add(new Uint8Array(100), null), false);
    for (const i of [-1, 1, 0.5]) assert.throws(() => batch.data(i), RangeError);
    assert.throws(() => batch.setSize(0, 12), RangeError);
    assert.throws(() => batch.setAddr(0, '' as never), /setAddr: addr must be a UDPAddr/);
    assert.throws(() => batch.add('x' as never, null), /add: data must be a Uint8Array/);
    assert.throws(() => batch.add(new Uint8Array(1), 'x' as never), /UDPAddr, or null/);
    assert.equal(batch.addr(0), null);
    assert.deepEqual([batch.truncated(0), batch.controlMessages(0)], [false, []]);
    await using conn = await listenPacket('udp', LOOPBACK);
    const error = await failure(conn.writeBatch(batch));
    assert.match(error.message, /^write udp 127.0.0.1:\d+: missing address$/);
    await assert.rejects(conn.writeBatch(batch, 2), RangeError);
    await assert.rejects(conn.readBatch({} as never), /readBatch: batch must be a DatagramBatch/);
    batch.drop(0);
    assert.equal(await conn.writeBatch(batch), 0);
    batch.clear();
    assert.equal(await conn.writeBatch(batch), 0);
    await conn.writeTo('filled', conn.localAddr);
    assert.equal(await conn.readBatch(batch), 1);
    assert.throws(() => batch.add(new Uint8Array(1), null), /it was read into|was read into/);
  });
});
