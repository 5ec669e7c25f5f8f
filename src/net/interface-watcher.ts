/**
 * Changes of interfaces and addresses, as the kernel tells them to a netlink socket in the groups
 * RTMGRP_LINK, RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR.
 *
 * What is not fetched waits in the kernel, which forgets when its queue is full and says so
 * (ENOBUFS). Then what is left of the queue is older than what was lost, so it is thrown away, and
 * one change of kind "resync" stands for all of it. Nothing of Go's net. Source: rtnetlink(7),
 * netlink(7).
 */
import { showAs } from '../io/inspect.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import { ErrClosed } from '../poll/errors.ts';
import { type Explainer, FD, type FDKind } from '../poll/fd.ts';
import { EAGAIN, EINTR, ENOBUFS } from '../syscall/errno.ts';
import { decodeNetlinkMessages, type NetlinkMessage } from '../syscall/netlink-message.ts';
import {
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTMGRP_IPV4_IFADDR,
  RTMGRP_IPV6_IFADDR,
  RTMGRP_LINK,
} from '../syscall/netlink-route.ts';
import { NETLINK_ROUTE } from '../syscall/netlink.ts';
import {
  addressInfo,
  decodeAddressMessage,
  decodeLinkMessage,
  linkInfo,
} from '../syscall/route-message.ts';
import { isSockaddrNetlink } from '../syscall/sockaddr-link.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_ANY_SIZE } from '../syscall/sockaddr.ts';
import {
  AF_NETLINK,
  AF_UNSPEC,
  MSG_TRUNC,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
} from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { Interface, netOf, routed, routeError } from './interface.ts';
import type { IPNet } from './ip-net.ts';
import { guardAgainstLeak, releaseGuard } from './leak-guard.ts';
import { inTurn } from './transfer.ts';

/** An interface is there, is another than before, or is gone. */
export interface LinkChange {
  readonly kind: 'link';
  readonly removed: boolean;
  readonly interface: Interface;
}

/** An interface has an address, has it with other properties, or has it no more. */
export interface AddressChange {
  readonly kind: 'address';
  readonly removed: boolean;
  /** Of the interface. */
  readonly index: number;
  readonly address: IPNet;
}

/** Changes were lost: ask for everything anew. */
export interface Resync {
  readonly kind: 'resync';
}

export type InterfaceChange = LinkChange | AddressChange | Resync;

const DATAGRAMS: FDKind = { zeroReadIsEnd: false, shortReadDrains: false };

const GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;

/** The kernel makes no larger datagrams for what these groups tell. */
const ROOM = 32 * 1024;

/**
 * More datagrams than fit into a queue of the usual size; while they are thrown away nothing else
 * runs.
 */
const MOST_DROPPED = 4096;

const CHANGES = { op: 'read', syscall: 'recvfrom' } as const;

const RESYNC: Resync = { kind: 'resync' };

/**
 * Changes of interfaces and addresses, for `for await`. It keeps the process alive and holds a descriptor
 * until it is closed.
 */
export class InterfaceWatcher
  implements AsyncIterableIterator<InterfaceChange, undefined>, AsyncDisposable, Explainer
{
  readonly #fd: FD;
  readonly #buf = new Uint8Array(ROOM);
  readonly #addr = new Uint8Array(SOCKADDR_ANY_SIZE);
  readonly #addrlen = new Uint32Array(1);
  /** Of the last datagram, what has not been given out. */
  #pending: InterfaceChange[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** Every change after this is told. OpError. */
  constructor(system: System) {
    this.#fd = new FD(system, subscribed(system.kernel), this, DATAGRAMS);
    routed(() => this.#fd.init());
    guardAgainstLeak(this, this.#fd.pollDesc);
  }

  explain(_op: string, cause: Error): Error {
    return routeError(cause);
  }

  /**
   * The next change, in the order of events; the end once this is closed. Each of several calls
   * gets a change of its own. Rejects with an OpError.
   */
  next(): Promise<IteratorResult<InterfaceChange, undefined>> {
    const result = this.#last.then(() => this.#next());
    this.#last = result.catch(() => {});
    return result;
  }

  async #next(): Promise<IteratorResult<InterfaceChange, undefined>> {
    for (;;) {
      const value = this.#pending.shift();
      if (value !== undefined) return { value, done: false };
      if (this.closed) return END;
      try {
        const attempt = (kernel: Kernel, sysfd: number): number => this.#receive(kernel, sysfd);
        await inTurn(this.#fd, this.#fd.call('read', CHANGES, attempt));
      } catch (error) {
        if ((error as Error).cause === ErrClosed) return END;
        throw error;
      }
    }
  }

  /** Closes, if that was not done before: what the end of a `for await` does. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.closed) this.close();
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get closed(): boolean {
    return this.#fd.closed;
  }

  /** A pending and every later `next` gives the end. OpError if it is closed already. */
  close(): void {
    this.#fd.close();
    this.#pending = [];
    releaseGuard(this.#fd.pollDesc);
  }

  /** A pending `next` keeps the process alive, as it does from the start. */
  ref(): void {
    this.#fd.referenced = true;
  }

  /** A pending `next` does not keep the process alive. */
  unref(): void {
    this.#fd.referenced = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.closed) this.close();
  }

  /** Takes the next datagram; 0, or a negative errno. */
  #receive(kernel: Kernel, sysfd: number): number {
    const count = this.#receiveOnce(kernel, sysfd);
    if (count === -ENOBUFS || count > ROOM) return this.#resync(kernel, sysfd);
    if (count < 0) return count;
    const from = decodeSockaddr(this.#addr, this.#addrlen[0]!);
    // Others than the kernel may write to the socket, if they are root.
    if (!isSockaddrNetlink(from) || from.pid !== 0) return 0;
    const { system } = this.#fd;
    try {
      for (const message of decodeNetlinkMessages(this.#buf, count)) {
        const change = changeIn(system, message);
        if (change !== null) this.#pending.push(change);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return this.#resync(kernel, sysfd); // what it was about is not known
    }
    return 0;
  }

  #resync(kernel: Kernel, sysfd: number): number {
    this.#pending = [RESYNC];
    for (let dropped = 0; dropped < MOST_DROPPED; dropped++) {
      const result = this.#receiveOnce(kernel, sysfd);
      if (result === -EAGAIN) break;
      if (result < 0 && result !== -ENOBUFS && result !== -EINTR) return result;
    }
    return 0;
  }

  /** The length of the next datagram, also of one that did not fit. */
  #receiveOnce(kernel: Kernel, sysfd: number): number {
    this.#addrlen[0] = this.#addr.length;
    return kernel.recvfrom(sysfd, this.#buf, ROOM, MSG_TRUNC, this.#addr, this.#addrlen);
  }

  static {
    showAs(InterfaceWatcher, ({ closed }) => (closed ? 'closed' : 'open'));
  }
}

const END: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** A socket that is told of changes. */
function subscribed(kernel: Kernel): number {
  const type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const sysfd = kernel.socket(AF_NETLINK, type, NETLINK_ROUTE);
  if (sysfd < 0) throw routeError(new SyscallError('socket', sysfd));
  const addr = encodeSockaddr({ family: AF_NETLINK, groups: GROUPS });
  const result = kernel.bind(sysfd, addr, addr.length);
  if (result === 0) return sysfd;
  kernel.close(sysfd);
  throw routeError(new SyscallError('bind', result));
}

/** What a message tells; null if it is not about an interface or one of its addresses. */
function changeIn(system: System, { type, payload }: NetlinkMessage): InterfaceChange | null {
  if (type === RTM_NEWLINK || type === RTM_DELLINK) {
    const link = decodeLinkMessage(payload);
    // Those of AF_BRIDGE tell what a bridge makes of its port: that it leaves is no removal.
    if (link.family !== AF_UNSPEC) return null;
    const removed = type === RTM_DELLINK;
    return { kind: 'link', removed, interface: new Interface(system, linkInfo(link)) };
  }
  if (type !== RTM_NEWADDR && type !== RTM_DELADDR) return null;
  const info = addressInfo(decodeAddressMessage(payload));
  if (info === null) return null;
  const removed = type === RTM_DELADDR;
  return { kind: 'address', removed, index: info.index, address: netOf(info) };
}
