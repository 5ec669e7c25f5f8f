/** Programs whose calls need every row of the table of explanations: on the kernel itself, one after the other. */
import { openSync, closeSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { faulty } from '../../src/kernel/faulty.ts';
import * as e from '../../src/syscall/epoll.ts';
import * as f from '../../src/syscall/fcntl.ts';
import { SIOCOUTQ } from '../../src/syscall/ioctl.ts';
import * as s from '../../src/syscall/socket.ts';
import { IPPROTO_TCP, IPV6_V6ONLY, SOL_IPV6 } from '../../src/syscall/inet.ts';
import { encodeControlMessages } from '../../src/syscall/control-message.ts';
import { encodeSockaddr, sockaddrPort } from '../../src/syscall/sockaddr.ts';
import { TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_NODELAY } from '../../src/syscall/tcp.ts';

/** Makes a kernel that is traced as the program's own is, over what is made of the one below. */
export type Tracer = (change: (kernel: Kernel) => Kernel) => Kernel;

export type ExplainedProgram = (kernel: Kernel, over: Tracer) => void;

const OURS = s.SOCK_CLOEXEC | s.SOCK_NONBLOCK;
const MSG_DONTWAIT = 0x40;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const path = (text: string): Uint8Array => bytes(`${text}\0`);
const int = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

function inet(port: number, last: number = 1): Uint8Array {
  return encodeSockaddr({ family: s.AF_INET, addr: Uint8Array.of(127, 0, 0, last), port });
}

function inet6(port: number): Uint8Array {
  const addr = new Uint8Array(16);
  addr[15] = 1;
  return encodeSockaddr({ family: s.AF_INET6, addr, port, flowinfo: 0, scopeId: 0 });
}

function nameOf(k: Kernel, fd: number): Uint8Array {
  const addr = new Uint8Array(112);
  const length = Uint32Array.of(112);
  k.getsockname(fd, addr, length);
  return addr.slice(0, length[0]);
}

function peerOf(k: Kernel, fd: number): number {
  return k.getpeername(fd, new Uint8Array(112), Uint32Array.of(112));
}

function bound(k: Kernel, type: number, address: Uint8Array = inet(0)): number {
  const fd = k.socket(s.AF_INET, type | OURS, 0);
  k.bind(fd, address, address.length);
  return fd;
}

function take(k: Kernel, listener: number): number {
  return k.accept4(listener, null, null, OURS);
}

/** One of client and server each, both non-blocking, and the listener. */
function connection(k: Kernel): { listener: number; client: number; server: number } {
  const listener = bound(k, s.SOCK_STREAM);
  k.listen(listener, 16);
  const client = k.socket(s.AF_INET, s.SOCK_STREAM | OURS, 0);
  const address = nameOf(k, listener);
  k.connect(client, address, address.length);
  return { listener, client, server: take(k, listener) };
}

const events = new Uint32Array(3 * 128);

/** Registers, and fetches what epoll tells at once. */
function watch(k: Kernel, epfd: number, fd: number): void {
  const interest = (e.EPOLLIN | e.EPOLLOUT | e.EPOLLRDHUP | e.EPOLLET) >>> 0;
  k.epoll_ctl(epfd, e.EPOLL_CTL_ADD, fd, Uint32Array.of(interest, fd, 1));
  k.epoll_wait(epfd, events, 128, 0);
}

function option(k: Kernel, fd: number, level: number, name: number, value: number): void {
  k.setsockopt(fd, level, name, int(value), 4);
}

function errorOf(k: Kernel, fd: number): void {
  k.getsockopt(fd, s.SOL_SOCKET, s.SO_ERROR, new Uint8Array(4), Uint32Array.of(4));
}

/** Makes calls that fail as told. */
function failing(over: Tracer, rule: string, run: (k: Kernel) => void): void {
  run(over((kernel) => faulty(kernel, rule)));
}

function closed(k: Kernel, ...fds: number[]): void {
  for (const fd of fds) k.close(fd);
}

const PROBE = s.SOCK_STREAM | OURS;

export const explainedPrograms: Readonly<Record<string, ExplainedProgram>> = {
  probe(k) {
    k.close(k.socket(s.AF_INET, PROBE, IPPROTO_TCP));
    const fd = k.socket(s.AF_INET6, PROBE, IPPROTO_TCP);
    option(k, fd, SOL_IPV6, IPV6_V6ONLY, 1);
    option(k, fd, SOL_IPV6, IPV6_V6ONLY, 0);
    k.bind(fd, inet6(0), 28);
    k.close(fd);
  },
  listening(k) {
    const file = k.openat(
      f.AT_FDCWD,
      path('/proc/sys/net/core/somaxconn'),
      f.O_RDONLY | f.O_CLOEXEC,
      0,
    );
    k.read(file, new Uint8Array(64), 64);
    k.read(file, new Uint8Array(64), 64);
    k.close(file);
    const fd = k.socket(s.AF_INET, s.SOCK_STREAM | OURS, 0);
    option(k, fd, s.SOL_SOCKET, s.SO_REUSEADDR, 1);
    option(k, fd, s.SOL_SOCKET, s.SO_REUSEPORT, 1);
    k.bind(fd, inet(0), 16);
    option(k, fd, IPPROTO_TCP, TCP_NODELAY, 1);
    option(k, fd, s.SOL_SOCKET, s.SO_KEEPALIVE, 1);
    option(k, fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
    option(k, fd, IPPROTO_TCP, TCP_KEEPIDLE, 15);
    k.listen(fd, 16);
    const second = bound(k, s.SOCK_STREAM, nameOf(k, fd));
    const foreign = Uint8Array.of(203, 0, 113, 1);
    k.bind(second, encodeSockaddr({ family: s.AF_INET, addr: foreign, port: 80 }), 16);
    const epfd = k.epoll_create1(e.EPOLL_CLOEXEC);
    watch(k, epfd, fd);
    k.poll(Int32Array.of(fd, 1), 1, 0);
    // One instruction: keep nothing.
    k.setsockopt(fd, s.SOL_SOCKET, s.SO_ATTACH_FILTER, Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0), 8);
    k.epoll_ctl(epfd, e.EPOLL_CTL_DEL, fd, null);
    closed(k, fd, second, epfd);
  },
  both(k) {
    const fd = k.socket(s.AF_INET6, s.SOCK_STREAM | OURS, 0);
    option(k, fd, SOL_IPV6, IPV6_V6ONLY, 1);
    option(k, fd, SOL_IPV6, IPV6_V6ONLY, 0);
    k.close(fd);
    k.socket(12, s.SOCK_STREAM | OURS, 0);
    const raw = k.socket(s.AF_INET, s.SOCK_RAW | OURS, 1);
    if (raw >= 0) k.close(raw);
  },
  accepting(k, over) {
    const listener = bound(k, s.SOCK_STREAM);
    k.listen(listener, 16);
    take(k, listener);
    const epfd = k.epoll_create1(e.EPOLL_CLOEXEC);
    const client = k.socket(s.AF_INET, s.SOCK_STREAM | OURS, 0);
    const address = nameOf(k, listener);
    k.connect(client, address, 16);
    watch(k, epfd, listener);
    const server = take(k, listener);
    nameOf(k, server);
    take(k, listener);
    failing(over, 'accept4:error=EMFILE', (faults) => {
      take(faults, listener);
      take(faults, listener);
    });
    failing(over, 'accept4:error=ECONNABORTED', (faults) => take(faults, listener));
    failing(over, 'socket:error=EMFILE', (faults) => faults.socket(s.AF_INET, PROBE, 0));
    watch(k, epfd, server);
    k.epoll_wait(epfd, events, 128, 0);
    closed(k, client, server, listener, epfd);
  },
  dialling(k, over) {
    const listener = bound(k, s.SOCK_STREAM);
    k.listen(listener, 16);
    const epfd = k.epoll_create1(e.EPOLL_CLOEXEC);
    const address = nameOf(k, listener);
    const fd = k.socket(s.AF_INET, s.SOCK_STREAM | OURS, 0);
    failing(over, 'getpeername:error=ENOTCONN', (faults) => peerOf(faults, fd));
    k.connect(fd, address, 16);
    watch(k, epfd, fd);
    errorOf(k, fd);
    const other = k.socket(s.AF_INET6, s.SOCK_STREAM | OURS, 0);
    k.connect(other, inet6(sockaddrPort(address)), 28);
    peerOf(k, fd);
    peerOf(k, fd);
    nameOf(k, fd);
    option(k, fd, IPPROTO_TCP, TCP_NODELAY, 1);
    option(k, fd, s.SOL_SOCKET, s.SO_KEEPALIVE, 1);
    option(k, fd, s.SOL_SOCKET, s.SO_RCVBUF, 65536);
    k.setsockopt(fd, s.SOL_SOCKET, s.SO_LINGER, new Uint8Array(8), 8);
    k.setsockopt(fd, s.SOL_SOCKET, s.SO_LINGER, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8);
    const accepted = take(k, listener);
    closed(k, other, fd);
    k.read(accepted, new Uint8Array(8), 8);
    closed(k, accepted, listener);
    // Nobody listens there any more.
    const refused = k.socket(s.AF_INET, s.SOCK_STREAM | OURS, 0);
    k.connect(refused, address, 16);
    watch(k, epfd, refused);
    errorOf(k, refused);
    const given = k.socket(s.AF_INET, s.SOCK_STREAM | OURS, 0);
    k.connect(given, address, 16);
    failing(over, 'connect:error=ECONNREFUSED', (faults) => faults.connect(given, address, 16));
    closed(k, given, refused, epfd);
  },
  bytes(k) {
    const { listener, client, server } = connection(k);
    const epfd = k.epoll_create1(e.EPOLL_CLOEXEC);
    const buf = new Uint8Array(8);
    k.read(server, buf, 8);
    k.write(client, bytes('hello'), 5);
    watch(k, epfd, server);
    k.read(server, buf, 8);
    k.write(client, bytes('12345678'), 8);
    k.read(server, buf, 8);
    k.sendto(client, bytes('x'), 1, s.MSG_NOSIGNAL, null, 0);
    k.sendto(client, bytes('y'), 1, s.MSG_MORE, null, 0);
    k.shutdown(client, s.SHUT_WR);
    k.epoll_wait(epfd, events, 128, 0);
    k.read(server, buf, 8);
    k.read(server, buf, 8);
    const much = new Uint8Array(32 << 20);
    k.write(server, much, much.length);
    while (k.write(server, much, much.length) > 0);
    k.shutdown(server, s.SHUT_WR);
    k.write(server, bytes('z'), 1);
    closed(k, server, client, listener, epfd);
  },
  resets(k) {
    const { listener, client, server } = connection(k);
    const epfd = k.epoll_create1(e.EPOLL_CLOEXEC);
    k.setsockopt(client, s.SOL_SOCKET, s.SO_LINGER, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8);
    k.close(client);
    watch(k, epfd, server);
    k.read(server, new Uint8Array(8), 8);
    closed(k, server, listener);
    const pair = connection(k);
    k.shutdown(pair.client, s.SHUT_WR);
    k.shutdown(pair.server, s.SHUT_WR);
    watch(k, epfd, pair.server);
    closed(k, pair.server, pair.client, pair.listener, epfd);
  },
  readiness(k) {
    const sv = new Int32Array(2);
    k.pipe2(sv, f.O_NONBLOCK | f.O_CLOEXEC);
    const epfd = k.epoll_create1(e.EPOLL_CLOEXEC);
    k.fcntl(sv[1]!, f.F_SETPIPE_SZ, 1 << 20);
    k.write(sv[1]!, bytes('spliced'), 7);
    watch(k, epfd, sv[0]!);
    const { listener, client, server } = connection(k);
    k.splice(sv[0]!, null, client, null, 7, 2);
    const file = k.openat(f.AT_FDCWD, path('/etc/hosts'), f.O_RDONLY | f.O_CLOEXEC, 0);
    watch(k, epfd, file);
    const copy = k.fcntl(client, f.F_DUPFD_CLOEXEC, 0);
    k.fcntl(copy, f.F_SETFL, k.fcntl(copy, f.F_GETFL, 0) | f.O_NONBLOCK);
    closed(k, copy, file, client, server, listener, sv[0]!, sv[1]!, epfd);
  },
  files(k) {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-explained-'));
    const name = join(folder, 'file');
    writeFileSync(name, 'contents');
    symlinkSync(name, join(folder, 'link'));
    try {
      const how = new Uint8Array(24);
      const view = new DataView(how.buffer);
      view.setBigUint64(0, BigInt(f.O_RDONLY | f.O_CLOEXEC), true);
      view.setBigUint64(16, BigInt(f.RESOLVE_NO_SYMLINKS), true);
      k.openat2(f.AT_FDCWD, path(join(folder, 'link')), how, 24);
      k.openat(f.AT_FDCWD, path(join(folder, 'none')), f.O_RDONLY, 0);
      const file = k.openat2(f.AT_FDCWD, path(name), how, 24);
      if (file < 0) throw new Error(`openat2: ${file}`);
      k.statx(file, path(''), 0x1000, 0x7ff, new Uint8Array(256));
      k.statx(f.AT_FDCWD, path('/etc/hosts'), 0, 0x7ff, new Uint8Array(256));
      k.read(file, new Uint8Array(4), 4);
      const { listener, client, server } = connection(k);
      k.sendfile(server, file, new Uint8Array(8), 64);
      k.read(file, new Uint8Array(64), 64);
      k.sendfile(server, file, null, 64);
      closed(k, client, server, listener, file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  datagrams(k, over) {
    const a = bound(k, s.SOCK_DGRAM);
    const b = k.socket(s.AF_INET, s.SOCK_DGRAM | OURS, 0);
    const buf = new Uint8Array(8);
    k.recvfrom(a, buf, 8, 0, null, null);
    const address = nameOf(k, a);
    k.connect(b, address, 16);
    nameOf(k, b);
    option(k, b, s.SOL_SOCKET, s.SO_BROADCAST, 1);
    k.sendto(b, bytes(''), 0, 0, null, 0);
    k.recvfrom(a, buf, 8, 0, null, null);
    k.sendto(b, bytes('longer than that'), 16, 0, null, 0);
    k.recvfrom(a, buf, 8, s.MSG_TRUNC, null, null);
    const memory = new Uint8Array(64);
    k.sendmmsg(b, memory, Uint32Array.of(0, 8, 0, 0, 0, 0, 0, 0), 1, 0);
    k.recvmmsg(a, memory, Uint32Array.of(0, 8, 0, 0, 0, 0, 0, 0), 1, 0, null);
    k.close(a);
    k.sendto(b, bytes('?'), 1, 0, null, 0);
    k.sendto(b, bytes('?'), 1, 0, null, 0);
    failing(over, 'sendto:error=EAGAIN', (faults) => faults.sendto(b, buf, 8, 0, null, 0));
    k.close(b);
  },
  unix(k) {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-explained-'));
    const name = join(folder, 'socket');
    const address = encodeSockaddr({ family: s.AF_UNIX, path: bytes(name) });
    const listener = k.socket(s.AF_UNIX, s.SOCK_STREAM | OURS, 0);
    k.bind(listener, address, address.length);
    k.listen(listener, 0);
    option(k, listener, s.SOL_SOCKET, s.SO_REUSEADDR, 1);
    nameOf(k, listener);
    const clients = [0, 1].map(() => k.socket(s.AF_UNIX, s.SOCK_STREAM | OURS, 0));
    for (const fd of clients) k.connect(fd, address, address.length);
    const server = take(k, listener);
    const opened = openSync(import.meta.filename, 'r');
    const data = new Uint8Array(int(opened));
    const control = encodeControlMessages([{ level: s.SOL_SOCKET, type: 1, data }]);
    k.sendmsg(clients[0]!, null, bytes('x'), control, Uint32Array.of(0, control.length, 0), 0);
    k.sendmsg(clients[0]!, null, bytes('y'), null, new Uint32Array(3), 0);
    const room = new Uint8Array(64);
    k.recvmsg(server, null, new Uint8Array(1), room, Uint32Array.of(0, 64, 0), s.MSG_CMSG_CLOEXEC);
    k.close(new DataView(room.buffer).getInt32(16, true));
    k.read(server, new Uint8Array(8), 8);
    k.ioctl(server, SIOCOUTQ, new Uint8Array(4));
    k.shutdown(listener, s.SHUT_RD);
    k.unlinkat(f.AT_FDCWD, path(name), 0);
    closed(k, ...clients, server, listener);
    closeSync(opened);
    rmSync(folder, { recursive: true });
  },
  netlink(k) {
    const fd = k.socket(s.AF_NETLINK, s.SOCK_RAW | s.SOCK_CLOEXEC, 0);
    const address = encodeSockaddr({ family: s.AF_NETLINK } as Parameters<
      typeof encodeSockaddr
    >[0]);
    k.bind(fd, address, 12);
    // struct nlmsghdr and rtgenmsg: RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP.
    const request = new Uint8Array(20);
    const view = new DataView(request.buffer);
    view.setUint32(0, 20, true);
    view.setUint16(4, 18, true);
    view.setUint16(6, 0x301, true);
    k.sendto(fd, request, 20, 0, address, 12);
    nameOf(k, fd);
    const length = Uint32Array.of(112);
    k.recvfrom(fd, new Uint8Array(32768), 32768, MSG_DONTWAIT, new Uint8Array(112), length);
    k.close(fd);
  },
};
