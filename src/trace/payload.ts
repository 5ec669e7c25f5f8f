/** What goes through a socket: bytes, but of a netlink socket messages. Of recvfrom, sendto and the like. */
import { AF_NETLINK } from '../syscall/socket.ts';
import { netlinkText } from './netlink/message.ts';
import { quotedBytes } from './quoted.ts';
import type { Style } from './style.ts';

export function payloadText(fd: number, bytes: Uint8Array, style: Style): string {
  if (style.familyOf(fd) !== AF_NETLINK) return quotedBytes(bytes, style);
  return netlinkText(bytes, style.protocolOf(fd), { style, fd, family: 0 });
}
