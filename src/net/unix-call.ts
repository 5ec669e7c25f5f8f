/**
 * recvmsg and sendmsg of unix sockets, of all three kinds. Descriptors arrive close-on-exec. A stream
 * carries control messages with a byte at least, so where there is none, one is made up that nobody sees,
 * as Go does; and what a stream takes of a message in parts is sent in parts. After Go's
 * syscall.recvmsgRaw and sendmsgN.
 */
import type { Iov, Kernel } from '../kernel/kernel.ts';
import { type PollCall, RecvMsgCall } from '../poll/message-call.ts';
import { EAGAIN } from '../syscall/errno.ts';
import { MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_TRUNC } from '../syscall/socket.ts';
import type { ReceiverWatch } from './receiver-watch.ts';
import type { UnixAddr, UnixNetwork } from './unix-addr.ts';
import { UnixMessage } from './unix-message.ts';

function sizeOf(iov: Iov): number {
  if (iov instanceof Uint8Array) return iov.length;
  return iov.reduce((size, part) => size + part.length, 0);
}

/** A buffer that was taken away meanwhile would look like an end, or like an empty message. */
function requireSize(name: string, bytes: Iov | null, size: number): void {
  if (bytes !== null && sizeOf(bytes) !== size) {
    throw new TypeError(`${name} was detached or resized while waiting`);
  }
}

export class UnixReceiveCall extends RecvMsgCall {
  readonly #network: UnixNetwork;
  readonly #size: number;
  readonly #controlSize: number;
  /** The byte that is read in place of none. */
  readonly #dummy: boolean;

  constructor(network: UnixNetwork, iov: Iov, control: Uint8Array | null) {
    const size = sizeOf(iov);
    const dummy = size === 0 && control !== null && network !== 'unixgram';
    super(dummy ? new Uint8Array(1) : iov, control, MSG_CMSG_CLOEXEC);
    this.#network = network;
    this.#size = dummy ? 1 : size;
    this.#controlSize = control?.length ?? 0;
    this.#dummy = dummy;
  }

  override attempt(kernel: Kernel, sysfd: number): number {
    requireSize('readMsg: buf', this.iov, this.#size);
    requireSize('readMsg: oob', this.control, this.#controlSize);
    return super.attempt(kernel, sysfd);
  }

  /** What was received; null at the end of the stream. */
  message(size: number, sender: (size: number) => UnixAddr | null): UnixMessage | null {
    const [nameSize, oobSize, flags] = this.lengths as unknown as [number, number, number];
    if (size === 0 && this.#isEnd(oobSize, flags)) return null;
    const count = this.#dummy ? 0 : size;
    return new UnixMessage(count, sender(nameSize), this.control, oobSize, flags);
  }

  /** Whether nothing means the end: a message may be empty, if something came with it. */
  #isEnd(oobSize: number, flags: number): boolean {
    if (this.#network === 'unix') return this.#size > 0;
    return (
      this.#network === 'unixpacket' && oobSize === 0 && (flags & (MSG_TRUNC | MSG_CTRUNC)) === 0
    );
  }
}

/** Where a message goes. */
export interface Destination {
  /** The bytes of its sockaddr; null for the peer. */
  readonly sockaddr: Uint8Array | null;
  /** For errors. */
  readonly addr: UnixAddr | null;
  /** Of a unixgram socket without a peer. */
  readonly watch: ReceiverWatch | null;
}

export class UnixSendCall implements PollCall {
  readonly mode = 'write';
  readonly op = 'write';
  readonly drainedBelow = 0;
  readonly syscall: 'sendto' | 'sendmsg';
  readonly target: object | null;
  readonly regardless: boolean;
  readonly #to: Destination;
  readonly #iov: Iov;
  readonly #size: number;
  readonly #control: Uint8Array | null;
  readonly #controlSize: number;
  readonly #isStream: boolean;
  /** The byte that is sent in place of none. */
  readonly #dummy: boolean;
  /** Who answers for what the wait needs, once it waits. */
  #waiting: object | null = null;
  #sent = 0;

  /** With control messages, or as several parts, it is a sendmsg. */
  constructor(network: UnixNetwork, to: Destination, iov: Iov, control: Uint8Array | null) {
    this.target = to.addr;
    this.regardless = to.watch !== null;
    this.#to = to;
    this.#size = sizeOf(iov);
    this.#isStream = network === 'unix';
    this.#control = control;
    this.#controlSize = control?.length ?? 0;
    this.#dummy = this.#size === 0 && this.#controlSize > 0 && this.#isStream;
    this.#iov = this.#dummy ? new Uint8Array(1) : iov;
    this.syscall = control === null && iov instanceof Uint8Array ? 'sendto' : 'sendmsg';
  }

  /** From now on it waits where there is no room. */
  wait(owner: object): this {
    this.#waiting = owner;
    return this;
  }

  /** It waits no more, since it has failed. */
  giveUp(): void {
    this.#to.watch?.stop();
  }

  /** How much was sent, if it fails. */
  get sent(): number {
    return this.#sent;
  }

  attempt(kernel: Kernel, sysfd: number): number {
    requireSize('write: data', this.#iov, this.#dummy ? 1 : this.#size);
    requireSize('write: oob', this.#control, this.#controlSize);
    const result = this.#sent > 0 ? this.#sendRest(kernel, sysfd) : this.#send(kernel, sysfd);
    const { watch, sockaddr } = this.#to;
    if (watch === null || sockaddr === null) return result;
    if (result === -EAGAIN) watch.note(sockaddr);
    else watch.clear();
    if (this.#waiting === null) return result;
    if (result === -EAGAIN) watch.begin(this.#waiting);
    else watch.stop();
    return result;
  }

  #send(kernel: Kernel, sysfd: number): number {
    const { sockaddr } = this.#to;
    const iov = this.#iov;
    const length = sockaddr?.length ?? 0;
    if (this.syscall === 'sendto') {
      return kernel.sendto(sysfd, iov as Uint8Array, this.#size, 0, sockaddr, length);
    }
    const lengths = Uint32Array.of(length, this.#controlSize, 0);
    return kernel.sendmsg(sysfd, sockaddr, iov, this.#control, lengths, 0);
  }

  /** The control messages have gone with the first bytes. */
  #sendRest(kernel: Kernel, sysfd: number): number {
    const rest: Uint8Array[] = [];
    let skip = this.#sent;
    for (const part of this.#iov instanceof Uint8Array ? [this.#iov] : this.#iov) {
      if (skip < part.length) rest.push(skip === 0 ? part : part.subarray(skip));
      skip = Math.max(skip - part.length, 0);
    }
    return kernel.sendmsg(sysfd, null, rest, null, new Uint32Array(3), 0);
  }

  /** The length of the data once all of it is sent; undefined before. */
  readonly finish = (result: number): number | undefined => {
    this.#sent = Math.min(this.#sent + result, this.#size);
    return this.#isStream && this.#sent < this.#size ? undefined : this.#size;
  };
}
