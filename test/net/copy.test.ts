/**
 * From one connection to another: copy, by splice between sockets and through a buffer elsewhere. The
 * bytes that arrive are compared by their hash, and afterwards no pipe may be left but the idle ones.
 */
import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { suite, test } from 'node:test';
import {
  type Conn,
  copy,
  ErrClosed,
  ErrDeadlineExceeded,
  linux,
  OpError,
  pipe,
  Stack,
  SyscallError,
  type System,
  type TCPConn,
} from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { MAX_IDLE_PIPES, PIPE_IDLE_TIME, splicePipesOf } from '../../src/net/splice-pipes.ts';
import { EINTR, EINVAL, EMFILE } from '../../src/syscall/errno.ts';
import { abstractName, pipeCreator, socketCreator } from './creators.ts';
import { openPipes } from './machine.ts';
import { ManualClock } from './manual-clock.ts';
import { failure, stillWaiting } from './settling.ts';
import { eachRead, RandomBytes, readFull, readToEnd } from './traffic.ts';
import { Instead, real, wrapped } from './wrapped-system.ts';

const MIB = 1 << 20;
const seed = Number(process.env['NETFD_SEED'] ?? randomInt(1, 2 ** 31));

const NETWORKS = ['tcp', 'unix', 'unixpacket', 'pipe'] as const;
type Network = (typeof NETWORKS)[number];

function pairOf(system: System, network: Network): Promise<[Conn, Conn]> {
  if (network === 'pipe') return pipeCreator.connect();
  const address = network === 'tcp' ? (): string => '127.0.0.1:0' : abstractName;
  return socketCreator(new Stack(system), network, network, address).connect();
}

/** What a proxy stands between: client ── src | dst ── server. */
interface Proxied {
  readonly client: Conn;
  readonly src: Conn;
  readonly dst: Conn;
  readonly server: Conn;
}

async function withProxied(
  [from, to]: readonly [Network, Network],
  use: (proxied: Proxied) => Promise<void>,
  system: System = linux,
): Promise<void> {
  const [client, src] = await pairOf(system, from);
  const [server, dst] = await pairOf(system, to);
  try {
    await use({ client, src, dst, server });
  } finally {
    for (const conn of [client, src, dst, server]) await conn[Symbol.asyncDispose]();
  }
}

/** A System whose calls are counted by name. */
function counting(calls: Partial<Kernel> = {}): { system: System; counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const counted: Partial<Kernel> = {};
  for (const name of ['splice', 'pipe2', 'read', 'write'] as const) {
    const call = (calls[name] ?? real[name]) as (...args: unknown[]) => number;
    (counted as Record<string, unknown>)[name] = (...args: unknown[]): number => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return call(...args);
    };
  }
  return { system: wrapped({ ...calls, ...counted }), counts };
}

/** Writes `length` random bytes in pieces of random sizes, then closes that direction. */
async function send(conn: Conn, length: number, from: number): Promise<string> {
  const random = new RandomBytes(from);
  const hash = createHash('sha256');
  const sizes = new RandomBytes(from + 1);
  const buf = new Uint8Array(256 * 1024);
  for (let left = length; left > 0;) {
    const word = new DataView(sizes.fill(new Uint8Array(4)).buffer).getUint32(0);
    const size = Math.min(left, 1 + (word % (word % 5 === 0 ? buf.length : 2000)));
    const piece = random.fill(buf.subarray(0, size));
    hash.update(piece);
    await conn.write(piece);
    left -= size;
  }
  conn.closeWrite();
  return hash.digest('hex');
}

async function hashOf(conn: Conn): Promise<{ count: number; hash: string }> {
  const hash = createHash('sha256');
  const count = await eachRead(conn, 64 * 1024, (bytes) => hash.update(bytes));
  return { count, hash: hash.digest('hex') };
}

/** Copies and passes the end on. */
async function forward(dst: Conn, src: Conn): Promise<number> {
  const count = await copy(dst, src);
  dst.closeWrite();
  return count;
}

suite(`what goes in comes out (seed ${seed})`, () => {
  const STREAMS = NETWORKS.filter((network) => network !== 'unixpacket');
  for (const from of STREAMS) {
    for (const to of STREAMS) {
      test(`${from} to ${to}, and back at the same time`, async () => {
        const { system, counts } = counting();
        const spliced = from !== 'pipe' && to !== 'pipe';
        await withProxied(
          [from, to],
          async ({ client, src, dst, server }) => {
            const lengths = [4 * MIB + (seed % MIB), 3 * MIB + (seed % 4099)] as const;
            const copies = Promise.all([forward(dst, src), forward(src, dst)]);
            const sent = Promise.all([
              send(client, lengths[0], seed),
              send(server, lengths[1], seed + 7),
            ]);
            const got = await Promise.all([hashOf(server), hashOf(client)]);
            assert.deepEqual(await copies, lengths);
            assert.deepEqual(
              got.map(({ hash }) => hash),
              await sent,
            );
            assert.deepEqual(
              got.map(({ count }) => count),
              lengths,
            );
            // Two directions can have something in their pipe at the same time.
            if (spliced) assert.ok(counts.get('pipe2')! <= 2);
            assert.equal(counts.has('splice'), spliced);
          },
          system,
        );
      });
    }
  }

  test('messages keep their borders: there is no splice for unixpacket', async () => {
    const { system, counts } = counting();
    await withProxied(
      ['unixpacket', 'unixpacket'],
      async ({ client, src, dst, server }) => {
        const copying = forward(dst, src);
        for (const message of ['one', 'two-two', 'x'.repeat(60_000)]) await client.write(message);
        client.closeWrite();
        assert.equal(await copying, 60_010);
        const buf = new Uint8Array(MIB);
        for (const length of [3, 7, 60_000]) assert.equal(await server.read(buf), length);
        assert.equal(await server.read(buf), null);
        assert.ok(!counts.has('splice'));
      },
      system,
    );
  });

  test('64 MiB through a proxy, past a server that rests now and then', async () => {
    const before = openPipes();
    const { system, counts } = counting();
    await withProxied(
      ['tcp', 'tcp'],
      async ({ client, src, dst, server }) => {
        const copying = forward(dst, src);
        const buf = new Uint8Array(MIB).fill(7);
        const hash = createHash('sha256');
        const sending = (async (): Promise<void> => {
          for (let i = 0; i < 64; i++) {
            buf.fill(i);
            hash.update(buf);
            await client.write(buf.slice());
          }
          client.closeWrite();
        })();
        const got = createHash('sha256');
        let rests = 0;
        let since = 0;
        const into = new Uint8Array(MIB);
        for (let n = await server.read(into); n !== null; n = await server.read(into)) {
          got.update(into.subarray(0, n));
          if ((since += n) < 8 * MIB) continue;
          since = 0;
          rests += (await stillWaiting(copying)) ? 1 : 0;
        }
        await sending;
        assert.equal(await copying, 64 * MIB);
        assert.equal(got.digest('hex'), hash.digest('hex'));
        assert.ok(rests > 0);
        // Not a byte of it came into this program for the copy, and one pipe was enough.
        assert.equal(counts.get('pipe2'), 1);
        assert.ok(openPipes() <= before + 2);
      },
      system,
    );
  });

  test('a connection to itself: an echo', async () => {
    await withProxied(['tcp', 'tcp'], async ({ client, src }) => {
      const copying = copy(src, src);
      const sending = send(client, MIB, seed);
      const back = readFull(client, MIB);
      const hash = createHash('sha256').update(await back);
      assert.equal(hash.digest('hex'), await sending);
      assert.equal(await copying, MIB);
      assert.ok(!src.closed);
    });
  });
});

suite('the end', () => {
  for (const network of ['tcp', 'pipe'] as const) {
    test(`a limit: the rest stays where it is (${network})`, async () => {
      await withProxied([network, 'tcp'], async ({ client, src, dst, server }) => {
        const writing = client.write('0123456789');
        assert.equal(await copy(dst, src, { limit: 0 }), 0);
        assert.equal(await copy(dst, src, { limit: 4 }), 4);
        assert.equal((await readFull(server, 4)).toString(), '0123');
        assert.equal((await readFull(src, 6)).toString(), '456789');
        await writing;
        client.closeWrite();
        assert.equal(await copy(dst, src, { limit: 4 }), 0);
      });
    });
  }

  test('nothing is closed', async () => {
    await withProxied(['tcp', 'unix'], async ({ client, src, dst, server }) => {
      client.closeWrite();
      assert.equal(await copy(dst, src), 0);
      await dst.write('still open');
      assert.equal((await readFull(server, 10)).toString(), 'still open');
      assert.ok(!src.closed && !dst.closed);
    });
  });

  test('mistakes are told', async () => {
    const [one] = pipe();
    const bad = (value: unknown): never => value as never;
    for (const [args, text] of [
      [[bad(null), one], /^copy: dst must have a method write$/],
      [[one, bad({})], /^copy: src must have a method read$/],
      [[one, one, bad(null)], /^copy: options must be an object$/],
      [[one, one, { limit: -1 }], /^copy: option limit must be an integer/],
      [[one, one, { limit: 1.5 }], /^copy: option limit must be an integer/],
    ] as const) {
      const error = await failure(copy(...(args as unknown as Parameters<typeof copy>)));
      assert.ok(error instanceof TypeError);
      assert.match(error.message, text);
    }
  });
});

suite('failures are those of the destination, "readfrom", and say how far it came', () => {
  const opError = async (copying: Promise<number>): Promise<OpError> => {
    const error = await failure(copying);
    assert.ok(error instanceof OpError);
    assert.equal(error.op, 'readfrom');
    return error;
  };

  for (const side of ['src', 'dst'] as const) {
    for (const how of ['closed', 'deadline'] as const) {
      test(`${side}: ${how}`, async () => {
        const before = openPipes();
        const { system } = counting();
        await withProxied(
          ['tcp', 'tcp'],
          async (proxied) => {
            const { client, src, dst, server } = proxied;
            const copying = opError(copy(dst, src));
            // That of the source waits for bytes, that of the destination for room.
            const random = new RandomBytes(seed);
            let sent = 0;
            if (side === 'src') sent = await client.write('abc');
            else for (let n = 1; n > 0; sent += n) n = await fillOnce(client, random);
            assert.ok(await stillWaiting(copying));
            if (how === 'closed') proxied[side].close();
            else proxied[side].setDeadline(new Date(1000));
            const error = await copying;
            assert.equal(error.cause, how === 'closed' ? ErrClosed : ErrDeadlineExceeded);
            const ends = `${String(dst.localAddr)}->${String(dst.remoteAddr)}`;
            assert.equal(error.message, `readfrom tcp ${ends}: ${error.cause.message}`);
            assert.equal(error.timeout, how === 'deadline');
            const { bytesRead, bytesWritten } = error;
            if (side === 'src') assert.deepEqual([bytesRead, bytesWritten], [sent, sent]);
            else assert.ok(bytesRead! > bytesWritten! && bytesRead! <= sent);
            if (!dst.closed) {
              dst.setDeadline(null);
              dst.closeWrite();
              assert.equal((await readToEnd(server)).length, bytesWritten);
            }
            // What was in the pipe is gone with it: it is in no other copy.
            assert.equal(splicePipesOf(system).idle, side === 'src' ? 1 : 0);
            assert.ok(openPipes() <= before + 2);
          },
          system,
        );
      });
    }
  }

  /** Writes until nothing more fits, with time for the copy in between; 0 if nothing was written. */
  async function fillOnce(conn: Conn, random: RandomBytes): Promise<number> {
    const piece = random.fill(new Uint8Array(64 * 1024));
    let count = 0;
    for (let n = conn.tryWrite(piece); n > 0; n = conn.tryWrite(piece)) count += n;
    await stillWaiting(new Promise(() => {}));
    return count;
  }

  test('a peer that is gone: splice, and what it says', async () => {
    await withProxied(['tcp', 'tcp'], async ({ client, src, dst, server }) => {
      const copying = opError(copy(dst, src));
      (server as TCPConn).setLinger(0);
      server.close();
      await client.write('x');
      const error = await copying;
      assert.ok(error.cause instanceof SyscallError);
      assert.equal(error.syscall, 'splice');
      assert.ok(['ECONNRESET', 'EPIPE'].includes(error.code!));
      assert.deepEqual([error.bytesRead, error.bytesWritten], [1, 0]);
    });
  });

  test('through a buffer, the error of the side is the cause', async () => {
    await withProxied(['pipe', 'tcp'], async ({ client, src, dst }) => {
      const copying = opError(copy(dst, src));
      await client.write('abc');
      src.setReadDeadline(new Date(1000));
      const error = await copying;
      assert.match(error.message, /^readfrom tcp \S+: read pipe: i\/o timeout$/);
      assert.deepEqual([error.bytesRead, error.bytesWritten], [3, 3]);
    });
    await withProxied(['tcp', 'pipe'], async ({ client, src, dst, server }) => {
      const copying = failure(copy(dst, src));
      server.close();
      await client.write('abc');
      // A destination that is no socket: its own error, as it is.
      assert.equal((await copying).message, 'io: read/write on closed pipe');
    });
  });
});

suite('splice that cannot be, or is interrupted', () => {
  const cases: Readonly<Record<string, Partial<Kernel>>> = {
    'the kernel refuses it': { splice: () => -EINVAL },
    'there is no pipe': { pipe2: () => -EMFILE },
  };
  for (const [name, calls] of Object.entries(cases)) {
    test(`${name}: through a buffer`, async () => {
      const { system, counts } = counting(calls);
      await withProxied(
        ['tcp', 'tcp'],
        async ({ client, src, dst, server }) => {
          const copying = forward(dst, src);
          const sending = send(client, MIB, seed);
          const { hash } = await hashOf(server);
          assert.equal(hash, await sending);
          assert.equal(await copying, MIB);
          assert.ok(counts.get('write')! > 0);
        },
        system,
      );
    });
  }

  test('EINTR is no end', async () => {
    const faults = new Instead(-EINTR, -EINTR);
    const splice: Kernel['splice'] = (...args) => faults.or(() => real.splice(...args));
    await withProxied(
      ['tcp', 'unix'],
      async ({ client, src, dst, server }) => {
        const copying = forward(dst, src);
        const sending = send(client, MIB, seed);
        assert.equal((await hashOf(server)).hash, await sending);
        assert.equal(await copying, MIB);
        assert.ok(faults.usedUp);
      },
      wrapped({ splice }),
    );
  });
});

suite('pipes', () => {
  test('those that are idle are few, and closed after a while', () => {
    const clock = new ManualClock();
    let open = 0;
    const system = wrapped(
      {
        pipe2: (ends, flags) => (open++, real.pipe2(ends, flags)),
        close: (fd) => ((open -= 0.5), real.close(fd)),
      },
      { clock },
    );
    const pipes = splicePipesOf(system);
    assert.equal(splicePipesOf(system), pipes);
    const taken = Array.from({ length: MAX_IDLE_PIPES + 5 }, () => pipes.take()!);
    assert.equal(open, MAX_IDLE_PIPES + 5);
    for (const each of taken) pipes.give(each);
    assert.equal(open, MAX_IDLE_PIPES);
    clock.advance(PIPE_IDLE_TIME - 1);
    pipes.give(pipes.take()!);
    clock.advance(1);
    assert.equal(open, MAX_IDLE_PIPES);
    assert.ok(!clock.keepsAlive);
    clock.advance(PIPE_IDLE_TIME);
    assert.deepEqual([open, pipes.idle, clock.pending], [0, 0, []]);
  });

  test('connections that are silent have none', async () => {
    const { system, counts } = counting();
    await withProxied(
      ['tcp', 'tcp'],
      async ({ client, src, dst, server }) => {
        await withProxied(
          ['tcp', 'tcp'],
          async (other) => {
            const copies = [copy(dst, src), copy(other.dst, other.src)];
            assert.ok(await stillWaiting(...copies));
            assert.equal(splicePipesOf(system).idle, 1);
            for (const [from, to] of [
              [client, server],
              [other.client, other.server],
            ] as const) {
              await from.write('through the same pipe');
              assert.equal((await readFull(to, 21)).toString(), 'through the same pipe');
            }
            assert.equal(counts.get('pipe2'), 1);
            for (const conn of [client, other.client]) conn.closeWrite();
            await Promise.all(copies);
          },
          system,
        );
      },
      system,
    );
  });
});
