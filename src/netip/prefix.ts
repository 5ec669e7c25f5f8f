/**
 * A network of IP addresses: those that begin with the same bits, "10.0.0.0/8".
 *
 * The other bits of its address are kept, as in the address of an interface, "10.1.2.3/8"; `masked` is
 * without them. It never has a zone. A value that nothing changes. Source: Go's net/netip.Prefix;
 * RFC 4632, RFC 4291 for the notation.
 */
import { showAs } from '../io/inspect.ts';
import type { Addr } from './addr.ts';

/** A network of IP addresses, "10.0.0.0/8", as a value that nothing changes. Made by parsePrefix. */
export class Prefix {
  /** As it was given, without zone. */
  readonly addr: Addr;
  /** How many bits are the network's: 0..32 or 0..128. */
  readonly bits: number;

  /** RangeError if `addr` does not have so many bits. */
  constructor(addr: Addr, bits: number) {
    requireAddr('Prefix', addr);
    if (!Number.isInteger(bits) || bits < 0 || bits > addr.bitLen) {
      throw new RangeError(`Prefix: bits ${bits} is not in 0..${addr.bitLen}`);
    }
    this.addr = addr.withoutZone();
    this.bits = bits;
  }

  /** The same network, with all bits of its address 0 that are not the network's. */
  masked(): Prefix {
    return this.addr.prefix(this.bits);
  }

  /** Whether all its bits are the network's. */
  get isSingleIP(): boolean {
    return this.bits === this.addr.bitLen;
  }

  /** How many addresses are in it. */
  get size(): bigint {
    return 1n << BigInt(this.addr.bitLen - this.bits);
  }

  /** The first address in it, which is the network's own. */
  get first(): Addr {
    return this.addr.withHostBits(this.bits, 0);
  }

  /** The last address in it: in an IPv4 network that is the one for broadcasts. */
  get last(): Addr {
    return this.addr.withHostBits(this.bits, 1);
  }

  /**
   * Whether `addr` is in the network. An address with a zone is in none, and ::ffff:a.b.c.d in none of
   * IPv4.
   */
  contains(addr: Addr): boolean {
    requireAddr('Prefix.contains', addr);
    if (addr.zone !== '' || addr.bitLen !== this.addr.bitLen) return false;
    return addr.commonBits(this.addr) >= this.bits;
  }

  /** Whether there is an address that is in both. */
  overlaps(other: Prefix): boolean {
    requirePrefix('overlaps', other);
    if (this.addr.bitLen !== other.addr.bitLen) return false;
    return this.addr.commonBits(other.addr) >= Math.min(this.bits, other.bits);
  }

  /**
   * In the order of a routing table: IPv4 before IPv6, by network, a network before those in it; at last by
   * the bits that are not the network's.
   */
  compare(other: Prefix): -1 | 0 | 1 {
    requirePrefix('compare', other);
    const byNetwork = this.first.compare(other.first);
    if (byNetwork !== 0) return byNetwork;
    if (this.bits !== other.bits) return this.bits < other.bits ? -1 : 1;
    return this.addr.compare(other.addr);
  }

  /** The same bits and the same address, also where it is not the network's. */
  equals(other: Prefix): boolean {
    requirePrefix('equals', other);
    return this.bits === other.bits && this.addr.equals(other.addr);
  }

  /** All addresses in it, from the first to the last. There can be more than anybody can count. */
  *[Symbol.iterator](): IterableIterator<Addr> {
    const { last } = this;
    for (let addr: Addr | null = this.first; addr !== null; addr = addr.next()) {
      yield addr;
      if (addr.equals(last)) return;
    }
  }

  /** The networks of `bits` bits that it consists of, in order. RangeError if they would be larger. */
  *subnets(bits: number): IterableIterator<Prefix> {
    if (!Number.isInteger(bits) || bits < this.bits || bits > this.addr.bitLen) {
      throw new RangeError(
        `Prefix.subnets: bits ${bits} is not in ${this.bits}..${this.addr.bitLen}`,
      );
    }
    const { last } = this;
    for (let addr: Addr | null = this.first; addr !== null && !last.less(addr);) {
      const subnet = new Prefix(addr, bits);
      yield subnet;
      addr = subnet.last.next();
    }
  }

  /** "10.0.0.0/8", "2001:db8::/32". */
  toString(): string {
    return `${String(this.addr)}/${this.bits}`;
  }

  toJSON(): string {
    return String(this);
  }

  static {
    showAs(Prefix, String);
  }
}

/** By its looks: addr.ts imports this file. Text in its place would be in no network, without a word. */
function requireAddr(method: string, addr: unknown): void {
  if (typeof (addr as Addr | null | undefined)?.bitLen === 'number') return;
  throw new TypeError(`${method}: addr must be an Addr`);
}

function requirePrefix(method: string, other: unknown): void {
  if (other instanceof Prefix) return;
  throw new TypeError(`Prefix.${method}: other must be a Prefix`);
}
