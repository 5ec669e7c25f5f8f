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
import { localTCPAddr, remoteTCPAddr, tcpAddrOf } from './socket-name.ts';
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
   * A connection that was accepted: epoll ADD · getsockname · TCP_NODELAY · keep-alive. Only a failure
   * of the first is one, and closes the descriptor; SyscallError. `keepAlive` is in seconds, or null.
   */
  static accepted(
    system: System,
    sysfd: number,
    network: string,
    remote: TCPAddr,
    keepAlive: number | null,
  ): TCPConn {
    const conn = new TCPConn(system, sysfd, network, remote, remote);
    conn.register();
    conn.setAddrs(localTCPAddr(system, sysfd), remote);
    setInitialOptions(system.kernel, sysfd, keepAlive);
    return conn;
  }

  /** A socket that connect(2) was called on. The peer is `remote`, if that succeeds. */
  static connecting(system: System, sysfd: number, network: string, remote: TCPAddr): TCPConn {
    return new TCPConn(system, sysfd, network, new TCPAddr('', 0), remote);
  }

  /** Whether it has a peer already. */
  hasPeer(): boolean {
    const remote = remoteTCPAddr(this.fd.system, this.fd.sysfd);
    if (remote !== null) this.setAddrs(this.localAddr, remote);
    return remote !== null;
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

/** What every TCP connection gets. Failures are ignored, as in Go: the connection works without. */
function setInitialOptions(kernel: Kernel, sysfd: number, keepAlive: number | null): void {
  setNoDelay(kernel, sysfd, true);
  if (keepAlive === null) return;
  setKeepAlive(kernel, sysfd, true);
  setKeepAlivePeriod(kernel, sysfd, keepAlive);
}

/** Accepts TCP connections. */
export class TCPListener extends StreamListener<TCPAddr, TCPConn> {
  readonly #keepAlive: number | null;

  /**
   * Takes a listening descriptor: epoll ADD · getsockname, unless it is `adopted` and `addr` came from
   * there. `keepAlive` is in seconds, or null.
   */
  constructor(
    system: System,
    sysfd: number,
    network: string,
    addr: TCPAddr,
    keepAlive: number | null,
    adopted = false,
  ) {
    super(system, sysfd, network, addr, adopted);
    this.#keepAlive = keepAlive;
    if (!adopted) this.setAddr(localTCPAddr(system, sysfd));
  }

  /** SYNs are dropped, so a client tries again; after the close it is refused. */
  protected refuseMore(kernel: Kernel, sysfd: number): number {
    return kernel.setsockopt(sysfd, SOL_SOCKET, SO_ATTACH_FILTER, dropAll, dropAll.length);
  }

  protected makeConn(sysfd: number, addr: Uint8Array, addrlen: number): TCPConn {
    const { system } = this.fd;
    const remote = tcpAddrOf(system, addr, addrlen);
    return TCPConn.accepted(system, sysfd, this.network, remote, this.#keepAlive);
  }
}
