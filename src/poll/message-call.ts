/**
 * The calls that move messages: recvfrom, sendto, recvmsg, sendmsg, recvmmsg and sendmmsg, each with its
 * arguments as an object. {@link FD.tryCall} makes one without waiting; such an object may be used again
 * and again, so a datagram costs no allocation here. One that has to wait is given to
 * {@link FD.beginCall}, and belongs to the operation until that has ended.
 *
 * Where a message came from stands in buffers that all calls share, to be read before anything else is
 * received: what an address means is for net to say. Neither waiting nor retrying is here (fd.ts).
 */
import type { Iov, Kernel, MsgVec } from '../kernel/kernel.ts';
import { SOCKADDR_ANY_SIZE } from '../syscall/sockaddr.ts';
import type { Mode } from './fd-mutex.ts';
import type { Netpoll } from './netpoll.ts';

/** One system call that may have to wait, and its arguments. */
export interface PollCall {
  readonly mode: Mode;
  /** For errors: the operation, the system call, and whom it was meant for, if it says so. */
  readonly op: string;
  readonly syscall: string;
  readonly target: object | null;
  /** A result from 0 to below this one shows that the next call would wait; 0: none does. */
  readonly drainedBelow: number;
  /** It is made even if the direction is not known to be ready: for another receiver it may be. */
  readonly regardless?: boolean;
  /** What the call returned. */
  attempt(kernel: Kernel, sysfd: number, netpoll: Netpoll): number;
}

/** Where recvfrom and recvmsg put the sender's address. */
export const senderAddress: Uint8Array = new Uint8Array(SOCKADDR_ANY_SIZE);

/** The same memory as words. */
export const senderWords: Uint32Array = new Uint32Array(senderAddress.buffer);

/** The true length of the address after recvfrom. */
export const senderAddressLength: Uint32Array = new Uint32Array(1);

abstract class ReceiveCall implements PollCall {
  readonly mode = 'read';
  readonly op = 'read';
  readonly target = null;
  readonly drainedBelow: number = 0;
  abstract readonly syscall: string;
  abstract attempt(kernel: Kernel, sysfd: number): number;
}

abstract class SendCall implements PollCall {
  readonly mode = 'write';
  readonly op = 'write';
  readonly drainedBelow = 0;
  abstract get target(): object | null;
  abstract readonly syscall: string;
  abstract attempt(kernel: Kernel, sysfd: number): number;
}

/** recvfrom(2) of one message into `buf`; the sender is in {@link senderAddress}. */
export class RecvFromCall extends ReceiveCall {
  readonly syscall = 'recvfrom';
  buf: Uint8Array;
  /** Kept beside it: a buffer that was taken away meanwhile is an error, and no message is lost. */
  size: number;
  flags: number;

  constructor(buf: Uint8Array, flags = 0) {
    super();
    this.buf = buf;
    this.size = buf.length;
    this.flags = flags;
  }

  /** For the next message. */
  with(buf: Uint8Array): this {
    this.buf = buf;
    this.size = buf.length;
    return this;
  }

  attempt(kernel: Kernel, sysfd: number): number {
    senderAddressLength[0] = SOCKADDR_ANY_SIZE;
    const { buf, size, flags } = this;
    return kernel.recvfrom(sysfd, buf, size, flags, senderAddress, senderAddressLength);
  }
}

/** sendto(2) of one message to the socket address `addr`; null: to the peer. */
export class SendToCall extends SendCall {
  readonly syscall = 'sendto';
  data: Uint8Array;
  size: number;
  addr: Uint8Array | null;
  target: object | null;

  constructor(data: Uint8Array, addr: Uint8Array | null, target: object | null) {
    super();
    this.data = data;
    this.size = data.length;
    this.addr = addr;
    this.target = target;
  }

  /** For the next message, the first `size` bytes of `data`. */
  with(data: Uint8Array, size: number, addr: Uint8Array | null, target: object | null): this {
    this.data = data;
    this.size = size;
    this.addr = addr;
    this.target = target;
    return this;
  }

  attempt(kernel: Kernel, sysfd: number): number {
    const { data, size, addr } = this;
    return kernel.sendto(sysfd, data, size, 0, addr, addr === null ? 0 : addr.length);
  }
}

/**
 * recvmsg(2) of one message; the sender is in {@link senderAddress}, and the other lengths in `lengths`:
 * that of the address, that of the control messages, and the flags.
 */
export class RecvMsgCall extends ReceiveCall {
  readonly syscall = 'recvmsg';
  readonly lengths: Uint32Array = new Uint32Array(3);
  readonly iov: Iov;
  readonly control: Uint8Array | null;
  readonly flags: number;

  constructor(iov: Iov, control: Uint8Array | null, flags: number) {
    super();
    this.iov = iov;
    this.control = control;
    this.flags = flags;
  }

  attempt(kernel: Kernel, sysfd: number): number {
    const { iov, control, lengths, flags } = this;
    lengths[0] = SOCKADDR_ANY_SIZE;
    lengths[1] = control === null ? 0 : control.length;
    lengths[2] = 0;
    return kernel.recvmsg(sysfd, senderAddress, iov, control, lengths, flags);
  }
}

/** sendmsg(2) of one message to the socket address `addr`, with control messages; null: to the peer. */
export class SendMsgCall extends SendCall {
  readonly syscall = 'sendmsg';
  readonly #lengths: Uint32Array;
  readonly iov: Iov;
  readonly control: Uint8Array | null;
  readonly addr: Uint8Array | null;
  readonly target: object | null;

  constructor(
    iov: Iov,
    control: Uint8Array | null,
    addr: Uint8Array | null,
    target: object | null,
  ) {
    super();
    this.iov = iov;
    this.control = control;
    this.addr = addr;
    this.target = target;
    this.#lengths = Uint32Array.of(addr?.length ?? 0, control?.length ?? 0, 0);
  }

  attempt(kernel: Kernel, sysfd: number): number {
    return kernel.sendmsg(sysfd, this.addr, this.iov, this.control, this.#lengths, 0);
  }
}

/** recvmmsg(2): as many messages as there are. Fewer than were offered, and there were no more. */
export class RecvMMsgCall extends ReceiveCall {
  readonly syscall = 'recvmmsg';
  override drainedBelow = 0;
  readonly memory: Uint8Array;
  readonly msgvec: MsgVec;
  readonly #offer: () => number;

  /** Before each attempt `offer` sets the capacities in `msgvec`, and gives how many records it has. */
  constructor(memory: Uint8Array, msgvec: MsgVec, offer: () => number) {
    super();
    this.memory = memory;
    this.msgvec = msgvec;
    this.#offer = offer;
  }

  attempt(kernel: Kernel, sysfd: number): number {
    const vlen = this.#offer();
    // Where several come at once, more have come by the next call: to try is cheaper than to wait.
    this.drainedBelow = Math.min(vlen, 2);
    return kernel.recvmmsg(sysfd, this.memory, this.msgvec, vlen, 0, null);
  }
}

/** sendmmsg(2): as many messages as there is room for. What is left of them is for net to say. */
export class SendMMsgCall extends SendCall {
  readonly syscall = 'sendmmsg';
  readonly memory: Uint8Array;
  msgvec: MsgVec;
  vlen: number;
  readonly #targetOf: () => object | null;

  /** `targetOf` is asked if the first message fails. */
  constructor(memory: Uint8Array, msgvec: MsgVec, vlen: number, targetOf: () => object | null) {
    super();
    this.memory = memory;
    this.msgvec = msgvec;
    this.vlen = vlen;
    this.#targetOf = targetOf;
  }

  get target(): object | null {
    return this.#targetOf();
  }

  attempt(kernel: Kernel, sysfd: number): number {
    return kernel.sendmmsg(sysfd, this.memory, this.msgvec, this.vlen, 0);
  }
}
