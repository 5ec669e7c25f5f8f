/**
 * The messages of rtnetlink about links, addresses and routes, and what a program wants of them:
 * interfaces with name, MTU and hardware address, addresses with the length of their prefix.
 *
 * Codecs only, of the payload of a NetlinkMessage. A decoder throws RangeError for a payload that is
 * shorter than its struct or whose attributes are malformed. Source: rtnetlink(7),
 * <linux/rtnetlink.h>, <linux/if_link.h>, <linux/if_addr.h>; which address is an interface's own,
 * and what is no hardware address: Go's net/interface_linux.go.
 */
import { ARPHRD_IP6GRE, ARPHRD_IPGRE, ARPHRD_SIT, ARPHRD_TUNNEL, ARPHRD_TUNNEL6 } from './arp.ts';
import {
  type NetlinkAttribute,
  type NetlinkAttributeLike,
  attributeText,
  attributeUint32,
  decodeAttributes,
  encodeAttributes,
  encodeNetlinkMessage,
} from './netlink-message.ts';
import { NLM_F_DUMP, NLM_F_REQUEST } from './netlink.ts';
import {
  IFA_ADDRESS,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_MTU,
} from './netlink-route.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from './socket.ts';
import { unsigned, viewOf } from './struct-fields.ts';

/** struct ifinfomsg: of RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK. */
export interface LinkMessage {
  readonly family: number;
  /** ARPHRD_ETHER, ARPHRD_LOOPBACK, …. */
  readonly type: number;
  readonly index: number;
  /** IFF_UP, …. */
  readonly flags: number;
  /** Which of the flags a request is to change. */
  readonly change: number;
  /** IFLA_…. */
  readonly attributes: readonly NetlinkAttribute[];
}

/** struct ifaddrmsg: of RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. */
export interface AddressMessage {
  readonly family: number;
  readonly prefixLength: number;
  /** The first 8 of the flags; all are in the attribute IFA_FLAGS. */
  readonly flags: number;
  /** RT_SCOPE_…. */
  readonly scope: number;
  /** Of the interface. */
  readonly index: number;
  /** IFA_…. */
  readonly attributes: readonly NetlinkAttribute[];
}

/** struct rtmsg: of RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE. */
export interface RouteMessage {
  readonly family: number;
  /** The length of the prefix of RTA_DST; 0 for a default route, which has no RTA_DST. */
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  /** RT_TABLE_…; RTA_TABLE has those above 255. */
  readonly table: number;
  /** RTPROT_…. */
  readonly protocol: number;
  /** RT_SCOPE_…. */
  readonly scope: number;
  /** RTN_…. */
  readonly type: number;
  /** RTM_F_…, RTNH_F_…. */
  readonly flags: number;
  /** RTA_…. */
  readonly attributes: readonly NetlinkAttribute[];
}

/** A message for who writes one by hand: what is 0 or empty may be left out. */
type Like<T> = Partial<Omit<T, 'attributes'>> & {
  readonly attributes?: readonly NetlinkAttributeLike[];
};

/** The fields of a message that are numbers: all but its attributes. */
type Numbers<T> = Exclude<keyof T & string, 'attributes'>;

type Field<Name extends string> = readonly [name: Name, offset: number, bits: 8 | 16 | 32];

const LINK_SIZE = 16;
const linkFields: readonly Field<Numbers<LinkMessage>>[] = [
  ['family', 0, 8],
  ['type', 2, 16],
  ['index', 4, 32],
  ['flags', 8, 32],
  ['change', 12, 32],
];

const ADDRESS_SIZE = 8;
const addressFields: readonly Field<Numbers<AddressMessage>>[] = [
  ['family', 0, 8],
  ['prefixLength', 1, 8],
  ['flags', 2, 8],
  ['scope', 3, 8],
  ['index', 4, 32],
];

const ROUTE_SIZE = 12;
const routeFields: readonly Field<Numbers<RouteMessage>>[] = [
  ['family', 0, 8],
  ['dstLength', 1, 8],
  ['srcLength', 2, 8],
  ['tos', 3, 8],
  ['table', 4, 8],
  ['protocol', 5, 8],
  ['scope', 6, 8],
  ['type', 7, 8],
  ['flags', 8, 32],
];

/**
 * A whole message that asks for everything of a kind: RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE. It has
 * the shortest payload that the kernel takes, struct rtgenmsg, so it is 17 bytes, as Go sends it.
 */
export function encodeDumpRequest(
  type: number,
  family: number = AF_UNSPEC,
  seq: number = 1,
): Uint8Array {
  const payload = Uint8Array.of(unsigned('rtgenmsg', 'family', 8, family));
  return encodeNetlinkMessage({ type, flags: NLM_F_REQUEST | NLM_F_DUMP, seq, payload });
}

export function encodeLinkMessage(message: Like<LinkMessage>): Uint8Array {
  return encode('ifinfomsg', LINK_SIZE, linkFields, message);
}

export function decodeLinkMessage(payload: Uint8Array): LinkMessage {
  return decode('ifinfomsg', LINK_SIZE, linkFields, payload);
}

export function encodeAddressMessage(message: Like<AddressMessage>): Uint8Array {
  return encode('ifaddrmsg', ADDRESS_SIZE, addressFields, message);
}

export function decodeAddressMessage(payload: Uint8Array): AddressMessage {
  return decode('ifaddrmsg', ADDRESS_SIZE, addressFields, payload);
}

export function encodeRouteMessage(message: Like<RouteMessage>): Uint8Array {
  return encode('rtmsg', ROUTE_SIZE, routeFields, message);
}

export function decodeRouteMessage(payload: Uint8Array): RouteMessage {
  return decode('rtmsg', ROUTE_SIZE, routeFields, payload);
}

/** What a program wants to know of an interface. */
export interface LinkInfo {
  readonly index: number;
  readonly name: string;
  readonly mtu: number;
  /** IFF_UP, …. */
  readonly flags: number;
  /** Empty if the interface has none, or one that is 0. */
  readonly hardwareAddr: Uint8Array;
}

/** The interface that an RTM_NEWLINK is about. Without attributes: no name, an MTU of 0. */
export function linkInfo(link: LinkMessage): LinkInfo {
  return {
    index: link.index,
    name: attributeText(link.attributes, IFLA_IFNAME) ?? '',
    mtu: attributeUint32(link.attributes, IFLA_MTU) ?? 0,
    flags: link.flags,
    hardwareAddr: hardwareAddress(link),
  };
}

/** An address of an interface. */
export interface AddressInfo {
  /** Of the interface. */
  readonly index: number;
  /** 4 or 16 bytes: the interface's own address, also where it has a peer. */
  readonly addr: Uint8Array;
  readonly prefixLength: number;
  /** The other end of a point-to-point link; null if there is none. */
  readonly peer: Uint8Array | null;
  /** IFA_F_PERMANENT, …. */
  readonly flags: number;
  /** RT_SCOPE_LINK, …. */
  readonly scope: number;
  /** The name under which old programs know it: "eth0:1"; null for IPv6. */
  readonly label: string | null;
}

/**
 * The address that an RTM_NEWADDR is about; null if it is not one of IP, or has none. RangeError if
 * it has the wrong length for its family.
 */
export function addressInfo(message: AddressMessage): AddressInfo | null {
  const { family, attributes, index, prefixLength, scope } = message;
  const size = family === AF_INET ? 4 : family === AF_INET6 ? 16 : 0;
  const local = addressIn(attributes, IFA_LOCAL, size);
  const prefix = addressIn(attributes, IFA_ADDRESS, size);
  const addr = local ?? prefix;
  if (size === 0 || addr === null) return null;
  const same = prefix === null || prefix.every((byte, i) => byte === addr[i]);
  return {
    index,
    addr,
    prefixLength,
    peer: same ? null : prefix,
    flags: attributeUint32(attributes, IFA_FLAGS) ?? message.flags,
    scope,
    label: attributeText(attributes, IFA_LABEL),
  };
}

function addressIn(
  attributes: readonly NetlinkAttribute[],
  type: number,
  size: number,
): Uint8Array | null {
  const data = attributes.find((attribute) => attribute.type === type)?.data;
  if (data === undefined || size === 0) return null;
  if (data.length !== size) {
    throw new RangeError(`addressInfo: an address of ${data.length} bytes, not ${size}`);
  }
  return data;
}

/** IFLA_ADDRESS, unless it is an IP address, which it is of a tunnel, or is 0. */
function hardwareAddress({ attributes, type }: LinkMessage): Uint8Array {
  const data = attributes.find((attribute) => attribute.type === IFLA_ADDRESS)?.data;
  const v4Tunnel = type === ARPHRD_TUNNEL || type === ARPHRD_IPGRE || type === ARPHRD_SIT;
  const v6Tunnel = type === ARPHRD_TUNNEL6 || type === ARPHRD_IP6GRE;
  const none =
    data === undefined ||
    (data.length === 4 && v4Tunnel) ||
    (data.length === 16 && v6Tunnel) ||
    data.every((byte) => byte === 0);
  return none ? new Uint8Array(0) : data;
}

function encode<Name extends string>(
  struct: string,
  size: number,
  fields: readonly Field<Name>[],
  message: Readonly<Partial<Record<Name, number>>> & {
    readonly attributes?: readonly NetlinkAttributeLike[];
  },
): Uint8Array {
  const tail = encodeAttributes(message.attributes ?? []);
  const buf = new Uint8Array(size + tail.length);
  const view = new DataView(buf.buffer);
  for (const [name, offset, bits] of fields) {
    const value = unsigned(struct, name, bits, message[name] ?? 0);
    if (bits === 8) view.setUint8(offset, value);
    else if (bits === 16) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
  }
  buf.set(tail, size);
  return buf;
}

function decode<Name extends string>(
  struct: string,
  size: number,
  fields: readonly Field<Name>[],
  payload: Uint8Array,
): Record<Name, number> & { attributes: NetlinkAttribute[] } {
  if (payload.length < size) {
    throw new RangeError(`${struct}: payload has ${payload.length} bytes, the struct ${size}`);
  }
  const view = viewOf(payload);
  const valueAt = (offset: number, bits: 8 | 16 | 32): number => {
    if (bits === 8) return view.getUint8(offset);
    return bits === 16 ? view.getUint16(offset, true) : view.getUint32(offset, true);
  };
  const numbers = Object.fromEntries(
    fields.map(([name, offset, bits]) => [name, valueAt(offset, bits)]),
  ) as Record<Name, number>;
  return { ...numbers, attributes: decodeAttributes(payload, size) };
}
