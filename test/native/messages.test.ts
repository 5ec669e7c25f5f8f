/** The calls that move messages and several buffers at once, and those that wait, on the real kernel. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { MSG_WORDS } from '../../src/kernel/kernel.ts';
import { linux } from '../../src/kernel/linux.ts';
import { decodeRights, encodeRights } from '../../src/syscall/ancillary.ts';
import { decodeControlMessages, encodeControlMessages } from '../../src/syscall/control-message.ts';
import {
  EAGAIN,
  EBADF,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENOTCONN,
  ENOTSOCK,
  ESPIPE,
} from '../../src/syscall/errno.ts';
import { F_GETFD, FD_CLOEXEC, O_CLOEXEC, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import { FdSet } from '../../src/syscall/fd-set.ts';
import {
  AF_UNIX,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_PEEK,
  MSG_TRUNC,
  SCM_RIGHTS,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/syscall/socket.ts';

const { kernel } = linux;
const FIONREAD = 0x541b;
const encoder = new TextEncoder();

function text(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.subarray(0, length)).toString('latin1');
}

/** Two connected, nonblocking unix sockets. */
function withPair(sotype: number, use: (a: number, b: number) => void): void {
  const pair = new Int32Array(2);
  const type = sotype | SOCK_CLOEXEC | SOCK_NONBLOCK;
  assert.equal(kernel.socketpair(AF_UNIX, type, 0, pair), 0);
  const [a = -1, b = -1] = pair;
  try {
    use(a, b);
  } finally {
    kernel.close(a);
    kernel.close(b);
  }
}

/** A datagram socket with an abstract name. */
function bound(name: string): { fd: number; addr: Uint8Array } {
  const fd = kernel.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const addr = Uint8Array.from([AF_UNIX, 0, 0, ...encoder.encode(`netfd-${process.pid}-${name}`)]);
  assert.equal(kernel.bind(fd, addr, addr.length), 0);
  return { fd, addr };
}

test('recvfrom and sendto: who sent it', () => {
  const a = bound('a');
  const b = bound('b');
  const name = new Uint8Array(128);
  const addrlen = Uint32Array.of(128);
  assert.equal(kernel.sendto(a.fd, encoder.encode('hello'), 4, 0, b.addr, b.addr.length), 4);
  const buf = new Uint8Array(8);
  assert.equal(kernel.recvfrom(b.fd, buf, 2, MSG_PEEK | MSG_TRUNC, name, addrlen), 4);
  assert.equal(text(buf, 8), 'he\0\0\0\0\0\0');
  assert.deepEqual(name.subarray(0, addrlen[0]), a.addr);
  assert.equal(kernel.recvfrom(b.fd, buf, 8, 0, null, null), 4);
  assert.equal(kernel.recvfrom(b.fd, buf, 8, 0, null, null), -EAGAIN);
  kernel.close(a.fd);
  kernel.close(b.fd);
});

test('readv and writev: several buffers as one', () => {
  withPair(SOCK_STREAM, (a, b) => {
    const parts = ['ab', '', 'cde'].map((part) => encoder.encode(part));
    assert.equal(kernel.writev(a, parts), 5);
    assert.equal(kernel.writev(a, encoder.encode('f')), 1);
    const into = [new Uint8Array(1), new Uint8Array(8)] as const;
    assert.equal(kernel.readv(b, into), 6);
    assert.equal(text(into[0], 1) + text(into[1], 5), 'abcdef');
    const many = Array.from({ length: 1024 }, () => Uint8Array.of(120));
    assert.equal(kernel.writev(a, many), 1024);
    assert.equal(kernel.writev(a, [...many, new Uint8Array(1)]), -EINVAL);
    assert.equal(
      kernel.sendmsg(a, null, [...many, ...many], null, new Uint32Array(3), 0),
      -EMSGSIZE,
    );
    assert.equal(kernel.writev(a, []), 0);
  });
});

suite('recvmsg and sendmsg', () => {
  test('pass descriptors, and say what was cut', () => {
    withPair(SOCK_STREAM, (a, b) => {
      const rights = { level: SOL_SOCKET, type: SCM_RIGHTS, data: encodeRights([a, b]) };
      const control = encodeControlMessages([rights]);
      const lengths = Uint32Array.of(0, control.length, 0xff);
      const sent = (): number => kernel.sendmsg(a, null, encoder.encode('x'), control, lengths, 0);
      assert.equal(sent(), 1);
      assert.deepEqual([...lengths], [0, control.length, 0xff]);

      const room = new Uint8Array(64);
      const buf = new Uint8Array(4);
      const got = Uint32Array.of(0, 64, 0);
      assert.equal(kernel.recvmsg(b, null, [buf], room, got, MSG_CMSG_CLOEXEC), 1);
      assert.deepEqual([...got], [0, control.length, MSG_CMSG_CLOEXEC]);
      const [message] = decodeControlMessages(room, got[1]);
      const fds = decodeRights(message!.data);
      assert.equal(fds.length, 2);
      for (const fd of fds) {
        assert.equal(kernel.fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
        assert.equal(kernel.close(fd), 0);
      }

      assert.equal(sent(), 1);
      assert.equal(kernel.recvmsg(b, null, buf, null, got.fill(0), 0), 1);
      assert.equal(got[2], MSG_CTRUNC);
    });
  });

  test('take a name, and several buffers', () => {
    const a = bound('c');
    const b = bound('d');
    const lengths = Uint32Array.of(b.addr.length, 0, 0);
    const parts = [encoder.encode('one'), encoder.encode('two')];
    assert.equal(kernel.sendmsg(a.fd, b.addr, parts, null, lengths, 0), 6);
    assert.equal(kernel.sendmsg(a.fd, null, parts, null, new Uint32Array(3), 0), -ENOTCONN);
    const name = new Uint8Array(128);
    const got = Uint32Array.of(128, 0, 0);
    const into = [new Uint8Array(2), new Uint8Array(3)] as const;
    assert.equal(kernel.recvmsg(b.fd, name, into, null, got, 0), 5);
    assert.deepEqual(name.subarray(0, got[0]), a.addr);
    assert.equal(got[2], MSG_TRUNC);
    assert.equal(text(into[0], 2) + text(into[1], 3), 'onetw');
    // What failed has told nothing.
    assert.equal(kernel.recvmsg(b.fd, name, into, null, got.fill(128), 0), -EAGAIN);
    assert.deepEqual([...got], [128, 128, 128]);
    kernel.close(a.fd);
    kernel.close(b.fd);
  });

  test('control messages with addresses, or too many, are refused', () => {
    withPair(SOCK_STREAM, (a) => {
      const send = (...levels: readonly number[]): number => {
        const messages = levels.map((level) => ({ level, type: 1, data: new Uint8Array(48) }));
        const control = encodeControlMessages(messages);
        const lengths = Uint32Array.of(0, control.length, 0);
        return kernel.sendmsg(a, null, encoder.encode('x'), control, lengths, 0);
      };
      const message = 'sendmsg: control must be free of messages that hold addresses';
      assert.throws(() => send(276), { name: 'RangeError', message });
      assert.throws(() => send(41, 276), { name: 'RangeError', message });
      assert.equal(send(41, 17), 1);
      assert.throws(() => send(...Array.from({ length: 257 }, () => 41)), {
        name: 'RangeError',
        message: 'sendmsg: control must be at most 16384 bytes long',
      });
    });
  });
});

test('recvmmsg and sendmmsg: many in one call', () => {
  withPair(SOCK_DGRAM, (a, b) => {
    const memory = new Uint8Array(256);
    const send = new Uint32Array(3 * MSG_WORDS);
    for (const [i, word] of ['one', 'two', 'three'].entries()) {
      memory.set(encoder.encode(word), 10 * i);
      send.set([10 * i, word.length], MSG_WORDS * i);
    }
    const rights = { level: SOL_SOCKET, type: SCM_RIGHTS, data: encodeRights([a]) };
    const control = encodeControlMessages([rights]);
    memory.set(control, 64);
    send.set([64, control.length], MSG_WORDS + 4);
    assert.equal(kernel.sendmmsg(a, memory, send, 3, 0), 3);
    assert.deepEqual([send[7], send[15], send[23]], [3, 3, 5]);

    const into = new Uint8Array(256);
    const got = new Uint32Array(4 * MSG_WORDS);
    for (let i = 0; i < 4; i++) got.set([i * 4, 4, 0, 0, 64 + i * 32, 32], i * MSG_WORDS);
    assert.equal(kernel.recvmmsg(b, into, got, 4, MSG_CMSG_CLOEXEC, null), 3);
    assert.equal(text(into, 12), 'one\0two\0thre');
    const record = (i: number): number[] => [...got.subarray(MSG_WORDS * i, MSG_WORDS * (i + 1))];
    assert.deepEqual(record(0).slice(4), [64, 0, MSG_CMSG_CLOEXEC, 3]);
    assert.deepEqual(record(1).slice(4), [96, 24, MSG_CMSG_CLOEXEC, 3]);
    assert.deepEqual(record(2).slice(4), [128, 0, MSG_CMSG_CLOEXEC | MSG_TRUNC, 4]);
    assert.deepEqual(record(3), [12, 4, 0, 0, 160, 32, 0, 0]);
    const [message] = decodeControlMessages(into.subarray(96), 24);
    assert.equal(kernel.close(decodeRights(message!.data)[0]!), 0);

    assert.equal(kernel.recvmmsg(b, into, got, 4, 0, new Uint8Array(16)), -EAGAIN);
    assert.equal(kernel.recvmmsg(b, into, got, 4, 0, new Uint8Array(16).fill(255)), -EINVAL);
    assert.equal(kernel.sendmmsg(a, memory, new Uint32Array(0), 0, 0), 0);
  });
});

suite('files and pipes', () => {
  test('sendfile from an offset, and from the file itself', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-'));
    writeFileSync(join(folder, 'file'), '0123456789');
    const file = openSync(join(folder, 'file'), 'r');
    withPair(SOCK_STREAM, (a, b) => {
      const offset = new BigInt64Array([4n]);
      const bytes = new Uint8Array(offset.buffer);
      assert.equal(kernel.sendfile(a, file, bytes, 3), 3);
      assert.equal(offset[0], 7n);
      assert.equal(kernel.sendfile(a, file, null, 2), 2);
      const buf = new Uint8Array(16);
      assert.equal(kernel.read(b, buf, 16), 5);
      assert.equal(text(buf, 5), '45601');
      assert.equal(kernel.sendfile(a, file, null, 2 ** 53 - 1), 8);
    });
    closeSync(file);
    rmSync(folder, { recursive: true });
  });

  test('splice moves what it does not copy', () => {
    const ends = new Int32Array(2);
    kernel.pipe2(ends, O_CLOEXEC | O_NONBLOCK);
    const [reader = -1, writer = -1] = ends;
    withPair(SOCK_STREAM, (a, b) => {
      kernel.write(a, encoder.encode('spliced'), 7);
      assert.equal(kernel.splice(b, null, writer, null, 100, 2), 7);
      assert.equal(kernel.splice(reader, null, b, null, 100, 2), 7);
      const buf = new Uint8Array(16);
      assert.equal(kernel.read(a, buf, 16), 7);
      assert.equal(kernel.splice(a, null, b, null, 1, 0), -EINVAL);
      assert.equal(kernel.splice(a, null, writer, new Uint8Array(8), 1, 0), -ESPIPE);
    });
    kernel.close(reader);
    kernel.close(writer);
  });

  test('dup, dup3 and eventfd2', () => {
    const counter = kernel.eventfd2(3, O_CLOEXEC | O_NONBLOCK);
    const copy = kernel.dup(counter);
    assert.equal(kernel.fcntl(copy, F_GETFD, 0), 0);
    assert.equal(kernel.dup3(counter, copy, O_CLOEXEC), copy);
    assert.equal(kernel.fcntl(copy, F_GETFD, 0), FD_CLOEXEC);
    assert.equal(kernel.dup3(counter, counter, 0), -EINVAL);
    const value = new Uint8Array(8);
    assert.equal(kernel.read(copy, value, 8), 8);
    assert.equal(value[0], 3);
    kernel.close(counter);
    kernel.close(copy);
    assert.equal(kernel.dup(-1), -EBADF);
  });
});

test('ioctl reads and writes what the request says', () => {
  withPair(SOCK_STREAM, (a, b) => {
    kernel.write(a, encoder.encode('hello'), 5);
    const count = Int32Array.of(-1, -1);
    assert.equal(kernel.ioctl(b, FIONREAD, new Uint8Array(count.buffer)), 0);
    assert.deepEqual([...count], [5, -1]);
    assert.equal(kernel.ioctl(b, FIONREAD, null), -14);
    assert.equal(kernel.ioctl(b, 0x5450, 0), 0); // FIONCLEX
    assert.equal(kernel.fcntl(b, F_GETFD, 0), 0);
    assert.throws(() => kernel.ioctl(b, 0x5450, count as never), TypeError);
    const message = 'ioctl: arg must be 0';
    assert.throws(() => kernel.ioctl(b, 0x89e0, 4096), { name: 'RangeError', message });
  });
});

suite('waiting', () => {
  test('select and pselect6', () => {
    withPair(SOCK_STREAM, (a, b) => {
      kernel.write(a, encoder.encode('x'), 1);
      const nfds = Math.max(a, b) + 1;
      const time = new Uint8Array(16);
      const readers = new FdSet([a, b]);
      const writers = new FdSet([a]);
      assert.equal(kernel.select(nfds, readers.bytes, writers.bytes, null, time), 2);
      assert.deepEqual([[...readers], [...writers]], [[b], [a]]);
      readers.set(a);
      const mask = new Uint8Array(8);
      assert.equal(kernel.pselect6(nfds, readers.bytes, null, null, time, mask), 1);
      assert.equal(kernel.pselect6(nfds, readers.bytes, null, null, null, null), 1);
      assert.equal(kernel.select(-1, null, null, null, time), -EINVAL);
      assert.throws(() => kernel.select(1025, readers.bytes, null, null, time), {
        name: 'RangeError',
        message: 'select: readfds must be a bit long for each of nfds',
      });
    });
  });

  test('poll and ppoll', () => {
    withPair(SOCK_STREAM, (a, b) => {
      kernel.write(a, encoder.encode('x'), 1);
      const POLLIN = 1;
      const POLLNVAL = 32;
      const fds = Int32Array.of(b, POLLIN, a, POLLIN, -1, POLLIN, 2 ** 31 - 1, POLLIN);
      assert.equal(kernel.poll(fds, 4, -1), 2);
      const revents = (): number[] => [1, 3, 5, 7].map((i) => fds[i]! >>> 16);
      assert.deepEqual(revents(), [POLLIN, 0, 0, POLLNVAL]);
      assert.equal(kernel.poll(fds.subarray(2), 1, 0), 0);
      assert.equal(kernel.ppoll(fds, 4, null, new Uint8Array(8)), 2);
      assert.equal(kernel.ppoll(fds, 1, new Uint8Array(16).fill(255), null), -EINVAL);
    });
  });

  test('epoll_create takes any size above 0', () => {
    assert.equal(kernel.epoll_create(0), -EINVAL);
    const fd = kernel.epoll_create(1);
    assert.equal(kernel.fcntl(fd, F_GETFD, 0), 0);
    assert.equal(kernel.close(fd), 0);
  });
});

test('what is no socket is told so', () => {
  const fd = kernel.eventfd2(0, O_CLOEXEC);
  const buf = new Uint8Array(1);
  const lengths = new Uint32Array(3);
  const msgvec = new Uint32Array(MSG_WORDS);
  assert.equal(kernel.recvfrom(fd, buf, 1, 0, null, null), -ENOTSOCK);
  assert.equal(kernel.sendto(fd, buf, 1, 0, null, 0), -ENOTSOCK);
  assert.equal(kernel.recvmsg(fd, null, buf, null, lengths, 0), -ENOTSOCK);
  assert.equal(kernel.sendmsg(fd, null, buf, null, lengths, 0), -ENOTSOCK);
  assert.equal(kernel.recvmmsg(fd, buf, msgvec, 1, 0, null), -ENOTSOCK);
  assert.equal(kernel.sendmmsg(fd, buf, msgvec, 1, 0), -ENOTSOCK);
  assert.equal(kernel.accept(fd, null, null), -ENOTSOCK);
  kernel.close(fd);
  const udp = kernel.socket(2, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  assert.equal(kernel.sendto(udp, buf, 1, 0, null, 0), -EDESTADDRREQ);
  kernel.close(udp);
});
