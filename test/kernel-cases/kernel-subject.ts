/** The cases' calls made through interface {@link Kernel}. */
import { EPOLL_EVENT_WORDS, type Kernel, MSG_WORDS } from '../../src/kernel/kernel.ts';
import { decodeControlMessages } from '../../src/syscall/control-message.ts';
import { cString } from '../../src/syscall/c-string.ts';
import { AT_FDCWD } from '../../src/syscall/fcntl.ts';
import { FdSet } from '../../src/syscall/fd-set.ts';
import type {
  Data,
  Message,
  Named,
  Received,
  ReceivedMessage,
  Selected,
  Subject,
} from './subject.ts';

/** For an address. */
const ROOM = 128;
/** For each of several messages. */
const PIECE = 64;

export class KernelSubject implements Subject {
  readonly bypassed: string[] = [];
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  socket(domain: number, type: number, protocol: number): number {
    return this.#kernel.socket(domain, type, protocol);
  }

  socketpair(
    domain: number,
    type: number,
    protocol: number,
    valid: boolean,
  ): { result: number; pair: number[] } {
    const sv = new Int32Array(2);
    const into = valid ? sv : (null as unknown as Int32Array);
    return { result: this.#kernel.socketpair(domain, type, protocol, into), pair: [...sv] };
  }

  bind(fd: number, addr: Uint8Array | null, addrlen: number): number {
    return this.#kernel.bind(fd, addr as Uint8Array, addrlen);
  }

  connect(fd: number, addr: Uint8Array | null, addrlen: number): number {
    return this.#kernel.connect(fd, addr as Uint8Array, addrlen);
  }

  listen(fd: number, backlog: number): number {
    return this.#kernel.listen(fd, backlog);
  }

  accept(fd: number, addrlen: number): Named {
    return named(addrlen, (addr, len) => this.#kernel.accept(fd, addr, len));
  }

  accept4(fd: number, addrlen: number, flags: number): Named {
    return named(addrlen, (addr, len) => this.#kernel.accept4(fd, addr, len, flags));
  }

  getsockname(fd: number): Named {
    return named(ROOM, (addr, len) => this.#kernel.getsockname(fd, addr, len));
  }

  getpeername(fd: number): Named {
    return named(ROOM, (addr, len) => this.#kernel.getpeername(fd, addr, len));
  }

  shutdown(fd: number, how: number): number {
    return this.#kernel.shutdown(fd, how);
  }

  close(fd: number): number {
    return this.#kernel.close(fd);
  }

  dup(fd: number): number {
    return this.#kernel.dup(fd);
  }

  dup3(fd: number, newfd: number, flags: number): number {
    return this.#kernel.dup3(fd, newfd, flags);
  }

  fcntl(fd: number, cmd: number, arg: number): number {
    return this.#kernel.fcntl(fd, cmd, arg);
  }

  ioctl(fd: number, request: number, arg: Uint8Array | number): number {
    return this.#kernel.ioctl(fd, request, arg);
  }

  setsockopt(fd: number, level: number, optname: number, value: Uint8Array): number {
    return this.#kernel.setsockopt(fd, level, optname, value, value.length);
  }

  getsockopt(fd: number, level: number, optname: number, size: number): Data {
    const value = new Uint8Array(size);
    const optlen = Uint32Array.of(size);
    const result = this.#kernel.getsockopt(fd, level, optname, value, optlen);
    return { result, data: value.subarray(0, optlen[0]) };
  }

  read(fd: number, count: number): Data {
    const buf = new Uint8Array(count);
    const result = this.#kernel.read(fd, buf, count);
    return { result, data: buf.subarray(0, Math.max(result, 0)) };
  }

  write(fd: number, data: Uint8Array): number {
    return this.#kernel.write(fd, data, data.length);
  }

  readv(fd: number, buffers: readonly Uint8Array[]): number {
    return this.#kernel.readv(fd, buffers);
  }

  writev(fd: number, buffers: readonly Uint8Array[]): number {
    return this.#kernel.writev(fd, buffers);
  }

  recvfrom(fd: number, size: number, flags: number): Received {
    const buf = new Uint8Array(size);
    const from = named(ROOM, (addr, len) => {
      return this.#kernel.recvfrom(fd, buf, size, flags, addr, len);
    });
    return { ...from, data: buf.subarray(0, Math.min(Math.max(from.result, 0), size)) };
  }

  sendto(fd: number, data: Uint8Array, flags: number, addr: Uint8Array | null): number {
    return this.#kernel.sendto(fd, data, data.length, flags, addr, addr?.length ?? 0);
  }

  recvmsg(fd: number, sizes: readonly number[], control: number, flags: number): ReceivedMessage {
    const iov = sizes.map((size) => new Uint8Array(size));
    const addr = new Uint8Array(ROOM);
    const room = new Uint8Array(control);
    const lengths = Uint32Array.of(ROOM, control, -1);
    const result = this.#kernel.recvmsg(fd, addr, iov, room, lengths, flags);
    const [addrlen = 0, controllen = 0, msgFlags = 0] = lengths;
    const all = Uint8Array.from(iov.flatMap((part) => [...part]));
    return {
      result,
      data: all.subarray(0, Math.max(result, 0)),
      addr: addr.subarray(0, addrlen),
      addrlen,
      flags: msgFlags | 0,
      control: result < 0 ? [] : decodeControlMessages(room, controllen),
    };
  }

  sendmsg(fd: number, { data, addr, control }: Message, flags: number): number {
    const lengths = Uint32Array.of(addr?.length ?? 0, control?.length ?? 0, 0);
    return this.#kernel.sendmsg(fd, addr ?? null, data, control ?? null, lengths, flags);
  }

  recvmmsg(
    fd: number,
    count: number,
    flags: number,
    timeout: Uint8Array | null,
  ): { result: number; messages: readonly Uint8Array[] } {
    const memory = new Uint8Array(count * PIECE);
    const msgvec = new Uint32Array(count * MSG_WORDS);
    for (let i = 0; i < count; i++) msgvec.set([i * PIECE, PIECE], i * MSG_WORDS);
    const result = this.#kernel.recvmmsg(fd, memory, msgvec, count, flags, timeout);
    const messages = Array.from({ length: Math.max(result, 0) }, (_, i) => {
      return memory.subarray(i * PIECE, i * PIECE + msgvec[i * MSG_WORDS + MSG_WORDS - 1]!);
    });
    return { result, messages };
  }

  sendmmsg(fd: number, messages: readonly Message[], flags: number): number {
    const memory = new Uint8Array(messages.length * (PIECE + ROOM));
    const msgvec = new Uint32Array(messages.length * MSG_WORDS);
    for (const [i, { data, addr = new Uint8Array(0) }] of messages.entries()) {
      const bytes = Buffer.concat(data);
      const at = i * (PIECE + ROOM);
      memory.set(bytes, at);
      memory.set(addr, at + PIECE);
      msgvec.set([at, bytes.length, at + PIECE, addr.length], i * MSG_WORDS);
    }
    return this.#kernel.sendmmsg(fd, memory, msgvec, messages.length, flags);
  }

  sendfile(outFd: number, inFd: number, count: number): number {
    return this.#kernel.sendfile(outFd, inFd, null, count);
  }

  splice(inFd: number, outFd: number, size: number): number {
    return this.#kernel.splice(inFd, null, outFd, null, size, 0);
  }

  openat(path: string, flags: number): number {
    return this.#kernel.openat(AT_FDCWD, cString(path), flags, 0);
  }

  pipe2(flags: number): { result: number; pair: number[] } {
    const ends = new Int32Array(2);
    return { result: this.#kernel.pipe2(ends, flags), pair: [...ends] };
  }

  poll(
    fds: readonly { fd: number; events: number }[],
    timeout: number,
  ): { result: number; revents: readonly number[] } {
    return polled(fds, (words) => this.#kernel.poll(words, fds.length, timeout));
  }

  ppoll(
    fds: readonly { fd: number; events: number }[],
    timeout: Uint8Array,
  ): { result: number; revents: readonly number[] } {
    return polled(fds, (words) => this.#kernel.ppoll(words, fds.length, timeout, null));
  }

  select(nfds: number, sets: readonly (readonly number[])[], timeout: Uint8Array): Selected {
    return selected(sets, (r, w, x) => this.#kernel.select(nfds, r, w, x, timeout));
  }

  pselect(nfds: number, sets: readonly (readonly number[])[], timeout: Uint8Array): Selected {
    return selected(sets, (r, w, x) => this.#kernel.pselect6(nfds, r, w, x, timeout, null));
  }

  epoll_create(size: number): number {
    return this.#kernel.epoll_create(size);
  }

  epoll_create1(flags: number): number {
    return this.#kernel.epoll_create1(flags);
  }

  epoll_ctl(epfd: number, op: number, fd: number, events: number, valid: boolean): number {
    return this.#kernel.epoll_ctl(epfd, op, fd, valid ? Uint32Array.of(events, fd, 0) : null);
  }

  epoll_wait(
    epfd: number,
    maxevents: number,
    timeout: number,
  ): { result: number; events: readonly { fd: number; events: number }[] } {
    const words = new Uint32Array(Math.max(maxevents, 1) * EPOLL_EVENT_WORDS);
    const result = this.#kernel.epoll_wait(epfd, words, maxevents, timeout);
    const events = Array.from({ length: Math.max(result, 0) }, (_, i) => ({
      events: words[i * EPOLL_EVENT_WORDS]!,
      fd: words[i * EPOLL_EVENT_WORDS + 1]!,
    }));
    return { result, events };
  }
}

function named(addrlen: number, call: (addr: Uint8Array, addrlen: Uint32Array) => number): Named {
  const addr = new Uint8Array(ROOM);
  const length = Uint32Array.of(addrlen);
  const result = call(addr, length);
  const told = length[0]!;
  return { result, addr: addr.subarray(0, Math.min(told, Math.max(addrlen, 0))), addrlen: told };
}

function polled(
  fds: readonly { fd: number; events: number }[],
  call: (words: Int32Array | null) => number,
): { result: number; revents: readonly number[] } {
  const words = Int32Array.from(fds.flatMap(({ fd, events }) => [fd, events]));
  const result = call(fds.length === 0 ? null : words);
  return { result, revents: fds.map((_, i) => words[2 * i + 1]! >>> 16) };
}

function selected(
  sets: readonly (readonly number[])[],
  call: (readers: Uint8Array, writers: Uint8Array, excepted: Uint8Array) => number,
): Selected {
  const [readers = [], writers = [], excepted = []] = sets;
  const all = [new FdSet(readers), new FdSet(writers), new FdSet(excepted)] as const;
  const result = call(all[0].bytes, all[1].bytes, all[2].bytes);
  return { result, ready: all.map((set) => [...set]) };
}
