/** The address of a TCP socket: IP address, port and, for a link-local IPv6 address, its zone. */
import { showAs } from '../io/inspect.ts';
import type { AddrPort } from '../netip/addr-port.ts';
import { sockaddrIPv4, sockaddrPort } from '../syscall/sockaddr.ts';
import { InternetAddr, type ZoneName } from './internet-addr.ts';
import { PortAddr } from './port-addr.ts';

export class TCPAddr extends PortAddr {
  /**
   * `ip` is a literal without zone, its 4 or 16 bytes, or empty for any address. AddrError if it is
   * something else; RangeError for a port that is none.
   */
  constructor(ip: string | Uint8Array, port: number, zone = '') {
    super('TCPAddr', ip, port, zone);
  }

  /** From a.b.c.d as one number. */
  static fromIPv4(packed: number, port: number): TCPAddr {
    const addr = new TCPAddr('', port);
    addr.becomeIPv4(packed);
    return addr;
  }

  /** From 4 or 16 bytes, which are kept. */
  static fromBytes(bytes: Uint8Array, port: number, zone = ''): TCPAddr {
    const addr = new TCPAddr('', port, zone);
    addr.becomeBytes('TCPAddr', bytes);
    return addr;
  }

  /** Of "host" as it stands in "host:port": a literal, perhaps with zone, or empty; else null. */
  static fromLiteral(host: string, port: number): TCPAddr | null {
    const literal = InternetAddr.parseHost(host);
    return literal === null ? null : new TCPAddr(literal.bytes ?? '', port, literal.zone);
  }

  /**
   * The address in the first `size` bytes of `buf`, as accept4 and getsockname fill it; null if it is not
   * an IP address. An IPv4 address costs no copy.
   */
  static fromSockaddr(buf: Uint8Array, size: number, zoneName: ZoneName): TCPAddr | null {
    const v4 = sockaddrIPv4(buf, size);
    if (v4 >= 0) return TCPAddr.fromIPv4(v4, sockaddrPort(buf));
    const sa = InternetAddr.decode(buf, size, zoneName);
    return sa === null ? null : TCPAddr.fromBytes(sa.bytes, sa.port, sa.zone);
  }

  /** The same address and port; of ::ffff:a.b.c.d the IPv4 address. */
  static fromAddrPort(addrPort: AddrPort): TCPAddr {
    const { bytes, port, zone } = PortAddr.partsOf('TCPAddr', addrPort);
    return TCPAddr.fromBytes(bytes, port, zone);
  }

  get network(): 'tcp' {
    return 'tcp';
  }

  static {
    showAs(TCPAddr, String);
  }
}
