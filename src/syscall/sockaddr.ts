/**
 * Socket addresses between the bytes of struct sockaddr and objects.
 *
 * A codec only: names, zones and text forms belong to net. Bytes are in, bytes are out; nothing
 * here asks whether an address can be used. IP and unix are here, sockaddr-link.ts has netlink,
 * packet and vsock, sockaddr-bluetooth.ts Bluetooth. The family is in the byte order of x86-64 and
 * arm64 (little), ports and flowinfo are in network order, the scope id in the machine's. Source:
 * ip(7), ipv6(7), unix(7), <linux/in.h>, <linux/in6.h>, <linux/un.h>, <bits/socket.h>.
 */
import {
  decodeBluetooth,
  encodeBluetooth,
  type SockaddrBluetooth,
  type SockaddrBluetoothLike,
} from './sockaddr-bluetooth.ts';
import { anyBytes, copyOf, fixedBytes, unsigned, withFamily, word } from './struct-fields.ts';
import {
  decodeLink,
  encodeLink,
  type SockaddrLinkLike,
  type SockaddrNetlink,
  type SockaddrPacket,
  type SockaddrVsock,
} from './sockaddr-link.ts';
import {
  AF_BLUETOOTH,
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
} from './socket.ts';

/** The length of struct sockaddr_storage, which holds an address of any family. */
export const SOCKADDR_STORAGE_SIZE = 128;

/**
 * The room that Go gives an address whose family it does not know yet; it passes this `addrlen`.
 */
export const SOCKADDR_ANY_SIZE = 112;

/** The bytes of sun_path; a path that fills them all has no NUL at its end. */
export const UNIX_PATH_MAX = 108;

const INET_SIZE = 16;
const INET6_SIZE = 28;
/** An IPv6 address without its scope id, which Linux accepts too. */
const INET6_SHORT_SIZE = 24;

export interface SockaddrInet {
  readonly family: typeof AF_INET;
  /** 4 bytes. */
  readonly addr: Uint8Array;
  readonly port: number;
}

export interface SockaddrInet6 {
  readonly family: typeof AF_INET6;
  /** 16 bytes. */
  readonly addr: Uint8Array;
  readonly port: number;
  readonly flowinfo: number;
  /** The index of the interface that a link-local address belongs to, else 0. */
  readonly scopeId: number;
}

export interface SockaddrUnix {
  readonly family: typeof AF_UNIX;
  /**
   * Empty: unnamed, and to bind(2) a wish for an abstract name that the kernel chooses ("autobind").
   * First byte NUL: abstract, all bytes count. Else a path without the NUL after it.
   */
  readonly path: Uint8Array;
}

/** A family that is not decoded, or too few bytes for the family they claim. */
export interface SockaddrUnknown {
  /** 0 if there were not even two bytes. */
  readonly family: number;
  /** What follows the family. */
  readonly data: Uint8Array;
}

/**
 * An address as the kernel gave it. isSockaddrInet and its like tell which; `family` alone does not, since
 * any number may be that of a SockaddrUnknown.
 */
export type Sockaddr =
  | SockaddrInet
  | SockaddrInet6
  | SockaddrUnix
  | SockaddrNetlink
  | SockaddrPacket
  | SockaddrVsock
  | SockaddrBluetooth
  | SockaddrUnknown;

type SockaddrInet6Like = Omit<SockaddrInet6, 'flowinfo' | 'scopeId'> &
  Partial<Pick<SockaddrInet6, 'flowinfo' | 'scopeId'>>;

/** An address for who writes one by hand: what is mostly 0 may be left out. */
export type SockaddrLike =
  | SockaddrInet
  | SockaddrInet6Like
  | SockaddrUnix
  | SockaddrLinkLike
  | SockaddrBluetoothLike
  | SockaddrUnknown;

export function isSockaddrInet(sa: Sockaddr): sa is SockaddrInet {
  return sa.family === AF_INET && 'port' in sa;
}

export function isSockaddrInet6(sa: Sockaddr): sa is SockaddrInet6 {
  return sa.family === AF_INET6 && 'port' in sa;
}

export function isSockaddrUnix(sa: Sockaddr): sa is SockaddrUnix {
  return sa.family === AF_UNIX && 'path' in sa;
}

/**
 * The bytes of `sa`, exactly as many as `addrlen` has to say. A path gets its NUL where there is
 * room for one. RangeError, naming the field, for what does not fit into the struct; TypeError for
 * a field that is to be bytes and is not.
 */
export function encodeSockaddr(sa: SockaddrLike): Uint8Array {
  if ('data' in sa) return encodeUnknown(sa);
  switch (sa.family) {
    case AF_INET:
      return encodeInet(sa);
    case AF_INET6:
      return encodeInet6(sa);
    case AF_UNIX:
      return encodeUnix(sa);
    case AF_NETLINK:
    case AF_PACKET:
    case AF_VSOCK:
      return encodeLink(sa);
    case AF_BLUETOOTH:
      return encodeBluetooth(sa);
    default: {
      const { family } = sa as { family: unknown };
      throw new TypeError(`sockaddr: an address of family ${String(family)} needs its data`);
    }
  }
}

/**
 * The address in the first `len` bytes of `buf`; `len` is what the kernel put into `addrlen`, so it
 * may be larger than the buffer, or cut the struct short. Never fails and keeps no reference to
 * `buf`. `protocol`, that of the socket (BTPROTO_L2CAP, …), tells Bluetooth's addresses apart;
 * without it their lengths do, which differ. It says nothing about other families.
 */
export function decodeSockaddr(buf: Uint8Array, len: number, protocol?: number): Sockaddr {
  const end = Math.min(buf.length, Math.max(0, Math.trunc(len) || 0));
  if (end < 2) return { family: 0, data: new Uint8Array(0) };
  const family = word(buf, 0);
  if (family === AF_INET && end >= INET_SIZE) {
    return { family, addr: copyOf(buf, 4, 8), port: sockaddrPort(buf) };
  }
  if (family === AF_INET6 && end >= INET6_SHORT_SIZE) {
    const view = new DataView(buf.buffer, buf.byteOffset, end);
    return {
      family,
      addr: copyOf(buf, 8, 24),
      port: sockaddrPort(buf),
      flowinfo: view.getUint32(4),
      scopeId: end >= INET6_SIZE ? view.getUint32(24, true) : 0,
    };
  }
  if (family === AF_UNIX) return { family, path: decodePath(buf, end) };
  const sa = family === AF_BLUETOOTH ? decodeBluetooth(buf, end, protocol) : decodeLink(buf, end);
  return sa ?? { family, data: copyOf(buf, 2, end) };
}

/**
 * The IPv4 address in an AF_INET address, or in an AF_INET6 one as ::ffff:a.b.c.d, as one number;
 * -1 if there is none. With {@link sockaddrPort} the cheap way to what most addresses are, without
 * an object or a copy.
 */
export function sockaddrIPv4(buf: Uint8Array, len: number): number {
  const end = Math.min(buf.length, len);
  if (end >= INET_SIZE && word(buf, 0) === AF_INET) return packed(buf, 4);
  if (end < INET6_SHORT_SIZE || word(buf, 0) !== AF_INET6) return -1;
  for (let i = 8; i < 18; i++) if (buf[i] !== 0) return -1;
  return buf[18] === 0xff && buf[19] === 0xff ? packed(buf, 20) : -1;
}

/** The port in an AF_INET or AF_INET6 address of at least 4 bytes. */
export function sockaddrPort(buf: Uint8Array): number {
  return ((buf[2] ?? 0) << 8) | (buf[3] ?? 0);
}

function encodeUnknown({ family, data }: SockaddrUnknown): Uint8Array {
  if (anyBytes('sockaddr', 'data', data).length > SOCKADDR_STORAGE_SIZE - 2) {
    throw new RangeError(`sockaddr: data has ${data.length} bytes`);
  }
  const buf = withFamily(family, 2 + data.length);
  buf.set(data, 2);
  return buf;
}

function encodeInet(sa: SockaddrInet): Uint8Array {
  const buf = withFamily(AF_INET, INET_SIZE);
  setPort(buf, sa.port);
  buf.set(fixedBytes('sockaddr_in', 'addr', sa.addr, 4), 4);
  return buf;
}

function encodeInet6(sa: SockaddrInet6Like): Uint8Array {
  const buf = withFamily(AF_INET6, INET6_SIZE);
  setPort(buf, sa.port);
  const view = new DataView(buf.buffer);
  view.setUint32(4, unsigned('sockaddr_in6', 'flowinfo', 32, sa.flowinfo ?? 0));
  buf.set(fixedBytes('sockaddr_in6', 'addr', sa.addr, 16), 8);
  view.setUint32(24, unsigned('sockaddr_in6', 'scopeId', 32, sa.scopeId ?? 0), true);
  return buf;
}

function encodeUnix(sa: SockaddrUnix): Uint8Array {
  const path = anyBytes('sockaddr_un', 'path', sa.path);
  if (path.length > UNIX_PATH_MAX) {
    throw new RangeError(
      `sockaddr_un: path has ${path.length} bytes, at most ${UNIX_PATH_MAX} fit`,
    );
  }
  const abstract = path[0] === 0;
  if (!abstract && path.includes(0)) throw new RangeError('sockaddr_un: path contains a NUL byte');
  const nul = path.length > 0 && path.length < UNIX_PATH_MAX && !abstract ? 1 : 0;
  const buf = withFamily(AF_UNIX, 2 + path.length + nul);
  buf.set(path, 2);
  return buf;
}

function decodePath(buf: Uint8Array, len: number): Uint8Array {
  // The kernel counts a NUL after sun_path when the path has filled it.
  const end = Math.min(len, 2 + UNIX_PATH_MAX);
  if (end === 2 || buf[2] === 0) return copyOf(buf, 2, end);
  const nul = buf.subarray(0, end).indexOf(0, 2);
  return copyOf(buf, 2, nul < 0 ? end : nul);
}

function setPort(buf: Uint8Array, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) {
    throw new RangeError(`sockaddr: port ${value} is not in 0..65535`);
  }
  buf[2] = value >>> 8;
  buf[3] = value & 0xff;
}

function packed(buf: Uint8Array, i: number): number {
  const high = ((buf[i] ?? 0) << 8) | (buf[i + 1] ?? 0);
  return high * 0x10000 + (((buf[i + 2] ?? 0) << 8) | (buf[i + 3] ?? 0));
}
