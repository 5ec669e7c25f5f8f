/**
 * The cases' calls made through netfd/syscall, which throws what the kernel refuses. What those calls do not
 * express by design, null pointers and lengths that are not those of the buffer, is done by the Kernel
 * below, and noted.
 */
import type * as syscall from '../../src/syscall.ts';
import { FdSet } from '../../src/syscall/fd-set.ts';
import { encodeSockaddr, type Sockaddr } from '../../src/syscall/sockaddr.ts';
import { SyscallError } from '../../src/syscall/syscall-error.ts';
import type {
  Data,
  Message,
  Named,
  Received,
  ReceivedMessage,
  Selected,
  Subject,
} from './subject.ts';

/** The functions of the module, and what it exports besides. */
type Calls = typeof syscall;

/** The room for an address that those calls have. */
const ROOM = 128;

const NONE = new Uint8Array(0);

export class SyscallSubject implements Subject {
  readonly bypassed: string[] = [];
  readonly #calls: Calls;
  readonly #below: Subject;

  constructor(calls: Calls, below: Subject) {
    this.#calls = calls;
    this.#below = below;
  }

  #note(what: string): Subject {
    this.bypassed.push(what);
    return this.#below;
  }

  socket(domain: number, type: number, protocol: number): number {
    return resultOf(() => this.#calls.socket(domain, type, protocol));
  }

  socketpair(
    domain: number,
    type: number,
    protocol: number,
    valid: boolean,
  ): { result: number; pair: number[] } {
    if (!valid) {
      const below = this.#note('socketpair with a null pointer');
      return below.socketpair(domain, type, protocol, valid);
    }
    let pair: number[] = [];
    const result = done(() => (pair = this.#calls.socketpair(domain, type, protocol)));
    return { result, pair };
  }

  bind(fd: number, addr: Uint8Array | null, addrlen: number): number {
    return done(() => this.#calls.bind(fd, addr, addrlen));
  }

  connect(fd: number, addr: Uint8Array | null, addrlen: number): number {
    return done(() => this.#calls.connect(fd, addr, addrlen));
  }

  listen(fd: number, backlog: number): number {
    return done(() => this.#calls.listen(fd, backlog));
  }

  accept(fd: number, addrlen: number): Named {
    if (isWhole(addrlen)) return named(() => this.#calls.accept(fd, addrlen));
    return this.#note('the true length of what accept has cut').accept(fd, addrlen);
  }

  accept4(fd: number, addrlen: number, flags: number): Named {
    if (isWhole(addrlen)) return named(() => this.#calls.accept4(fd, flags, addrlen));
    return this.#note('the true length of what accept4 has cut').accept4(fd, addrlen, flags);
  }

  getsockname(fd: number): Named {
    return named(() => ({ fd: 0, addr: this.#calls.getsockname(fd) }));
  }

  getpeername(fd: number): Named {
    return named(() => ({ fd: 0, addr: this.#calls.getpeername(fd) }));
  }

  shutdown(fd: number, how: number): number {
    return done(() => this.#calls.shutdown(fd, how));
  }

  close(fd: number): number {
    return done(() => this.#calls.close(fd));
  }

  dup(fd: number): number {
    return resultOf(() => this.#calls.dup(fd));
  }

  dup3(fd: number, newfd: number, flags: number): number {
    return resultOf(() => this.#calls.dup3(fd, newfd, flags));
  }

  fcntl(fd: number, cmd: number, arg: number): number {
    return resultOf(() => this.#calls.fcntl(fd, cmd, arg));
  }

  ioctl(fd: number, request: number, arg: Uint8Array | number): number {
    return resultOf(() => this.#calls.ioctl(fd, request, arg));
  }

  setsockopt(fd: number, level: number, optname: number, value: Uint8Array): number {
    return done(() => this.#calls.setsockopt(fd, level, optname, value));
  }

  getsockopt(fd: number, level: number, optname: number, size: number): Data {
    let data: Uint8Array = NONE;
    const result = done(() => (data = this.#calls.getsockopt(fd, level, optname, size)));
    return { result, data };
  }

  read(fd: number, count: number): Data {
    return filled(count, (buf) => this.#calls.read(fd, buf));
  }

  write(fd: number, data: Uint8Array): number {
    return resultOf(() => this.#calls.write(fd, data));
  }

  readv(fd: number, buffers: readonly Uint8Array[]): number {
    return resultOf(() => this.#calls.readv(fd, buffers));
  }

  writev(fd: number, buffers: readonly Uint8Array[]): number {
    return resultOf(() => this.#calls.writev(fd, buffers));
  }

  recvfrom(fd: number, size: number, flags: number): Received {
    let addr: Uint8Array = NONE;
    const received = filled(size, (buf) => {
      const told = this.#calls.recvfrom(fd, buf, flags);
      addr = bytesOf(told.addr);
      return told.size;
    });
    return { ...received, addr, addrlen: addr.length };
  }

  sendto(fd: number, data: Uint8Array, flags: number, addr: Uint8Array | null): number {
    if (addr === null) return resultOf(() => this.#calls.send(fd, data, flags));
    return resultOf(() => this.#calls.sendto(fd, data, flags, addr));
  }

  recvmsg(fd: number, sizes: readonly number[], control: number, flags: number): ReceivedMessage {
    const iov = sizes.map((size) => new Uint8Array(size));
    let told: syscall.ReceivedMessage | undefined;
    const result = resultOf(() => {
      told = this.#calls.recvmsg(fd, { iov, controlSize: control }, flags);
      return told.size;
    });
    const addr = bytesOf(told?.name ?? null);
    return {
      result,
      data: Buffer.concat(iov).subarray(0, Math.max(result, 0)),
      addr,
      addrlen: addr.length,
      flags: told?.flags,
      control: told?.control ?? [],
    };
  }

  sendmsg(fd: number, { data, addr, control }: Message, flags: number): number {
    return resultOf(() => this.#calls.sendmsg(fd, { iov: data, name: addr, control }, flags));
  }

  recvmmsg(
    fd: number,
    count: number,
    flags: number,
    timeout: Uint8Array | null,
  ): { result: number; messages: readonly Uint8Array[] } {
    const buffers = Array.from({ length: count }, () => new Uint8Array(64));
    let told: readonly syscall.ReceivedMessage[] = [];
    const result = resultOf(() => {
      const rooms = buffers.map((iov) => ({ iov }));
      told = this.#calls.recvmmsg(fd, rooms, flags, timeout === null ? null : timespec(timeout));
      return told.length;
    });
    return { result, messages: told.map(({ size }, i) => buffers[i]!.subarray(0, size)) };
  }

  sendmmsg(fd: number, messages: readonly Message[], flags: number): number {
    return resultOf(() => {
      const out = messages.map(({ data, addr, control }) => ({ iov: data, name: addr, control }));
      return this.#calls.sendmmsg(fd, out, flags).length;
    });
  }

  sendfile(outFd: number, inFd: number, count: number): number {
    return resultOf(() => this.#calls.sendfile(outFd, inFd, null, count).size);
  }

  splice(inFd: number, outFd: number, size: number): number {
    return resultOf(() => this.#calls.splice(inFd, null, outFd, null, size).size);
  }

  openat(path: string, flags: number): number {
    return resultOf(() => this.#calls.open(path, flags));
  }

  pipe2(flags: number): { result: number; pair: number[] } {
    let pair: number[] = [];
    const result = done(() => (pair = this.#calls.pipe2(flags)));
    return { result, pair };
  }

  poll(
    fds: readonly { fd: number; events: number }[],
    timeout: number,
  ): { result: number; revents: readonly number[] } {
    return polled(fds, (entries) => this.#calls.poll(entries, timeout));
  }

  ppoll(
    fds: readonly { fd: number; events: number }[],
    timeout: Uint8Array,
  ): { result: number; revents: readonly number[] } {
    return polled(fds, (entries) => this.#calls.ppoll(entries, timespec(timeout)));
  }

  select(nfds: number, sets: readonly (readonly number[])[], timeout: Uint8Array): Selected {
    const { seconds, nanoseconds } = timespec(timeout);
    const time = { seconds, microseconds: nanoseconds };
    return selected(sets, (all) => this.#calls.select(nfds, ...all, time));
  }

  pselect(nfds: number, sets: readonly (readonly number[])[], timeout: Uint8Array): Selected {
    return selected(sets, (all) => this.#calls.pselect(nfds, ...all, timespec(timeout)));
  }

  epoll_create(size: number): number {
    return resultOf(() => this.#calls.epoll_create(size));
  }

  epoll_create1(flags: number): number {
    return resultOf(() => this.#calls.epoll_create1(flags));
  }

  epoll_ctl(epfd: number, op: number, fd: number, events: number, valid: boolean): number {
    return done(() => this.#calls.epoll_ctl(epfd, op, fd, valid ? { events } : null));
  }

  epoll_wait(
    epfd: number,
    maxevents: number,
    timeout: number,
  ): { result: number; events: readonly { fd: number; events: number }[] } {
    let told: readonly syscall.ReadyEvent[] = [];
    const result = resultOf(() => {
      told = this.#calls.epoll_wait(epfd, maxevents, timeout);
      return told.length;
    });
    return { result, events: told.map(({ data, events }) => ({ fd: data, events })) };
  }
}

/** What the call gives, or -errno of what it throws. */
function resultOf(call: () => number): number {
  try {
    return call();
  } catch (error) {
    if (error instanceof SyscallError) return error.errno;
    throw error;
  }
}

/** 0 if the call does not throw. */
function done(call: () => unknown): number {
  return resultOf(() => {
    call();
    return 0;
  });
}

function filled(size: number, call: (buf: Uint8Array) => number): Data {
  const buf = new Uint8Array(size);
  const result = resultOf(() => call(buf));
  return { result, data: buf.subarray(0, Math.min(Math.max(result, 0), size)) };
}

/** An address as the kernel wrote it: of a unix socket without a name, the family alone. */
function bytesOf(addr: Sockaddr | null): Uint8Array {
  return addr === null ? NONE : encodeSockaddr(addr);
}

/** Whether an address with so much room is given whole, or not at all: what is cut has no length any more. */
function isWhole(addrlen: number): boolean {
  return addrlen < 0 || addrlen === ROOM;
}

function named(call: () => { readonly fd: number; readonly addr: Sockaddr }): Named {
  let addr: Uint8Array = NONE;
  const result = resultOf(() => {
    const told = call();
    addr = bytesOf(told.addr);
    return told.fd;
  });
  return { result, addr, addrlen: addr.length };
}

function polled(
  fds: readonly { fd: number; events: number }[],
  call: (entries: syscall.PollFd[]) => number,
): { result: number; revents: readonly number[] } {
  const entries = fds.map((one) => ({ ...one, revents: 0 }));
  const result = resultOf(() => call(entries));
  return { result, revents: entries.map(({ revents }) => revents) };
}

function selected(
  sets: readonly (readonly number[])[],
  call: (all: readonly [FdSet, FdSet, FdSet]) => number,
): Selected {
  const [readers = [], writers = [], excepted = []] = sets;
  const all = [new FdSet(readers), new FdSet(writers), new FdSet(excepted)] as const;
  const result = resultOf(() => call(all));
  return { result, ready: all.map((set) => [...set]) };
}

/** Both halves of a struct timespec, or timeval. */
function timespec(bytes: Uint8Array): { seconds: number; nanoseconds: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    seconds: Number(view.getBigInt64(0, true)),
    nanoseconds: Number(view.getBigInt64(8, true)),
  };
}
