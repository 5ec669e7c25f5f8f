/** Socket addresses as strace(1) prints them: "{sa_family=AF_INET, sin_port=htons(80), …}". */
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX } from '../syscall/socket.ts';
import { familyName } from '../syscall/socket-names.ts';
import { NULL } from './columns.ts';
import type { Call } from './call.ts';
import { quotedBytes, quotedPath } from './quoted.ts';
import type { Column } from './signature.ts';
import type { Style } from './style.ts';

/** In sun_path. */
const PATH = 2;

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

function inet(addr: Uint8Array, view: DataView): string {
  return `sin_port=htons(${view.getUint16(2)}), sin_addr=inet_addr("${dotted(addr, 4)}")`;
}

function inet6(addr: Uint8Array, view: DataView): string {
  const parts = [
    `sin6_port=htons(${view.getUint16(2)})`,
    `sin6_flowinfo=htonl(${view.getUint32(4)})`,
    `inet_pton(AF_INET6, "${ipv6Text(addr, 8)}", &sin6_addr)`,
    `sin6_scope_id=${view.getUint32(24, true)}`,
  ];
  return parts.join(', ');
}

function unix(addr: Uint8Array, _view: DataView, style: Style): string {
  const path = addr.subarray(PATH);
  // An abstract name begins with a zero byte, has its length, and an "@" in the place of that byte.
  if (path[0] === 0) return `sun_path=@${quotedBytes(path.subarray(1), style)}`;
  return `sun_path=${quotedPath(path, style)}`;
}

function netlink(_addr: Uint8Array, view: DataView): string {
  const groups = view.getUint32(8, true).toString(16).padStart(8, '0');
  return `nl_pid=${view.getInt32(4, true)}, nl_groups=${groups}`;
}

const PRINTERS: ReadonlyMap<number, readonly [least: number, Printer]> = new Map([
  [AF_INET, [16, inet]],
  [AF_INET6, [24, inet6]],
  [AF_NETLINK, [12, netlink]],
  [AF_UNIX, [3, unix]],
]);

/** A sockaddr of as many bytes as there are. */
export function sockaddrText(addr: Uint8Array, style: Style): string {
  if (addr.length < 2) return style.addresses.of(addr);
  const view = new DataView(addr.buffer, addr.byteOffset, addr.byteLength);
  const family = view.getUint16(0, true);
  const [least, printer] = PRINTERS.get(family) ?? [0, null];
  const named = `{sa_family=${familyName(family)}`;
  if (addr.length === 2) return `${named}}`;
  if (printer === null || addr.length < least) {
    return `${named}, sa_data=${quotedBytes(addr.subarray(PATH), style)}}`;
  }
  return `${named}, ${printer(addr, view, style)}}`;
}

/** An address that is given: its length is argument `length`. */
export function sockaddr(length: number): Column<Uint8Array | null> {
  return {
    print(addr, call, style) {
      if (addr === null) return NULL;
      const given = call.args[length];
      return sockaddrText(addr.subarray(0, typeof given === 'number' ? given : 0), style);
    },
  };
}

function lengthsAt(call: Call, index: number): readonly [number | null, number | null] {
  const before = call.before[index];
  const after = call.args[index];
  return [
    before instanceof Uint32Array ? (before[0] ?? null) : null,
    after instanceof Uint32Array ? (after[0] ?? null) : null,
  ];
}

/** An address that the call fills in; argument `length` is its capacity, and then its length. */
export function filledSockaddr(length: number): Column<Uint8Array | null> {
  return {
    print(addr, call, style) {
      if (addr === null) return NULL;
      const [before, after] = lengthsAt(call, length);
      if (call.result < 0 || before === null || after === null) return style.addresses.of(addr);
      return sockaddrText(addr.subarray(0, Math.min(before, after)), style);
    },
  };
}

/** A length that the call may change: "[16]", "[128 => 16]". */
export const lengthInOut: Column<Uint32Array | null> = {
  changes: true,
  print(value, call) {
    if (value === null) return NULL;
    const before = call.before[call.args.indexOf(value)];
    const was = before instanceof Uint32Array ? before[0]! : value[0]!;
    return call.result < 0 || was === value[0] ? `[${was}]` : `[${was} => ${value[0]}]`;
  },
};
