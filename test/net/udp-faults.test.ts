/** Calls of UDP that fail for no reason of the program's, brought about by a Kernel in front of the kernel. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DatagramBatch, dial, IPAddr, listenPacket, Stack, UDPAddr } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { EAGAIN, EINTR, EIO, EMFILE, ENOBUFS, ENOMEM } from '../../src/syscall/errno.ts';
import { openSockets } from './machine.ts';
import { Program } from './programs/program.ts';
import { failure } from './settling.ts';
import { Instead, real, wrapped } from './wrapped-system.ts';

const LOOPBACK = '127.0.0.1:0';
const buf = new Uint8Array(64);

suite('calls that are made again', () => {
  test('batches: not for ever, if the kernel takes nothing', async () => {
    const stack = new Stack(wrapped({ sendmmsg: () => 0 }));
    await using conn = await stack.listenPacket('udp', LOOPBACK);
    const batch = new DatagramBatch();
    for (let i = 0; i < 3; i++) batch.add(buf, conn.localAddr);
    const error = await failure(conn.writeBatch(batch));
    assert.equal((error as { code?: string }).code, 'EIO');
    assert.equal((error as { datagramsSent?: number }).datagramsSent, 0);
  });

  test('after several datagrams there is another try, after one none', async () => {
    let calls = 0;
    const recvmmsg: Kernel['recvmmsg'] = (...args) => {
      calls++;
      return real.recvmmsg(...args);
    };
    const stack = new Stack(wrapped({ recvmmsg }));
    await using conn = await stack.listenPacket('udp', LOOPBACK);
    await using client = await listenPacket('udp', LOOPBACK);
    const batch = new DatagramBatch({ join: false });
    for (const [count, tries] of [
      [3, 1],
      [1, 0],
    ] as const) {
      for (let i = 0; i < count; i++) await client.writeTo('x', conn.localAddr);
      await conn.readable();
      assert.equal(conn.tryReadBatch(batch), count);
      calls = 0;
      assert.equal(conn.tryReadBatch(batch), 0);
      assert.equal(calls, tries);
    }
  });

  test('one by one: interrupted, and with no room', async () => {
    const receives = new Instead(-EINTR, -EINTR, -EAGAIN, -EINTR);
    const sends = new Instead(-EINTR, -EAGAIN, -EINTR);
    const stack = new Stack(
      wrapped({
        recvfrom: (...args) => receives.or(() => real.recvfrom(...args)),
        sendto: (...args) => sends.or(() => real.sendto(...args)),
        recvmsg: (...args) => receives.or(() => real.recvmsg(...args)),
        sendmsg: (...args) => sends.or(() => real.sendmsg(...args)),
      }),
    );
    await using one = await stack.listenPacket('udp', LOOPBACK);
    await using two = await stack.listenPacket('udp', LOOPBACK);
    const reading = two.readFrom(buf);
    assert.equal(await one.writeTo('x', two.localAddr), 1);
    assert.equal((await reading).size, 1);
    assert.ok(receives.usedUp && sends.usedUp);
  });

  test('batches: interrupted, with no room, and sent in pieces', async () => {
    const receives = new Instead(-EINTR, -EAGAIN, -EINTR);
    const sends = new Instead(-EINTR, -EAGAIN, -EINTR);
    const sendmmsg: Kernel['sendmmsg'] = (fd, memory, msgvec, vlen, flags) =>
      sends.or(() => real.sendmmsg(fd, memory, msgvec, Math.min(vlen, 2), flags));
    const recvmmsg: Kernel['recvmmsg'] = (...args) => receives.or(() => real.recvmmsg(...args));
    const stack = new Stack(wrapped({ sendmmsg, recvmmsg }));
    await using one = await stack.listenPacket('udp', LOOPBACK);
    await using two = await stack.listenPacket('udp', LOOPBACK);
    const received = new DatagramBatch({ join: false });
    const reading = two.readBatch(received);
    const batch = new DatagramBatch();
    // Longer ones after shorter ones: none can be joined.
    for (let i = 0; i < 7; i++) batch.add(Buffer.alloc(i, i), two.localAddr);
    assert.equal(await one.writeBatch(batch), 7);
    let count = await reading;
    const sizes: number[] = [];
    for (;;) {
      for (let i = 0; i < count; i++) sizes.push(received.size(i));
      if (sizes.length === 7) break;
      count = await two.readBatch(received);
    }
    assert.deepEqual(sizes, [0, 1, 2, 3, 4, 5, 6]);
    assert.ok(receives.usedUp && sends.usedUp);
  });

  test('a device that cannot cut is asked once; what else fails is told', async () => {
    let asked = 0;
    const failing = new Instead();
    const sendmmsg: Kernel['sendmmsg'] = (fd, memory, msgvec, vlen, flags) => {
      if (msgvec[5] === 0) return failing.or(() => real.sendmmsg(fd, memory, msgvec, vlen, flags));
      asked++;
      return -EIO;
    };
    await using server = await listenPacket('udp', LOOPBACK);
    await using sender = await new Stack(wrapped({ sendmmsg })).listenPacket('udp', LOOPBACK);
    const batch = new DatagramBatch();
    for (let i = 0; i < 5; i++) batch.add(Buffer.from('same'), server.localAddr);
    assert.equal(await sender.writeBatch(batch), 5);
    assert.equal(await sender.writeBatch(batch), 5);
    assert.equal(asked, 1);
    const full = new Stack(wrapped({ sendmmsg: () => -ENOBUFS }));
    await using other = await full.listenPacket('udp', LOOPBACK);
    const error = await failure(other.writeBatch(batch));
    assert.match(error.message, /: sendmmsg: no buffer space available$/);
    assert.equal((error as unknown as { datagramsSent: number }).datagramsSent, 0);
  });
});

suite('nothing leaks', () => {
  const faults: readonly (readonly [keyof Kernel, number, string])[] = [
    ['socket', -EMFILE, 'socket: too many open files'],
    ['setsockopt', -ENOMEM, 'setsockopt: cannot allocate memory'],
    ['bind', -ENOMEM, 'bind: cannot allocate memory'],
    ['connect', -ENOMEM, 'connect: cannot allocate memory'],
    ['epoll_ctl', -ENOMEM, 'epoll_ctl: cannot allocate memory'],
  ];
  for (const [call, errno, text] of faults) {
    test(`when ${call} fails`, async () => {
      const stack = new Stack(wrapped({ [call]: () => errno }));
      const before = openSockets();
      if (call !== 'connect') {
        const listening = await failure(stack.listenPacket('udp', LOOPBACK));
        assert.equal(listening.message, `listen udp ${LOOPBACK}: ${text}`);
        const group = await failure(
          stack.listenMulticastUDP('udp4', null, new UDPAddr('239.0.0.1', 0)),
        );
        assert.equal(group.message, `listen udp4 239.0.0.1:0: ${text}`);
      }
      const options = { localAddr: new UDPAddr('127.0.0.1', 0) };
      const dialling = await failure(stack.dial('udp', '127.0.0.1:9', options));
      assert.equal(dialling.message, `dial udp ${LOOPBACK}->127.0.0.1:9: ${text}`);
      assert.equal(openSockets(), before);
    });
  }

  test('when joining a group fails', async () => {
    const before = openSockets();
    const error = await failure(
      new Stack(wrapped({})).listenMulticastUDP('udp4', 2 ** 31 - 1, new UDPAddr('239.0.0.1', 0)),
    );
    assert.match(error.message, /^listen udp4 239\.0\.0\.1:0: setsockopt: /);
    assert.equal(openSockets(), before);
  });

  test('a connection of datagrams that is forgotten is closed', async () => {
    const program = new Program('forgotten-packets', [], { node: ['--expose-gc'] });
    const { left, warnings } = await program.next<{ left: number; warnings: string[] }>();
    assert.equal(left, 0);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /was garbage collected without having been closed/);
    assert.equal((await program.ended).status, 0);
  });
});

test('wrong arguments name the function and the argument', async () => {
  const before = openSockets();
  await assert.rejects(listenPacket(5 as never, ':0'), {
    name: 'TypeError',
    message: 'listenPacket: network must be a string',
  });
  await assert.rejects(listenPacket('udp', null as never), {
    message: 'listenPacket: address must be a string',
  });
  await assert.rejects(listenPacket('udp', ':0', { reusePort: 1 as never }), TypeError);
  await assert.rejects(dial('udp', '127.0.0.1:9', { localAddr: 'x' as never }), {
    message: 'dial: option localAddr must be a TCPAddr, a UDPAddr, an IPAddr or a UnixAddr',
  });
  const stack = new Stack(wrapped({}));
  const group = new UDPAddr('239.0.0.1', 0);
  await assert.rejects(stack.listenMulticastUDP('udp', null, new IPAddr('239.0.0.1') as never), {
    message: 'listenMulticastUDP: group must be a UDPAddr',
  });
  for (const on of [-1, 1.5, {}, true]) {
    await assert.rejects(stack.listenMulticastUDP('udp', on as never, group), {
      name: 'TypeError',
      message: 'listenMulticastUDP: the interface must be its name, its number or null',
    });
  }
  await assert.rejects(stack.listenMulticastUDP('udp', 'longer-than-15-bytes', group), RangeError);
  await using conn = await listenPacket('udp4', LOOPBACK);
  assert.throws(() => conn.setMulticastTTL(256), RangeError);
  assert.throws(() => conn.joinGroup('239.0.0.1' as never), TypeError);
  assert.throws(() => conn.setWriteBuffer('1' as never), TypeError);
  const yes = { name: 'TypeError', message: 'setMulticastLoop: on must be true or false' };
  assert.throws(() => conn.setMulticastLoop(1 as never), yes);
  const where = `set udp4 ${String(conn.localAddr)}`;
  const gone = { name: 'OpError', code: 'ENODEV', message: `${where}: ioctl: no such device` };
  assert.throws(() => conn.joinGroup(group, 'no-such'), gone);
  assert.throws(() => conn.setMulticastInterface('no-such'), gone);
  assert.throws(() => conn.joinGroup(new UDPAddr('ff02::1', 0)), {
    name: 'OpError',
    message: `${where}: address ff02::1: non-IPv4 address`,
  });
  await assert.rejects(conn.writeTo(5 as never, group), {
    message: 'writeTo: data must be a Uint8Array or a string',
  });
  assert.equal(openSockets(), before + 1);
});
