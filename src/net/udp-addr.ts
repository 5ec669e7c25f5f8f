/** The address of a UDP socket: IP address, port and, for a link-local IPv6 address, its zone. */
import { showAs } from '../io/inspect.ts';
import { Addr as NetipAddr } from '../netip/addr.ts';
import { AddrPort } from '../netip/addr-port.ts';
import { decodeSockaddr, isSockaddrInet, isSockaddrInet6 } from '../syscall/sockaddr.ts';
import { AF_INET6 } from '../syscall/socket.ts';
import { joinHostPort } from './host-port.ts';
import { InternetAddr } from './internet-addr.ts';
import type { ZoneName } from './tcp-addr.ts';

export class UDPAddr extends InternetAddr {
  readonly port: number;

  /**
   * `ip` is a literal without zone, its 4 or 16 bytes, or empty for any address. AddrError if it is
   * something else; RangeError for a port that is none.
   */
  constructor(ip: string | Uint8Array, port: number, zone = '') {
    super('UDPAddr', ip, zone);
    if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
      throw new RangeError(`UDPAddr: port ${port} is not in 0..65535`);
    }
    this.port = port;
  }

  /** Any address. */
  static any(): UDPAddr {
    return new UDPAddr('', 0);
  }

  /** Of "host" as it stands in "host:port": a literal, perhaps with zone, or empty; else null. */
  static fromLiteral(host: string, port: number): UDPAddr | null {
    const literal = InternetAddr.parseHost(host);
    return literal === null ? null : new UDPAddr(literal.bytes ?? '', port, literal.zone);
  }

  /**
   * The address in the first `size` bytes of `buf`, as recvfrom and getsockname fill it; null if it is
   * not an IP address. The bytes are copied, and are what it is sent to.
   */
  static fromSockaddr(buf: Uint8Array, size: number, zoneName: ZoneName): UDPAddr | null {
    const sa = decodeSockaddr(buf, size);
    if (!isSockaddrInet(sa) && !isSockaddrInet6(sa)) return null;
    const zone = sa.family === AF_INET6 && sa.scopeId !== 0 ? zoneName(sa.scopeId) : '';
    const addr = new UDPAddr(sa.addr, sa.port, zone);
    addr.keepSockaddr(new Uint8Array(buf.subarray(0, size)));
    return addr;
  }

  /** The same address and port; of ::ffff:a.b.c.d the IPv4 address. */
  static fromAddrPort(addrPort: AddrPort): UDPAddr {
    if (!(addrPort instanceof AddrPort)) {
      throw new TypeError('UDPAddr.fromAddrPort: addrPort must be an AddrPort');
    }
    const { addr, port } = addrPort;
    return new UDPAddr(addr.asSlice(), port, addr.unmap().zone);
  }

  /** The same as a value of netip; null for any address. */
  addrPort(): AddrPort | null {
    const { bytes } = this;
    if (bytes === null) return null;
    return new AddrPort(NetipAddr.from16(bytes).unmap().withZone(this.zone), this.port);
  }

  get network(): 'udp' {
    return 'udp';
  }

  protected get sockaddrPort(): number {
    return this.port;
  }

  equals(other: UDPAddr): boolean {
    return this.port === other.port && this.zone === other.zone && this.ip === other.ip;
  }

  /** "127.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", ":80". */
  toString(): string {
    return joinHostPort(this.host, this.port);
  }

  static {
    showAs(UDPAddr, String);
  }
}
