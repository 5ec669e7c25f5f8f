/**
 * An IP address with what a socket address has besides: a zone, and to those who have one, a port. What
 * the addresses of TCP, of UDP and of raw sockets share.
 *
 * One is made for every accepted connection and few are ever looked at, so one that comes from the kernel
 * keeps the bare numbers and makes its text when asked (decision 008). An IPv4 address is the same whether
 * it came as 4 bytes or as ::ffff:a.b.c.d. Names are not resolved here. Source: Go's net.TCPAddr,
 * net.UDPAddr and net.IPAddr, ip(7), ipv6(7).
 */
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import {
  decodeSockaddr,
  encodeSockaddr,
  isSockaddrInet,
  isSockaddrInet6,
  type SockaddrInet,
  type SockaddrInet6,
} from '../syscall/sockaddr.ts';
import { requireString } from './arguments.ts';
import type { Addr } from './conn.ts';
import { AddrError } from './errors.ts';
import { splitHostZone } from './host-port.ts';
import { formatIP, fromIPv4, isUnspecified, packIPv4, parseIP } from './ip.ts';

/** An interface's name from its index: what a scope id is called. */
export type ZoneName = (index: number) => string;
/** An interface's index from its name, 0 if there is none. */
export type ZoneIndex = (name: string) => number;

/** What {@link InternetAddr.parseHost} has found. */
export interface HostLiteral {
  readonly bytes: Uint8Array | null;
  readonly zone: string;
}

/** What {@link InternetAddr.decode} has found. */
export interface DecodedAddr {
  /** 4 or 16, of their own. */
  readonly bytes: Uint8Array;
  readonly port: number;
  readonly zone: string;
}

/**
 * An IPv4 address as one number, signed, because the engine keeps that without an object of its own; the
 * 16 bytes of an IPv6 address; or null for any address.
 */
type Numbers = number | Uint8Array | null;

const NOTHING = new Uint8Array(0);

export abstract class InternetAddr implements Addr {
  abstract get network(): string;
  /** The interface of a link-local IPv6 address, else empty. */
  readonly zone: string;
  /** Undefined until asked for, in an address made from numbers. */
  #ip: string | undefined;
  #numbers: Numbers = null;

  /** `ip` is a literal without zone, its bytes, or empty for any address; `type` is for errors. */
  constructor(type: string, ip: string | Uint8Array, zone: string) {
    requireString(type, 'zone', zone);
    this.zone = zone;
    if (ip === '') this.#ip = '';
    else if (ip instanceof Uint8Array) this.#numbers = numbersOf(type, new Uint8Array(ip));
    else this.#numbers = numbersOf(type, parseLiteral(type, ip));
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

  /**
   * The first `size` bytes of `buf`, as the kernel fills them; null if they are no IP address. `zoneName`
   * is asked only for a scope id other than 0.
   */
  protected static decode(buf: Uint8Array, size: number, zoneName: ZoneName): DecodedAddr | null {
    const sa = decodeSockaddr(buf, size);
    if (!isSockaddrInet(sa) && !isSockaddrInet6(sa)) return null;
    const zone = sa.family === AF_INET6 && sa.scopeId !== 0 ? zoneName(sa.scopeId) : '';
    return { bytes: sa.addr, port: sa.port, zone };
  }

  /** Becomes the address a.b.c.d, as one number. Only for one that has just been made of no text. */
  protected becomeIPv4(packed: number): void {
    this.#ip = undefined;
    this.#numbers = packed | 0;
  }

  /** Becomes the address of 4 or 16 bytes, which are kept. Only for one just made of no text. */
  protected becomeBytes(type: string, bytes: Uint8Array): void {
    this.#ip = undefined;
    this.#numbers = numbersOf(type, bytes);
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

  /** The family a socket for this address has: AF_INET6 for IPv6 addresses, else AF_INET. */
  get family(): typeof AF_INET | typeof AF_INET6 {
    return this.#numbers instanceof Uint8Array ? AF_INET6 : AF_INET;
  }

  /** Any address: none given, 0.0.0.0 or ::. */
  get isWildcard(): boolean {
    const numbers = this.#numbers;
    return numbers instanceof Uint8Array ? isUnspecified(numbers) : !numbers;
  }

  /** An address that a group of hosts listens to: 224.0.0.0/4, ff00::/8. */
  get isMulticast(): boolean {
    const numbers = this.#numbers;
    if (numbers instanceof Uint8Array) return numbers[0] === 0xff;
    return numbers !== null && numbers >>> 28 === 0xe;
  }

  /** The port in a struct sockaddr; 0 where there is none. */
  protected abstract get sockaddrPort(): number;

  /**
   * The address for a socket of `family`. On an AF_INET6 socket no address and 0.0.0.0 become ::,
   * any other IPv4 address ::ffff:a.b.c.d. AddrError for an IPv6 address on an AF_INET socket.
   */
  toSockaddr(family: number, zoneIndex: ZoneIndex): SockaddrInet | SockaddrInet6 {
    const port = this.sockaddrPort;
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

  /** The bytes of {@link InternetAddr.toSockaddr}. Not to be written to. */
  sockaddr(family: number, zoneIndex: ZoneIndex): Uint8Array {
    const { kept } = this;
    if (kept !== null && kept[0] === family) return kept;
    const bytes = encodeSockaddr(this.toSockaddr(family, zoneIndex));
    // An interface may get another number.
    if (this.zone === '') this.kept = bytes;
    return bytes;
  }

  /** The struct sockaddr that was used last, in addresses that are sent to again and again. */
  protected get kept(): Uint8Array | null {
    return null;
  }

  protected set kept(_bytes: Uint8Array) {}

  /** The host with its zone, as it stands in "host:port". */
  protected get host(): string {
    return this.zone === '' ? this.ip : `${this.ip}%${this.zone}`;
  }

  equals(other: this): boolean {
    return this.zone === other.zone && sameNumbers(this.#numbers, other.#numbers);
  }

  abstract toString(): string;
}

function parseLiteral(type: string, ip: string): Uint8Array {
  requireString(type, 'ip', ip);
  const bytes = parseIP(ip);
  if (bytes === null) throw new AddrError(ip, 'invalid IP address');
  return bytes;
}

function numbersOf(type: string, bytes: Uint8Array): Numbers {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new RangeError(`${type}: an IP address has 4 or 16 bytes, not ${bytes.length}`);
  }
  const v4 = packIPv4(bytes);
  return v4 === null ? bytes : v4 | 0;
}

function sameNumbers(a: Numbers, b: Numbers): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.every((byte, i) => byte === b[i]);
}

function formatIPv4(packed: number): string {
  return `${packed >>> 24}.${(packed >>> 16) & 255}.${(packed >>> 8) & 255}.${packed & 255}`;
}
