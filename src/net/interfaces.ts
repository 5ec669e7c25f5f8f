/**
 * The network interfaces of a machine and their addresses, as Go's net.Interfaces,
 * InterfaceByName, InterfaceByIndex and InterfaceAddrs, with the same system calls.
 *
 * Nothing here waits, so nothing is a promise: the kernel answers at once (see route-table.ts),
 * and what is returned is as it was at that moment. To hear of changes see interface-watcher.ts.
 */
import type { System } from '../kernel/system.ts';
import { requireString } from './arguments.ts';
import { InterfaceError } from './errors.ts';
import { Interface, netOf, routed, routeError } from './interface.ts';
import type { IPNet } from './ip-net.ts';
import { addressTable, linkTable } from './route-table.ts';
import { offerZones } from './zone.ts';

/** Every interface, in the order of the kernel. OpError. */
export function interfaces(system: System): Interface[] {
  const links = routed(() => linkTable(system.kernel));
  offerZones(system, links);
  return links.map((link) => new Interface(system, link));
}

/** The interface with this name. OpError, also if there is none: "no such network interface". */
export function interfaceByName(system: System, name: string): Interface {
  requireString('interfaceByName', 'name', name);
  if (name === '') throw routeError(InterfaceError.invalid('network interface name'));
  return only(interfaces(system).find((each) => each.name === name));
}

/** The interface with this index. OpError, also if there is none: "no such network interface". */
export function interfaceByIndex(system: System, index: number): Interface {
  if (typeof index !== 'number') {
    throw new TypeError('interfaceByIndex: index must be a number');
  }
  if (!Number.isInteger(index) || index <= 0) {
    throw routeError(InterfaceError.invalid('network interface index'));
  }
  const link = routed(() => linkTable(system.kernel)).find((each) => each.index === index);
  return only(link && new Interface(system, link));
}

/**
 * Every address of every interface, each with its network. {@link Interface.addrs} tells whose
 * they are. OpError.
 */
export function interfaceAddrs(system: System): IPNet[] {
  return routed(() => {
    const addresses = addressTable(system.kernel);
    const there = new Set(linkTable(system.kernel).map(({ index }) => index));
    // One of an interface that has gone between the two questions is no address any more.
    return addresses.filter(({ index }) => there.has(index)).map(netOf);
  });
}

function only(found: Interface | undefined): Interface {
  if (found === undefined) throw routeError(InterfaceError.missing());
  return found;
}
