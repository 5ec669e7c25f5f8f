/**
 * An IP address with what a socket address has besides: a zone, and to those who have one, a port. What
 * the addresses of UDP and of raw sockets share.
 *
 * One that comes from the kernel keeps the bare numbers and makes its text when asked. An IPv4 address
 * is the same whether it came as 4 bytes or as ::ffff:a.b.c.d. The struct sockaddr that it is sent to is
 * made once and kept. Names are not resolved here. Source: Go's net.UDPAddr and net.IPAddr, ip(7), ipv6(7).
 */
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import { encodeSockaddr, type SockaddrInet, type SockaddrInet6 } from '../syscall/sockaddr.ts';
import { requireString } from './arguments.ts';
import type { Addr } from './conn.ts';
import { AddrError } from './errors.ts';
import { splitHostZone } from './host-port.ts';
import { formatIP, fromIPv4, isUnspecified, packIPv4, parseIP } from './ip.ts';
import type { ZoneIndex } from './tcp-addr.ts';

/** What {@link InternetAddr.parseHost} has found. */
export interface HostLiteral {
  readonly bytes: Uint8Array | null;
  readonly zone: string;
}

export abstract class InternetAddr implements Addr {
  abstract get network(): string;
  /** The interface of a link-local IPv6 address, else empty. */
  readonly zone: string;
  /** Undefined until asked for, in an address made from numbers. */
  #ip: string | undefined;
  /** An IPv4 address as one number; -1 in any other address. */
  #v4 = -1;
  /** The 16 bytes of an IPv6 address; null in any other address. */
  #v6: Uint8Array | null = null;
  /** The struct sockaddr of it that was used last. */
  #sockaddr: Uint8Array | null = null;

  /** `ip` is a literal without zone, its bytes, or empty for any address; `type` is for errors. */
  constructor(type: string, ip: string | Uint8Array | null, zone: string) {
    requireString(type, 'zone', zone);
    this.zone = zone;
    if (ip === null || ip === '') {
      this.#ip = '';
      return;
    }
    const bytes = ip instanceof Uint8Array ? ip : parseLiteral(type, ip);
    if (bytes.length !== 4 && bytes.length !== 16) {
      throw new RangeError(`${type}: an IP address has 4 or 16 bytes, not ${bytes.length}`);
    }
    const v4 = packIPv4(bytes);
    if (v4 === null) this.#v6 = new Uint8Array(bytes);
    else this.#v4 = v4;
  }

  /** Of "host": a literal, an IPv6 one perhaps with zone, or empty; else null. */
  protected static parseHost(host: string): HostLiteral | null {
    if (host === '') return { bytes: null, zone: '' };
    const [ip, zone] = splitHostZone(host);
    const bytes = parseIP(ip);
    // Only IPv6 addresses have zones.
    if (bytes === null || (ip !== host && packIPv4(bytes) !== null)) return null;
    return { bytes, zone };
  }

  /** The address as text, an IPv4 address always dotted; empty for any address. */
  get ip(): string {
    this.#ip ??= formatIP(this.bytes ?? new Uint8Array(0));
    return this.#ip;
  }

  /** The 16 bytes of the address, null for any address. Not to be written to. */
  get bytes(): Uint8Array | null {
    return this.#v4 >= 0 ? fromIPv4(this.#v4) : this.#v6;
  }

  /** The family a socket for this address has: AF_INET6 for IPv6 addresses, else AF_INET. */
  get family(): typeof AF_INET | typeof AF_INET6 {
    return this.#v6 === null ? AF_INET : AF_INET6;
  }

  /** Any address: none given, 0.0.0.0 or ::. */
  get isWildcard(): boolean {
    if (this.#v6 === null) return this.#v4 <= 0;
    return isUnspecified(this.#v6);
  }

  /** An address that a group of hosts listens to: 224.0.0.0/4, ff00::/8. */
  get isMulticast(): boolean {
    if (this.#v6 !== null) return this.#v6[0] === 0xff;
    return this.#v4 >= 0 && this.#v4 >>> 28 === 0xe;
  }

  abstract toString(): string;

  /** The port in a struct sockaddr; 0 where there is none. */
  protected abstract get sockaddrPort(): number;

  /**
   * The address for a socket of `family`. On an AF_INET6 socket no address and 0.0.0.0 become ::,
   * any other IPv4 address ::ffff:a.b.c.d. AddrError for an IPv6 address on an AF_INET socket.
   */
  toSockaddr(family: number, zoneIndex: ZoneIndex): SockaddrInet | SockaddrInet6 {
    const port = this.sockaddrPort;
    if (family === AF_INET) {
      if (this.#v6 !== null) throw new AddrError(this.ip, 'non-IPv4 address');
      return { family: AF_INET, addr: fromIPv4(Math.max(this.#v4, 0)).slice(12), port };
    }
    if (family !== AF_INET6) throw new AddrError(this.ip, 'invalid address family');
    const addr = this.#v6 ?? (this.#v4 > 0 ? fromIPv4(this.#v4) : new Uint8Array(16));
    const scopeId = this.zone === '' ? 0 : zoneIndex(this.zone);
    return { family: AF_INET6, addr, port, flowinfo: 0, scopeId };
  }

  /** The bytes of {@link InternetAddr.toSockaddr}: the same array each time. Not to be written to. */
  sockaddr(family: number, zoneIndex: ZoneIndex): Uint8Array {
    const known = this.#sockaddr;
    if (known !== null && known[0] === family) return known;
    const bytes = encodeSockaddr(this.toSockaddr(family, zoneIndex));
    // An interface may get another number.
    if (this.zone === '') this.#sockaddr = bytes;
    return bytes;
  }

  /** The kernel's own bytes of this address, which are kept. */
  protected keepSockaddr(bytes: Uint8Array): void {
    this.#sockaddr = bytes;
  }

  /** The host with its zone, as it stands in "host:port". */
  protected get host(): string {
    return this.zone === '' ? this.ip : `${this.ip}%${this.zone}`;
  }
}

function parseLiteral(type: string, ip: string): Uint8Array {
  requireString(type, 'ip', ip);
  const bytes = parseIP(ip);
  if (bytes === null) throw new AddrError(ip, 'invalid IP address');
  return bytes;
}
