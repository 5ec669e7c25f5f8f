/** Descriptors and credentials beside the bytes of unix sockets, of every kind, and what becomes of them. */
import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { suite, test } from 'node:test';
import {
  decodeControlMessages,
  DescriptorsLostError,
  dial,
  encodeControlMessages,
  fileConn,
  linux,
  listen,
  listenPacket,
  OpError,
  Stack,
  UnixAddr,
  type UnixConn,
  type UnixNetwork,
} from '../../src/index.ts';
import { setSocketOption } from '../../src/sockopt/socket-option.ts';
import { encodeRights } from '../../src/syscall/ancillary.ts';
import { ENOPROTOOPT } from '../../src/syscall/errno.ts';
import { F_GETFD, FD_CLOEXEC, O_CLOEXEC } from '../../src/syscall/fcntl.ts';
import {
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_TRUNC,
  SCM_RIGHTS,
  SOL_SOCKET,
} from '../../src/syscall/socket.ts';
import { abstractName, unixPath } from './creators.ts';
import { openDescriptors } from './machine.ts';
import { Program } from './programs/program.ts';
import { failure, stillWaiting, thrown } from './settling.ts';
import { real, wrapped } from './wrapped-system.ts';

const { kernel } = linux;
const me = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };

/** Two ends of a connection; of unixgram each is the other's peer as far as that goes. */
async function ends(network: UnixNetwork, name: () => string): Promise<[UnixConn, UnixConn]> {
  if (network === 'unixgram') {
    const receiver = await listenPacket('unixgram', name());
    return [await dial('unixgram', receiver.localAddr.name), receiver];
  }
  await using listener = await listen(network, name());
  return await Promise.all([dial(network, listener.addr.name), listener.accept()]);
}

async function withEnds(
  network: UnixNetwork,
  use: (sender: UnixConn, receiver: UnixConn) => Promise<void>,
  name: () => string = abstractName,
): Promise<void> {
  const before = openDescriptors();
  const [sender, receiver] = await ends(network, name);
  try {
    await use(sender, receiver);
  } finally {
    await sender[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  }
  assert.equal(openDescriptors(), before, 'a descriptor was left');
}

function pipe(): [number, number] {
  const fds = new Int32Array(2);
  assert.equal(kernel.pipe2(fds, O_CLOEXEC), 0);
  return [fds[0]!, fds[1]!];
}

/** Whether both are the same open file. */
function isSame(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one, { bigint: true }), fstatSync(other, { bigint: true })];
  return a.dev === b.dev && a.ino === b.ino;
}

/** Descriptor 0, over and over. */
function standardInput(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function rights(...fds: number[]): Uint8Array {
  return encodeControlMessages([{ level: SOL_SOCKET, type: SCM_RIGHTS, data: encodeRights(fds) }]);
}

function text(data: Uint8Array): string {
  return Buffer.from(data).toString();
}

// The poller is opened for the first of all: from here on descriptors can be counted.
for (const conn of await ends('unix', abstractName)) conn.close();

const kinds = ['unix', 'unixpacket', 'unixgram'] as const;

for (const network of kinds) {
  for (const [kind, name] of [
    ['a path', unixPath],
    ['an abstract name', abstractName],
  ] as const) {
    suite(`descriptors: ${network}, ${kind}`, () => {
      test('arrive as new ones of the same files, close-on-exec', async () => {
        await withEnds(
          network,
          async (sender, receiver) => {
            const [reading, writing] = pipe();
            assert.equal(await sender.sendDescriptors([reading, { fd: writing }, 0], 'data'), 4);
            const received = await receiver.receiveDescriptors(3);
            assert.ok(received !== null);
            assert.equal(text(received.data), 'data');
            assert.equal(received.addr, null);
            assert.equal(received.truncated, false);
            for (const [i, fd] of [reading, writing, 0].entries()) {
              const got: number = received.fds[i]!;
              assert.notEqual(got, fd);
              assert.ok(isSame(got, fd));
              assert.equal(kernel.fcntl(got, F_GETFD, 0), FD_CLOEXEC);
            }
            closeSync(reading);
            closeSync(writing);
            received.close();
            received.close();
          },
          name,
        );
      });

      test('with readMsg and writeMsg, into a buffer for control messages', async () => {
        await withEnds(
          network,
          async (sender, receiver) => {
            const [reading, writing] = pipe();
            assert.equal(
              await sender.writeMsg([Buffer.from('in '), Buffer.from('parts')], rights(writing)),
              8,
            );
            const buf = new Uint8Array(64);
            const oob = new Uint8Array(64);
            const message = await receiver.readMsg([buf.subarray(0, 2), buf.subarray(2)], oob);
            assert.ok(message !== null);
            assert.equal(text(buf.subarray(0, message.size)), 'in parts');
            assert.equal(message.oobSize, 24);
            assert.equal(message.flags, MSG_CMSG_CLOEXEC);
            assert.deepEqual(message.controlMessages(), decodeControlMessages(oob, 24));
            assert.ok(!message.truncated && !message.oobTruncated && !message.endOfRecord);
            assert.equal(message.credentials, null);
            assert.equal(message.pidfd, null);
            const [fd] = message.descriptors;
            assert.ok(fd !== undefined && isSame(fd, writing));
            for (const each of [reading, writing, fd]) closeSync(each);
          },
          name,
        );
      });
    });
  }

  suite(`descriptors: ${network}`, () => {
    test('more than were asked for: all are closed, and the bytes are in the error', async () => {
      await withEnds(network, async (sender, receiver) => {
        for (const [sent, max] of [
          [5, 2],
          [253, 0],
          [253, 252],
        ] as const) {
          const before = openDescriptors();
          await sender.sendDescriptors(standardInput(sent), 'bytes');
          const error = await failure(receiver.receiveDescriptors(max));
          assert.ok(error instanceof OpError && error.cause instanceof DescriptorsLostError);
          assert.equal(error.op, 'read');
          assert.equal(error.code, 'ERR_DESCRIPTORS_LOST');
          assert.match(
            error.message,
            new RegExp(`^read ${network} .*more than ${max}\\b.*closed$`),
          );
          assert.equal(text(error.cause.data), 'bytes');
          assert.equal(openDescriptors(), before);
        }
        await sender.write('goes on');
        const next = await receiver.receiveDescriptors(1);
        assert.deepEqual(next!.fds, []);
        assert.equal(text(next!.data), 'goes on');
      });
    });

    test('as many as there may be', async () => {
      await withEnds(network, async (sender, receiver) => {
        await sender.sendDescriptors(standardInput(253));
        const received = await receiver.receiveDescriptors(253);
        assert.equal(received!.fds.length, 253);
        assert.equal(new Set(received!.fds).size, 253);
        received!.close();
        const many = await failure(sender.sendDescriptors(standardInput(254)));
        assert.match(many.message, /^sendDescriptors: fds must have 1 to 253/);
      });
    });

    test('readMsg without room: some are gone, and those that came are told', async () => {
      await withEnds(network, async (sender, receiver) => {
        const buf = new Uint8Array(8);
        await sender.sendDescriptors([0, 0, 0], 'x');
        const cut = await receiver.readMsg(buf, new Uint8Array(24));
        assert.ok(cut!.oobTruncated);
        assert.equal(cut!.flags & MSG_CTRUNC, MSG_CTRUNC);
        const fds = cut!.descriptors;
        assert.equal(fds.length, 2);
        for (const fd of fds) closeSync(fd);
        await sender.sendDescriptors([0], 'y');
        const none = await receiver.readMsg(buf);
        assert.ok(none!.oobTruncated);
        assert.equal(none!.oobSize, 0);
        assert.deepEqual(none!.descriptors, []);
        await sender.sendDescriptors([0], 'z');
        assert.equal(await receiver.read(buf), 1, 'a read loses them without a trace');
      });
    });

    test('a receive that waits; closing and deadlines while it does', async () => {
      await withEnds(network, async (sender, receiver) => {
        const waiting = receiver.receiveDescriptors(1, new Uint8Array(16));
        assert.ok(await stillWaiting(waiting));
        await sender.sendDescriptors([0], 'woken');
        const received = await waiting;
        assert.equal(text(received!.data), 'woken');
        received!.close();
        receiver.setReadDeadline(Date.now() + 10);
        const late = [receiver.receiveDescriptors(1), receiver.readMsg(new Uint8Array(8))];
        for (const each of late) assert.match((await failure(each)).message, /i\/o timeout$/);
        receiver.setReadDeadline(null);
        const closed = receiver.receiveDescriptors(1);
        assert.ok(await stillWaiting(closed));
        receiver.close();
        assert.match((await failure(closed)).message, /use of closed network connection$/);
      });
    });

    test('those on their way are closed with the socket', async () => {
      await withEnds(network, async (sender, receiver) => {
        const [reading, writing] = pipe();
        await sender.sendDescriptors([writing], 'never read');
        closeSync(writing);
        receiver.close();
        assert.equal(readSync(reading, new Uint8Array(1)), 0, 'nobody can write any more');
        closeSync(reading);
      });
    });

    test('bad arguments and bad descriptors', async () => {
      await withEnds(network, async (sender, receiver) => {
        const message = async (promise: Promise<unknown>): Promise<string> =>
          (await failure(promise)).message;
        assert.match(await message(sender.sendDescriptors([])), /fds must have 1 to 253/);
        assert.match(await message(sender.sendDescriptors(0 as never)), /fds must be an array/);
        for (const bad of [-1, 1.5, null, {}, { fd: -1 }, '0']) {
          assert.match(
            await message(sender.sendDescriptors([0, bad as never])),
            /^send\w+: fds\[1\]/,
          );
        }
        assert.match(await message(sender.sendDescriptors([0], 7 as never)), /data must be/);
        const unopened = await failure(sender.sendDescriptors([1_000_000], 'x'));
        assert.equal(unopened.code, 'EBADF');
        assert.equal(unopened.syscall, 'sendmsg');
        for (const max of [-1, 254, 1.5]) {
          assert.match(await message(receiver.receiveDescriptors(max)), /max must be an integer/);
        }
        assert.match(await message(receiver.receiveDescriptors(1, '' as never)), /buf must be/);
        assert.match(await message(receiver.readMsg('' as never)), /^readMsg: buf must be/);
        assert.match(await message(sender.writeMsg('' as never)), /^writeMsg: data must be/);
        assert.match(await message(sender.writeMsg(new Uint8Array(1), '' as never)), /oob must be/);
        const junk = await failure(sender.writeMsg(Buffer.from('x'), new Uint8Array(20)));
        assert.equal(junk.code, 'EINVAL');
      });
    });

    test('credentials: of the kernel with each message, and those that root says', async (t) => {
      await withEnds(network, async (sender, receiver) => {
        receiver.passCredentials(true);
        const buf = new Uint8Array(16);
        const oob = new Uint8Array(64);
        await sender.write('x');
        const plain = await receiver.readMsg(buf, oob);
        assert.deepEqual(plain!.credentials, me);
        await sender.sendCredentials(me, 'my own');
        assert.deepEqual((await receiver.readMsg(buf, oob))!.credentials, me);
        await sender.sendDescriptors([0], 'both');
        const both = await receiver.readMsg(buf, oob);
        assert.deepEqual(both!.credentials, me);
        for (const fd of both!.descriptors) closeSync(fd);
        assert.equal(both!.descriptors.length, 1);
        await sender.sendDescriptors([0], 'room for both');
        (await receiver.receiveDescriptors(1))!.close();
        await sender.write('x');
        const cut = await receiver.readMsg(buf, new Uint8Array(16));
        assert.ok(cut!.oobTruncated);
        assert.equal(cut!.credentials, null);
        if (me.uid === 0) {
          await sender.sendCredentials({ ...me, uid: 12, gid: 34 }, 'as others');
          const other = await receiver.readMsg(buf, oob);
          assert.deepEqual(other!.credentials, { ...me, uid: 12, gid: 34 });
        } else t.diagnostic('not root: no other credentials');
        const nobody = await failure(sender.sendCredentials({ ...me, pid: 2 ** 30 }, 'x'));
        assert.ok(['ESRCH', 'EPERM'].includes(nobody.code!));
        for (const bad of [null, {}, { ...me, uid: -1 }, { ...me, gid: 2 ** 32 }]) {
          const error = await failure(sender.sendCredentials(bad as never, 'x'));
          assert.match(error.message, /^sendCredentials: (credentials|pid|uid|gid) must be/);
        }
        receiver.passCredentials(false);
        await sender.write('x');
        assert.equal((await receiver.readMsg(buf, oob))!.credentials, null);
      });
    });

    test('a pidfd: told by readMsg, closed by receiveDescriptors', async (t) => {
      await withEnds(network, async (sender, receiver) => {
        try {
          setSocketOption(kernel, receiver.fd.sysfd, 'SO_PASSPIDFD', true);
        } catch (error) {
          return t.diagnostic(`skipped: ${(error as Error).message}`);
        }
        await sender.write('x');
        const message = await receiver.readMsg(new Uint8Array(8), new Uint8Array(64));
        assert.ok(message!.pidfd !== null);
        closeSync(message!.pidfd);
        await sender.sendDescriptors([0], 'y');
        const received = await receiver.receiveDescriptors(1);
        assert.equal(received!.fds.length, 1);
        received!.close();
      });
    });
  });
}

suite('messages of a stream', () => {
  test('descriptors come with the first byte, and bytes that follow stay apart', async () => {
    await withEnds('unix', async (sender, receiver) => {
      await sender.write('AA');
      await sender.sendDescriptors([0], 'BB');
      await sender.write('CC');
      const first = await receiver.receiveDescriptors(1);
      assert.equal(text(first!.data), 'AABB');
      first!.close();
      assert.equal(text((await receiver.receiveDescriptors(1))!.data), 'CC');
      await sender.sendDescriptors([0], 'abcd');
      const part = await receiver.receiveDescriptors(1, new Uint8Array(1));
      assert.equal(text(part!.data), 'a');
      assert.equal(part!.fds.length, 1);
      part!.close();
      const rest = await receiver.receiveDescriptors(1);
      assert.equal(text(rest!.data), 'bcd');
      assert.deepEqual(rest!.fds, []);
    });
  });

  test('a byte is made up where there is none, and nobody sees it', async () => {
    await withEnds('unix', async (sender, receiver) => {
      const nothing = new Uint8Array(0);
      assert.equal(await sender.writeMsg(nothing, rights(0)), 0);
      const message = await receiver.readMsg(nothing, new Uint8Array(64));
      assert.equal(message!.size, 0);
      for (const fd of message!.descriptors) closeSync(fd);
      assert.equal(message!.descriptors.length, 1);
      assert.equal(await sender.sendDescriptors([0]), 0);
      const received = await receiver.receiveDescriptors(1);
      assert.deepEqual([...received!.data], [0], 'who reads sees it');
      received!.close();
      sender.close();
      assert.equal(await receiver.readMsg(nothing, new Uint8Array(64)), null);
      assert.equal(await receiver.readMsg(new Uint8Array(8)), null);
      assert.equal(await receiver.receiveDescriptors(1), null);
      assert.equal((await receiver.readMsg(nothing))!.size, 0, 'nothing was asked for');
    });
  });

  test('more than the kernel takes at once: all of it is sent, the descriptors once', async () => {
    await withEnds('unix', async (sender, receiver) => {
      const data = new Uint8Array(3 << 20).map((_, i) => i % 251);
      const parts = [data.subarray(0, 1000), data.subarray(1000, 1000), data.subarray(1000)];
      const writing = sender.writeMsg(parts, rights(0));
      assert.ok(await stillWaiting(writing));
      const after = sender.write('behind it');
      const all: Uint8Array[] = [];
      let [size, fds] = [0, 0];
      while (size < data.length + 9) {
        const received = await receiver.receiveDescriptors(1);
        all.push(received!.data);
        size += received!.data.length;
        fds += received!.fds.length;
        received!.close();
      }
      assert.equal(await writing, data.length);
      assert.equal(await after, 9);
      assert.equal(fds, 1);
      assert.equal(
        Buffer.compare(Buffer.concat(all), Buffer.concat([data, Buffer.from('behind it')])),
        0,
      );
    });
  });

  test('a message that is sent in part says how much; one whose buffer is gone fails', async () => {
    await withEnds('unix', async (sender, receiver) => {
      const data = new Uint8Array(3 << 20);
      const writing = sender.sendDescriptors([0], data);
      assert.ok(await stillWaiting(writing));
      receiver.close();
      const error = (await failure(writing)) as OpError;
      assert.ok(error.code === 'EPIPE' || error.code === 'ECONNRESET');
      assert.ok(error.bytesWritten! > 0 && error.bytesWritten! < data.length);
    });
    await withEnds('unix', async (sender, receiver) => {
      const taken = new Uint8Array(8);
      const reading = receiver.readMsg(taken);
      assert.ok(await stillWaiting(reading));
      structuredClone(taken.buffer, { transfer: [taken.buffer] });
      await sender.write('x');
      assert.match((await failure(reading)).message, /^readMsg: buf was detached/);
    });
  });
});

suite('messages of unixpacket', () => {
  test('boundaries, what does not fit, empty messages, the end', async () => {
    await withEnds('unixpacket', async (sender, receiver) => {
      const buf = new Uint8Array(4);
      for (const word of ['one', 'too long', 'next']) await sender.writeMsg(Buffer.from(word));
      assert.equal((await receiver.readMsg(buf))!.size, 3);
      const cut = await receiver.readMsg(buf);
      assert.equal(cut!.size, 4);
      assert.ok(cut!.truncated);
      assert.equal(cut!.flags & MSG_TRUNC, MSG_TRUNC);
      assert.equal((await receiver.receiveDescriptors(0, buf))!.truncated, false);
      await sender.sendDescriptors([0]);
      const empty = await receiver.readMsg(buf, new Uint8Array(64));
      assert.equal(empty!.size, 0, 'an empty message with descriptors is not the end');
      for (const fd of empty!.descriptors) closeSync(fd);
      await sender.sendDescriptors([0]);
      (await receiver.receiveDescriptors(1))!.close();
      await sender.sendDescriptors([0]);
      assert.notEqual(await receiver.readMsg(buf), null, 'not even if there was no room for them');
      sender.close();
      assert.equal(await receiver.readMsg(buf, new Uint8Array(64)), null);
      assert.equal(await receiver.receiveDescriptors(1), null);
      assert.equal(await receiver.read(buf), null);
    });
  });
});

suite('messages of unixgram', () => {
  test('to an address, and from one', async () => {
    await using one = await listenPacket('unixgram', '');
    await using other = await listenPacket('unixgram', '');
    const buf = new Uint8Array(64);
    await one.writeMsg(Buffer.from('x'), null, other.localAddr);
    const message = await other.readMsg(buf);
    assert.ok(message!.addr!.equals(one.localAddr));
    await one.sendDescriptors([0], '', message!.addr === null ? null : other.localAddr);
    const received = await other.receiveDescriptors(1);
    assert.ok(received!.addr!.equals(one.localAddr));
    assert.equal(received!.data.length, 0);
    received!.close();
    await one.sendCredentials(me, '', other.localAddr);
    assert.equal((await other.readMsg(buf))!.size, 0, 'an empty datagram is no end');
    const unaddressed = await failure(one.writeMsg(Buffer.from('x')));
    assert.equal(unaddressed.code, 'ENOTCONN');
    const wrong = await failure(one.sendDescriptors([0], '', new UnixAddr('@x')));
    assert.equal(wrong.code, 'EAFNOSUPPORT');
  });
});

suite('the peer', () => {
  for (const network of ['unix', 'unixpacket'] as const) {
    test(`${network}: who it is`, async () => {
      await withEnds(network, async (sender, receiver) => {
        assert.deepEqual(sender.peerCredentials(), me);
        assert.deepEqual(receiver.peerCredentials(), me);
        const own = new Set(process.getgroups!());
        assert.ok(receiver.peerGroups().every((group) => own.has(group)));
        assert.ok(['string', 'object'].includes(typeof receiver.peerSecurity()));
        receiver.close();
        assert.match(thrown(() => receiver.peerCredentials()).message, /^get unix.*closed network/);
        assert.match(thrown(() => receiver.passCredentials(true)).message, /^set unix.*closed/);
        assert.throws(() => sender.passCredentials(1 as never), /on must be true or false/);
      });
    });
  }

  test('of a datagram socket the kernel knows none', async () => {
    await withEnds('unixgram', async (sender, receiver) => {
      for (const conn of [sender, receiver]) {
        const error = thrown(() => conn.peerCredentials());
        assert.match(error.message, /^get unixgram .*no credentials of the peer$/);
      }
    });
  });

  test('no label where there is no security module', async () => {
    const stack = new Stack(
      wrapped({
        getsockopt: (...args) => (args[2] === 31 ? -ENOPROTOOPT : real.getsockopt(...args)),
      }),
    );
    await using listener = await stack.listen('unix', abstractName());
    await using client = await stack.dial('unix', listener.addr.name);
    assert.equal(client.peerSecurity(), null);
  });
});

test('a unixgram socket that comes over is a UnixConn again', async () => {
  const before = openDescriptors();
  await withEnds('unix', async (sender, receiver) => {
    const server = await listenPacket('unixgram', unixPath());
    const client = await dial('unixgram', server.localAddr.name);
    await sender.sendDescriptors([server.fd.sysfd, client.fd.sysfd]);
    const received = await receiver.receiveDescriptors(2);
    const [one, other] = received!.fds.map((fd) => fileConn(fd) as UnixConn);
    received!.close();
    server.close();
    client.close();
    assert.ok(!one!.isConnected && other!.isConnected);
    assert.equal(one!.network, 'unixgram');
    assert.equal(await other!.write('from the copy'), 13);
    assert.equal((await one!.readFrom(new Uint8Array(64))).size, 13);
    one!.close();
    other!.close();
  });
  assert.equal(openDescriptors(), before);
});

suite('two processes', () => {
  test('a pipe comes over, and outlives who made it', async () => {
    const before = openDescriptors();
    const listener = await listen('unix', unixPath());
    const program = new Program('descriptor-sender', [listener.addr.name]);
    const conn = await listener.accept();
    const { pid } = await program.next<{ pid: number }>();
    assert.deepEqual(conn.peerCredentials(), { ...me, pid });
    const received = await conn.receiveDescriptors(2);
    assert.equal(text(received!.data), 'a pipe');
    const [reading, writing] = received!.fds as [number, number];
    closeSync(writing);
    await conn.write('through the pipe');
    assert.equal((await program.ended).status, 0);
    const buf = Buffer.alloc(64);
    assert.equal(readSync(reading, buf), 16);
    assert.equal(buf.toString('latin1', 0, 16), 'through the pipe');
    assert.equal(readSync(reading, buf), 0, 'the other writing ends are closed');
    closeSync(reading);
    conn.close();
    listener.close();
    assert.ok(openDescriptors() <= before + 1);
  });

  test('an open file is passed as it is', async () => {
    await withEnds('unix', async (sender, receiver) => {
      await using file = await open('/proc/self/status');
      const number = openSync('/dev/null', 'r');
      await sender.sendDescriptors([file, number]);
      closeSync(number);
      const received = await receiver.receiveDescriptors(2);
      assert.ok(isSame(received!.fds[0]!, file.fd));
      received!.close();
    });
  });
});
