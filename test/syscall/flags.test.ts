/** netfd/syscall on the real kernel: every flag of send(2) and recv(2), used for what it is for. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  close,
  connect,
  decodeExtendedError,
  ECONNREFUSED,
  encodeRights,
  ioctl,
  IP_RECVERR,
  IPPROTO_IP,
  isSockaddrInet,
  MSG_CONFIRM,
  MSG_CTRUNC,
  MSG_DONTROUTE,
  MSG_DONTWAIT,
  MSG_EOR,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  MSG_ZEROCOPY,
  recv,
  recvmsg,
  SCM_RIGHTS,
  send,
  sendmsg,
  sendto,
  setsockopt,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ZEROCOPY,
  SO_ZEROCOPY,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  poll,
  SIOCATMARK,
  POLLERR,
} from '../../src/syscall.ts';
import { failure, inet, tcpPair, text, udp, unixPair } from './sockets.ts';

test('MSG_CONFIRM: the datagram goes as any other', (t) => {
  const [a] = udp(t);
  const [b, to] = udp(t);
  assert.equal(sendto(a, 'x', MSG_CONFIRM, inet(to)), 1);
  assert.equal(recv(b, new Uint8Array(4)), 1);
});

/** A network of its own with a gateway, and a program in it. */
const BEHIND_A_GATEWAY = [
  'ip link add v0 type veth peer name v1',
  'ip addr add 10.9.0.1/24 dev v0',
  'ip link set v0 up',
  'ip link set v1 up',
  'ip route add default via 10.9.0.2',
  'exec "$@"',
].join(' && ');

test('MSG_DONTROUTE: only what is on a network of our own is reached', (t) => {
  const [a] = udp(t);
  const [b, to] = udp(t);
  assert.equal(sendto(a, 'x', MSG_DONTROUTE, inet(to)), 1);
  assert.equal(recv(b, new Uint8Array(4)), 1);
  const program = fileURLToPath(new URL('./programs/dontroute.js', import.meta.url));
  const command = ['sh', '-c', BEHIND_A_GATEWAY, 'sh', process.execPath, program];
  const { stdout, stderr } = spawnSync('unshare', ['-n', ...command], { encoding: 'utf8' });
  if (/unshare|Operation not permitted/.test(stderr)) {
    t.skip('no network namespace of our own can be made here');
    return;
  }
  assert.deepEqual([stdout, stderr], ['by the gateway: 1\nwithout: ENETUNREACH 192.0.2.1:9\n', '']);
});

test('MSG_DONTWAIT: a blocking socket does not block', (t) => {
  const [a, b] = unixPair(t, SOCK_DGRAM);
  const details = { fd: b, timeout: true, temporary: true };
  const again = failure('recv', 'EAGAIN', details);
  assert.throws(() => recv(b, new Uint8Array(1), MSG_DONTWAIT), again);
  const chunk = new Uint8Array(1000);
  assert.throws(
    () => {
      for (;;) send(a, chunk, MSG_DONTWAIT);
    },
    failure('send', 'EAGAIN', { fd: a }),
  );
});

test('MSG_EOR: ends a record, which on TCP is not put together with the next', (t) => {
  const [a, b] = unixPair(t, SOCK_SEQPACKET);
  assert.equal(send(a, 'one', MSG_EOR), 3);
  assert.equal(send(a, 'two', MSG_EOR), 3);
  const iov = new Uint8Array(16);
  assert.equal(recvmsg(b, { iov }).size, 3);
  const [client, server] = tcpPair(t);
  assert.equal(send(client, 'x', MSG_EOR), 1);
  assert.equal(recv(server, iov), 1);
});

test('MSG_MORE: datagrams wait until there is no more, and are one', (t) => {
  const [a] = udp(t);
  const [b, to] = udp(t);
  connect(a, inet(to));
  send(a, 'one, ', MSG_MORE);
  const buf = new Uint8Array(32);
  assert.throws(() => recv(b, buf, MSG_DONTWAIT), failure('recv', 'EAGAIN'));
  send(a, 'two');
  assert.equal(text(buf, recv(b, buf)), 'one, two');
});

test('MSG_NOSIGNAL, or not: a peer that has gone is EPIPE, and kills nobody', (t) => {
  for (const flags of [MSG_NOSIGNAL, 0]) {
    const [a, b] = unixPair(t);
    close(b);
    assert.throws(() => send(a, 'x', flags), failure('send', 'EPIPE', { fd: a, flags }));
    assert.throws(() => sendmsg(a, { iov: 'x' }, flags), failure('sendmsg', 'EPIPE', { fd: a }));
  }
});

test('MSG_OOB: a byte that overtakes the others', (t) => {
  const [client, server] = tcpPair(t);
  send(client, 'ab');
  send(client, '!', MSG_OOB);
  const buf = new Uint8Array(8);
  assert.equal(ioctl(server, SIOCATMARK), 0);
  const oob = recvmsg(server, { iov: buf }, MSG_OOB);
  assert.deepEqual([oob.size, oob.flags & MSG_OOB, text(buf, 1)], [1, MSG_OOB, '!']);
  assert.equal(text(buf, recv(server, buf)), 'ab');
  assert.equal(ioctl(server, SIOCATMARK), 1);
  assert.throws(() => recv(server, buf, MSG_OOB), failure('recv', 'EINVAL'));
});

test('MSG_PEEK: what is read stays', (t) => {
  const [a, b] = unixPair(t);
  send(a, 'peek');
  const buf = new Uint8Array(8);
  assert.equal(recv(b, buf, MSG_PEEK), 4);
  assert.equal(recv(b, buf), 4);
  assert.throws(() => recv(b, buf, MSG_DONTWAIT), failure('recv', 'EAGAIN'));
});

test('MSG_TRUNC: asks for the true length, and tells that it was cut', (t) => {
  const [a, b] = unixPair(t, SOCK_DGRAM);
  send(a, 'longer');
  send(a, 'longer');
  const iov = new Uint8Array(2);
  assert.equal(recv(b, iov, MSG_PEEK | MSG_TRUNC), 6);
  const { size, flags } = recvmsg(b, { iov });
  assert.deepEqual([size, flags], [2, MSG_TRUNC]);
  assert.equal(recvmsg(b, { iov }, MSG_TRUNC).size, 6);
});

test('MSG_WAITALL: takes what is there at the end of the stream', (t) => {
  const [a, b] = unixPair(t);
  send(a, 'abc');
  close(a);
  assert.equal(recv(b, new Uint8Array(10), MSG_WAITALL), 3);
});

test('MSG_CTRUNC: a control message had no room', (t) => {
  const [a, b] = unixPair(t);
  const control = [{ level: SOL_SOCKET, type: SCM_RIGHTS, data: encodeRights([a]) }];
  sendmsg(a, { iov: 'x', control });
  const { flags, control: none } = recvmsg(b, { iov: new Uint8Array(1) });
  assert.deepEqual([flags, none], [MSG_CTRUNC, []]);
});

test('MSG_ERRQUEUE: who refused a datagram, and which', (t) => {
  const [a] = udp(t);
  const [gone, port] = udp(t);
  close(gone);
  setsockopt(a, IPPROTO_IP, IP_RECVERR, true);
  sendto(a, 'hello', 0, inet(port));
  const fds = [{ fd: a, events: 0, revents: 0 }];
  assert.equal(poll(fds), 1);
  assert.equal(fds[0]!.revents, POLLERR);
  const iov = new Uint8Array(16);
  const { size, name, control, flags } = recvmsg(a, { iov, controlSize: 128 }, MSG_ERRQUEUE);
  assert.deepEqual([text(iov, size), name, flags], ['hello', inet(port), MSG_ERRQUEUE]);
  const [{ level, type, data } = { level: 0, type: 0, data: iov }] = control;
  assert.deepEqual([level, type], [IPPROTO_IP, IP_RECVERR]);
  const { errno, origin, offender } = decodeExtendedError(data);
  assert.deepEqual([errno, origin], [ECONNREFUSED, SO_EE_ORIGIN_ICMP]);
  assert.ok(offender !== null && isSockaddrInet(offender));
  assert.deepEqual([...offender.addr], [127, 0, 0, 1]);
});

test('MSG_ZEROCOPY: the error queue tells when the memory is free', (t) => {
  const [client, server] = tcpPair(t);
  setsockopt(client, SOL_SOCKET, SO_ZEROCOPY, 1);
  const data = new Uint8Array(20_000).fill(7);
  assert.equal(send(client, data, MSG_ZEROCOPY), data.length);
  const buf = new Uint8Array(data.length);
  assert.equal(recv(server, buf, MSG_WAITALL), data.length);
  assert.deepEqual(buf, data);
  const fds = [{ fd: client, events: 0, revents: 0 }];
  assert.equal(poll(fds), 1);
  const room = { iov: new Uint8Array(1), controlSize: 128 };
  const { size, control } = recvmsg(client, room, MSG_ERRQUEUE);
  assert.equal(size, 0);
  const told = decodeExtendedError(control[0]!.data);
  assert.deepEqual([told.errno, told.origin, told.info], [0, SO_EE_ORIGIN_ZEROCOPY, 0]);
});
