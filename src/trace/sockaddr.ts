/**
 * Socket addresses as strace(1) prints them: "{sa_family=AF_INET, sin_port=htons(80), …}".
 *
 * Each family has a least length; what is shorter is its bytes ("sa_data"), and what has not even a family is
 * a pointer. strace reads no more than a struct sockaddr_storage. Families that netfd has no sockets of are
 * bytes here, though strace knows the fields of some: AX.25, IPX, X.25, RxRPC, IEEE 802.15.4, AF_ALG, NFC,
 * QRTR, MCTP. A scope is an interface's name where it can be one: of link-local addresses.
 */
import {
  AF_BLUETOOTH,
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
  AF_XDP,
} from '../syscall/socket.ts';
import { familyName } from '../syscall/socket-names.ts';
import { NULL } from './columns.ts';
import type { Call } from './call.ts';
import { interfaceText } from './interface.ts';
import { quotedPath, quotedWhole } from './quoted.ts';
import type { Column } from './signature.ts';
import { bluetooth, isBluetoothLength } from './sockaddr-bluetooth.ts';
import { netlink, packet, vsock, xdp } from './sockaddr-link.ts';
import type { Style } from './style.ts';

/** In sun_path. */
const PATH = 2;
const PATH_SIZE = 108;

/** struct sockaddr_storage. */
const STORAGE = 128;

/** Where sin6_scope_id is, which old programs leave out. */
const SCOPE = 24;

type Printer = (addr: Uint8Array, view: DataView, style: Style) => string;

function dotted(addr: Uint8Array, at: number): string {
  return addr.subarray(at, at + 4).join('.');
}

/** RFC 5952, as inet_ntop(3) prints it. */
export function ipv6Text(addr: Uint8Array, at: number): string {
  const view = new DataView(addr.buffer, addr.byteOffset + at, 16);
  const words = Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2));
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i += 1) {
    let end = i;
    while (end < 8 && words[end] === 0) end += 1;
    if (end - i > length) [start, length] = [i, end - i];
  }
  const mapped = start === 0 && (length === 6 || (length === 5 && words[5] === 0xffff));
  const tail = mapped ? [dotted(addr, at + 12)] : [];
  const hex = words.slice(0, mapped ? 6 : 8).map((word) => word.toString(16));
  if (start < 0) return [...hex, ...tail].join(':');
  const head = hex.slice(0, start).join(':');
  const rest = [...hex.slice(start + length), ...tail].join(':');
  return `${head}::${rest}`;
}

/** "inet_addr(\"127.0.0.1\")". */
export function inetAddr(addr: Uint8Array, at: number): string {
  return `inet_addr("${dotted(addr, at)}")`;
}

/** In hex with -xx, as every string between quotes. */
function quotedText(text: string, style: Style): string {
  return quotedWhole(new TextEncoder().encode(text), style);
}

function inet(addr: Uint8Array, view: DataView, style: Style): string {
  const text = quotedText(dotted(addr, 4), style);
  return `sin_port=htons(${view.getUint16(2)}), sin_addr=inet_addr(${text})`;
}

/** As many of its bytes as there are. */
function scopeOf(addr: Uint8Array): number {
  const bytes = addr.subarray(SCOPE, SCOPE + 4);
  return bytes.reduceRight((id, byte) => id * 256 + byte, 0);
}

/** fe80::/10, and the multicast addresses of one link. */
function isLinkLocal(addr: Uint8Array, at: number): boolean {
  const [first = 0, second = 0] = addr.subarray(at);
  if (first === 0xfe) return (second & 0xc0) === 0x80;
  return first === 0xff && (second & 0x0f) === 2;
}

function inet6(addr: Uint8Array, view: DataView, style: Style): string {
  const parts = [
    `sin6_port=htons(${view.getUint16(2)})`,
    `sin6_flowinfo=htonl(${view.getUint32(4)})`,
    `inet_pton(AF_INET6, ${quotedText(ipv6Text(addr, 8), style)}, &sin6_addr)`,
  ];
  if (addr.length > SCOPE) {
    const scope = scopeOf(addr);
    parts.push(
      `sin6_scope_id=${isLinkLocal(addr, 8) ? interfaceText(scope, style) : String(scope)}`,
    );
  }
  return parts.join(', ');
}

function unix(addr: Uint8Array, _view: DataView, style: Style): string {
  const path = addr.subarray(PATH, PATH + PATH_SIZE);
  // An abstract name begins with a zero byte, has its length, and an "@" in the place of that byte.
  if (path[0] === 0) return `sun_path=@${quotedWhole(path.subarray(1), style)}`;
  return `sun_path=${quotedPath(path, style)}`;
}

type Fits = (length: number) => boolean;

function from(least: number): Fits {
  return (length) => length >= least;
}

const PRINTERS: ReadonlyMap<number, readonly [Fits, Printer]> = new Map<
  number,
  readonly [Fits, Printer]
>([
  [AF_INET, [from(16), inet]],
  [AF_INET6, [from(SCOPE), inet6]],
  [AF_UNIX, [from(3), unix]],
  [AF_NETLINK, [from(12), netlink]],
  [AF_PACKET, [from(20), packet]],
  [AF_VSOCK, [from(16), vsock]],
  [AF_XDP, [from(16), xdp]],
  [AF_BLUETOOTH, [isBluetoothLength, bluetooth]],
]);

/** A sockaddr of as many bytes as there are. */
export function sockaddrText(bytes: Uint8Array, style: Style): string {
  if (bytes.length < 2) return style.addresses.of(bytes);
  const addr = bytes.subarray(0, STORAGE);
  const view = new DataView(addr.buffer, addr.byteOffset, addr.byteLength);
  const family = view.getUint16(0, true);
  const [fits, printer] = PRINTERS.get(family) ?? [];
  const named = `{sa_family=${familyName(family)}`;
  if (addr.length === 2) return `${named}}`;
  if (printer === undefined || fits === undefined || !fits(addr.length)) {
    return `${named}, sa_data=${quotedWhole(addr.subarray(PATH), style)}}`;
  }
  return `${named}, ${printer(addr, view, style)}}`;
}

/** `length` bytes at most; a length below zero is none. */
function sockaddrOf(addr: Uint8Array, length: number, style: Style): string {
  return sockaddrText(addr.subarray(0, Math.max(0, length | 0)), style);
}

/** An address that is given: its length is argument `length`. */
export function sockaddr(length: number): Column<Uint8Array | null> {
  return {
    print(addr, call, style) {
      if (addr === null) return NULL;
      const given = call.args[length];
      return sockaddrOf(addr, typeof given === 'number' ? given : 0, style);
    },
  };
}

function wordOf(value: unknown): number | null {
  return value instanceof Uint32Array && value.length > 0 ? value[0]! | 0 : null;
}

/** What argument `index`, a length, was and is; as signed numbers. */
export function lengthsAt(call: Call, index: number): readonly [number | null, number | null] {
  return [wordOf(call.before[index]), wordOf(call.args[index])];
}

/** An address that the call fills in; argument `length` is its capacity, and then its length. */
export function filledSockaddr(length: number): Column<Uint8Array | null> {
  return {
    print(addr, call, style) {
      if (addr === null) return NULL;
      const [before, after] = lengthsAt(call, length);
      if (call.result < 0 || before === null || after === null) return style.addresses.of(addr);
      return sockaddrOf(addr, Math.min(before, after), style);
    },
  };
}

/** A length that the call may change: "[16]", "[128 => 16]". */
export const lengthInOut: Column<Uint32Array | null> = {
  changes: true,
  print(value, call) {
    if (value === null) return NULL;
    const [before, after] = lengthsAt(call, call.args.indexOf(value));
    const was = before ?? after;
    return call.result < 0 || was === after ? `[${was}]` : `[${was} => ${after}]`;
  },
};
