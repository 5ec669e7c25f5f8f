/**
 * Raw IP sockets: packets of one protocol ("ip4:icmp", "ip6:58"), for which CAP_NET_RAW is needed; and
 * the sockets of "ping4" and "ping6", which send and receive ICMP echo messages without it, if the
 * group of the process is in net.ipv4.ping_group_range.
 *
 * The kernel gives IPv4 packets with their header: `readFrom` takes it away, `read` and `readMsg` do not.
 * Ping sockets and IPv6 have none. After Go's net/iprawsock.go and net/iprawsock_posix.go; raw(7), icmp(7).
 */
import { AF_INET } from '../syscall/socket.ts';
import { IPAddr } from './ip-addr.ts';
import { InternetPacketConn, type PacketSocket } from './packet-conn.ts';

const IPV4_HEADER = 20;

/**
 * A raw IP socket, or a ping socket. Of IPv4 packets `readFrom` gives what is after the header; `read` and
 * `readMsg` give the header too.
 */
export class IPConn extends InternetPacketConn<IPAddr> {
  readonly #hasHeader: boolean;

  /** Of a socket that is bound, connected, or neither: epoll ADD · getsockname · getpeername. */
  static on(socket: PacketSocket<IPAddr>): IPConn {
    return new IPConn(socket).askAddrs(true);
  }

  /** Of a socket that has been in use elsewhere, with the addresses that it has: epoll ADD. */
  static adopted(socket: PacketSocket<IPAddr>): IPConn {
    return new IPConn(socket).guard();
  }

  private constructor(socket: PacketSocket<IPAddr>) {
    super(socket, IPAddr);
    this.#hasHeader = socket.family === AF_INET && !socket.network.startsWith('ping');
  }

  /** The packet without its IPv4 header; as it is, if it does not look like one. For PacketIO. */
  payload(buf: Uint8Array, size: number): number {
    if (!this.#hasHeader || buf.length < IPV4_HEADER) return size;
    const length = (buf[0]! & 0xf) << 2;
    if (length < IPV4_HEADER || length > buf.length || buf[0]! >> 4 !== 4) return size;
    buf.copyWithin(0, length);
    return Math.max(size - length, 0);
  }
}
