/**
 * Operations: what one read, write, accept or wait does with a descriptor when its turn comes, and whom
 * it tells. The loop that drives them is in fd.ts; here is no waiting and no retrying.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { EAGAIN, ECONNABORTED, EINTR, EIO } from '../syscall/errno.ts';
import { SOCKADDR_ANY_SIZE } from '../syscall/sockaddr.ts';
import { SOCK_CLOEXEC, SOCK_NONBLOCK } from '../syscall/socket.ts';
import type { Mode, Queued } from './fd-mutex.ts';
import type { PollCall } from './message-call.ts';
import { type Netpoll, rethrowLater } from './netpoll.ts';
import type { Waiter } from './poll-desc.ts';
import type { FD } from './fd.ts';

/** Sockets return at most this many bytes a call; Go's poll.FD uses the same bound for all streams. */
export const MAX_TRANSFER: number = 1 << 30;

export abstract class Operation implements Waiter, Queued {
  next: Operation | null = null;
  readonly fd: FD;
  readonly mode: Mode;

  constructor(fd: FD, mode: Mode) {
    this.fd = fd;
    this.mode = mode;
  }

  /** For errors: the operation and the system call. */
  abstract get op(): string;
  abstract get syscall(): string;
  /** Whom it was meant for, if it says so itself: for errors. */
  get target(): object | null {
    return null;
  }

  /** Whether it takes what comes, so that nobody may be faster who came later. Only waiting does not. */
  get consumes(): boolean {
    return true;
  }

  /** One try: what the call returned. */
  abstract attempt(kernel: Kernel, sysfd: number): number;
  /** Takes a result ≥ 0; false to be attempted again at once, because some of it is left to do. */
  abstract complete(result: number): boolean;
  /** The operation has ended in success (null) or failure; it holds no lock any more. */
  abstract settle(error: Error | null): void;

  ready(error: Error | null): void {
    this.fd.resume(this, error);
  }
}

/** An operation that ends in a promise. */
export abstract class Promised<T> extends Operation {
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (error: Error) => void;

  constructor(fd: FD, mode: Mode) {
    super(fd, mode);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  abstract value(): T;

  settle(error: Error | null): void {
    if (error === null) this.#resolve(this.value());
    else this.#reject(error);
  }
}

/** read(2) once it gives something: bytes read, null at the end of a stream. */
export class ReadOperation extends Promised<number | null> {
  readonly #buf: Uint8Array;
  #result = 0;

  constructor(fd: FD, buf: Uint8Array) {
    super(fd, 'read');
    this.#buf = buf;
  }

  get op(): string {
    return 'read';
  }

  get syscall(): string {
    return 'read';
  }

  attempt(): number {
    // 0 bytes read would look like the end of the stream.
    if (this.#buf.length === 0) throw new TypeError('read: buf was detached while waiting');
    return this.fd.readOnce(this.#buf);
  }

  complete(result: number): boolean {
    this.#result = result;
    return true;
  }

  value(): number | null {
    return this.#result === 0 && this.fd.kind.zeroReadIsEnd ? null : this.#result;
  }
}

/** write(2) until all is written. */
export class WriteOperation extends Promised<number> {
  readonly #data: Uint8Array;
  readonly #length: number;
  #written: number;

  constructor(fd: FD, data: Uint8Array, written: number) {
    super(fd, 'write');
    this.#data = data;
    this.#length = data.length;
    this.#written = written;
  }

  get op(): string {
    return 'write';
  }

  get syscall(): string {
    return 'write';
  }

  attempt(): number {
    const length = this.#length;
    // What is not there any more would count as written.
    if (this.#data.length !== length) {
      throw new TypeError('write: data was detached or resized while waiting');
    }
    const result = this.fd.writeOnce(this.#data, this.#written, length);
    // No kernel should take nothing of something; to try again would never end.
    return result === 0 && this.#written < length ? -EIO : result;
  }

  complete(result: number): boolean {
    this.#written += result;
    return this.#written === this.#length;
  }

  value(): number {
    return this.#written;
  }

  override settle(error: Error | null): void {
    // What was written before the failure is not lost knowledge: Go returns it beside the error.
    if (error !== null) Object.assign(error, { bytesWritten: this.#written });
    super.settle(error);
  }
}

/** Where accept4(2) puts the peer's address: to be used before anything else is accepted. */
export const acceptAddress: Uint8Array = new Uint8Array(SOCKADDR_ANY_SIZE);
export const acceptAddressLength: Uint32Array = new Uint32Array(1);

/**
 * One accept4(2). -EINTR also when the peer has given up while it was queued: as if it never came. What was
 * accepted is in the ledger, if that has room for it.
 */
export function acceptOnce(kernel: Kernel, sysfd: number, netpoll: Netpoll): number {
  acceptAddressLength[0] = SOCKADDR_ANY_SIZE;
  const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  const { ledger } = netpoll;
  const result = kernel.accept4(sysfd, acceptAddress, acceptAddressLength, flags);
  // No function is called in between: where one begins, a thread may end.
  if (result >= 0 && result >>> 5 < ledger.length) ledger[result >>> 5]! |= 1 << (result & 31);
  return result === -ECONNABORTED ? -EINTR : result;
}

/** {@link acceptOnce}, for one try. */
export const acceptCall: PollCall = {
  mode: 'read',
  op: 'accept',
  syscall: 'accept4',
  target: null,
  drainedBelow: 0,
  attempt: acceptOnce,
};

/** accept4(2) once a connection is there. `make` turns descriptor and peer's sockaddr into the result. */
export class AcceptOperation<T> extends Promised<T> {
  readonly #make: (sysfd: number, addr: Uint8Array, addrlen: number) => T;
  #result!: T;

  constructor(fd: FD, make: (sysfd: number, addr: Uint8Array, addrlen: number) => T) {
    super(fd, 'read');
    this.#make = make;
  }

  get op(): string {
    return 'accept';
  }

  get syscall(): string {
    return 'accept4';
  }

  attempt(kernel: Kernel, sysfd: number): number {
    return acceptOnce(kernel, sysfd, this.fd.pollDesc.netpoll);
  }

  complete(result: number): boolean {
    this.#result = this.#make(result, acceptAddress, acceptAddressLength[0]!);
    return true;
  }

  value(): T {
    return this.#result;
  }
}

/** Waits until a direction is ready, without any call. Can be started again once it has ended. */
export class ReadyOperation extends Operation {
  #listener: Waiter | null = null;

  get op(): string {
    const { fd, mode } = this;
    return mode === 'read' ? (fd.kind.readOp ?? mode) : mode;
  }

  get syscall(): string {
    return '';
  }

  override get consumes(): boolean {
    return false;
  }

  get busy(): boolean {
    return this.#listener !== null;
  }

  /** Whether `operation` waits to tell `listener`. */
  static isFor(operation: Operation, listener: Waiter): operation is ReadyOperation {
    return operation instanceof ReadyOperation && operation.#listener === listener;
  }

  for(listener: Waiter): this {
    this.#listener = listener;
    return this;
  }

  override ready(error: Error | null): void {
    if (error === null) this.fd.resumeReady(this);
    else this.fd.resume(this, error);
  }

  attempt(): number {
    return this.fd.pollDesc.isReady(this.mode) ? 0 : -EAGAIN;
  }

  complete(): boolean {
    return true;
  }

  settle(error: Error | null): void {
    const listener = this.#listener;
    this.#listener = null;
    try {
      listener?.ready(error);
    } catch (thrown) {
      rethrowLater(thrown);
    }
  }
}

/** Any call that waits in one direction: for what is not worth a class of its own. */
export class CallOperation extends Promised<number> {
  readonly op: string;
  readonly syscall: string;
  readonly #call: (kernel: Kernel, sysfd: number) => number;
  #result = 0;

  constructor(
    fd: FD,
    mode: Mode,
    names: { op: string; syscall: string },
    call: (kernel: Kernel, sysfd: number) => number,
  ) {
    super(fd, mode);
    this.op = names.op;
    this.syscall = names.syscall;
    this.#call = call;
  }

  attempt(kernel: Kernel, sysfd: number): number {
    return this.#call(kernel, sysfd);
  }

  complete(result: number): boolean {
    this.#result = result;
    return true;
  }

  value(): number {
    return this.#result;
  }
}
