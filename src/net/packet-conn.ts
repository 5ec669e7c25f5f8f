/**
 * A connection of datagrams over IP: what UDPConn and IPConn share. It is a Conn too, as in Go: with a
 * peer, `read` and `write` receive and send one datagram each.
 *
 * Without a peer (from listenPacket) a `write` fails, and `remoteAddr` is the address ":0". After Go's
 * net/udpsock_posix.go and net/iprawsock_posix.go.
 */
import { showAs } from '../io/inspect.ts';
import type { Iov } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import type { FDKind } from '../poll/fd.ts';
import { senderAddress, senderWords } from '../poll/message-call.ts';
import { EINVAL } from '../syscall/errno.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import type { Addr, PacketConn } from './conn.ts';
import { datagramsOf } from './datagrams.ts';
import { AddrError, ErrWriteToConnected } from './errors.ts';
import { aimedAt, type OpError } from './op-error.ts';
import type { InternetAddr } from './internet-addr.ts';
import { type PacketCodec, PacketIO } from './packet-io.ts';
import type { Datagram, Received, ReceivedMessage } from './packet-message.ts';
import { PeerCache } from './peer-cache.ts';
import { localName, peerName } from './socket-name.ts';
import { StreamConn } from './stream-conn.ts';
import { zoneIndex, zoneName } from './zone.ts';

const DATAGRAMS: FDKind = { zeroReadIsEnd: false, shortReadDrains: false };

/** A kind of address. */
export interface AddrType<A extends InternetAddr> {
  new (...parts: never[]): A;
  readonly name: string;
  /** Any address. */
  any(): A;
  fromSockaddr(buf: Uint8Array, size: number, zoneName: (index: number) => string): A | null;
}

/** What a socket is, beside its descriptor. */
export interface PacketSocket<A> {
  readonly system: System;
  readonly sysfd: number;
  readonly network: string;
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** What it was asked to be bound to, and connected to; null for neither. */
  readonly local: A | null;
  readonly remote: A | null;
}

export abstract class InternetPacketConn<A extends InternetAddr>
  extends StreamConn<A>
  implements PacketConn, PacketCodec<A>
{
  readonly receiveFlags = 0;
  /** AF_INET or AF_INET6: the family of the socket. */
  readonly family: number;
  /** Whether it has a peer. */
  readonly isConnected: boolean;
  readonly #type: AddrType<A>;
  readonly #io: PacketIO<A>;
  /** The senders of late. For net's own files. */
  readonly peers: PeerCache<A>;

  /** Takes a socket that is bound or connected: epoll ADD. SyscallError, which closes it. */
  constructor(socket: PacketSocket<A>, type: AddrType<A>) {
    const { system, sysfd, network, local, remote } = socket;
    super(system, sysfd, network, local ?? type.any(), remote ?? type.any(), DATAGRAMS);
    this.family = socket.family;
    this.isConnected = remote !== null;
    this.#type = type;
    this.#io = new PacketIO(this.fd, this);
    this.peers = new PeerCache((bytes, size) => this.#decode(bytes, size));
    this.register();
  }

  #decode(bytes: Uint8Array, size: number): A {
    const name = (index: number): string => zoneName(this.fd.system, index);
    return this.#type.fromSockaddr(bytes, size, name) ?? this.#type.any();
  }

  /** Asks the kernel for the address, and with `peer` for that of the peer too. */
  protected askAddrs(peer: boolean): this {
    const { system, sysfd } = this.fd;
    const name = localName(system.kernel, sysfd);
    const local = name === null ? this.#type.any() : this.#decode(name, name.length);
    const other = peer ? peerName(system.kernel, sysfd) : null;
    const remote = other === null ? this.remoteAddr : this.#decode(other, other.length);
    this.setAddrs(local, remote);
    return this.guard();
  }

  protected override get peerText(): string {
    return this.isConnected ? super.peerText : '';
  }

  override explain(op: string, cause: Error, target: object | null = null): Error {
    return aimedAt(super.explain(op, cause) as OpError, this.isConnected, target as Addr | null);
  }

  // ---- addresses, for PacketIO

  sender(size: number): A {
    return this.peers.get(senderAddress, senderWords, 0, size);
  }

  target(addr: A | null): Uint8Array | null {
    if (this.isConnected) {
      if (addr !== null) throw ErrWriteToConnected;
      return null;
    }
    if (addr === null) throw new AddrError('', 'missing address');
    if (!(addr instanceof this.#type)) {
      if (typeof (addr as Addr | undefined)?.network === 'string') {
        throw new SyscallError('', -EINVAL); // another kind of address, as in Go
      }
      const article = this.#type.name === 'IPAddr' ? 'an' : 'a';
      throw new TypeError(`writeTo: addr must be ${article} ${this.#type.name}`);
    }
    return this.sockaddrOf(addr);
  }

  /** The bytes of an address, for this socket. AddrError for one of the other family. */
  sockaddrOf(addr: A): Uint8Array {
    return addr.sockaddr(this.family, (name) => zoneIndex(this.fd.system, name));
  }

  // ---- datagrams

  readFrom(buf: Uint8Array): Promise<Received<A>> {
    return this.#io.readFrom(buf);
  }

  tryReadFrom(buf: Uint8Array): Received<A> | undefined {
    return this.#io.tryReadFrom(buf);
  }

  writeTo(data: Uint8Array | string, addr: A): Promise<number> {
    return this.#io.writeTo(data, addr);
  }

  tryWriteTo(data: Uint8Array, addr: A, size?: number): number | undefined {
    return this.#io.tryWriteTo(data, addr, size);
  }

  /**
   * Receives one datagram into `buf`, or into several buffers one after the other, and the control
   * messages that options have asked for (IP_PKTINFO, SO_TIMESTAMPNS, …) into `oob`.
   */
  readMsg(buf: Iov, oob: Uint8Array | null = null): Promise<ReceivedMessage<A>> {
    return this.#io.readMsg(buf, oob);
  }

  /**
   * Sends `data`, or several buffers as one datagram, with the control messages in `oob` (see
   * encodeControlMessages). `addr` is null if there is a peer, and only then.
   */
  writeMsg(data: Iov, oob: Uint8Array | null = null, addr: A | null = null): Promise<number> {
    return this.#io.writeMsg(data, oob, addr);
  }

  datagrams(): AsyncGenerator<Datagram<A>, void, undefined> {
    return datagramsOf(this);
  }

  /** For what did not wait: see {@link PacketIO.settle}. */
  protected settle<T>(value: T): Promise<T> {
    return this.#io.settle(value);
  }

  static {
    showAs(InternetPacketConn, ({ localAddr, remoteAddr, isConnected, closed }) => {
      const ends = isConnected
        ? `${String(localAddr)} -> ${String(remoteAddr)}`
        : String(localAddr);
      return `${ends}${closed ? ' (closed)' : ''}`;
    });
  }
}
