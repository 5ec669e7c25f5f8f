/**
 * struct ifreq and the entries of struct ifconf: what ioctl(2) takes and gives about an interface
 * that is known by name, and what TUNSETIFF takes.
 *
 *     struct ifreq { char ifr_name[16]; union { … 24 bytes … }; }
 *
 * Only the caller knows which member of the union a call is about, so it is named when a struct is
 * read: `decodeIfreq(buf, 'mtu')` after SIOCGIFMTU. Source: netdevice(7), <linux/if.h>.
 */
import {
  ARPHRD_ETHER,
  ARPHRD_IEEE80211,
  ARPHRD_IEEE80211_RADIOTAP,
  ARPHRD_LOOPBACK,
} from './arp.ts';
import { cString } from './c-string.ts';
import { IFNAMSIZ } from './interface.ts';
import { type Sockaddr, type SockaddrLike, decodeSockaddr, encodeSockaddr } from './sockaddr.ts';
import { anyBytes, int32, unsigned } from './struct-fields.ts';

/** sizeof(struct ifreq). */
export const SIZEOF_IFREQ = 40;

const UNION_SIZE = SIZEOF_IFREQ - IFNAMSIZ;
/** struct sockaddr, which IPv6 addresses do not fit into. */
const SOCKADDR_SIZE = 16;
const HARDWARE_MAX = 14;

/** ifr_hwaddr. */
export interface HardwareAddress {
  /** ARPHRD_ETHER, …. */
  readonly type: number;
  /**
   * At most 14 bytes. The struct does not say how many there are: 6 of Ethernet, loopback and
   * 802.11, and all 14 of others are read.
   */
  readonly addr: Uint8Array;
}

/** The members of the union, and what they hold. */
export interface IfreqMembers {
  /** ifr_addr, ifr_dstaddr, ifr_broadaddr, ifr_netmask: an IPv4 address. */
  readonly addr: Sockaddr;
  readonly hwaddr: HardwareAddress;
  /** 16 bits: IFF_UP, … of interface.ts, or IFF_TUN, … of tun.ts. */
  readonly flags: number;
  readonly ifindex: number;
  readonly mtu: number;
  readonly metric: number;
  /** The length of the queue of packets to be sent. */
  readonly qlen: number;
  /** ifr_newname: of SIOCSIFNAME. */
  readonly newname: string;
  /** The whole union, 24 bytes, for calls that have a struct of their own. */
  readonly data: Uint8Array;
}

/** One member to be written. */
export type IfreqMember =
  | { readonly addr: SockaddrLike }
  | { readonly hwaddr: HardwareAddress }
  | { readonly flags: number }
  | { readonly ifindex: number }
  | { readonly mtu: number }
  | { readonly metric: number }
  | { readonly qlen: number }
  | { readonly newname: string }
  | { readonly data: Uint8Array };

/**
 * A struct ifreq of the interface `name` (empty for SIOCGIFNAME, which fills it in) and one member;
 * without one the union is 0, as for the SIOCG… calls. RangeError, naming the member, for what does
 * not fit.
 */
export function encodeIfreq(name: string, member: IfreqMember = { flags: 0 }): Uint8Array {
  const buf = new Uint8Array(SIZEOF_IFREQ);
  buf.set(nameBytes('ifr_name', name));
  buf.set(unionBytes(member), IFNAMSIZ);
  return buf;
}

/** The name in a struct ifreq. RangeError if `buf` is shorter than one. */
export function ifreqName(buf: Uint8Array): string {
  return text(structView('ifreqName', buf), 0);
}

/** That member of a struct ifreq. RangeError if `buf` is shorter than one. */
export function decodeIfreq<Name extends keyof IfreqMembers>(
  buf: Uint8Array,
  member: Name,
): IfreqMembers[Name] {
  const view = structView('decodeIfreq', buf);
  if (!Object.hasOwn(readers, member)) {
    throw new TypeError(`decodeIfreq: no member is called ${JSON.stringify(member)}`);
  }
  return readers[member](view);
}

/** An interface and one of its addresses. */
export interface IfconfEntry {
  readonly name: string;
  /** SIOCGIFCONF gives IPv4 addresses only. */
  readonly addr: Sockaddr;
}

/**
 * The entries in the first `length` bytes of `buf`, which is ifc_buf; `length` is ifc_len after
 * SIOCGIFCONF. RangeError if they are not whole entries, or more than `buf` has.
 */
export function decodeIfconf(buf: Uint8Array, length: number = buf.length): IfconfEntry[] {
  if (!Number.isInteger(length) || length < 0 || length > buf.length || length % SIZEOF_IFREQ) {
    throw new RangeError(
      `decodeIfconf: length ${length} is not a multiple of ${SIZEOF_IFREQ} in 0..${buf.length}`,
    );
  }
  return Array.from({ length: length / SIZEOF_IFREQ }, (_, i) => {
    const entry = buf.subarray(SIZEOF_IFREQ * i, SIZEOF_IFREQ * (i + 1));
    return { name: ifreqName(entry), addr: decodeIfreq(entry, 'addr') };
  });
}

type Readers = { readonly [Name in keyof IfreqMembers]: (view: DataView) => IfreqMembers[Name] };

const readInt = (view: DataView): number => view.getInt32(IFNAMSIZ, true);

const readers: Readers = {
  addr: (view) => decodeSockaddr(bytes(view, IFNAMSIZ, SOCKADDR_SIZE), SOCKADDR_SIZE),
  hwaddr: (view) => {
    const type = view.getUint16(IFNAMSIZ, true);
    return { type, addr: bytes(view, IFNAMSIZ + 2, hardwareLength(type)) };
  },
  flags: (view) => view.getUint16(IFNAMSIZ, true),
  ifindex: readInt,
  mtu: readInt,
  metric: readInt,
  qlen: readInt,
  newname: (view) => text(view, IFNAMSIZ),
  data: (view) => bytes(view, IFNAMSIZ, UNION_SIZE),
};

function unionBytes(member: IfreqMember): Uint8Array {
  if ('addr' in member) return atMost('addr', SOCKADDR_SIZE, encodeSockaddr(member.addr));
  if ('newname' in member) return nameBytes('newname', member.newname);
  if ('data' in member) return atMost('data', UNION_SIZE, member.data);
  if ('hwaddr' in member) {
    const { type, addr } = member.hwaddr;
    const buf = new Uint8Array(SOCKADDR_SIZE);
    new DataView(buf.buffer).setUint16(0, unsigned('ifreq', 'hwaddr.type', 16, type), true);
    buf.set(atMost('hwaddr.addr', HARDWARE_MAX, addr), 2);
    return buf;
  }
  const [entry] = Object.entries(member) as [string, number][];
  if (entry === undefined || !isNumeric(entry[0])) {
    throw new TypeError('encodeIfreq: member must be { addr }, { flags }, { mtu } or the like');
  }
  const [name, value] = entry;
  const checked =
    name === 'flags' ? unsigned('ifreq', name, 16, value) : int32('ifreq', name, value);
  return new Uint8Array(Int32Array.of(checked).buffer);
}

function isNumeric(name: string): boolean {
  return ['flags', 'ifindex', 'mtu', 'metric', 'qlen'].includes(name);
}

function hardwareLength(type: number): number {
  const six = [ARPHRD_ETHER, ARPHRD_LOOPBACK, ARPHRD_IEEE80211, ARPHRD_IEEE80211_RADIOTAP];
  return six.includes(type) ? 6 : HARDWARE_MAX;
}

/** A name and its NUL. */
function nameBytes(field: string, name: string): Uint8Array {
  const encoded = cString(name);
  if (encoded.length > IFNAMSIZ) {
    throw new RangeError(
      `ifreq: ${field} ${JSON.stringify(name)} has ${encoded.length - 1} bytes, at most ` +
        `${IFNAMSIZ - 1} fit`,
    );
  }
  return encoded;
}

function atMost(field: string, max: number, value: Uint8Array): Uint8Array {
  if (anyBytes('ifreq', field, value).length > max) {
    throw new RangeError(`ifreq: ${field} has ${value.length} bytes, at most ${max} fit`);
  }
  return value;
}

function structView(decoder: string, buf: Uint8Array): DataView {
  if (buf.length < SIZEOF_IFREQ) {
    throw new RangeError(`${decoder}: buf has ${buf.length} bytes, struct ifreq ${SIZEOF_IFREQ}`);
  }
  return new DataView(buf.buffer, buf.byteOffset, SIZEOF_IFREQ);
}

/** The name at `offset`, up to its NUL; all 16 bytes if there is none. */
function text(view: DataView, offset: number): string {
  const room = bytes(view, offset, IFNAMSIZ);
  const nul = room.indexOf(0);
  return new TextDecoder().decode(nul < 0 ? room : room.subarray(0, nul));
}

function bytes(view: DataView, offset: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, length).slice();
}
