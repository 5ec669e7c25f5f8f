/**
 * The address of a TCP socket: IP address, port and, for a link-local IPv6 address, its zone.
 *
 * One is made for every accepted connection and few are ever looked at, so one that comes from the
 * kernel keeps the bare numbers and makes its text when asked. An IPv4 address is the same whether
 * it came as 4 bytes or as ::ffff:a.b.c.d. Names are not resolved here. Source: Go's net.TCPAddr,
 * ip(7), ipv6(7).
 */
import { showAs } from '../io/inspect.ts';
import { Addr as NetipAddr } from '../netip/addr.ts';
import { AddrPort } from '../netip/addr-port.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import {
  type SockaddrInet,
  type SockaddrInet6,
  decodeSockaddr,
  isSockaddrInet,
  isSockaddrInet6,
  sockaddrIPv4,
  sockaddrPort,
} from '../syscall/sockaddr.ts';
import { requireString } from './arguments.ts';
import type { Addr } from './conn.ts';
import { AddrError } from './errors.ts';
import { joinHostPort, splitHostZone } from './host-port.ts';
import { formatIP, fromIPv4, isUnspecified, packIPv4, parseIP } from './ip.ts';

/** An interface's name from its index: what a scope id is called. */
export type ZoneName = (index: number) => string;
/** An interface's index from its name, 0 if there is none. */
export type ZoneIndex = (name: string) => number;

export class TCPAddr implements Addr {
  readonly port: number;
  /** The interface of a link-local IPv6 address, else empty. */
  readonly zone: string;
  /** Undefined until asked for, in an address made from numbers. */
  #ip: string | undefined;
  /**
   * An IPv4 address as one number, signed, because the engine keeps that without an object of its own; the
   * 16 bytes of an IPv6 address; or null for any address.
   */
  #numbers: Numbers = null;

  /**
   * `ip` is a literal without zone, or empty for any address. AddrError if it is something else;
   * RangeError for a port that is none.
   */
  constructor(ip: string, port: number, zone = '') {
    requireString('TCPAddr', 'ip', ip);
    requireString('TCPAddr', 'zone', zone);
    if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
      throw new RangeError(`TCPAddr: port ${port} is not in 0..65535`);
    }
    this.port = port;
    this.zone = zone;
    if (ip === '') {
      this.#ip = '';
      return;
    }
    const bytes = parseIP(ip);
    if (bytes === null) throw new AddrError(ip, 'invalid IP address');
    this.#numbers = numbersOf(bytes);
  }

  /** From a.b.c.d as one number. */
  static fromIPv4(packed: number, port: number): TCPAddr {
    const addr = new TCPAddr('', port);
    addr.#ip = undefined;
    addr.#numbers = packed | 0;
    return addr;
  }

  /** From 4 or 16 bytes, which are kept. */
  static fromBytes(bytes: Uint8Array, port: number, zone = ''): TCPAddr {
    if (bytes.length !== 4 && bytes.length !== 16) {
      throw new RangeError(`TCPAddr: an IP address has 4 or 16 bytes, not ${bytes.length}`);
    }
    const addr = new TCPAddr('', port, zone);
    addr.#ip = undefined;
    addr.#numbers = numbersOf(bytes);
    return addr;
  }

  /** Of "host" as it stands in "host:port": a literal, perhaps with zone, or empty; else null. */
  static fromLiteral(host: string, port: number): TCPAddr | null {
    if (host === '') return new TCPAddr('', port);
    const [ip, zone] = splitHostZone(host);
    const bytes = parseIP(ip);
    if (bytes === null) return null;
    // Only IPv6 addresses have zones.
    if (ip !== host && packIPv4(bytes) !== null) return null;
    return TCPAddr.fromBytes(bytes, port, zone);
  }

  /** The same address and port; of ::ffff:a.b.c.d the IPv4 address. */
  static fromAddrPort(addrPort: AddrPort): TCPAddr {
    if (!(addrPort instanceof AddrPort)) {
      throw new TypeError('TCPAddr.fromAddrPort: addrPort must be an AddrPort');
    }
    const addr = addrPort.addr.unmap();
    return TCPAddr.fromBytes(addr.asSlice(), addrPort.port, addr.zone);
  }

  get network(): 'tcp' {
    return 'tcp';
  }

  /** The address as text, an IPv4 address always dotted; empty for any address. */
  get ip(): string {
    const numbers = this.#numbers;
    this.#ip ??= typeof numbers === 'number' ? formatIPv4(numbers) : formatIP(numbers ?? NOTHING);
    return this.#ip;
  }

  /** The 16 bytes of the address, null for any address. Not to be written to. */
  get bytes(): Uint8Array | null {
    const numbers = this.#numbers;
    return typeof numbers === 'number' ? fromIPv4(numbers) : numbers;
  }

  /** The same as a value of netip; null for any address. */
  addrPort(): AddrPort | null {
    const { bytes } = this;
    if (bytes === null) return null;
    return new AddrPort(NetipAddr.from16(bytes).unmap().withZone(this.zone), this.port);
  }

  /** The family a socket for this address has: AF_INET6 for IPv6 addresses, else AF_INET. */
  get family(): typeof AF_INET | typeof AF_INET6 {
    return this.#numbers instanceof Uint8Array ? AF_INET6 : AF_INET;
  }

  /** Any address: none given, 0.0.0.0 or ::. */
  get isWildcard(): boolean {
    const numbers = this.#numbers;
    return numbers instanceof Uint8Array ? isUnspecified(numbers) : !numbers;
  }

  /**
   * The address for a socket of `family`. On an AF_INET6 socket no address and 0.0.0.0 become ::,
   * any other IPv4 address ::ffff:a.b.c.d. AddrError for an IPv6 address on an AF_INET socket.
   */
  toSockaddr(family: number, zoneIndex: ZoneIndex): SockaddrInet | SockaddrInet6 {
    const { port } = this;
    const numbers = this.#numbers;
    if (family === AF_INET) {
      if (numbers instanceof Uint8Array) throw new AddrError(this.ip, 'non-IPv4 address');
      return { family: AF_INET, addr: fromIPv4(numbers ?? 0).slice(12), port };
    }
    if (family !== AF_INET6) throw new AddrError(this.ip, 'invalid address family');
    const addr = (this.isWildcard ? null : this.bytes) ?? new Uint8Array(16);
    const scopeId = this.zone === '' ? 0 : zoneIndex(this.zone);
    return { family: AF_INET6, addr, port, flowinfo: 0, scopeId };
  }

  equals(other: TCPAddr): boolean {
    if (this.port !== other.port || this.zone !== other.zone) return false;
    return sameNumbers(this.#numbers, other.#numbers);
  }

  /** "127.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", ":80". */
  toString(): string {
    return joinHostPort(this.zone === '' ? this.ip : `${this.ip}%${this.zone}`, this.port);
  }

  static {
    showAs(TCPAddr, String);
  }
}

type Numbers = number | Uint8Array | null;

const NOTHING = new Uint8Array(0);

function numbersOf(bytes: Uint8Array): Numbers {
  const v4 = packIPv4(bytes);
  return v4 === null ? bytes : v4 | 0;
}

function sameNumbers(a: Numbers, b: Numbers): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.every((byte, i) => byte === b[i]);
}

/** The address in a decoded sockaddr. `zoneName` is asked only for a scope id other than 0. */
export function tcpAddrFromSockaddr(sa: SockaddrInet | SockaddrInet6, zoneName: ZoneName): TCPAddr {
  const zone = sa.family === AF_INET6 && sa.scopeId !== 0 ? zoneName(sa.scopeId) : '';
  return TCPAddr.fromBytes(sa.addr, sa.port, zone);
}

/**
 * The address in the first `len` bytes of `buf`, as accept4 and getsockname fill it; null if it is
 * not an IP address. The same as decoding the sockaddr first, but an IPv4 address costs no copy.
 */
export function decodeTCPAddr(buf: Uint8Array, len: number, zoneName: ZoneName): TCPAddr | null {
  const v4 = sockaddrIPv4(buf, len);
  if (v4 >= 0) return TCPAddr.fromIPv4(v4, sockaddrPort(buf));
  const sa = decodeSockaddr(buf, len);
  return isSockaddrInet(sa) || isSockaddrInet6(sa) ? tcpAddrFromSockaddr(sa, zoneName) : null;
}

function formatIPv4(packed: number): string {
  return `${packed >>> 24}.${(packed >>> 16) & 255}.${(packed >>> 8) & 255}.${packed & 255}`;
}
