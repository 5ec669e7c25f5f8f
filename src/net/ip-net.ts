/**
 * A network of IP addresses, or an address together with the network it is in, as interfaces have them.
 *
 * The older of two types: netip's Prefix is the same as a value. This one is an address of net
 * (network "ip+net"), takes ::ffff:a.b.c.d for a.b.c.d and is what parseCIDR gives. Its mask is
 * always ones and then zeros. Source: Go's net.IPNet, net.ParseCIDR.
 */
import { showAs } from '../io/inspect.ts';
import type { Addr as NetipAddr } from '../netip/addr.ts';
import { tryParseAddr } from '../netip/parse.ts';
import { Prefix } from '../netip/prefix.ts';
import { requireString } from './arguments.ts';
import type { Addr } from './conn.ts';
import { ParseError } from './errors.ts';

/** A network of IP addresses, or an address together with the network it is in. */
export class IPNet implements Addr {
  /** As it was given. */
  readonly prefix: Prefix;
  /** The same of the IPv4 address in ::ffff:a.b.c.d. */
  readonly #unmapped: Prefix;

  constructor(prefix: Prefix) {
    if (!(prefix instanceof Prefix)) throw new TypeError('IPNet: prefix must be a Prefix');
    this.prefix = prefix;
    const { addr, bits } = prefix;
    this.#unmapped = addr.is4In6 ? new Prefix(addr.unmap(), Math.max(bits - 96, 0)) : prefix;
  }

  get network(): 'ip+net' {
    return 'ip+net';
  }

  /** The address as text, an IPv4 address always dotted. */
  get ip(): string {
    return String(this.#unmapped.addr);
  }

  /** The 4 or 16 bytes of the mask: ff000000 of "10.0.0.0/8". */
  get mask(): Uint8Array {
    const { addr, bits } = this.prefix;
    const mask = new Uint8Array(addr.bitLen / 8);
    for (let i = 0; i < bits; i++) mask[i >> 3] = (mask[i >> 3] ?? 0) | (0x80 >> (i & 7));
    return mask;
  }

  /** Whether `addr` is in the network; its zone does not count, and ::ffff:a.b.c.d is a.b.c.d. */
  contains(addr: NetipAddr): boolean {
    return this.#unmapped.contains(addr.unmap().withoutZone());
  }

  /** "10.0.0.0/8", "fe80::1/64". */
  toString(): string {
    return String(this.#unmapped);
  }

  static {
    showAs(IPNet, String);
  }
}

/**
 * The address in "10.1.2.3/8" and its network, 10.0.0.0/8. ParseError for anything else, also for an
 * address with a zone.
 */
export function parseCIDR(text: string): [addr: NetipAddr, network: IPNet] {
  requireString('parseCIDR', 'text', text);
  const slash = text.indexOf('/');
  const addr = slash < 0 ? null : tryParseAddr(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  const bits = /^[0-9]+$/.test(digits) ? Number(digits) : Infinity;
  if (addr === null || addr.zone !== '' || bits > addr.bitLen) {
    throw new ParseError('CIDR address', text);
  }
  return [addr, new IPNet(addr.prefix(bits))];
}
