/** Golden programs: TCP and unix streams, descriptors, waiting. */
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
} from '../../src/syscall/epoll.ts';
import {
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  O_NONBLOCK,
} from '../../src/syscall/fcntl.ts';
import { POLLIN, POLLPRI } from '../../src/syscall/poll.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_PEEK,
  SHUT_WR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from '../../src/syscall/socket.ts';
import type { Program, Subject } from './program.ts';

const LOOPBACK = encodeSockaddr({ family: AF_INET, addr: Uint8Array.of(127, 0, 0, 1), port: 0 });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function storage(): [Uint8Array, Uint32Array] {
  return [new Uint8Array(128), Uint32Array.of(128)];
}

/** A listener, and both ends of a connection to it. */
function connection({ kernel }: Subject): [number, number, number] {
  const listener = kernel.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  kernel.bind(listener, LOOPBACK, LOOPBACK.length);
  kernel.listen(listener, 5);
  kernel.accept4(listener, ...storage(), SOCK_CLOEXEC);
  const [addr, length] = storage();
  kernel.getsockname(listener, addr, length);
  const client = kernel.socket(AF_INET, SOCK_STREAM, 0);
  kernel.connect(client, addr, length[0]!);
  const served = kernel.accept4(listener, ...storage(), SOCK_NONBLOCK);
  return [listener, client, served];
}

export const streams: Readonly<Record<string, Program>> = {
  'a TCP connection, from socket to close'(subject) {
    const { kernel } = subject;
    const [listener, client, served] = connection(subject);
    const buf = new Uint8Array(100);
    kernel.read(served, buf, 100);
    kernel.recvfrom(served, buf, 10, 0, null, null);
    kernel.write(client, bytes('hello\0\u0001\u00022abc\n"\\\t\v\f\r\u007f9'), 20);
    kernel.recvfrom(served, buf, 5, MSG_PEEK | MSG_DONTWAIT, null, null);
    kernel.readv(served, [new Uint8Array(3), new Uint8Array(4)]);
    kernel.read(served, buf, 100);
    kernel.getpeername(client, ...storage());
    kernel.writev(client, [bytes('GET '), bytes('/ HTTP/1.1\r\n'), bytes('')]);
    kernel.shutdown(client, SHUT_WR);
    kernel.read(served, buf, 100);
    kernel.read(served, buf, 100);
    for (const fd of [served, client, listener]) kernel.close(fd);
    kernel.close(listener);
  },

  'addresses of both versions of IP, and of unix'({ kernel }) {
    const six = [
      [0, '::'],
      [8080, '::1'],
      [1, '::ffff:10.0.0.1'],
      [2, '2001:db8::1:0:0:1'],
      [3, 'fe80::1'],
    ] as const;
    const fd = kernel.socket(AF_INET6, SOCK_STREAM, 0);
    for (const [port, text] of six) {
      const addr = new Uint8Array(16);
      const groups = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
      const head = (groups[0] ?? '').split(':').filter((part) => part !== '');
      const tail = (groups[1] ?? '').split(':').filter((part) => part !== '');
      for (const [i, part] of head.entries())
        new DataView(addr.buffer).setUint16(2 * i, parseInt(part, 16));
      for (const [i, part] of tail.entries()) {
        new DataView(addr.buffer).setUint16(16 - 2 * (tail.length - i), parseInt(part, 16));
      }
      const sa = encodeSockaddr({ family: AF_INET6, addr, port, flowinfo: 0, scopeId: 0 });
      kernel.connect(fd, sa, sa.length);
    }
    kernel.connect(fd, new Uint8Array(0), 0);
    kernel.connect(fd, Uint8Array.of(2, 0), 2);
    kernel.connect(fd, Uint8Array.of(2, 0, 1, 2, 3), 5);
    kernel.connect(fd, Uint8Array.of(99, 0, 1, 2, 3), 5);
    kernel.close(fd);
    const unix = kernel.socket(AF_UNIX, SOCK_STREAM, 0);
    for (const path of ['/nowhere', '\0abstract', 'a'.repeat(100), '']) {
      const sa = new Uint8Array([1, 0, ...bytes(path)]);
      kernel.connect(unix, sa, sa.length);
    }
    kernel.close(unix);
  },

  'descriptors and their flags'({ kernel }) {
    const pair = new Int32Array(2);
    kernel.socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    kernel.fcntl(pair[0]!, F_GETFL, 0);
    kernel.fcntl(pair[0]!, F_SETFL, O_NONBLOCK);
    kernel.fcntl(pair[0]!, F_GETFD, 0);
    kernel.fcntl(pair[0]!, F_SETFD, 1);
    kernel.fcntl(pair[0]!, F_GETFD, 0);
    const copy = kernel.fcntl(pair[0]!, F_DUPFD_CLOEXEC, 100);
    const dup = kernel.dup(copy);
    kernel.dup3(copy, dup, 0);
    kernel.close(copy);
    kernel.close(dup);
    kernel.socketpair(AF_INET, SOCK_STREAM, 0, new Int32Array(2));
    kernel.pipe2(pair, O_NONBLOCK);
  },

  'waiting for descriptors'(subject) {
    const { kernel } = subject;
    const [listener, client, served] = connection(subject);
    kernel.poll(Int32Array.of(client, POLLIN | POLLPRI, served, POLLIN, -1, 0), 3, 0);
    kernel.poll(Int32Array.of(client, 4, 12_345, POLLIN), 2, 0);
    const epoll = kernel.epoll_create1(0);
    kernel.epoll_ctl(
      epoll,
      EPOLL_CTL_ADD,
      client,
      Uint32Array.of(EPOLLIN | EPOLLOUT | EPOLLET, 7, 9),
    );
    kernel.epoll_wait(epoll, new Uint32Array(30), 10, 0);
    kernel.epoll_wait(epoll, new Uint32Array(30), 10, 0);
    kernel.epoll_ctl(epoll, EPOLL_CTL_DEL, client, null);
    kernel.epoll_ctl(epoll, EPOLL_CTL_DEL, client, new Uint32Array(3));
    const set = new Uint8Array(128);
    set[client >> 3]! |= 1 << (client & 7);
    set[served >> 3]! |= 1 << (served & 7);
    kernel.select(served + 1, set.slice(), set.slice(), null, new Uint8Array(16));
    kernel.select(served + 1, set.slice(), null, null, new Uint8Array(16));
    for (const fd of [epoll, served, client, listener]) kernel.close(fd);
  },
};
