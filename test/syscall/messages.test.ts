/** netfd/syscall on the real kernel: messages, with addresses and control messages, one and many. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  close,
  type ControlMessage,
  controlSpace,
  decodeControlMessages,
  decodeInt,
  decodePacketInfo,
  decodeRights,
  encodeControlMessages,
  encodeInt,
  encodeRights,
  F_GETFD,
  fcntl,
  FD_CLOEXEC,
  getsockname,
  IP_PKTINFO,
  IP_RECVTTL,
  IP_TTL,
  IPPROTO_IP,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITFORONE,
  type OutgoingMessage,
  recv,
  recvfrom,
  recvmmsg,
  recvmsg,
  SCM_RIGHTS,
  send,
  sendmmsg,
  sendmsg,
  sendto,
  setsockopt,
  SOCK_DGRAM,
  SOL_SOCKET,
  bind,
} from '../../src/syscall.ts';
import {
  closing,
  descriptors,
  failure,
  inet,
  pathOf,
  tcpPair,
  text,
  udp,
  unix,
  unixPair,
} from './sockets.ts';

function rights(...fds: readonly number[]): ControlMessage {
  return { level: SOL_SOCKET, type: SCM_RIGHTS, data: encodeRights(fds) };
}

suite('recvfrom and sendto', () => {
  test('say who sent it', (t) => {
    const [a, from] = udp(t);
    const [b, to] = udp(t);
    assert.equal(sendto(a, 'hello', 0, inet(to)), 5);
    const buf = new Uint8Array(16);
    assert.deepEqual(recvfrom(b, buf), { size: 5, addr: inet(from) });
    assert.equal(text(buf, 5), 'hello');
    assert.throws(() => sendto(a, '', 0, inet(0)), {
      ...failure('sendto', 'EINVAL', { fd: a, address: '127.0.0.1', port: 0 }),
    });
  });

  test('nobody, where the kernel names none', (t) => {
    const [a, b] = unixPair(t, SOCK_DGRAM);
    sendto(a, 'x', 0, null);
    assert.deepEqual(recvfrom(b, new Uint8Array(4)), { size: 1, addr: null });
    bind(a, unix(''));
    send(a, 'y');
    const { addr } = recvfrom(b, new Uint8Array(4));
    assert.deepEqual(addr, getsockname(a));
    const [client, server] = tcpPair(t);
    send(client, 'z');
    assert.deepEqual(recvfrom(server, new Uint8Array(4)), { size: 1, addr: null });
  });

  test('a datagram of nothing is one', (t) => {
    const [a, b] = unixPair(t, SOCK_DGRAM);
    assert.equal(send(a, ''), 0);
    assert.equal(recv(b, null), 0);
    assert.throws(() => recv(b, null, MSG_DONTWAIT), failure('recv', 'EAGAIN', { fd: b }));
  });
});

suite('sendmsg and recvmsg', () => {
  test('several pieces, several buffers, and names', (t) => {
    const [a, from] = udp(t);
    const [b, to] = udp(t);
    assert.equal(sendmsg(a, { iov: ['ab', Uint8Array.of(99), 'd'], name: inet(to) }), 4);
    const iov = [new Uint8Array(1), new Uint8Array(8)] as const;
    const message = recvmsg(b, { iov });
    assert.deepEqual(message, { size: 4, name: inet(from), control: [], flags: 0 });
    assert.equal(text(iov[0]) + text(iov[1], 3), 'abcd');
    sendmsg(a, { iov: 'x', name: inet(to) });
    assert.equal(recvmsg(b, { iov: new Uint8Array(1), nameSize: 0 }).name, null);
    const wrong = failure('sendmsg', 'EINVAL', { address: '127.0.0.1', port: 0 });
    assert.throws(() => sendmsg(a, { iov: 'x', name: inet(0) }), wrong);
  });

  test('a negative length of the name is the kernel’s to refuse', (t) => {
    const [a] = udp(t);
    const room = { iov: new Uint8Array(1), nameSize: -1 };
    assert.throws(() => recvmsg(a, room, MSG_DONTWAIT), failure('recvmsg', 'EINVAL', { fd: a }));
    const [b, to] = udp(t);
    for (const data of ['lost', 'one', 'two']) sendmsg(a, { iov: data, name: inet(to) });
    const buf = new Uint8Array(4);
    assert.throws(() => recvfrom(b, buf, 0, -1), failure('recvfrom', 'EINVAL', { fd: b }));
    assert.throws(() => recvmmsg(b, [room]), failure('recvmmsg', 'EINVAL', { fd: b }));
    // If a later one is refused, those before it are given, and the next call fails.
    assert.equal(recvmmsg(b, [{ iov: buf }, room]).length, 1);
    assert.equal(text(buf, 3), 'one');
    assert.throws(() => recv(b, buf), failure('recv', 'EINVAL'));
    assert.equal(recvfrom(b, buf, 0, 0).addr, null);
    assert.equal(text(buf, 3), 'two');
  });

  test('descriptors, which are then open here too', (t) => {
    const [a, b] = unixPair(t);
    const before = descriptors();
    assert.equal(sendmsg(a, { iov: 'x', control: [rights(a, b)] }), 1);
    assert.equal(descriptors(), before);
    const room = { iov: new Uint8Array(1), controlSize: controlSpace(8) };
    const { control, flags } = recvmsg(b, room, MSG_CMSG_CLOEXEC);
    assert.equal(flags & MSG_CTRUNC, 0);
    assert.deepEqual(
      control.map(({ level, type }) => [level, type]),
      [[SOL_SOCKET, SCM_RIGHTS]],
    );
    const fds = decodeRights(control[0]!.data);
    assert.deepEqual(
      fds.map((fd) => fcntl(fd, F_GETFD)),
      [FD_CLOEXEC, FD_CLOEXEC],
    );
    for (const fd of fds) close(fd);
    assert.equal(descriptors(), before);
  });

  test('packet info and TTL, in and out', (t) => {
    const [a] = udp(t);
    const [b, to] = udp(t);
    setsockopt(b, IPPROTO_IP, IP_PKTINFO, true);
    setsockopt(b, IPPROTO_IP, IP_RECVTTL, true);
    const ttl = { level: IPPROTO_IP, type: IP_TTL, data: encodeInt(42) };
    sendmsg(a, { iov: 'x', name: inet(to), control: [ttl] });
    const { control } = recvmsg(b, { iov: new Uint8Array(1), controlSize: 128 });
    const of = (type: number): Uint8Array => control.find((one) => one.type === type)!.data;
    assert.equal(decodeInt(of(IP_TTL)), 42);
    assert.deepEqual([...decodePacketInfo(of(IP_PKTINFO)).addr], [127, 0, 0, 1]);
  });

  test('control bytes that are cut short are refused, and nothing is sent', (t) => {
    const [a, b] = unixPair(t);
    const before = descriptors();
    const whole = encodeControlMessages([rights(a)]);
    const control = whole.subarray(0, whole.length - 6);
    const cut = failure('sendmsg', 'EINVAL', { fd: a });
    assert.throws(() => sendmsg(a, { iov: 'x', control }), cut);
    assert.throws(() => recv(b, new Uint8Array(1), MSG_DONTWAIT), failure('recv', 'EAGAIN'));
    assert.throws(() => decodeControlMessages(control), {
      name: 'RangeError',
      message: 'decodeControlMessages: cmsg_len of the message at 0 must be in 16..18',
    });
    assert.equal(descriptors(), before);
  });

  test('what does not fit is cut, and no descriptor is left open', (t) => {
    const [a, b] = unixPair(t);
    const before = descriptors();
    for (const controlSize of [0, 8, 16, 19]) {
      sendmsg(a, { iov: 'x', control: [rights(a, b)] });
      const got = recvmsg(b, { iov: new Uint8Array(1), controlSize });
      assert.equal(got.flags, MSG_CTRUNC, `${controlSize} bytes`);
      assert.equal(descriptors(), before);
    }
    sendmsg(a, { iov: 'x', control: [rights(a, b)] });
    const got = recvmsg(b, { iov: new Uint8Array(1), controlSize: 20 });
    assert.equal(got.flags, MSG_CTRUNC);
    const [fd, ...others] = decodeRights(got.control[0]!.data);
    assert.deepEqual(others, []);
    close(fd!);
    assert.equal(descriptors(), before);
  });
});

suite('sendmmsg and recvmmsg', () => {
  test('many messages, each with its own buffers, name and control', (t) => {
    const [a, from] = udp(t);
    const [b, to] = udp(t);
    setsockopt(b, IPPROTO_IP, IP_RECVTTL, true);
    const control = [{ level: IPPROTO_IP, type: IP_TTL, data: encodeInt(7) }];
    const messages: OutgoingMessage[] = [
      { iov: 'one', name: inet(to) },
      { iov: ['t', Uint8Array.of(119), 'o'], name: inet(to), control },
      { iov: '', name: inet(to) },
      { iov: 'a long one', name: inet(to) },
    ];
    assert.deepEqual(sendmmsg(a, messages), [3, 3, 0, 10]);
    const rooms = Array.from({ length: 6 }, () => ({
      iov: [new Uint8Array(2), new Uint8Array(4)] as const,
      controlSize: 32,
    }));
    const got = recvmmsg(b, rooms, MSG_WAITFORONE);
    assert.deepEqual(
      got.map(({ size, flags }) => [size, flags]),
      [
        [3, 0],
        [3, 0],
        [0, 0],
        [6, MSG_TRUNC],
      ],
    );
    assert.deepEqual(
      rooms.map(({ iov: [first, second] }) => text(first) + text(second)),
      ['one\0\0\0', 'two\0\0\0', '\0\0\0\0\0\0', 'a long', '\0\0\0\0\0\0', '\0\0\0\0\0\0'],
    );
    for (const { name } of got) assert.deepEqual(name, inet(from));
    assert.deepEqual(
      got.map((message) => decodeInt(message.control[0]!.data)),
      [64, 7, 64, 64],
    );
  });

  test('the true length is told with MSG_TRUNC, and no buffer is overrun', (t) => {
    const [a, b] = unixPair(t, SOCK_DGRAM);
    sendmmsg(a, [{ iov: 'abcdef' }, { iov: 'ghi' }]);
    const rooms = [{ iov: new Uint8Array(2), nameSize: 0 }, { iov: new Uint8Array(8) }];
    const got = recvmmsg(b, rooms, MSG_TRUNC | MSG_WAITFORONE);
    assert.deepEqual(
      got.map(({ size, name }) => [size, name]),
      [
        [6, null],
        [3, null],
      ],
    );
    assert.deepEqual(
      rooms.map(({ iov }) => text(iov)),
      ['ab', 'ghi\0\0\0\0\0'],
    );
  });

  test('an error is that of the first message; those before a later one are sent', (t) => {
    const [a] = udp(t);
    const [, to] = udp(t);
    const good = { iov: 'x', name: inet(to) };
    const bad = { iov: 'x', name: inet(0) };
    assert.deepEqual(sendmmsg(a, [good, good, bad, good]), [1, 1]);
    assert.throws(() => sendmmsg(a, [bad, good]), failure('sendmmsg', 'EINVAL', { fd: a }));
    assert.deepEqual(sendmmsg(a, []), []);
  });

  test('a timeout, which holds what is left', (t) => {
    const [a, b] = unixPair(t, SOCK_DGRAM);
    const rooms = [{ iov: new Uint8Array(1) }, { iov: new Uint8Array(1) }];
    const bad = { seconds: -1, nanoseconds: 0 };
    assert.throws(() => recvmmsg(b, rooms, 0, bad), failure('recvmmsg', 'EINVAL'));
    send(a, 'x');
    const none = { seconds: 0, nanoseconds: 0 };
    assert.equal(recvmmsg(b, rooms, 0, none).length, 1);
    send(a, 'x');
    send(a, 'y');
    const enough = { seconds: 1000, nanoseconds: 0 };
    assert.equal(recvmmsg(b, rooms, 0, enough).length, 2);
    assert.equal(enough.seconds, 999);
    assert.throws(() => recvmmsg(b, rooms, MSG_DONTWAIT), failure('recvmmsg', 'EAGAIN'));
  });

  test('descriptors in many messages', (t) => {
    const [a, b] = unixPair(t, SOCK_DGRAM);
    const before = descriptors();
    sendmmsg(a, [
      { iov: 'x', control: [rights(a)] },
      { iov: 'y', control: encodeControlMessages([rights(b, b)]) },
    ]);
    const rooms = [1, 2].map(() => ({ iov: new Uint8Array(1), controlSize: 24 }));
    const fds = recvmmsg(b, rooms, MSG_CMSG_CLOEXEC).flatMap(({ control }) =>
      control.flatMap(({ data }) => decodeRights(data)),
    );
    assert.equal(fds.length, 3);
    closing(t, ...fds);
    assert.equal(descriptors(), before + 3);
  });

  test('no more than 1024 go in one call', (t) => {
    const [a, b] = unixPair(t, SOCK_DGRAM);
    const many = Array.from({ length: 1500 }, () => ({ iov: 'x' }));
    const sent = sendmmsg(a, many, MSG_DONTWAIT).length;
    assert.ok(sent > 0 && sent <= 1024);
    const rooms = Array.from({ length: 1500 }, () => ({ iov: new Uint8Array(1) }));
    assert.equal(recvmmsg(b, rooms, MSG_DONTWAIT).length, sent);
  });
});

test('MSG_PEEK leaves the message, and a path comes as it was bound', (t) => {
  const [a, b] = unixPair(t, SOCK_DGRAM);
  bind(a, unix(`\0netfd-peek-${process.pid}`));
  send(a, 'x');
  const buf = new Uint8Array(1);
  const peeked = recvmsg(b, { iov: buf }, MSG_PEEK);
  assert.equal(pathOf(peeked.name), `\0netfd-peek-${process.pid}`);
  assert.deepEqual(recvmsg(b, { iov: buf }), peeked);
});
