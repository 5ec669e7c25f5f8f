/**
 * The values of socket options as strace(1) prints them: "[1]", "{l_onoff=1, l_linger=0}", "\"cubic\"", ….
 *
 * strace knows few options by the type of their value. Of the others a value of four bytes is a number, and any
 * other is a string, be it a struct tcp_info or a name of four letters. A program of classic BPF is a struct
 * sock_fprog of 16 bytes to the kernel, and to strace; of our Kernel it is the instructions (kernel.ts), so the
 * length of that struct is printed. With a length below zero strace prints memory behind the value, which only
 * the process knows: here it is what there is of the buffer.
 */
import { errnoName } from '../syscall/errno.ts';
import { ICMP_FILTER } from '../syscall/icmp.ts';
import * as inet from '../syscall/inet.ts';
import { NETLINK_LIST_MEMBERSHIPS, SOL_NETLINK } from '../syscall/netlink.ts';
import * as packet from '../syscall/packet.ts';
import * as socket from '../syscall/socket.ts';
import { NULL } from './columns.ts';
import { levelName, optionText } from './option-names.ts';
import {
  CREDENTIALS,
  fieldsText,
  GROUP_REQUEST,
  groupRequest,
  icmpFilter,
  IP_REQUEST,
  ipRequest,
  IPV6_REQUEST,
  ipv6Request,
  LINGER,
  PACKET_REQUEST,
  PACKET_STATS,
  packetRequest,
  RING,
  viewOf,
} from './option-structs.ts';
import { quotedBytes, quotedHex } from './quoted.ts';
import type { Column } from './signature.ts';
import type { Call } from './call.ts';
import { lengthsAt } from './sockaddr.ts';
import type { Style } from './style.ts';

const { SOL_SOCKET } = socket;

/** struct sock_fprog, and the instructions it points to. */
const PROGRAM = 16;
const INSTRUCTION = 8;
const MOST_INSTRUCTIONS = 0xffff;

/** In arguments of both calls. */
const LEVEL = 1;
const NAME = 2;
const LENGTH = 4;

function numberAt(call: Call, index: number): number {
  const value = call.args[index];
  return typeof value === 'number' ? value | 0 : 0;
}

export const level: Column<number> = { print: (value) => levelName(value | 0) };

export const optionName: Column<number> = {
  print: (value, call) =>
    optionText(call.name === 'getsockopt' ? 'get' : 'set', numberAt(call, LEVEL), value | 0),
};

const TXREHASH: ReadonlyMap<number, string> = new Map([
  [0, 'SOCK_TXREHASH_DISABLED'],
  [1, 'SOCK_TXREHASH_ENABLED'],
  [255, 'SOCK_TXREHASH_DEFAULT'],
]);

function txRehash(value: number): string {
  return TXREHASH.get(value) ?? `${value} /* SOCK_TXREHASH_??? */`;
}

/** The options of SOL_SOCKET that strace knows to be an int: what is behind it is not printed. */
const INTS: ReadonlySet<number> = new Set([
  socket.SO_DEBUG,
  socket.SO_REUSEADDR,
  socket.SO_DONTROUTE,
  socket.SO_BROADCAST,
  socket.SO_SNDBUF,
  socket.SO_RCVBUF,
  socket.SO_KEEPALIVE,
  socket.SO_OOBINLINE,
  socket.SO_NO_CHECK,
  socket.SO_PRIORITY,
  socket.SO_BSDCOMPAT,
  socket.SO_REUSEPORT,
  socket.SO_PASSCRED,
  socket.SO_RCVLOWAT,
  socket.SO_SNDLOWAT,
  socket.SO_DETACH_FILTER,
  socket.SO_TIMESTAMP,
  socket.SO_ACCEPTCONN,
  socket.SO_SNDBUFFORCE,
  socket.SO_RCVBUFFORCE,
  socket.SO_PASSSEC,
  socket.SO_TIMESTAMPNS,
  socket.SO_MARK,
  socket.SO_TIMESTAMPING,
  socket.SO_RXQ_OVFL,
  socket.SO_WIFI_STATUS,
  socket.SO_PEEK_OFF,
  socket.SO_NOFCS,
  socket.SO_LOCK_FILTER,
  socket.SO_SELECT_ERR_QUEUE,
  socket.SO_BUSY_POLL,
  socket.SO_INCOMING_CPU,
  socket.SO_CNX_ADVICE,
  socket.SO_INCOMING_NAPI_ID,
  socket.SO_ZEROCOPY,
  socket.SO_TIMESTAMP_NEW,
  socket.SO_TIMESTAMPNS_NEW,
  socket.SO_TIMESTAMPING_NEW,
  socket.SO_DETACH_REUSEPORT_BPF,
  socket.SO_PREFER_BUSY_POLL,
  socket.SO_BUSY_POLL_BUDGET,
  socket.SO_RESERVE_MEM,
  socket.SO_RCVMARK,
]);

type Printer = (bytes: Uint8Array, style: Style) => string;

/** A value that is given: undefined if it is too short, and so a pointer. */
type Given = (bytes: Uint8Array, style: Style) => string | undefined;

function atLeast(length: number, print: Printer): Given {
  return (bytes, style) => (bytes.length < length ? undefined : print(bytes, style));
}

function exactly(length: number, print: Printer): Given {
  return (bytes, style) => (bytes.length === length ? print(bytes, style) : undefined);
}

function int(bytes: Uint8Array): number {
  return viewOf(bytes).getInt32(0, true);
}

const intText: Printer = (bytes) => `[${int(bytes)}]`;

const plain: Printer = (bytes, style) =>
  bytes.length === 4 ? intText(bytes, style) : quotedBytes(bytes, style);

const key = (levelNumber: number, optname: number): string => `${levelNumber}/${optname}`;

const group = atLeast(GROUP_REQUEST, groupRequest);
const ipGroup = atLeast(IP_REQUEST, ipRequest);
const ipv6Group = atLeast(IPV6_REQUEST, ipv6Request);
const packetGroup = exactly(PACKET_REQUEST, packetRequest);
const ring = exactly(16, (bytes) => fieldsText(bytes, RING));

/** Only with a length below zero is it not a program. */
const noProgram: Given = () => undefined;

const GIVEN: ReadonlyMap<string, Given> = new Map([
  [key(SOL_SOCKET, socket.SO_ATTACH_FILTER), noProgram],
  [key(SOL_SOCKET, socket.SO_ATTACH_REUSEPORT_CBPF), noProgram],
  [key(SOL_SOCKET, socket.SO_LINGER), atLeast(8, (bytes) => fieldsText(bytes, LINGER))],
  [key(SOL_SOCKET, socket.SO_TXREHASH), atLeast(4, (bytes) => `[${txRehash(int(bytes))}]`)],
  [key(inet.SOL_IP, inet.MCAST_JOIN_GROUP), group],
  [key(inet.SOL_IP, inet.MCAST_LEAVE_GROUP), group],
  [key(inet.SOL_IPV6, inet.MCAST_JOIN_GROUP), group],
  [key(inet.SOL_IPV6, inet.MCAST_LEAVE_GROUP), group],
  [key(inet.SOL_IP, inet.IP_ADD_MEMBERSHIP), ipGroup],
  [key(inet.SOL_IP, inet.IP_DROP_MEMBERSHIP), ipGroup],
  [key(inet.SOL_IPV6, inet.IPV6_ADD_MEMBERSHIP), ipv6Group],
  [key(inet.SOL_IPV6, inet.IPV6_DROP_MEMBERSHIP), ipv6Group],
  [key(inet.SOL_IPV6, inet.IPV6_JOIN_ANYCAST), ipv6Group],
  [key(inet.SOL_IPV6, inet.IPV6_LEAVE_ANYCAST), ipv6Group],
  [key(packet.SOL_PACKET, packet.PACKET_ADD_MEMBERSHIP), packetGroup],
  [key(packet.SOL_PACKET, packet.PACKET_DROP_MEMBERSHIP), packetGroup],
  [key(packet.SOL_PACKET, packet.PACKET_RX_RING), ring],
  [key(packet.SOL_PACKET, packet.PACKET_TX_RING), ring],
  [key(inet.SOL_RAW, ICMP_FILTER), atLeast(1, icmpFilter)],
]);

/** A value whose first four bytes are one of a set, or what is cut of them. */
function oneOf(print: (value: number) => string): Printer {
  return (bytes) => (bytes.length < 4 ? quotedHex(bytes) : `[${print(int(bytes))}]`);
}

function memberships(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const words = Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(4 * i, true));
  return `[${words.join(', ')}]`;
}

const FILLED: ReadonlyMap<string, Printer> = new Map<string, Printer>([
  [key(SOL_SOCKET, socket.SO_LINGER), (bytes) => fieldsText(bytes, LINGER)],
  [key(SOL_SOCKET, socket.SO_PEERCRED), (bytes) => fieldsText(bytes, CREDENTIALS)],
  [key(SOL_SOCKET, socket.SO_ERROR), oneOf((value) => (value === 0 ? '0' : errnoName(value)))],
  [key(SOL_SOCKET, socket.SO_TXREHASH), oneOf(txRehash)],
  [key(packet.SOL_PACKET, packet.PACKET_STATISTICS), (bytes) => fieldsText(bytes, PACKET_STATS)],
  [key(inet.SOL_RAW, ICMP_FILTER), icmpFilter],
  [key(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS), memberships],
]);

/** How the value of the option of this call is read. */
function optionKey(call: Call): string {
  return key(numberAt(call, LEVEL), numberAt(call, NAME));
}

function isInt(call: Call): boolean {
  const levelNumber = numberAt(call, LEVEL);
  return levelNumber === SOL_SOCKET ? INTS.has(numberAt(call, NAME)) : levelNumber === SOL_NETLINK;
}

function isProgram(call: Call): boolean {
  const name = numberAt(call, NAME);
  return (
    numberAt(call, LEVEL) === SOL_SOCKET &&
    numberAt(call, LENGTH) >= 0 &&
    (name === socket.SO_ATTACH_FILTER || name === socket.SO_ATTACH_REUSEPORT_CBPF)
  );
}

function program(value: Uint8Array | null, length: number, style: Style): string {
  const count = Math.min(Math.floor(length / INSTRUCTION), MOST_INSTRUCTIONS);
  const place = value === null || value.byteLength === 0 ? NULL : style.addresses.of(value);
  return `{len=${count}, filter=${place}}`;
}

/** Options whose value strace reads as something with a least length. */
function givenBy(call: Call): Given | undefined {
  return GIVEN.get(optionKey(call)) ?? (isInt(call) ? atLeast(4, intText) : undefined);
}

export const givenOption: Column<Uint8Array | null> = {
  print(value, call, style) {
    const length = numberAt(call, LENGTH);
    if (isProgram(call)) return program(value, length, style);
    if (value === null) return NULL;
    const given = givenBy(call);
    const bytes = length < 0 ? value : value.subarray(0, length);
    if (given !== undefined) {
      const text = length < 0 ? undefined : given(bytes, style);
      return text ?? style.addresses.of(value);
    }
    if (length >= 0) return plain(bytes, style);
    return quotedBytes(value.subarray(0, style.strings), style) + '...';
  },
};

/** optlen of setsockopt. */
export const givenLength: Column<number> = {
  print: (value, call) => String(isProgram(call) ? PROGRAM : value | 0),
};

function filledBy(call: Call): Printer {
  const printer = FILLED.get(optionKey(call));
  if (printer !== undefined) return printer;
  return isInt(call) ? oneOf(String) : plain;
}

function isGetFilter(call: Call): boolean {
  return numberAt(call, LEVEL) === SOL_SOCKET && numberAt(call, NAME) === socket.SO_GET_FILTER;
}

export const filledOption: Column<Uint8Array | null> = {
  print(value, call, style) {
    if (value === null) return NULL;
    const [capacity, length] = lengthsAt(call, LENGTH);
    if (call.result < 0 || capacity === null || length === null) return style.addresses.of(value);
    if (capacity <= 0 || length <= 0 || isGetFilter(call)) return style.addresses.of(value);
    return filledBy(call)(value.subarray(0, Math.min(capacity, length)), style);
  },
};

/** "[4]", "[16 => 4]". C counts the instructions of SO_GET_FILTER, and our Kernel its bytes. */
export const optionLength: Column<Uint32Array | null> = {
  changes: true,
  print(value, call) {
    if (value === null) return NULL;
    const unit = isGetFilter(call) ? INSTRUCTION : 1;
    const [before, after] = lengthsAt(call, LENGTH).map((length) =>
      Math.trunc((length ?? 0) / unit),
    );
    return call.result < 0 || before === after ? `[${before}]` : `[${before} => ${after}]`;
  },
};
