/**
 * The address of a UDP socket: IP address, port and, for a link-local IPv6 address, its zone. The struct
 * sockaddr that it is sent to is made once and kept.
 */
import { showAs } from '../io/inspect.ts';
import type { AddrPort } from '../netip/addr-port.ts';
import { InternetAddr, type ZoneName } from './internet-addr.ts';
import { PortAddr } from './port-addr.ts';

export class UDPAddr extends PortAddr {
  #kept: Uint8Array | null = null;

  /**
   * `ip` is a literal without zone, its 4 or 16 bytes, or empty for any address. AddrError if it is
   * something else; RangeError for a port that is none.
   */
  constructor(ip: string | Uint8Array, port: number, zone = '') {
    super('UDPAddr', ip, port, zone);
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
    const sa = InternetAddr.decode(buf, size, zoneName);
    if (sa === null) return null;
    const addr = new UDPAddr(sa.bytes, sa.port, sa.zone);
    addr.#kept = new Uint8Array(buf.subarray(0, size));
    return addr;
  }

  /** The same address and port; of ::ffff:a.b.c.d the IPv4 address. */
  static fromAddrPort(addrPort: AddrPort): UDPAddr {
    const { bytes, port, zone } = PortAddr.partsOf('UDPAddr', addrPort);
    return new UDPAddr(bytes, port, zone);
  }

  get network(): 'udp' {
    return 'udp';
  }

  protected override get kept(): Uint8Array | null {
    return this.#kept;
  }

  protected override set kept(bytes: Uint8Array) {
    this.#kept = bytes;
  }

  static {
    showAs(UDPAddr, String);
  }
}
