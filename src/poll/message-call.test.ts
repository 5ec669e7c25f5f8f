/** Messages through an FD on the real kernel: tried at once, waited for, ended by deadline and close. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { MSG_WORDS } from '../kernel/kernel.ts';
import { linux } from '../kernel/linux.ts';
import { EAGAIN, EMSGSIZE } from '../syscall/errno.ts';
import { AF_INET, AF_UNIX, MSG_TRUNC, SOCK_DGRAM, SOCK_NONBLOCK } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { ErrClosed, ErrDeadlineExceeded } from './errors.ts';
import { FD, type FDKind } from './fd.ts';
import {
  RecvFromCall,
  RecvMMsgCall,
  RecvMsgCall,
  senderAddress,
  senderAddressLength,
  SendMMsgCall,
  SendMsgCall,
  SendToCall,
} from './message-call.ts';

const { kernel } = linux;
const KIND: FDKind = { zeroReadIsEnd: false, shortReadDrains: false };
const encoder = new TextEncoder();

interface Told {
  op: string;
  cause: Error;
  target: object | null | undefined;
}

/** What was explained, last. */
let told: Told | null = null;
const open: FD[] = [];

function fdOf(sysfd: number): FD {
  const explainer = {
    explain(op: string, cause: Error, target?: object | null): Error {
      told = { op, cause, target };
      return cause;
    },
  };
  const fd = new FD(linux, sysfd, explainer, KIND);
  fd.init();
  open.push(fd);
  return fd;
}

function pair(): [FD, FD] {
  const sv = new Int32Array(2);
  assert.equal(kernel.socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sv), 0);
  return [fdOf(sv[0]!), fdOf(sv[1]!)];
}

/** A socket bound to a port of 127.0.0.1, and its address. */
function bound(): { fd: FD; addr: Uint8Array } {
  const sysfd = kernel.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const addr = Uint8Array.of(AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  assert.equal(kernel.bind(sysfd, addr, addr.length), 0);
  assert.equal(kernel.getsockname(sysfd, addr, Uint32Array.of(16)), 0);
  return { fd: fdOf(sysfd), addr };
}

function sendText(fd: FD, text: string, addr: Uint8Array | null = null): number {
  return fd.tryCall(new SendToCall(encoder.encode(text), addr, null));
}

afterEach(() => {
  for (const fd of open.splice(0)) if (!fd.closed) fd.close();
  told = null;
});

test('recvfrom and sendto: at once, again with the same call, and who sent it', async () => {
  const a = bound();
  const b = bound();
  const buf = new Uint8Array(8);
  const receive = new RecvFromCall(buf);
  assert.equal(b.fd.tryCall(receive), -EAGAIN);
  const waiting = b.fd.beginCall(new RecvFromCall(buf), (size) => [
    size,
    senderAddress.slice(0, senderAddressLength[0]),
  ]);
  assert.equal(sendText(a.fd, 'hello', b.addr), 5);
  assert.deepEqual(await waiting, [5, a.addr]);
  assert.equal(sendText(a.fd, '', b.addr), 0);
  assert.equal(sendText(a.fd, 'longer than 8', b.addr), 13);
  await new Promise<void>((resolve) => b.fd.whenReady('read', { ready: () => resolve() }));
  assert.equal(b.fd.tryCall(receive), 0);
  assert.equal(b.fd.tryCall(receive.with(buf.subarray(0, 4))), 4);
  assert.equal(Buffer.from(buf).toString('latin1'), 'longo\0\0\0');
});

test('recvmsg and sendmsg tell of what was cut', async () => {
  const [a, b] = pair();
  const waiting = b.beginCall(
    new RecvMsgCall([new Uint8Array(2)], new Uint8Array(32), 0),
    (n) => n,
  );
  const parts = [encoder.encode('ab'), encoder.encode('cd')];
  assert.equal(a.tryCall(new SendMsgCall(parts, null, null, null)), 4);
  assert.equal(await waiting, 2);
  const call = new RecvMsgCall(new Uint8Array(2), null, MSG_TRUNC);
  assert.equal(a.tryCall(new SendMsgCall(encoder.encode('xyz'), null, null, null)), 3);
  await b.beginCall(call, () => true);
  assert.deepEqual([...call.lengths], [0, 0, MSG_TRUNC]);
});

test('sendmmsg waits for room, and recvmmsg knows when nothing is left', async () => {
  const [a, b] = pair();
  const memory = new Uint8Array(4096);
  const records = new Uint32Array(40 * MSG_WORDS);
  for (let i = 0; i < 40; i++) records.set([i, 1 + i], i * MSG_WORDS);
  const send = new SendMMsgCall(memory, records, 40, () => null);
  let sent = 0;
  const sending = a.beginCall(send, (count) => {
    sent += count;
    send.msgvec = records.subarray(sent * MSG_WORDS);
    send.vlen = 40 - sent;
    return sent === 40 ? sent : undefined;
  });
  const into = new Uint32Array(16 * MSG_WORDS);
  const offer = (): number => {
    for (let i = 0; i < 16; i++) into.set([64 * i, 64, 0, 0, 0, 0, 0], i * MSG_WORDS);
    return 16;
  };
  const receive = new RecvMMsgCall(new Uint8Array(1024), into, offer);
  const sizes: number[] = [];
  const expected = Array.from({ length: 40 }, (_, i) => 1 + i);
  let shortCall = false;
  while (sizes.length < 40) {
    const count = await b.beginCall(receive, (n) => n);
    for (let i = 0; i < count; i++) sizes.push(into[i * MSG_WORDS + 7]!);
    shortCall ||= count < 16;
  }
  assert.deepEqual(sizes, expected);
  assert.equal(await sending, 40);
  assert.ok(sent === 40 && shortCall, 'one call found fewer than it had room for');
});

test('a deadline and close end the wait; the error says what it was meant for', async () => {
  const { fd, addr } = bound();
  const target = {};
  assert.throws(
    () => fd.tryCall(new SendToCall(new Uint8Array(70000), addr, target)),
    SyscallError,
  );
  assert.deepEqual(told, { op: 'write', cause: new SyscallError('sendto', -EMSGSIZE), target });
  assert.equal(told?.target, target);
  const [unix] = pair();
  assert.throws(() => fd.tryCall(new SendMsgCall(new Uint8Array(1), null, null, null)), /sendmsg/);
  assert.equal(unix.tryCall(new RecvFromCall(new Uint8Array(1))), -EAGAIN);
  const late = fd.beginCall(new RecvFromCall(new Uint8Array(1)), (n) => n);
  fd.setDeadline('read', linux.clock.monotonic() + 1);
  await assert.rejects(late, ErrDeadlineExceeded);
  assert.throws(() => fd.tryCall(new RecvFromCall(new Uint8Array(1))), ErrDeadlineExceeded);
  fd.setDeadline('read', 0);
  const closed = [
    fd.beginCall(new RecvFromCall(new Uint8Array(1)), (n) => n),
    fd.beginCall(new RecvFromCall(new Uint8Array(1)), (n) => n),
  ];
  fd.close();
  for (const each of closed) await assert.rejects(each, ErrClosed);
  assert.throws(() => sendText(fd, 'x', addr), ErrClosed);
});

test('a buffer that is taken away while it is waited for loses no message', async () => {
  const a = bound();
  const b = bound();
  const buf = new Uint8Array(8);
  const waiting = b.fd.beginCall(new RecvFromCall(buf), (size) => size);
  structuredClone(buf, { transfer: [buf.buffer] });
  sendText(a.fd, 'kept', b.addr);
  await assert.rejects(waiting, { name: 'TypeError', message: /^recvfrom: buf/ });
  assert.equal(b.fd.tryCall(new RecvFromCall(new Uint8Array(8))), 4);
});

test('a peer is needed where no address is given', () => {
  const { fd } = bound();
  const send = new SendToCall(new Uint8Array(1), null, null);
  assert.throws(() => fd.tryCall(send), { message: 'sendto: destination address required' });
});
