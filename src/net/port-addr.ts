/** An IP address with a port: what the addresses of TCP and of UDP share. */
import { Addr as NetipAddr } from '../netip/addr.ts';
import { AddrPort } from '../netip/addr-port.ts';
import { joinHostPort } from './host-port.ts';
import { type DecodedAddr, InternetAddr } from './internet-addr.ts';

export abstract class PortAddr extends InternetAddr {
  readonly port: number;

  /** As {@link InternetAddr}; RangeError for a port that is none, TypeError for what is no number. */
  constructor(type: string, ip: string | Uint8Array, port: number, zone: string) {
    super(type, ip, zone);
    if (typeof port !== 'number') throw new TypeError(`${type}: port must be a number`);
    if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
      throw new RangeError(`${type}: port ${port} is not in 0..65535`);
    }
    this.port = port;
  }

  /** The parts of a value of netip; of ::ffff:a.b.c.d those of the IPv4 address. */
  protected static partsOf(type: string, addrPort: AddrPort): DecodedAddr {
    if (!(addrPort instanceof AddrPort)) {
      throw new TypeError(`${type}.fromAddrPort: addrPort must be an AddrPort`);
    }
    const addr = addrPort.addr.unmap();
    return { bytes: addr.asSlice(), port: addrPort.port, zone: addr.zone };
  }

  /** The same as a value of netip; null for any address. */
  addrPort(): AddrPort | null {
    const { bytes } = this;
    if (bytes === null) return null;
    return new AddrPort(NetipAddr.from16(bytes).unmap().withZone(this.zone), this.port);
  }

  protected get sockaddrPort(): number {
    return this.port;
  }

  override equals(other: this): boolean {
    return this.port === other.port && super.equals(other);
  }

  /** "127.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", ":80". */
  toString(): string {
    return joinHostPort(this.host, this.port);
  }
}
