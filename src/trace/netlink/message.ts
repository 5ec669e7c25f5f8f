/**
 * What goes through a netlink socket, as strace(1) prints it: nlmsghdr and body, several of them in brackets.
 *
 * Known in full are rtnetlink's links, addresses, routes, neighbours and rules, sock_diag's sockets, errors and the end
 * of a dump. Of other types and protocols the header is printed, and bytes in hex. Uevents are no messages,
 * but strings. A socket that has no address yet has no protocol either for strace, which finds it in the kernel's
 * table of those that have one: types are numbers then.
 *
 * Families of generic netlink have the names that a running kernel gives them; known here is the one that
 * is the same everywhere.
 */
import { errnoName } from '../../syscall/errno.ts';
import * as netlink from '../../syscall/netlink.ts';
import { NLMSG_HDRLEN } from '../../syscall/netlink-message.ts';
import { quotedBytes } from '../quoted.ts';
import { type Attributes, array, attributesText, text, value } from './attribute.ts';
import { hexBytes, viewOf } from './bytes.ts';
import type { Context } from './context.ts';
import { flagsText, typeText } from './header.ts';
import { protocolBody } from './protocol.ts';
import { u32 } from './struct.ts';

const ERROR_SIZE = 4;

const errorAttributes: Attributes = {
  names: {
    rows: [
      [netlink.NLMSGERR_ATTR_UNUSED, 'NLMSGERR_ATTR_UNUSED'],
      [netlink.NLMSGERR_ATTR_MSG, 'NLMSGERR_ATTR_MSG'],
      [netlink.NLMSGERR_ATTR_OFFS, 'NLMSGERR_ATTR_OFFS'],
      [netlink.NLMSGERR_ATTR_COOKIE, 'NLMSGERR_ATTR_COOKIE'],
      [netlink.NLMSGERR_ATTR_POLICY, 'NLMSGERR_ATTR_POLICY'],
      [netlink.NLMSGERR_ATTR_MISS_TYPE, 'NLMSGERR_ATTR_MISS_TYPE'],
      [netlink.NLMSGERR_ATTR_MISS_NEST, 'NLMSGERR_ATTR_MISS_NEST'],
    ],
    unknown: 'NLMSGERR_ATTR_???',
  },
  printers: {
    [netlink.NLMSGERR_ATTR_MSG]: text,
    [netlink.NLMSGERR_ATTR_OFFS]: value(u32),
    [netlink.NLMSGERR_ATTR_COOKIE]: array(1, (bytes) => String(bytes[0])),
  },
};

interface Header {
  readonly length: number;
  readonly type: number;
  readonly flags: number;
}

function headerOf(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  return {
    length: view.getUint32(0, true),
    type: view.getUint16(4, true),
    flags: view.getUint16(6, true),
  };
}

function headerText(bytes: Uint8Array, protocol: number | null): string {
  const { length, type, flags } = headerOf(bytes);
  const view = viewOf(bytes);
  const fields = [
    `nlmsg_len=${length}`,
    `nlmsg_type=${typeText(type, protocol)}`,
    `nlmsg_flags=${flagsText(flags, type, protocol)}`,
    `nlmsg_seq=${view.getUint32(8, true)}`,
    `nlmsg_pid=${view.getInt32(12, true)}`,
  ];
  return `{${fields.join(', ')}}`;
}

function errorNumber(error: number): string {
  const name = error < 0 ? errnoName(-error) : '';
  return /^E[A-Z]/.test(name) ? `-${name}` : String(error);
}

/**
 * struct nlmsgerr: the error, the message it is about, and attributes that say more; those stand in brackets with
 * it. They begin where the message ends, also where that is not aligned.
 */
function errorText(
  bytes: Uint8Array,
  flags: number,
  protocol: number | null,
  context: Context,
): string {
  if (bytes.length < ERROR_SIZE + NLMSG_HDRLEN) return hexBytes(bytes, context.style);
  const echoed = bytes.subarray(ERROR_SIZE);
  const capped = (flags & netlink.NLM_F_CAPPED) !== 0;
  const length = capped ? NLMSG_HDRLEN : headerOf(echoed).length;
  const message = echoed.subarray(0, Math.max(length, NLMSG_HDRLEN));
  const error = errorNumber(viewOf(bytes).getInt32(0, true));
  const head = `{error=${error}, msg=${messageText(message, protocol, context)}}`;
  const rest = echoed.subarray(length);
  if (rest.length === 0) return head;
  return `[${head}, ${attributesText(rest, errorAttributes, context)}]`;
}

function bodyText(
  bytes: Uint8Array,
  header: Header,
  protocol: number | null,
  context: Context,
): string {
  const { type, flags } = header;
  if (type === netlink.NLMSG_ERROR) return errorText(bytes, flags, protocol, context);
  if (type === netlink.NLMSG_DONE && bytes.length === 4) {
    return String(viewOf(bytes).getInt32(0, true));
  }
  const known =
    type < netlink.NLMSG_MIN_TYPE ? null : protocolBody(bytes, type, flags, protocol, context);
  return known ?? hexBytes(bytes, context.style);
}

function messageText(bytes: Uint8Array, protocol: number | null, context: Context): string {
  const header = headerOf(bytes);
  const head = headerText(bytes, protocol);
  const body = bytes.subarray(NLMSG_HDRLEN, Math.min(header.length, bytes.length));
  if (header.length <= NLMSG_HDRLEN || body.length === 0) return head;
  return `[${head}, ${bodyText(body, header, protocol, context)}]`;
}

function messagesText(bytes: Uint8Array, protocol: number | null, context: Context): string {
  const parts: string[] = [];
  let rest = bytes;
  for (;;) {
    if (rest.length < NLMSG_HDRLEN) {
      parts.push(hexBytes(rest, context.style));
      break;
    }
    if (parts.length === context.style.strings) {
      parts.push('...');
      break;
    }
    parts.push(messageText(rest, protocol, context));
    const { length } = headerOf(rest);
    if (length < NLMSG_HDRLEN || length >= rest.length) break;
    rest = rest.subarray((length + 3) & ~3);
    if (rest.length === 0) break;
  }
  return parts.length === 1 ? parts[0]! : `[${parts.join(', ')}]`;
}

/** The bytes that went through a netlink socket; `protocol` null: one that strace does not know. */
export function netlinkText(bytes: Uint8Array, protocol: number | null, context: Context): string {
  if (bytes.length === 0) return hexBytes(bytes, context.style);
  if (protocol === netlink.NETLINK_KOBJECT_UEVENT) return quotedBytes(bytes, context.style);
  return messagesText(bytes, protocol, context);
}
