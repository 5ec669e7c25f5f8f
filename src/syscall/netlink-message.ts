/**
 * The framing of netlink: messages, the attributes in them, and the answers NLMSG_ERROR and
 * NLMSG_DONE. What is in a message of one protocol is in a file of its own: route-message.ts.
 *
 *     struct nlmsghdr { u32 len; u16 type; u16 flags; u32 seq; u32 pid; }, payload, padding, …
 *     struct nlattr { u16 len; u16 type; }, data, padding, …
 *
 * All in the byte order of the machine, padded to 4 bytes. What is decoded shares no memory with
 * what it came from. Source: netlink(7), <linux/netlink.h>, RFC 3549.
 */
import {
  NLA_F_NESTED,
  NLA_F_NET_BYTEORDER,
  NLMSGERR_ATTR_COOKIE,
  NLMSGERR_ATTR_MISS_NEST,
  NLMSGERR_ATTR_MISS_TYPE,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
} from './netlink.ts';
import { anyBytes, copyOf, unsigned, viewOf } from './struct-fields.ts';

/** sizeof(struct nlmsghdr). */
export const NLMSG_HDRLEN = 16;
/** sizeof(struct nlattr), which is struct rtattr too. */
export const NLA_HDRLEN = 4;

const ALIGNMENT = 4;
const TYPE_MASK = 0x3fff;
const DATA_MAX = 0xffff - NLA_HDRLEN;

export interface NetlinkMessage {
  /** NLMSG_DONE, RTM_NEWLINK, …: below NLMSG_MIN_TYPE the same in every protocol. */
  readonly type: number;
  /** NLM_F_REQUEST, NLM_F_MULTI, …. */
  readonly flags: number;
  /** The sender's choice; an answer has that of its request. */
  readonly seq: number;
  /** The sender's port, 0 for the kernel to fill in. An answer has that of the asking socket. */
  readonly pid: number;
  readonly payload: Uint8Array;
}

/** A message for who writes one by hand: what is 0 or empty may be left out. */
export type NetlinkMessageLike = Pick<NetlinkMessage, 'type'> & Partial<NetlinkMessage>;

export interface NetlinkAttribute {
  /** IFLA_MTU, …: without the two flags. */
  readonly type: number;
  readonly data: Uint8Array;
  /** NLA_F_NESTED: the data are attributes. Older protocols nest without saying so. */
  readonly nested: boolean;
  /** NLA_F_NET_BYTEORDER: the data is a number in network order. */
  readonly networkOrder: boolean;
}

/** An attribute for who writes one by hand. */
export type NetlinkAttributeLike = Pick<NetlinkAttribute, 'type' | 'data'> &
  Partial<NetlinkAttribute>;

/** How a request ended, from NLMSG_ERROR or NLMSG_DONE. */
export interface NetlinkResult {
  /** Positive; 0 if all went well. */
  readonly errno: number;
  /** The kernel's own words, if NETLINK_EXT_ACK is set and it has some; else null. */
  readonly message: string | null;
  /** Where in the request the attribute is that it did not like. */
  readonly offset: number | null;
  /** What names the thing that was made, in protocols that have it. */
  readonly cookie: Uint8Array | null;
  /** The type of an attribute that should have been there, */
  readonly missingType: number | null;
  /** and where in the request the nest is that lacks it; null: the message itself. */
  readonly missingNest: number | null;
}

export interface NetlinkError extends NetlinkResult {
  /** The header of the request; `length` is its nlmsg_len. */
  readonly request: Omit<NetlinkMessage, 'payload'> & { readonly length: number };
}

/**
 * The bytes of a message, exactly as many as its nlmsg_len says: no padding after it. RangeError for
 * a field that does not fit.
 */
export function encodeNetlinkMessage(message: NetlinkMessageLike): Uint8Array {
  const { type, flags = 0, seq = 0, pid = 0, payload = new Uint8Array(0) } = message;
  const buf = new Uint8Array(NLMSG_HDRLEN + anyBytes('nlmsghdr', 'payload', payload).length);
  const view = new DataView(buf.buffer);
  view.setUint32(0, buf.length, true);
  view.setUint16(4, unsigned('nlmsghdr', 'type', 16, type), true);
  view.setUint16(6, unsigned('nlmsghdr', 'flags', 16, flags), true);
  view.setUint32(8, unsigned('nlmsghdr', 'seq', 32, seq), true);
  view.setUint32(12, unsigned('nlmsghdr', 'pid', 32, pid), true);
  buf.set(payload, NLMSG_HDRLEN);
  return buf;
}

/**
 * The messages in the first `length` bytes of `buf`, as one recvmsg(2) has filled it. RangeError for
 * a length that no sender writes, or a message that was cut short (MSG_TRUNC).
 */
export function decodeNetlinkMessages(
  buf: Uint8Array,
  length: number = buf.length,
): NetlinkMessage[] {
  const end = Math.min(buf.length, Math.max(0, Math.trunc(length) || 0));
  const view = new DataView(buf.buffer, buf.byteOffset, end);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at < end;) {
    const size = end - at < NLMSG_HDRLEN ? 0 : view.getUint32(at, true);
    if (size < NLMSG_HDRLEN || size > end - at) {
      throw new RangeError(
        `decodeNetlinkMessages: nlmsg_len ${size} of the message at ${at}, where ${end - at} ` +
          `bytes are left`,
      );
    }
    messages.push({
      ...headerAt(view, at),
      payload: copyOf(buf, at + NLMSG_HDRLEN, at + size),
    });
    at += align(size);
  }
  return messages;
}

/** The attributes one after the other, each padded. RangeError for one that does not fit. */
export function encodeAttributes(attributes: readonly NetlinkAttributeLike[]): Uint8Array {
  let size = 0;
  for (const { data } of attributes)
    size += NLA_HDRLEN + align(anyBytes('nlattr', 'data', data).length);
  const buf = new Uint8Array(size);
  const view = new DataView(buf.buffer);
  let at = 0;
  for (const { type, data, nested = false, networkOrder = false } of attributes) {
    if (data.length > DATA_MAX) {
      throw new RangeError(`nlattr: data has ${data.length} bytes, at most ${DATA_MAX} fit`);
    }
    const flags = (nested ? NLA_F_NESTED : 0) | (networkOrder ? NLA_F_NET_BYTEORDER : 0);
    view.setUint16(at, NLA_HDRLEN + data.length, true);
    view.setUint16(at + 2, unsigned('nlattr', 'type', 14, type) | flags, true);
    buf.set(data, at + NLA_HDRLEN);
    at += NLA_HDRLEN + align(data.length);
  }
  return buf;
}

/**
 * The attributes from `offset` to the end of `buf`. As in the kernel, what is left at the end and is
 * too short for an attribute is ignored. RangeError for a length below the header's or past the end.
 */
export function decodeAttributes(buf: Uint8Array, offset: number = 0): NetlinkAttribute[] {
  const view = viewOf(buf);
  const attributes: NetlinkAttribute[] = [];
  for (let at = Math.max(0, offset); buf.length - at >= NLA_HDRLEN;) {
    const size = view.getUint16(at, true);
    if (size < NLA_HDRLEN || size > buf.length - at) {
      throw new RangeError(
        `decodeAttributes: nla_len ${size} of the attribute at ${at}, where ${buf.length - at} ` +
          `bytes are left`,
      );
    }
    const type = view.getUint16(at + 2, true);
    attributes.push({
      type: type & TYPE_MASK,
      data: copyOf(buf, at + NLA_HDRLEN, at + size),
      nested: (type & NLA_F_NESTED) !== 0,
      networkOrder: (type & NLA_F_NET_BYTEORDER) !== 0,
    });
    at += align(size);
  }
  return attributes;
}

/** An attribute that holds attributes. */
export function nestedAttribute(
  type: number,
  attributes: readonly NetlinkAttributeLike[],
): NetlinkAttribute {
  return { type, data: encodeAttributes(attributes), nested: true, networkOrder: false };
}

/** An attribute that is a number of 32 bits. */
export function uint32Attribute(type: number, value: number): NetlinkAttribute {
  const data = new Uint8Array(Uint32Array.of(unsigned('nlattr', 'value', 32, value)).buffer);
  return { type, data, nested: false, networkOrder: false };
}

/** An attribute that is text, with the NUL that the kernel expects. */
export function textAttribute(type: number, text: string): NetlinkAttribute {
  if (text.includes('\0')) throw new TypeError('textAttribute: text contains a NUL character');
  const data = new TextEncoder().encode(`${text}\0`);
  return { type, data, nested: false, networkOrder: false };
}

/** The number in an attribute of 32 bits; null if there is no attribute of that type. */
export function attributeUint32(
  attributes: readonly NetlinkAttribute[],
  type: number,
): number | null {
  const found = attributes.find((attribute) => attribute.type === type);
  if (found === undefined) return null;
  const { data } = found;
  if (data.length !== 4) {
    throw new RangeError(`netlink attribute ${type}: a number of ${data.length} bytes, not 4`);
  }
  return viewOf(data).getUint32(0, true);
}

/** The text in an attribute, without its NUL; null if there is no attribute of that type. */
export function attributeText(
  attributes: readonly NetlinkAttribute[],
  type: number,
): string | null {
  const found = attributes.find((attribute) => attribute.type === type);
  if (found === undefined) return null;
  const nul = found.data.indexOf(0);
  return new TextDecoder().decode(nul < 0 ? found.data : found.data.subarray(0, nul));
}

/**
 * What an NLMSG_ERROR says: errno 0 is the acknowledgement that NLM_F_ACK asked for. TypeError for a
 * message of another type, RangeError for one that is cut short.
 */
export function decodeNetlinkError(message: NetlinkMessage): NetlinkError {
  if (message.type !== NLMSG_ERROR) {
    throw new TypeError(`decodeNetlinkError: a message of type ${message.type}, not NLMSG_ERROR`);
  }
  const { payload, flags } = message;
  if (payload.length < 4 + NLMSG_HDRLEN) {
    throw new RangeError(
      `decodeNetlinkError: payload has ${payload.length} bytes, struct nlmsgerr has ` +
        `${4 + NLMSG_HDRLEN}`,
    );
  }
  const view = viewOf(payload);
  const length = view.getUint32(4, true);
  // The request comes whole after its header, unless the kernel says that it has cut it.
  const rest = (flags & NLM_F_CAPPED) === 0 ? align(Math.max(0, length - NLMSG_HDRLEN)) : 0;
  return {
    ...resultOf(message, view.getInt32(0, true), 4 + NLMSG_HDRLEN + rest),
    request: { ...headerAt(view, 4), length },
  };
}

/** How a dump ended, from its NLMSG_DONE. TypeError for a message of another type. */
export function decodeNetlinkDone(message: NetlinkMessage): NetlinkResult {
  if (message.type !== NLMSG_DONE) {
    throw new TypeError(`decodeNetlinkDone: a message of type ${message.type}, not NLMSG_DONE`);
  }
  const { payload } = message;
  const view = viewOf(payload);
  return resultOf(message, payload.length < 4 ? 0 : view.getInt32(0, true), 4);
}

function resultOf(message: NetlinkMessage, code: number, offset: number): NetlinkResult {
  const { payload, flags } = message;
  const told = (flags & NLM_F_ACK_TLVS) !== 0;
  if (told && offset > payload.length) {
    throw new RangeError(
      `netlink result: attributes begin at ${offset} of ${payload.length} bytes of payload`,
    );
  }
  const attributes = told ? decodeAttributes(payload, offset) : [];
  return {
    errno: Math.abs(code),
    message: attributeText(attributes, NLMSGERR_ATTR_MSG),
    offset: attributeUint32(attributes, NLMSGERR_ATTR_OFFS),
    cookie: attributes.find(({ type }) => type === NLMSGERR_ATTR_COOKIE)?.data ?? null,
    missingType: attributeUint32(attributes, NLMSGERR_ATTR_MISS_TYPE),
    missingNest: attributeUint32(attributes, NLMSGERR_ATTR_MISS_NEST),
  };
}

function headerAt(view: DataView, at: number): Omit<NetlinkMessage, 'payload'> {
  return {
    type: view.getUint16(at + 4, true),
    flags: view.getUint16(at + 6, true),
    seq: view.getUint32(at + 8, true),
    pid: view.getUint32(at + 12, true),
  };
}

function align(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
