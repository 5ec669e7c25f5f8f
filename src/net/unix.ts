/**
 * Unix sockets: connections and listeners of "unix" (SOCK_STREAM) and "unixpacket" (SOCK_SEQPACKET: each
 * write is one message, and a read gets one message, of which it loses what does not fit), and the
 * sockets of "unixgram" (SOCK_DGRAM), with a peer or without one. One class as in Go; what comes beside
 * the bytes is in unix-io.ts. After Go's net/unixsock.go and net/unixsock_posix.go; unix(7).
 */
import { showAs } from '../io/inspect.ts';
import type { Iov, Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import type { FDKind } from '../poll/fd.ts';
import { getSocketOption } from '../sockopt/socket-option.ts';
import type { Credentials } from '../syscall/ancillary.ts';
import { ENOPROTOOPT } from '../syscall/errno.ts';
import { AT_FDCWD } from '../syscall/fcntl.ts';
import { SHUT_RD } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { requireBoolean } from './arguments.ts';
import { withDescriptor } from './conn-options.ts';
import type { Addr, PacketConn, ReadyListener } from './conn.ts';
import { datagramsOf } from './datagrams.ts';
import type { FileLike } from './file-like.ts';
import { aimedAt, type OpError } from './op-error.ts';
import type { Datagram, Received } from './packet-message.ts';
import { lacksPeer, localUnixAddr, remoteUnixAddr, unixAddrOf } from './socket-name.ts';
import { StreamConn } from './stream-conn.ts';
import { StreamListener } from './stream-listener.ts';
import { UnixAddr, type UnixNetwork } from './unix-addr.ts';
import { UnixIO } from './unix-io.ts';
import type { ReceivedDescriptors, UnixMessage } from './unix-message.ts';

/** A read also stops short before a message with descriptors, so it says nothing of the queue. */
const UNIX_STREAM: FDKind = { zeroReadIsEnd: true, shortReadDrains: false };
const UNIX_DATAGRAM: FDKind = { zeroReadIsEnd: false, shortReadDrains: false };

/** The uid of a peer that the kernel does not know. */
const NOBODY = 0xffff_ffff;

/** Removes the file of a socket that was bound to it. */
function removeFile(kernel: Kernel, addr: UnixAddr): void {
  const { path } = addr.toSockaddr();
  if (path.length === 0 || path[0] === 0) return;
  const name = new Uint8Array(path.length + 1);
  name.set(path);
  kernel.unlinkat(AT_FDCWD, name, 0);
}

/**
 * A unix socket that is connected, of "unix" or "unixpacket", or that sends and receives datagrams, of
 * "unixgram".
 */
export class UnixConn extends StreamConn<UnixAddr> implements PacketConn {
  /** Whether it has a peer: false of a unixgram socket that listenPacket has made. */
  readonly isConnected: boolean;
  /** Made when it is needed: most connections are streams of bytes alone. */
  #io: UnixIO | null = null;
  #madeFile = false;
  #unlink = false;

  /** Takes an accepted, connected or bound descriptor that the poller does not know yet. */
  constructor(
    system: System,
    sysfd: number,
    network: string,
    local: UnixAddr,
    remote: UnixAddr,
    isConnected = true,
  ) {
    const kind = network === 'unixgram' ? UNIX_DATAGRAM : UNIX_STREAM;
    super(system, sysfd, network, local, remote, kind);
    this.isConnected = isConnected;
  }

  /** A connection that was accepted: getsockname; epoll ADD as with TCP. SyscallError. */
  static accepted(system: System, sysfd: number, network: UnixNetwork, remote: UnixAddr): UnixConn {
    const conn = new UnixConn(system, sysfd, network, remote, remote);
    conn.registerLater();
    conn.setAddrs(localUnixAddr(system, sysfd, network), remote);
    return conn;
  }

  /** A socket that connect(2) was called on. The peer is `remote`, if that succeeds. */
  static connecting(system: System, sysfd: number, remote: UnixAddr): UnixConn {
    const local = new UnixAddr('', remote.network);
    const conn = new UnixConn(system, sysfd, remote.network, local, remote);
    conn.#madeFile = true;
    return conn;
  }

  /** A unixgram socket that was bound: epoll ADD · getsockname. SyscallError. */
  static bound(system: System, sysfd: number, local: UnixAddr): UnixConn {
    const { network } = local;
    const conn = new UnixConn(system, sysfd, network, local, new UnixAddr('', network), false);
    conn.register();
    conn.#madeFile = true;
    conn.setAddrs(localUnixAddr(system, sysfd, network), conn.remoteAddr);
    return conn.guard();
  }

  /** Whether it has a peer already. A kernel that cannot say does not make it wait for another edge. */
  hasPeer(): boolean {
    const { system, sysfd } = this.fd;
    const remote = remoteUnixAddr(system, sysfd, this.remoteAddr.network);
    if (remote !== null) this.setAddrs(this.localAddr, remote);
    return remote !== null || !lacksPeer(system.kernel, sysfd);
  }

  /** It is connected, and `hasPeer` was asked or not: the addresses. */
  connected(asked: boolean): this {
    const { system, sysfd } = this.fd;
    this.setAddrs(localUnixAddr(system, sysfd, this.remoteAddr.network), this.remoteAddr);
    if (!asked) this.hasPeer();
    return this.guard();
  }

  override explain(op: string, cause: Error, target: object | null = null): Error {
    return aimedAt(super.explain(op, cause) as OpError, this.isConnected, target as Addr | null);
  }

  // ---- datagrams: of unixgram alone

  /** Receives one datagram. `addr` is null if the sender has no name: there is no way to answer it. */
  readFrom(buf: Uint8Array): Promise<Received<UnixAddr | null>> {
    return this.#messages.readFrom(buf);
  }

  tryReadFrom(buf: Uint8Array): Received<UnixAddr | null> | undefined {
    return this.#messages.tryReadFrom(buf);
  }

  /**
   * Sends `data` as one datagram; waits while the queue of the receiver is full (net.unix.max_dgram_qlen).
   * The others that it might send to wait with it: writes have their order.
   */
  writeTo(data: Uint8Array | string, addr: UnixAddr): Promise<number> {
    return this.#messages.writeTo(data, addr);
  }

  /** As {@link PacketConn.tryWriteTo}. After undefined, `writable` waits for that very receiver. */
  tryWriteTo(data: Uint8Array, addr: UnixAddr, size: number = data?.length): number | undefined {
    return this.#messages.tryWriteTo(data, addr, size);
  }

  datagrams(): AsyncGenerator<Datagram<UnixAddr | null>, void, undefined> {
    return datagramsOf(this);
  }

  // ---- messages, of all three networks

  /**
   * Receives bytes of a stream or one message into `buf`, or into several buffers one after the other, and
   * what comes beside them into `oob`: descriptors, which are close-on-exec and yours to close, and
   * credentials, if passCredentials is on. Null at the end of the stream. With an empty `buf` and an `oob` a
   * byte of a stream is read and forgotten: it is the one that writeMsg makes up. Of a stream it never
   * gives the bytes of two messages with descriptors at once. Without room for them, descriptors are lost.
   */
  readMsg(buf: Iov, oob: Uint8Array | null = null): Promise<UnixMessage | null> {
    return this.#messages.readMsg(buf, oob);
  }

  /**
   * Sends `data`, or several buffers as one message, with the control messages in `oob` (see
   * encodeControlMessages); on a stream those go with the first byte, and one is made up if there is none.
   * Gives the length of the data. `addr` is for unixgram sockets without a peer.
   */
  writeMsg(
    data: Iov,
    oob: Uint8Array | null = null,
    addr: UnixAddr | null = null,
  ): Promise<number> {
    return this.#messages.writeMsg(data, oob, addr);
  }

  /**
   * Passes descriptors, 1 to 253: the receiver gets new ones for the same open files. They must stay open
   * until this settles, and are then still yours to close. On a stream they go with the first byte of
   * `data`, or with one that is made up (NUL).
   */
  sendDescriptors(
    fds: readonly FileLike[],
    data: Uint8Array | string = '',
    addr: UnixAddr | null = null,
  ): Promise<number> {
    return this.#messages.sendDescriptors(fds, data, addr);
  }

  /**
   * Receives what sendDescriptors sends: `max` descriptors at most, and the bytes with them, in `buf` or,
   * if that is not given, up to 64 KiB in a buffer of their own. If there are more than `max`, or if this
   * process may not open so many, all of the message are closed and it fails: the cause is a
   * DescriptorsLostError, which has the bytes. Null at the end of the stream. Bytes that come without
   * descriptors are given with none; of a stream, bytes that were sent before may stand before those that
   * the descriptors came with, and bytes that were sent after them never follow.
   */
  receiveDescriptors(
    max: number,
    buf: Uint8Array | null = null,
  ): Promise<ReceivedDescriptors | null> {
    return this.#messages.receiveDescriptors(max, buf);
  }

  // ---- who the peer is

  /**
   * Who connected, or who listened: as they were at that time (SO_PEERCRED). A unixgram socket does not
   * know it; there each message tells, see {@link UnixConn.passCredentials}.
   */
  peerCredentials(): Credentials {
    const credentials = this.#get((sysfd, kernel) => {
      return getSocketOption(kernel, sysfd, 'SO_PEERCRED');
    });
    if (credentials.pid !== 0 || credentials.uid !== NOBODY) return credentials;
    throw this.explain('get', new Error('the kernel has no credentials of the peer'));
  }

  /** The supplementary groups of the peer (SO_PEERGROUPS). */
  peerGroups(): readonly number[] {
    return this.#get((sysfd, kernel) => getSocketOption(kernel, sysfd, 'SO_PEERGROUPS'));
  }

  /** The security label of the peer (SO_PEERSEC); null where nothing gives labels. */
  peerSecurity(): string | null {
    return this.#get((sysfd, kernel) => {
      try {
        return getSocketOption(kernel, sysfd, 'SO_PEERSEC');
      } catch (error) {
        if (error instanceof SyscallError && error.errno === -ENOPROTOOPT) return null;
        throw error;
      }
    });
  }

  /**
   * Whether readMsg gets the credentials of the sender with each message (SO_PASSCRED). It needs 32 bytes of
   * `oob` for them. A socket without a name gets an abstract one when it next connects or sends.
   */
  passCredentials(on: boolean): void {
    requireBoolean('passCredentials', 'on', on);
    this.options.SO_PASSCRED = on;
  }

  /**
   * Sends credentials in place of those that the kernel would add. Only root may say what is not so: any
   * process, with CAP_SYS_ADMIN, any user, with CAP_SETUID, any group, with CAP_SETGID.
   */
  sendCredentials(
    credentials: Credentials,
    data: Uint8Array | string = '',
    addr: UnixAddr | null = null,
  ): Promise<number> {
    return this.#messages.sendCredentials(credentials, data, addr);
  }

  get #messages(): UnixIO {
    return (this.#io ??= new UnixIO(this));
  }

  #get<T>(read: (sysfd: number, kernel: Kernel) => T): T {
    return withDescriptor(this.fd, this, 'get', read);
  }

  // ---- its file

  /**
   * Whether close removes the file that this socket was bound to (listenPacket, or `localAddr` of dial). By
   * default it does not, as in Go: others may know the name.
   */
  setUnlinkOnClose(unlink: boolean): void {
    requireBoolean('setUnlinkOnClose', 'unlink', unlink);
    if (unlink && !this.#madeFile) {
      throw new TypeError('setUnlinkOnClose: the file is that of the listener, not of this end');
    }
    this.#unlink = unlink;
  }

  override close(): void {
    if (this.#unlink && !this.closed) removeFile(this.fd.system.kernel, this.localAddr);
    super.close();
    this.#io?.close();
  }

  // ---- waiting for a receiver

  override whenWritable(listener: ReadyListener): void {
    this.#io?.beforeWait();
    super.whenWritable(listener);
  }

  override forgetWritable(listener: ReadyListener): void {
    super.forgetWritable(listener);
    this.#io?.afterWait();
  }

  override writable(): Promise<void> {
    this.#io?.beforeWait();
    return super.writable();
  }

  static {
    showAs(UnixConn, ({ localAddr, remoteAddr, isConnected, closed }) => {
      const ends = isConnected ? `${String(localAddr)} -> ${String(remoteAddr)}` : localAddr;
      return `${String(ends)}${closed ? ' (closed)' : ''}`;
    });
  }
}

/** Accepts connections on a unix socket, of "unix" or "unixpacket". */
export class UnixListener extends StreamListener<UnixAddr, UnixConn> {
  #unlink: boolean;

  /**
   * Takes a listening descriptor: epoll ADD · getsockname. Of an `adopted` one `addr` came from there, and
   * its file is not for this listener to remove.
   */
  constructor(system: System, sysfd: number, addr: UnixAddr, adopted = false) {
    super(system, sysfd, addr.network, addr, adopted);
    if (!adopted) this.setAddr(localUnixAddr(system, sysfd, addr.network));
    this.#unlink = !adopted && !this.addr.isAbstract;
  }

  /** Whether close removes the socket's file. It does by default, if listen has made it. */
  setUnlinkOnClose(unlink: boolean): void {
    requireBoolean('setUnlinkOnClose', 'unlink', unlink);
    this.#unlink = unlink;
  }

  protected override beforeClose(): void {
    if (this.#unlink) removeFile(this.fd.system.kernel, this.addr);
  }

  /** connect(2) is refused; accept(2) gives those that were there. */
  protected refuseMore(kernel: Kernel, sysfd: number): number {
    return kernel.shutdown(sysfd, SHUT_RD);
  }

  protected makeConn(sysfd: number, addr: Uint8Array, addrlen: number): UnixConn {
    const { system } = this.fd;
    const { network } = this.addr;
    const remote = unixAddrOf(addr, addrlen, network);
    return UnixConn.accepted(system, sysfd, network, remote);
  }
}
