/**
 * The multicast groups of interfaces, from /proc/net/igmp and /proc/net/igmp6; there is no other
 * way to ask that every kernel has. A file that cannot be read has no groups, as in Go
 * (net/interface_linux.go).
 */
import type { Kernel } from '../kernel/kernel.ts';
import { readTextFile } from '../kernel/read-file.ts';
import { formatIP } from './ip.ts';
import { IPAddr } from './ip-addr.ts';

/** The groups that interface `index` has joined, IPv4 first. */
export function multicastGroups(kernel: Kernel, index: number): IPAddr[] {
  const igmp = readTextFile(kernel, '/proc/net/igmp') ?? '';
  const igmp6 = readTextFile(kernel, '/proc/net/igmp6') ?? '';
  return [...parseIGMP(igmp, index), ...parseIGMP6(igmp6, index)];
}

/** A line for the interface, "1<tab>lo : 1 V3", and an indented one for each of its groups. */
export function parseIGMP(text: string, index: number): IPAddr[] {
  const groups: IPAddr[] = [];
  let current = 0;
  for (const line of text.split('\n')) {
    const device = /^(\d+)\s/.exec(line);
    if (device !== null) current = Number(device[1]);
    const group = /^\s+([0-9A-Fa-f]{8})\s/.exec(line);
    // A number in the machine's byte order, which is not that of the address.
    if (group !== null && current === index) groups.push(addrOf(bytesOf(group[1]!).reverse()));
  }
  return groups;
}

/** Index, name, group, users, flags, timer. */
export function parseIGMP6(text: string, index: number): IPAddr[] {
  const groups: IPAddr[] = [];
  for (const line of text.split('\n')) {
    const entry = /^(\d+)\s+\S+\s+([0-9A-Fa-f]{32})\s/.exec(line);
    if (entry !== null && Number(entry[1]) === index) groups.push(addrOf(bytesOf(entry[2]!)));
  }
  return groups;
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function addrOf(bytes: Uint8Array): IPAddr {
  return new IPAddr(formatIP(bytes));
}
