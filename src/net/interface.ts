/**
 * A network interface as it was when it was asked for, and the addresses it has now.
 *
 * See interfaces.ts for how to get one. Source: Go's net.Interface.
 */
import { showAs } from '../io/inspect.ts';
import type { System } from '../kernel/system.ts';
import { Addr } from '../netip/addr.ts';
import { Prefix } from '../netip/prefix.ts';
import {
  IFF_BROADCAST,
  IFF_LOOPBACK,
  IFF_MULTICAST,
  IFF_POINTOPOINT,
  IFF_RUNNING,
  IFF_UP,
} from '../syscall/interface.ts';
import type { AddressInfo, LinkInfo } from '../syscall/route-message.ts';
import type { IPAddr } from './ip-addr.ts';
import { IPNet } from './ip-net.ts';
import { formatMAC } from './mac.ts';
import { multicastGroups } from './multicast-groups.ts';
import { OpError } from './op-error.ts';
import { addressTable } from './route-table.ts';

/** In the order of Go's text. */
const FLAG_NAMES: readonly (readonly [name: string, bit: number])[] = [
  ['up', IFF_UP],
  ['broadcast', IFF_BROADCAST],
  ['loopback', IFF_LOOPBACK],
  ['pointtopoint', IFF_POINTOPOINT],
  ['multicast', IFF_MULTICAST],
  ['running', IFF_RUNNING],
];

/** What an interface is and can do. */
export class InterfaceFlags {
  /** All of them, also those that have no name here: IFF_PROMISC, IFF_LOWER_UP, …. */
  readonly bits: number;

  constructor(bits: number) {
    this.bits = bits;
  }

  /** It was switched on. */
  get up(): boolean {
    return (this.bits & IFF_UP) !== 0;
  }

  get broadcast(): boolean {
    return (this.bits & IFF_BROADCAST) !== 0;
  }

  get loopback(): boolean {
    return (this.bits & IFF_LOOPBACK) !== 0;
  }

  get pointToPoint(): boolean {
    return (this.bits & IFF_POINTOPOINT) !== 0;
  }

  get multicast(): boolean {
    return (this.bits & IFF_MULTICAST) !== 0;
  }

  /** It works: it is up, and something is at the other end of the cable. */
  get running(): boolean {
    return (this.bits & IFF_RUNNING) !== 0;
  }

  /** "up|loopback|running"; "0" if there are none. */
  toString(): string {
    const names = FLAG_NAMES.filter(([, bit]) => (this.bits & bit) !== 0).map(([name]) => name);
    return names.join('|') || '0';
  }

  static {
    showAs(InterfaceFlags, String);
  }
}

/** A network interface as it was when it was asked for, and the addresses it has now. */
export class Interface {
  /**
   * From 1 on. It stays the same when the interface gets another name, and is not used again soon.
   */
  readonly index: number;
  /** "eth0". */
  readonly name: string;
  readonly mtu: number;
  /** 6 bytes, 8, or 20; empty if there is none. */
  readonly hardwareAddr: Uint8Array;
  readonly flags: InterfaceFlags;
  readonly #system: System;

  constructor(system: System, link: LinkInfo) {
    this.#system = system;
    this.index = link.index;
    this.name = link.name;
    this.mtu = link.mtu;
    this.hardwareAddr = link.hardwareAddr;
    this.flags = new InterfaceFlags(link.flags);
  }

  /** The hardware address as text: "00:00:5e:00:53:01"; empty if there is none. */
  get mac(): string {
    return formatMAC(this.hardwareAddr);
  }

  /**
   * The addresses that it has now, each with its network; none if it is gone. One with a peer is
   * of this end. OpError.
   */
  addrs(): IPNet[] {
    const all = routed(() => addressTable(this.#system.kernel));
    return all.filter(({ index }) => index === this.index).map(netOf);
  }

  /**
   * The multicast groups that it has joined, IPv4 first, as /proc/net/igmp and igmp6 have them.
   */
  multicastAddrs(): IPAddr[] {
    return multicastGroups(this.#system.kernel, this.index);
  }

  /** Its name. */
  toString(): string {
    return this.name;
  }

  static {
    showAs(Interface, ({ index, name, mtu, mac, flags }) =>
      [`${index}: ${name}`, String(flags), `mtu ${mtu}`, mac]
        .filter((text) => text !== '')
        .join(' '),
    );
  }
}

/** An interface's address, together with the network that it is in. */
export function netOf({ addr, prefixLength }: AddressInfo): IPNet {
  return new IPNet(new Prefix(Addr.fromSlice(addr)!, prefixLength));
}

/** What `call` gives; what it throws is told as Go tells it. */
export function routed<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw routeError(error as Error);
  }
}

export function routeError(cause: Error): OpError {
  return new OpError('route', 'ip+net', null, null, cause);
}
