/**
 * TCP: connections and listeners. A new connection sends small writes at once (TCP_NODELAY) and asks
 * after a silent peer every 15 seconds. After Go's net/tcpsock.go and net/tcpsock_posix.go.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import type { FDKind } from '../poll/fd.ts';
import { BPF_K, BPF_RET, bpfStatement, encodeBpfProgram } from '../syscall/bpf.ts';
import { SO_ATTACH_FILTER, SOL_SOCKET } from '../syscall/socket.ts';
import { requireBoolean, requireInt } from './arguments.ts';
import { lacksPeer, localTCPAddr, remoteTCPAddr, tcpAddrOf } from './socket-name.ts';
import { setKeepAlive, setKeepAlivePeriod, setLinger, setNoDelay } from './socket-options.ts';
import { StreamConn } from './stream-conn.ts';
import { StreamListener } from './stream-listener.ts';
import { TCPAddr } from './tcp-addr.ts';

/** A program that keeps nothing of any packet. */
const dropAll: Uint8Array = encodeBpfProgram([bpfStatement(BPF_RET | BPF_K, 0)]);

const TCP_STREAM: FDKind = { zeroReadIsEnd: true, shortReadDrains: true };

/** A TCP connection, of dial or of a listener. */
export class TCPConn extends StreamConn<TCPAddr> {
  /** Takes an accepted or connected descriptor that the poller does not know yet. */
  constructor(system: System, sysfd: number, network: string, local: TCPAddr, remote: TCPAddr) {
    super(system, sysfd, network, local, remote, TCP_STREAM);
  }

  /**
   * A connection that was accepted: getsockname, if `local` is not known · TCP_NODELAY · keep-alive, if
   * not inherited. No failure of these is one. epoll ADD comes with the first wait; where it cannot, at
   * once: then the descriptor is closed if it fails. SyscallError. `keepAlive` is in seconds, null for none,
   * undefined if the options are inherited.
   */
  static accepted(
    system: System,
    sysfd: number,
    network: string,
    local: TCPAddr | null,
    remote: TCPAddr,
    keepAlive: number | null | undefined,
  ): TCPConn {
    const conn = new TCPConn(system, sysfd, network, local ?? remote, remote);
    conn.registerLater();
    if (local === null) conn.setAddrs(localTCPAddr(system, sysfd), remote);
    if (keepAlive !== undefined) setInitialOptions(system.kernel, sysfd, keepAlive);
    return conn;
  }

  /** A socket that connect(2) was called on. The peer is `remote`, if that succeeds. */
  static connecting(system: System, sysfd: number, network: string, remote: TCPAddr): TCPConn {
    return new TCPConn(system, sysfd, network, new TCPAddr('', 0), remote);
  }

  /** Whether it has a peer already. A kernel that cannot say does not make it wait for another edge. */
  hasPeer(): boolean {
    const remote = remoteTCPAddr(this.fd.system, this.fd.sysfd);
    if (remote !== null) this.setAddrs(this.localAddr, remote);
    return remote !== null || !lacksPeer(this.fd.system.kernel, this.fd.sysfd);
  }

  /** It is connected, and `hasPeer` was asked or not: the addresses, and the initial options. */
  connected(asked: boolean, keepAlive: number | null): this {
    const { system, sysfd } = this.fd;
    this.setAddrs(localTCPAddr(system, sysfd), this.remoteAddr);
    if (!asked) this.hasPeer();
    setInitialOptions(system.kernel, sysfd, keepAlive);
    return this.guard();
  }

  /** On (the default), small writes are sent at once; off, they are gathered (Nagle). */
  setNoDelay(on: boolean): void {
    requireBoolean('setNoDelay', 'on', on);
    this.setOption('setsockopt', (sysfd, kernel) => setNoDelay(kernel, sysfd, on));
  }

  setKeepAlive(on: boolean): void {
    requireBoolean('setKeepAlive', 'on', on);
    this.setOption('setsockopt', (sysfd, kernel) => setKeepAlive(kernel, sysfd, on));
  }

  /** TCP_KEEPINTVL and TCP_KEEPIDLE, in milliseconds, rounded up to whole seconds. */
  setKeepAlivePeriod(milliseconds: number): void {
    if (typeof milliseconds !== 'number' || Number.isNaN(milliseconds)) {
      throw new TypeError('setKeepAlivePeriod: milliseconds must be a number');
    }
    const seconds = Math.max(-1, Math.min(Math.ceil(milliseconds / 1000), 2 ** 31 - 1));
    this.setOption('setsockopt', (sysfd, kernel) => setKeepAlivePeriod(kernel, sysfd, seconds));
  }

  /**
   * What close does with bytes that are not sent yet. Negative (the default): they are sent in the
   * background. 0: they are thrown away, and the peer sees a reset. Else they are sent in the background
   * for that many seconds, whole ones as in Go.
   */
  setLinger(seconds: number): void {
    requireInt('setLinger', 'seconds', seconds);
    this.setOption('setsockopt', (sysfd, kernel) => setLinger(kernel, sysfd, seconds));
  }
}

/**
 * What every TCP connection gets. Failures are ignored, as in Go: the connection works without. True if
 * there was none.
 */
export function setInitialOptions(
  kernel: Kernel,
  sysfd: number,
  keepAlive: number | null,
): boolean {
  const noDelay = setNoDelay(kernel, sysfd, true);
  if (keepAlive === null) return noDelay === 0;
  const on = setKeepAlive(kernel, sysfd, true);
  const period = setKeepAlivePeriod(kernel, sysfd, keepAlive);
  return noDelay === 0 && on === 0 && period === 0;
}

/** What is known of the connections of a listener before they come. */
export interface TCPListenerTraits {
  /** In seconds; null for none. */
  readonly keepAlive: number | null;
  /** The address is that of the socket already. */
  readonly named?: boolean;
  /** The listening socket has the initial options, and gives them to its connections. */
  readonly inherits?: boolean;
}

/**
 * Accepts TCP connections. On Linux they have the options that the listening socket has, so those are set
 * once; and the address it is bound to, if that is one. Both hold for as long as nobody else had the
 * descriptor: IP_TRANSPARENT gives connections other addresses.
 */
export class TCPListener extends StreamListener<TCPAddr, TCPConn> {
  readonly #keepAlive: number | null;
  readonly #inherits: boolean;
  readonly #local: TCPAddr | null;

  /** Takes a listening descriptor: epoll ADD · getsockname. */
  constructor(
    system: System,
    sysfd: number,
    network: string,
    addr: TCPAddr,
    traits: TCPListenerTraits,
  ) {
    super(system, sysfd, network, addr, traits.named === true);
    const { keepAlive, named = false, inherits = false } = traits;
    this.#keepAlive = keepAlive;
    this.#inherits = inherits;
    if (!named) this.setAddr(localTCPAddr(system, sysfd));
    this.#local = inherits && !this.addr.isWildcard ? this.addr : null;
  }

  /** SYNs are dropped, so a client tries again; after the close it is refused. */
  protected refuseMore(kernel: Kernel, sysfd: number): number {
    return kernel.setsockopt(sysfd, SOL_SOCKET, SO_ATTACH_FILTER, dropAll, dropAll.length);
  }

  protected makeConn(sysfd: number, addr: Uint8Array, addrlen: number): TCPConn {
    const { fd, network } = this;
    const { system } = fd;
    const remote = tcpAddrOf(system, addr, addrlen);
    const ours = !fd.pollDesc.lent;
    const keepAlive = this.#inherits && ours ? undefined : this.#keepAlive;
    return TCPConn.accepted(system, sysfd, network, ours ? this.#local : null, remote, keepAlive);
  }
}
