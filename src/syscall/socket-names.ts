/**
 * Families, socket types and protocols by name and back, as strace(1) prints them.
 *
 * The tables are made of the constants themselves, so a name that is added there is known here.
 * Where a number has two names, one of them is an alias: understood, but not printed. A number
 * without a name is printed as strace does, with what it is not in a comment.
 */
import * as bluetooth from './bluetooth.ts';
import * as ethernet from './ethernet.ts';
import * as inet from './inet.ts';
import {
  NETLINK_AUDIT,
  NETLINK_CONNECTOR,
  NETLINK_CRYPTO,
  NETLINK_DNRTMSG,
  NETLINK_ECRYPTFS,
  NETLINK_FIB_LOOKUP,
  NETLINK_FIREWALL,
  NETLINK_GENERIC,
  NETLINK_INET_DIAG,
  NETLINK_IP6_FW,
  NETLINK_ISCSI,
  NETLINK_KOBJECT_UEVENT,
  NETLINK_NETFILTER,
  NETLINK_NFLOG,
  NETLINK_RDMA,
  NETLINK_ROUTE,
  NETLINK_SCSITRANSPORT,
  NETLINK_SELINUX,
  NETLINK_SMC,
  NETLINK_SOCK_DIAG,
  NETLINK_UNUSED,
  NETLINK_USERSOCK,
  NETLINK_XFRM,
} from './netlink.ts';
import * as socket from './socket.ts';

type Table = Readonly<Record<string, number>>;

/** Of names for the same number, those that are not printed. */
const aliases: ReadonlySet<string> = new Set([
  'AF_FILE',
  'AF_LOCAL',
  'AF_ROUTE',
  'IPPROTO_HOPOPTS',
  'NETLINK_INET_DIAG',
]);

const families = constantsOf(socket, /^AF_/);

const types = constantsOf(socket, /^SOCK_(?!NONBLOCK$|CLOEXEC$)/);

/** What socket(2) takes with the type, as strace orders them. */
const typeFlags: Table = {
  SOCK_CLOEXEC: socket.SOCK_CLOEXEC,
  SOCK_NONBLOCK: socket.SOCK_NONBLOCK,
};

const SOCK_TYPE_MASK = 0xf;

const inetProtocols = constantsOf(inet, /^IPPROTO_/);

/** One by one, since the options of netlink have names like these. */
const netlinkProtocols: Table = {
  NETLINK_ROUTE,
  NETLINK_UNUSED,
  NETLINK_USERSOCK,
  NETLINK_FIREWALL,
  NETLINK_SOCK_DIAG,
  NETLINK_INET_DIAG,
  NETLINK_NFLOG,
  NETLINK_XFRM,
  NETLINK_SELINUX,
  NETLINK_ISCSI,
  NETLINK_AUDIT,
  NETLINK_FIB_LOOKUP,
  NETLINK_CONNECTOR,
  NETLINK_NETFILTER,
  NETLINK_IP6_FW,
  NETLINK_DNRTMSG,
  NETLINK_KOBJECT_UEVENT,
  NETLINK_GENERIC,
  NETLINK_SCSITRANSPORT,
  NETLINK_ECRYPTFS,
  NETLINK_RDMA,
  NETLINK_CRYPTO,
  NETLINK_SMC,
};

const bluetoothProtocols = constantsOf(bluetooth, /^BTPROTO_/);

const packetProtocols = constantsOf(ethernet, /^ETH_P_/);

/** How the protocols of a family are called; of families that are not here they are numbers. */
const protocolsOf: ReadonlyMap<number, readonly [Table, prefix: string]> = new Map([
  [socket.AF_INET, [inetProtocols, 'IPPROTO_']],
  [socket.AF_INET6, [inetProtocols, 'IPPROTO_']],
  [socket.AF_NETLINK, [netlinkProtocols, 'NETLINK_']],
  [socket.AF_BLUETOOTH, [bluetoothProtocols, 'BTPROTO_']],
  [socket.AF_PACKET, [packetProtocols, 'ETH_P_']],
]);

/** "AF_INET" for 2. */
export function familyName(family: number): string {
  return nameIn(families, family) ?? unnamed(family, 'AF_');
}

/** 2 for "AF_INET"; undefined for what is no family. */
export function familyByName(name: string): number | undefined {
  return numberIn(families, name);
}

/** "SOCK_STREAM|SOCK_CLOEXEC" for a type with or without the flags that socket(2) takes with it. */
export function socketTypeName(type: number): string {
  const parts: string[] = [];
  let rest = type >>> 0;
  const name = nameIn(types, rest & SOCK_TYPE_MASK);
  if (name !== undefined) {
    parts.push(name);
    rest -= rest & SOCK_TYPE_MASK;
  }
  let flags = 0;
  for (const [flag, value] of Object.entries(typeFlags)) {
    if ((rest & value) === 0) continue;
    parts.push(flag);
    flags += 1;
    rest -= value;
  }
  if (rest !== 0) parts.push(flags > 0 ? hex(rest) : unnamed(rest, 'SOCK_'));
  return parts.length > 0 ? parts.join('|') : '0';
}

/** The number of "SOCK_STREAM|SOCK_CLOEXEC"; undefined if a part of it is not known. */
export function socketTypeByName(name: string): number | undefined {
  let type = 0;
  for (const part of name.split('|')) {
    const value = numberIn(types, part) ?? numberIn(typeFlags, part);
    if (value === undefined) return undefined;
    type |= value;
  }
  return type;
}

/**
 * The name of a protocol of a family: "IPPROTO_TCP", "NETLINK_ROUTE", "BTPROTO_HCI", "ETH_P_ARP".
 * That of AF_PACKET is the plain number, not the one in network order that socket(2) takes. Of
 * families without names it is the number itself.
 */
export function protocolName(family: number, protocol: number): string {
  const [table, prefix] = protocolsOf.get(family) ?? [];
  if (table === undefined || prefix === undefined) return String(protocol >>> 0);
  return nameIn(table, protocol) ?? unnamed(protocol, prefix);
}

/** The number of a protocol by a name of any family; undefined for a name that is not known. */
export function protocolByName(name: string): number | undefined {
  for (const [table, prefix] of protocolsOf.values()) {
    if (name.startsWith(prefix)) return numberIn(table, name);
  }
  return undefined;
}

/** The numbers of a module whose names match. */
function constantsOf(module: object, names: RegExp): Table {
  return Object.fromEntries(
    Object.entries(module).filter(
      (entry): entry is [string, number] => names.test(entry[0]) && typeof entry[1] === 'number',
    ),
  );
}

function nameIn(table: Table, value: number): string | undefined {
  return Object.keys(table).find((name) => table[name] === value && !aliases.has(name));
}

function numberIn(table: Table, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function unnamed(value: number, prefix: string): string {
  return `${hex(value)} /* ${prefix}??? */`;
}

function hex(value: number): string {
  return value === 0 ? '0' : `0x${(value >>> 0).toString(16)}`;
}
