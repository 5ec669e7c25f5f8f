/**
 * An IP address without a port: what a host name stands for, and the end of a raw socket. Its text and
 * its bytes are those of ip.ts; a link-local IPv6 address has a zone. Source: Go's net.IPAddr.
 */
import { showAs } from '../io/inspect.ts';
import { InternetAddr, type ZoneName } from './internet-addr.ts';

/** An IP address without a port, perhaps with a zone. */
export class IPAddr extends InternetAddr {
  #kept: Uint8Array | null = null;

  /**
   * `ip` is a literal without zone, its 4 or 16 bytes, or empty for any address. AddrError if it is
   * something else.
   */
  constructor(ip: string | Uint8Array, zone = '') {
    super('IPAddr', ip, zone);
  }

  /** Any address. */
  static any(): IPAddr {
    return new IPAddr('');
  }

  /** Of a literal, an IPv6 one perhaps with "%zone"; null if it is none. */
  static parse(text: string): IPAddr | null {
    const literal = InternetAddr.parseHost(text);
    if (literal === null || literal.bytes === null) return null;
    return new IPAddr(literal.bytes, literal.zone);
  }

  /** As {@link UDPAddr.fromSockaddr}; what stands for a port is left out. */
  static fromSockaddr(buf: Uint8Array, size: number, zoneName: ZoneName): IPAddr | null {
    const sa = InternetAddr.decode(buf, size, zoneName);
    return sa === null ? null : new IPAddr(sa.bytes, sa.zone);
  }

  get network(): 'ip' {
    return 'ip';
  }

  protected get sockaddrPort(): number {
    return 0;
  }

  protected override get kept(): Uint8Array | null {
    return this.#kept;
  }

  protected override set kept(bytes: Uint8Array) {
    this.#kept = bytes;
  }

  /** "127.0.0.1", "fe80::1%eth0"; empty for any address. */
  toString(): string {
    return this.host;
  }

  static {
    showAs(IPAddr, String);
  }
}

/** Of literals; what is none is left out. */
export function parseAddresses(literals: readonly string[]): IPAddr[] {
  return literals.map((literal) => IPAddr.parse(literal)).filter((addr) => addr !== null);
}
