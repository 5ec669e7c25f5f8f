/**
 * An IP address without a port: what a host name stands for, and the end of a raw socket. Its text and
 * its bytes are those of ip.ts; a link-local IPv6 address has a zone. Source: Go's net.IPAddr.
 */
import { showAs } from '../io/inspect.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import { requireString } from './arguments.ts';
import type { Addr } from './conn.ts';
import { AddrError } from './errors.ts';
import { splitHostZone } from './host-port.ts';
import { formatIP, parseIP, to4 } from './ip.ts';

export class IPAddr implements Addr {
  /** The address as text, an IPv4 address always dotted; empty for any address. */
  readonly ip: string;
  /** The interface of a link-local IPv6 address, else empty. */
  readonly zone: string;
  /** The 16 bytes of the address, null for any address. Not to be written to. */
  readonly bytes: Uint8Array | null;

  /** `ip` is a literal without zone, or empty for any address. AddrError if it is something else. */
  constructor(ip: string, zone = '') {
    requireString('IPAddr', 'ip', ip);
    requireString('IPAddr', 'zone', zone);
    const bytes = ip === '' ? null : parseIP(ip);
    if (ip !== '' && bytes === null) throw new AddrError(ip, 'invalid IP address');
    this.bytes = bytes;
    this.ip = bytes === null ? '' : formatIP(bytes);
    this.zone = zone;
  }

  /** Of a literal, an IPv6 one perhaps with "%zone"; null if it is none. */
  static parse(text: string): IPAddr | null {
    const [ip, zone] = splitHostZone(text);
    const bytes = parseIP(ip);
    if (bytes === null || (ip !== text && to4(bytes) !== null)) return null;
    return new IPAddr(ip, zone);
  }

  get network(): 'ip' {
    return 'ip';
  }

  /** The family a socket for this address has: AF_INET6 for IPv6 addresses, else AF_INET. */
  get family(): typeof AF_INET | typeof AF_INET6 {
    return this.bytes === null || to4(this.bytes) !== null ? AF_INET : AF_INET6;
  }

  equals(other: IPAddr): boolean {
    return this.ip === other.ip && this.zone === other.zone;
  }

  /** "127.0.0.1", "fe80::1%eth0"; empty for any address. */
  toString(): string {
    return this.zone === '' ? this.ip : `${this.ip}%${this.zone}`;
  }

  static {
    showAs(IPAddr, String);
  }
}

/** Of literals; what is none is left out. */
export function parseAddresses(literals: readonly string[]): IPAddr[] {
  return literals.map((literal) => IPAddr.parse(literal)).filter((addr) => addr !== null);
}
