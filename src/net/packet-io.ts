/**
 * Reading and writing messages with addresses, for any kind of socket: each method tries the call at once
 * and makes a promise that waits only if it must. What addresses are is the business of a codec, which is
 * given by the connection; what fails is explained by it too.
 *
 * After Go's netFD (net/fd_posix.go): readFrom, writeTo, readMsg, writeMsg.
 */
import type { Iov } from '../kernel/kernel.ts';
import type { FD } from '../poll/fd.ts';
import {
  RecvFromCall,
  RecvMsgCall,
  senderAddressLength,
  SendMsgCall,
  SendToCall,
} from '../poll/message-call.ts';
import { EAGAIN } from '../syscall/errno.ts';
import { requireBytes } from './arguments.ts';
import { type Received, ReceivedMessage } from './packet-message.ts';

/** What a connection says of its addresses. */
export interface PacketCodec<A> {
  /** The sender, of which the first `size` bytes stand in poll's `senderAddress`. */
  sender(size: number): A;
  /** Where to send to: the bytes of a sockaddr, null for the peer. What it throws is explained. */
  target(addr: A | null): Uint8Array | null;
  /** How much of the `size` bytes in `buf` is the datagram, moved to its beginning. */
  payload?(buf: Uint8Array, size: number): number;
  /** For recvmsg(2). */
  readonly receiveFlags: number;
  explain(op: string, cause: Error, target: object | null): Error;
}

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

/** Used again for each message that is there already. */
const receiving = new RecvFromCall(NOTHING);
const sending = new SendToCall(NOTHING, null, null);

export class PacketIO<A> {
  readonly #fd: FD;
  readonly #codec: PacketCodec<A>;

  constructor(fd: FD, codec: PacketCodec<A>) {
    this.#fd = fd;
    this.#codec = codec;
  }

  tryReadFrom(buf: Uint8Array): Received<A> | undefined {
    requireBytes('tryReadFrom', 'buf', buf);
    try {
      const size = this.#fd.tryCall(receiving.with(buf));
      return size === -EAGAIN ? undefined : this.#received(buf, size);
    } finally {
      receiving.with(NOTHING);
    }
  }

  readFrom(buf: Uint8Array): Promise<Received<A>> {
    try {
      requireBytes('readFrom', 'buf', buf);
      const received = this.tryReadFrom(buf);
      if (received !== undefined) return this.settle(received);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#fd.beginCall(new RecvFromCall(buf), (size) => this.#received(buf, size));
  }

  #received(buf: Uint8Array, size: number): Received<A> {
    const codec = this.#codec;
    const addr = codec.sender(senderAddressLength[0]!);
    return { size: codec.payload === undefined ? size : codec.payload(buf, size), addr };
  }

  /** `size`, undefined if it would wait. */
  tryWriteTo(data: Uint8Array, addr: A, size: number = data?.length): number | undefined {
    requireBytes('tryWriteTo', 'data', data);
    if (!Number.isInteger(size) || size < 0 || size > data.length) {
      throw new RangeError(`tryWriteTo: size must be an integer in 0..${data.length}`);
    }
    return this.#trySend(data, size, this.#target(addr), addr);
  }

  writeTo(data: Uint8Array | string, addr: A): Promise<number> {
    try {
      const bytes = typeof data === 'string' ? encoder.encode(data) : data;
      requireBytes('writeTo', 'data', bytes);
      const target = this.#target(addr);
      const size = this.#trySend(bytes, bytes.length, target, addr);
      if (size !== undefined) return this.settle(size);
      return this.#fd.beginCall(new SendToCall(bytes, target, addr as object), (sent) => sent);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #trySend(data: Uint8Array, size: number, target: Uint8Array | null, addr: A): number | undefined {
    try {
      const sent = this.#fd.tryCall(sending.with(data, size, target, addr as object));
      return sent === -EAGAIN ? undefined : sent;
    } finally {
      sending.with(NOTHING, 0, null, null);
    }
  }

  #target(addr: A | null): Uint8Array | null {
    try {
      return this.#codec.target(addr);
    } catch (cause) {
      if (cause instanceof TypeError) throw cause;
      throw this.#codec.explain('write', cause as Error, addr as object | null);
    }
  }

  readMsg(iov: Iov, oob: Uint8Array | null): Promise<ReceivedMessage<A>> {
    const codec = this.#codec;
    const call = new RecvMsgCall(iov, oob, codec.receiveFlags);
    const finish = (size: number): ReceivedMessage<A> => {
      const [nameSize, oobSize, flags] = call.lengths as unknown as [number, number, number];
      return new ReceivedMessage(size, codec.sender(nameSize), oob, oobSize, flags);
    };
    try {
      requireIov('readMsg', 'buf', iov);
      if (oob !== null) requireBytes('readMsg', 'oob', oob);
      const size = this.#fd.tryCall(call);
      return size === -EAGAIN ? this.#fd.beginCall(call, finish) : this.settle(finish(size));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The length of the data; `addr` null sends to the peer. */
  writeMsg(iov: Iov, oob: Uint8Array | null, addr: A | null): Promise<number> {
    try {
      requireIov('writeMsg', 'data', iov);
      if (oob !== null) requireBytes('writeMsg', 'oob', oob);
      const call = new SendMsgCall(iov, oob, this.#target(addr), addr as object | null);
      const size = this.#fd.tryCall(call);
      return size === -EAGAIN ? this.#fd.beginCall(call, (sent) => sent) : this.settle(size);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What needed no waiting; but if that goes on and on, others have their turn first. */
  settle<T>(value: T): Promise<T> {
    const { netpoll } = this.#fd.pollDesc;
    if (netpoll.spend()) return Promise.resolve(value);
    return new Promise((resolve) => netpoll.later(() => resolve(value)));
  }
}

/** A Uint8Array, or several. */
export function requireIov(method: string, argument: string, value: unknown): void {
  if (value instanceof Uint8Array) return;
  if (Array.isArray(value) && value.every((part) => part instanceof Uint8Array)) return;
  throw new TypeError(`${method}: ${argument} must be a Uint8Array, or an array of them`);
}
