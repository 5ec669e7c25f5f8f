/** The bare descriptor of connections and listeners: RawConn. What Go's does is in test/strace. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  ErrClosed,
  ErrDeadlineExceeded,
  linux,
  listen,
  OpError,
  Stack,
  SyscallError,
} from '../../src/index.ts';
import type { RawConn, TCPConn } from '../../src/index.ts';
import { EAGAIN } from '../../src/syscall/errno.ts';
import { F_GETFD } from '../../src/syscall/fcntl.ts';
import { socketCreators } from './creators.ts';
import { noIPv6 } from './machine.ts';
import { failure, stillWaiting, thrown } from './settling.ts';
import { roundTrip, withPair } from './traffic.ts';

const LONG_AGO = new Date(1000);

/** Reads once by recvfrom(2), into `into`. */
function receive(raw: RawConn, into: Uint8Array, counts: number[]): Promise<void> {
  return raw.read((fd, kernel) => {
    const count = kernel.recvfrom(fd, into, into.length, 0, null, null);
    counts.push(count);
    return count !== -EAGAIN;
  });
}

for (const creator of socketCreators(new Stack(linux))) {
  suite(`RawConn: ${creator.name}`, { skip: creator.name === 'tcp6' && noIPv6 }, () => {
    const withConn = (use: (conn: TCPConn, peer: TCPConn, raw: RawConn) => Promise<void>) => () =>
      withPair(creator, (one, other) =>
        use(one as TCPConn, other as TCPConn, (one as TCPConn).syscallConn()),
      );

    test(
      'read waits each time that it is not done',
      withConn(async (conn, peer, raw) => {
        const counts: number[] = [];
        const buf = new Uint8Array(8);
        const reading = receive(raw, buf, counts);
        assert.ok(await stillWaiting(reading));
        assert.deepEqual(counts, [-EAGAIN]);
        await peer.write('hello');
        await reading;
        assert.deepEqual(counts, [-EAGAIN, 5]);
        await roundTrip(conn, peer);
      }),
    );

    test(
      'one that closes the connection or ends its time, and is not done, is told so',
      withConn(async (conn, _, raw) => {
        const late = raw.read(() => {
          conn.setReadDeadline(LONG_AGO);
          return false;
        });
        assert.equal((await failure(late)).cause, ErrDeadlineExceeded);
        let sysfd = -1;
        const closed = raw.write((fd) => {
          sysfd = fd;
          conn.close();
          return false;
        });
        assert.equal((await failure(closed)).cause, ErrClosed);
        assert.ok(linux.kernel.fcntl(sysfd, F_GETFD, 0) < 0);
      }),
    );

    test(
      'reads are one after the other, of whatever kind',
      withConn(async (conn, peer, raw) => {
        const first = new Uint8Array(1);
        const second = new Uint8Array(1);
        const reading = [receive(raw, first, []), conn.read(second)];
        assert.ok(await stillWaiting(...reading));
        assert.equal(conn.tryRead(new Uint8Array(1)), undefined);
        await peer.write('ab');
        await Promise.all(reading);
        assert.equal(String.fromCharCode(first[0]!, second[0]!), 'ab');
      }),
    );

    test(
      'write waits for room',
      withConn(async (conn, peer, raw) => {
        const chunk = new Uint8Array(1 << 16);
        let sent = 0;
        let full = 0;
        const writing = raw.write((fd, kernel) => {
          for (;;) {
            const count = kernel.write(fd, chunk, chunk.length);
            if (count === -EAGAIN) return ++full > 1;
            sent += count;
          }
        });
        assert.ok(await stillWaiting(writing));
        assert.equal(full, 1);
        const before = sent;
        let got = 0;
        while (got < before) got += (await peer.read(new Uint8Array(1 << 20)))!;
        await writing;
        assert.ok(sent > before);
        conn.close();
      }),
    );

    test(
      'deadlines and closing end it, in its own words',
      withConn(async (conn, _, raw) => {
        conn.setDeadline(LONG_AGO);
        const never = (): boolean => false;
        for (const [op, operation] of [
          ['raw-read', raw.read(never)],
          ['raw-write', raw.write(never)],
        ] as const) {
          const error = await failure(operation);
          assert.ok(error instanceof OpError && error.cause === ErrDeadlineExceeded);
          assert.equal(error.op, op);
        }
        conn.setDeadline(null);
        const waiting = raw.read(never);
        assert.ok(await stillWaiting(waiting));
        conn.close();
        assert.equal((await failure(waiting)).cause, ErrClosed);
        assert.equal(thrown(() => raw.control(() => {})).cause, ErrClosed);
      }),
    );

    test(
      'what is closed while it is used is closed afterwards',
      withConn(async (conn, _, raw) => {
        let sysfd = -1;
        raw.control((fd, kernel) => {
          conn.close();
          sysfd = fd;
          assert.ok(kernel.fcntl(fd, F_GETFD, 0) >= 0);
        });
        assert.ok(linux.kernel.fcntl(sysfd, F_GETFD, 0) < 0);
      }),
    );

    test(
      'what it throws comes out, and the connection is as before',
      withConn(async (conn, peer, raw) => {
        const mine = new Error('mine');
        const throws = (): never => {
          throw mine;
        };
        assert.equal(
          thrown(() => raw.control(throws)),
          mine,
        );
        assert.equal(await failure(raw.read(throws)), mine);
        assert.equal(await failure(raw.write(throws)), mine);
        await roundTrip(conn, peer);
      }),
    );

    test(
      'mistakes are told: a promise, no function, no answer, no Error',
      withConn(async (conn, peer, raw) => {
        const bad = (value: unknown): never => value as never;
        const rejecting = async (): Promise<never> => {
          throw new Error('nobody is told of this');
        };
        assert.match(thrown(() => raw.control(bad(rejecting))).message, /must not be asynchronous/);
        assert.match(thrown(() => raw.control(bad(1))).message, /^control: f must be a function$/);
        const answers = /^(read|write): f must return true or false$/;
        assert.match((await failure(raw.read(bad(rejecting)))).message, answers);
        assert.match((await failure(raw.write(bad(() => 1)))).message, answers);
        assert.match((await failure(raw.read(bad(null)))).message, /^read: f must be a function$/);
        const nothing = (): never => {
          // oxlint-disable-next-line typescript/only-throw-error -- that is what is tested
          throw null;
        };
        assert.match((await failure(raw.read(nothing))).message, /threw what is no Error/);
        await roundTrip(conn, peer);
      }),
    );
  });
}

test('one that never waits leaves others their turn', async () => {
  const [creator] = socketCreators(new Stack(linux));
  await withPair(creator!, async (conn) => {
    let others = false;
    setImmediate(() => (others = true));
    const raw = (conn as TCPConn).syscallConn();
    for (let i = 0; i < 1_000_000 && !others; i++) await raw.write(() => true);
    assert.ok(others);
  });
});

test('that of a listener can be controlled only', async () => {
  await using listener = await listen('tcp', '127.0.0.1:0');
  const raw = listener.syscallConn();
  let used = -1;
  raw.control((fd) => {
    used = fd;
  });
  assert.ok(used >= 0);
  for (const operation of [raw.read(() => true), raw.write(() => true)]) {
    const error = await failure(operation);
    assert.ok(error instanceof SyscallError);
    assert.equal(error.message, 'invalid argument');
  }
  listener.close();
  const error = thrown(() => raw.control(() => {}));
  assert.equal(error.message, `raw-control tcp ${String(listener.addr)}: ${ErrClosed.message}`);
});
