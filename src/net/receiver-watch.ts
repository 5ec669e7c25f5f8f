/**
 * Waiting for room in the queue of one receiver of datagrams. A unixgram socket without a peer can send
 * to anybody, so the kernel tells it of its own buffer only: to one whose receiver's queue is full it
 * says EAGAIN, and then "writable" at once, again and again (Go's net tries again each time, and so
 * keeps a processor busy until there is room).
 *
 * A socket with a peer is told of that peer's queue. So a second socket is connected to the receiver for
 * as long as it takes, and the first counts as writable when that one is. It sends nothing, and the
 * receiver does not see it. Where there is none to be had (EMFILE), a timer takes its place. Source:
 * unix(7), and unix_dgram_poll of Linux' net/unix/af_unix.c.
 */
import type { Timer } from '../kernel/clock.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { PollDesc } from '../poll/poll-desc.ts';
import { SIOCOUTQ } from '../syscall/ioctl.ts';
import { AF_UNIX, SO_SNDBUF, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from '../syscall/socket.ts';
import { guardAgainstLeak, releaseGuard } from './leak-guard.ts';
import { getSocketInt } from './socket-options.ts';

/** Milliseconds until it is tried again where nothing tells. */
const RETRY = 20;

const value = new Int32Array(1);
const valueBytes = new Uint8Array(value.buffer);

/** Whether an EAGAIN of sendto comes from the sender's own buffer, of which epoll tells. */
function isOwnBufferFull(kernel: Kernel, sysfd: number): boolean {
  if (kernel.ioctl(sysfd, SIOCOUTQ, valueBytes) < 0) return true;
  const room = getSocketInt(kernel, sysfd, SO_SNDBUF);
  return room < 0 || value[0]! >= room;
}

export class ReceiverWatch {
  /** Of the socket that sends. Not its connection, which may be collected while this waits. */
  readonly #pd: PollDesc;
  /** The connected socket while it waits. */
  #helper: PollDesc | null = null;
  #timer: Timer | null = null;
  /** Where the latest try would have had to wait for room. */
  #full: Uint8Array | null = null;

  constructor(pd: PollDesc) {
    this.#pd = pd;
  }

  /** The latest try found no room at `addr`: {@link ReceiverWatch.begin} waits for that. */
  note(addr: Uint8Array): void {
    this.#full = addr;
  }

  /** Something was sent. */
  clear(): void {
    this.#full = null;
  }

  /** Begins the wait for room where the latest try found none, if so. `owner` answers for it. */
  begin(owner: object): void {
    const addr = this.#full;
    const { system, kernel } = this.#pd.netpoll;
    if (addr === null) return;
    if (isOwnBufferFull(kernel, this.#pd.sysfd)) return this.stop();
    this.end();
    this.#pd.hold();
    const helper = this.#connect(addr);
    this.#full = null;
    if (helper === null) {
      const { clock } = system;
      this.#timer = clock.at(clock.monotonic() + RETRY, () => this.stop());
      return;
    }
    this.#helper = helper;
    guardAgainstLeak(owner, helper);
    helper.referenced = false;
    helper.wait('write', { ready: () => this.stop() });
  }

  /** The wait is over: whoever waits to write may try. */
  stop(): void {
    this.end();
    this.#pd.unhold();
  }

  /** Gives back what the wait needs; nobody is told. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const helper = this.#helper;
    if (helper === null) return;
    this.#helper = null;
    releaseGuard(helper);
    helper.netpoll.close(helper);
  }

  /** A socket that has the receiver for its peer; null if there cannot be one. */
  #connect(addr: Uint8Array): PollDesc | null {
    const { netpoll } = this.#pd;
    const { kernel } = netpoll;
    const sysfd = kernel.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sysfd < 0) return null;
    const pd = new PollDesc(netpoll, sysfd);
    try {
      // A receiver that has gone: the next try says so.
      if (kernel.connect(sysfd, addr, addr.length) === 0) {
        netpoll.open(pd);
        return pd;
      }
    } catch {
      // The limit of watched descriptors (epoll_ctl: ENOSPC).
    }
    kernel.close(sysfd);
    return null;
  }
}
