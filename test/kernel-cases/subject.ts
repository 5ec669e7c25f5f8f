/**
 * What the cases are replayed on: system calls in one form, whoever makes them. A result is what the call
 * returned, or -errno; what it wrote into buffers comes beside it. One Subject makes them through interface
 * Kernel, another through the calls of `netfd/syscall`, which throw.
 */
import type { ControlMessage } from '../../src/syscall/control-message.ts';

/** A call that tells an address. `addrlen` is its true length, `addr` what of it there was room for. */
export interface Named {
  readonly result: number;
  readonly addr: Uint8Array;
  readonly addrlen: number;
}

/** A call that gives bytes. */
export interface Data {
  readonly result: number;
  readonly data: Uint8Array;
}

export interface Received extends Data, Named {}

export interface ReceivedMessage extends Received {
  /** Undefined where a call that failed does not tell them. */
  readonly flags: number | undefined;
  readonly control: readonly ControlMessage[];
}

export interface Message {
  readonly data: readonly Uint8Array[];
  readonly addr?: Uint8Array | undefined;
  readonly control?: Uint8Array | undefined;
}

/** What select has left of the sets: the descriptors that are ready. */
export interface Selected {
  readonly result: number;
  readonly ready: readonly (readonly number[])[];
}

export interface Subject {
  /** What was asked for that these calls cannot express, by design; it was done by the kernel below. */
  readonly bypassed: string[];
  socket(domain: number, type: number, protocol: number): number;
  /** The two descriptors; `pair` is null for a pointer that is none. */
  socketpair(
    domain: number,
    type: number,
    protocol: number,
    valid: boolean,
  ): { result: number; pair: number[] };
  /** An `addr` of null is a null pointer. `addrlen` need not be the address's own. */
  bind(fd: number, addr: Uint8Array | null, addrlen: number): number;
  connect(fd: number, addr: Uint8Array | null, addrlen: number): number;
  listen(fd: number, backlog: number): number;
  accept(fd: number, addrlen: number): Named;
  accept4(fd: number, addrlen: number, flags: number): Named;
  getsockname(fd: number): Named;
  getpeername(fd: number): Named;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  dup(fd: number): number;
  dup3(fd: number, newfd: number, flags: number): number;
  fcntl(fd: number, cmd: number, arg: number): number;
  ioctl(fd: number, request: number, arg: Uint8Array | number): number;
  setsockopt(fd: number, level: number, optname: number, value: Uint8Array): number;
  getsockopt(fd: number, level: number, optname: number, size: number): Data;
  read(fd: number, count: number): Data;
  write(fd: number, data: Uint8Array): number;
  readv(fd: number, buffers: readonly Uint8Array[]): number;
  writev(fd: number, buffers: readonly Uint8Array[]): number;
  /** `addrlen` is the room for the sender's address, -1 for none. */
  recvfrom(fd: number, size: number, flags: number): Received;
  sendto(fd: number, data: Uint8Array, flags: number, addr: Uint8Array | null): number;
  recvmsg(fd: number, sizes: readonly number[], control: number, flags: number): ReceivedMessage;
  sendmsg(fd: number, message: Message, flags: number): number;
  recvmmsg(
    fd: number,
    count: number,
    flags: number,
    timeout: Uint8Array | null,
  ): { result: number; messages: readonly Uint8Array[] };
  /** How many were sent. */
  sendmmsg(fd: number, messages: readonly Message[], flags: number): number;
  sendfile(outFd: number, inFd: number, count: number): number;
  splice(inFd: number, outFd: number, size: number): number;
  openat(path: string, flags: number): number;
  pipe2(flags: number): { result: number; pair: number[] };
  poll(
    fds: readonly { fd: number; events: number }[],
    timeout: number,
  ): {
    result: number;
    revents: readonly number[];
  };
  /** With a struct timespec. */
  ppoll(
    fds: readonly { fd: number; events: number }[],
    timeout: Uint8Array,
  ): {
    result: number;
    revents: readonly number[];
  };
  /** Sets of descriptors to read, write and watch for exceptions; a struct timeval. */
  select(nfds: number, sets: readonly (readonly number[])[], timeout: Uint8Array): Selected;
  /** With a struct timespec. */
  pselect(nfds: number, sets: readonly (readonly number[])[], timeout: Uint8Array): Selected;
  epoll_create(size: number): number;
  epoll_create1(flags: number): number;
  /** `valid` is false for a pointer that is none. */
  epoll_ctl(epfd: number, op: number, fd: number, events: number, valid: boolean): number;
  /** The descriptor of each event stands in its data. */
  epoll_wait(
    epfd: number,
    maxevents: number,
    timeout: number,
  ): {
    result: number;
    events: readonly { fd: number; events: number }[];
  };
}
