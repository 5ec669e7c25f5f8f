/**
 * An IP address as a value: IPv4, IPv6, or IPv6 with a zone.
 *
 * Nothing changes it once it is made, and there is none that is invalid: what can fail gives null or
 * throws. ::ffff:1.2.3.4 is an IPv6 address and not equal to 1.2.3.4; `unmap` makes the one of the
 * other, and what kind of address it is (`isLoopback`, …) is asked of the IPv4 address in it.
 * Parsing is in parse.ts. Source: Go's net/netip.
 */
import { showAs } from '../io/inspect.ts';
import { expandIPv6, formatIPv4, formatIPv6 } from './format-addr.ts';
import { Prefix } from './prefix.ts';

/** An IP address as a value that nothing changes: IPv4, IPv6, or IPv6 with a zone. Made by parseAddr. */
export class Addr {
  /** The interface of an IPv6 address, "eth0" in fe80::1%eth0; else empty. */
  readonly zone: string;
  /** 4 or 16, never written to. */
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array, zone: string) {
    this.#bytes = bytes;
    this.zone = zone;
  }

  /** The IPv4 address of 4 bytes, which are copied. RangeError for another number of them. */
  static from4(bytes: Uint8Array): Addr {
    return new Addr(copied('Addr.from4', bytes, 4), '');
  }

  /** The IPv6 address of 16 bytes, which are copied; also ::ffff:a.b.c.d stays one. */
  static from16(bytes: Uint8Array): Addr {
    return new Addr(copied('Addr.from16', bytes, 16), '');
  }

  /** The address of 4 or 16 bytes, which are copied; null for another number of them. */
  static fromSlice(bytes: Uint8Array): Addr | null {
    requireBytes('Addr.fromSlice', bytes);
    if (bytes.length === 4) return Addr.from4(bytes);
    return bytes.length === 16 ? Addr.from16(bytes) : null;
  }

  /** 32 or 128. */
  get bitLen(): 32 | 128 {
    return this.is4 ? 32 : 128;
  }

  get is4(): boolean {
    return this.#bytes.length === 4;
  }

  /** Also of ::ffff:a.b.c.d. */
  get is6(): boolean {
    return this.#bytes.length === 16;
  }

  /** Whether it is an IPv4 address in the form of an IPv6 address, ::ffff:a.b.c.d. */
  get is4In6(): boolean {
    if (this.is4 || this.#bytes[10] !== 0xff || this.#bytes[11] !== 0xff) return false;
    return isZero(this.#bytes, 10);
  }

  /** The IPv4 address in ::ffff:a.b.c.d, without zone; any other address itself. */
  unmap(): Addr {
    return this.is4In6 ? new Addr(this.#bytes.subarray(12), '') : this;
  }

  /** The same address in another zone, in none if it is empty. An IPv4 address has none. */
  withZone(zone: string): Addr {
    if (typeof zone !== 'string') throw new TypeError('Addr.withZone: zone must be a string');
    return this.is4 || zone === this.zone ? this : new Addr(this.#bytes, zone);
  }

  withoutZone(): Addr {
    return this.withZone('');
  }

  /**
   * Negative if this sorts before `other`, 0 if they are equal, else positive: IPv4 before IPv6, then by
   * number, then by zone.
   */
  compare(other: Addr): -1 | 0 | 1 {
    requireAddr('compare', other);
    if (this.bitLen !== other.bitLen) return this.is4 ? -1 : 1;
    for (const [i, byte] of this.#bytes.entries()) {
      const difference = byte - other.#bytes[i]!;
      if (difference !== 0) return difference < 0 ? -1 : 1;
    }
    return compareZones(this.zone, other.zone);
  }

  less(other: Addr): boolean {
    return this.compare(other) < 0;
  }

  /** The same address, of the same family, in the same zone. */
  equals(other: Addr): boolean {
    requireAddr('equals', other);
    return this.compare(other) === 0;
  }

  /** How many bits at the beginning are the same; 0 for addresses of different families. */
  commonBits(other: Addr): number {
    requireAddr('commonBits', other);
    if (this.bitLen !== other.bitLen) return 0;
    for (const [i, byte] of this.#bytes.entries()) {
      const difference = byte ^ other.#bytes[i]!;
      if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
    }
    return this.bitLen;
  }

  /** 0.0.0.0 or ::, without zone. Not ::ffff:0.0.0.0. */
  get isUnspecified(): boolean {
    return isZero(this.#bytes) && this.zone === '';
  }

  /** 127.0.0.0/8, ::1. */
  get isLoopback(): boolean {
    const bytes = this.#unmapped();
    if (bytes.length === 4) return bytes[0] === 127;
    return bytes[15] === 1 && isZero(bytes, 15);
  }

  /** 224.0.0.0/4, ff00::/8. */
  get isMulticast(): boolean {
    const bytes = this.#unmapped();
    return bytes.length === 4 ? (bytes[0]! & 0xf0) === 0xe0 : bytes[0] === 0xff;
  }

  /** ff01::/16 and ff11::/16 to fff1::/16: multicast that does not leave the machine. Only IPv6 has it. */
  get isInterfaceLocalMulticast(): boolean {
    return this.is6 && this.#bytes[0] === 0xff && (this.#bytes[1]! & 0x0f) === 1;
  }

  /** 224.0.0.0/24, ff02::/16 and ff12::/16 to fff2::/16. */
  get isLinkLocalMulticast(): boolean {
    const bytes = this.#unmapped();
    if (bytes.length === 4) return bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0;
    return bytes[0] === 0xff && (bytes[1]! & 0x0f) === 2;
  }

  /** 169.254.0.0/16, fe80::/10. */
  get isLinkLocalUnicast(): boolean {
    const bytes = this.#unmapped();
    if (bytes.length === 4) return bytes[0] === 169 && bytes[1] === 254;
    return bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
  }

  /** 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918), fc00::/7 (RFC 4193). */
  get isPrivate(): boolean {
    const bytes = this.#unmapped();
    if (bytes.length === 16) return (bytes[0]! & 0xfe) === 0xfc;
    if (bytes[0] === 10) return true;
    if (bytes[0] === 172) return (bytes[1]! & 0xf0) === 16;
    return bytes[0] === 192 && bytes[1] === 168;
  }

  /** Any address of one host that is not tied to a machine or link; private addresses are among them. */
  get isGlobalUnicast(): boolean {
    const addr = this.unmap();
    if (addr.isUnspecified || (addr.is4 && addr.#bytes.every((byte) => byte === 255))) return false;
    return !addr.isLoopback && !addr.isMulticast && !addr.isLinkLocalUnicast;
  }

  /** The following address, in the same zone; null after the last. */
  next(): Addr | null {
    return this.#step(1, 0xff);
  }

  /** The address before it, in the same zone; null before the first. */
  prev(): Addr | null {
    return this.#step(-1, 0);
  }

  /** The network of its first `bits` bits. RangeError if it does not have so many. */
  prefix(bits: number): Prefix {
    if (bits < 0) throw new RangeError('negative Prefix bits');
    if (bits > this.bitLen) {
      throw new RangeError(`prefix length ${bits} too large for IPv${this.is4 ? 4 : 6}`);
    }
    return new Prefix(this.withHostBits(bits, 0), bits);
  }

  /** Itself without zone, with all bits after the first `bits` set to `value`. */
  withHostBits(bits: number, value: 0 | 1): Addr {
    if (!Number.isInteger(bits) || bits < 0 || bits > this.bitLen) {
      throw new RangeError(`Addr.withHostBits: bits ${bits} is not in 0..${this.bitLen}`);
    }
    const bytes = this.#bytes.map((byte, i) => {
      const host = 0xff >> Math.min(Math.max(bits - i * 8, 0), 8);
      return value === 0 ? byte & ~host : byte | host;
    });
    return new Addr(bytes, '');
  }

  /** A copy of its 4 bytes, also of ::ffff:a.b.c.d. RangeError for any other IPv6 address. */
  as4(): Uint8Array {
    const bytes = this.#unmapped();
    if (bytes.length === 4) return bytes.slice();
    throw new RangeError(`Addr.as4: ${String(this)} is not an IPv4 address`);
  }

  /** A copy of its 16 bytes, those of ::ffff:a.b.c.d if it is an IPv4 address. The zone is not in them. */
  as16(): Uint8Array {
    if (this.is6) return this.#bytes.slice();
    const bytes = new Uint8Array(16).fill(0xff, 10, 12);
    bytes.set(this.#bytes, 12);
    return bytes;
  }

  /** A copy of its 4 or 16 bytes. */
  asSlice(): Uint8Array {
    return this.#bytes.slice();
  }

  /** "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0". */
  toString(): string {
    if (this.is4) return formatIPv4(this.#bytes);
    const text = this.is4In6 ? `::ffff:${String(this.unmap())}` : formatIPv6(this.#bytes);
    return text + this.#zoneText();
  }

  /** The same with all digits of an IPv6 address: "2001:0db8:0000:0000:0000:0000:0000:0001". */
  stringExpanded(): string {
    return this.is4 ? String(this) : expandIPv6(this.#bytes) + this.#zoneText();
  }

  toJSON(): string {
    return String(this);
  }

  #zoneText(): string {
    return this.zone === '' ? '' : `%${this.zone}`;
  }

  /** The 4 bytes in ::ffff:a.b.c.d, else its own. */
  #unmapped(): Uint8Array {
    return this.is4In6 ? this.#bytes.subarray(12) : this.#bytes;
  }

  /** One up or down; `edge` is the value of a byte from which there is a carry. */
  #step(by: 1 | -1, edge: number): Addr | null {
    const bytes = this.#bytes.slice();
    for (let i = bytes.length - 1; i >= 0; i--) {
      const carries = bytes[i] === edge;
      bytes[i] = bytes[i]! + by;
      if (!carries) return new Addr(bytes, this.zone);
    }
    return null;
  }
}

showAs(Addr, String);

/** 0.0.0.0 */
export const IPv4Unspecified: Addr = Addr.from4(new Uint8Array(4));
/** :: */
export const IPv6Unspecified: Addr = Addr.from16(new Uint8Array(16));
/** ::1 */
export const IPv6Loopback: Addr = Addr.from16(new Uint8Array(16).fill(1, 15));
/** ff02::1 */
export const IPv6LinkLocalAllNodes: Addr = linkLocalMulticast(1);
/** ff02::2 */
export const IPv6LinkLocalAllRouters: Addr = linkLocalMulticast(2);

function linkLocalMulticast(last: number): Addr {
  return Addr.from16(Uint8Array.of(0xff, 2, ...new Uint8Array(13), last));
}

/** Whether the first `count` bytes are 0, all if it is not given. */
function isZero(bytes: Uint8Array, count: number = bytes.length): boolean {
  for (let i = 0; i < count; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** In the order of their UTF-8, which is that of the code points. */
function compareZones(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const rest = Array.from(b);
  for (const [i, char] of Array.from(a).entries()) {
    const difference = char.codePointAt(0)! - (rest[i]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return -1;
}

/** Text that looks like an address is no address: to compare with it would always say no. */
function requireAddr(method: string, other: unknown): void {
  if (!(other instanceof Addr)) throw new TypeError(`Addr.${method}: other must be an Addr`);
}

function requireBytes(method: string, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${method}: bytes must be a Uint8Array`);
}

function copied(method: string, bytes: Uint8Array, length: number): Uint8Array {
  requireBytes(method, bytes);
  if (bytes.length === length) return Uint8Array.from(bytes);
  throw new RangeError(`${method}: an address has ${length} bytes, not ${bytes.length}`);
}
