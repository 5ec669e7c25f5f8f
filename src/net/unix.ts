/**
 * Unix stream sockets: connections and listeners of "unix" (SOCK_STREAM) and "unixpacket"
 * (SOCK_SEQPACKET: each write is one message, and a read gets one message, of which it loses what does
 * not fit). After Go's net/unixsock.go and net/unixsock_posix.go; unix(7).
 */
import type { System } from '../kernel/system.ts';
import type { FDKind } from '../poll/fd.ts';
import { cString } from '../syscall/c-string.ts';
import { AT_FDCWD } from '../syscall/fcntl.ts';
import { localUnixAddr, remoteUnixAddr, unixAddrOf } from './socket-name.ts';
import { StreamConn } from './stream-conn.ts';
import { StreamListener } from './stream-listener.ts';
import { UnixAddr, type UnixNetwork } from './unix-addr.ts';

/** A read also stops short before a message with descriptors, so it says nothing of the queue. */
const UNIX_STREAM: FDKind = { zeroReadIsEnd: true, shortReadDrains: false };

export class UnixConn extends StreamConn<UnixAddr> {
  /** Takes an accepted or connected descriptor that the poller does not know yet. */
  constructor(system: System, sysfd: number, network: string, local: UnixAddr, remote: UnixAddr) {
    super(system, sysfd, network, local, remote, UNIX_STREAM);
  }

  /** A connection that was accepted: epoll ADD · getsockname. SyscallError. */
  static accepted(system: System, sysfd: number, network: UnixNetwork, remote: UnixAddr): UnixConn {
    const conn = new UnixConn(system, sysfd, network, remote, remote);
    conn.register();
    conn.setAddrs(localUnixAddr(system, sysfd, network), remote);
    return conn;
  }

  /** A socket that connect(2) was called on. The peer is `remote`, if that succeeds. */
  static connecting(system: System, sysfd: number, remote: UnixAddr): UnixConn {
    const local = new UnixAddr('', remote.network);
    return new UnixConn(system, sysfd, remote.network, local, remote);
  }

  /** Whether it has a peer already. */
  hasPeer(): boolean {
    const { system, sysfd } = this.fd;
    const remote = remoteUnixAddr(system, sysfd, this.remoteAddr.network);
    if (remote !== null) this.setAddrs(this.localAddr, remote);
    return remote !== null;
  }

  /** It is connected, and `hasPeer` was asked or not: the addresses. */
  connected(asked: boolean): this {
    const { system, sysfd } = this.fd;
    this.setAddrs(localUnixAddr(system, sysfd, this.remoteAddr.network), this.remoteAddr);
    if (!asked) this.hasPeer();
    return this.guard();
  }
}

export class UnixListener extends StreamListener<UnixAddr, UnixConn> {
  #unlink: boolean;

  /**
   * Takes a listening descriptor: epoll ADD · getsockname. Of an `adopted` one `addr` came from there, and
   * its file is not for this listener to remove.
   */
  constructor(system: System, sysfd: number, addr: UnixAddr, adopted = false) {
    super(system, sysfd, addr.network, addr);
    if (!adopted) this.setAddr(localUnixAddr(system, sysfd, addr.network));
    this.#unlink = !adopted && !this.addr.isAbstract;
  }

  /** Whether close removes the socket's file. It does by default, if listen has made it. */
  setUnlinkOnClose(unlink: boolean): void {
    this.#unlink = unlink;
  }

  protected override beforeClose(): void {
    const { name } = this.addr;
    if (!this.#unlink || name === '' || this.addr.isAbstract) return;
    this.fd.system.kernel.unlinkat(AT_FDCWD, cString(name), 0);
  }

  protected makeConn(sysfd: number, addr: Uint8Array, addrlen: number): UnixConn {
    const { system } = this.fd;
    const { network } = this.addr;
    const remote = unixAddrOf(addr, addrlen, network);
    return UnixConn.accepted(system, sysfd, network, remote);
  }
}
