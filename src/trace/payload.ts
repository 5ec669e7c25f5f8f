/** What goes through a socket: bytes, but of a netlink socket messages. Of recvfrom, sendto and the like. */
import { NULL } from './columns.ts';
import { AF_NETLINK } from '../syscall/socket.ts';
import { netlinkText } from './netlink/message.ts';
import { quotedBytes } from './quoted.ts';
import type { Column } from './signature.ts';
import type { Style } from './style.ts';

function payloadText(fd: number, bytes: Uint8Array, style: Style): string {
  if (style.familyOf(fd) !== AF_NETLINK) return quotedBytes(bytes, style);
  return netlinkText(bytes, style.protocolOf(fd), { style, fd, family: 0 });
}

/** In a message that has a name: strace goes by the family of the name, whatever the socket is. */
export function namedPayloadText(
  family: number | null,
  fd: number,
  bytes: Uint8Array,
  style: Style,
): string {
  if (family !== AF_NETLINK) return quotedBytes(bytes, style);
  const protocol = style.familyOf(fd) === AF_NETLINK ? style.protocolOf(fd) : null;
  return netlinkText(bytes, protocol, { style, fd, family: 0 });
}

/** Of the call's descriptor and at most `length` bytes; `size` is what the call was given. */
function print(
  buf: Uint8Array,
  [fd, , size]: readonly unknown[],
  length: number,
  style: Style,
): string {
  return payloadText(fd as number, buf.subarray(0, Math.min(length, size as number)), style);
}

/** What sendto(2) sends. */
export const sentPayload: Column<Uint8Array | null> = {
  print: (buf, { args }, style) => (buf === null ? NULL : print(buf, args, buf.length, style)),
};

/** What recvfrom(2) has received: with MSG_TRUNC it may return more than there was room for. */
export const receivedPayload: Column<Uint8Array | null> = {
  print(buf, { args, result }, style) {
    if (buf === null) return NULL;
    return result < 0 ? style.addresses.of(buf) : print(buf, args, result, style);
  },
};
