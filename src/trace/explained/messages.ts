/** Explanations: datagrams, messages with descriptors, netlink. */
import { EAGAIN, ECONNREFUSED } from '../../syscall/errno.ts';
import { SIOCOUTQ } from '../../syscall/ioctl.ts';
import { AF_NETLINK, AF_UNIX, MSG_TRUNC, SOCK_DGRAM, SOCK_STREAM } from '../../syscall/socket.ts';
import type { Value } from '../call.ts';
import { type Explanation, failedWith, outcome, reason } from '../explanation.ts';
import { typeOf } from './sockets.ts';

const SCM_RIGHTS = 1;
const SOL_SOCKET = 1;

/** Whether the first control message passes descriptors. `length` of `control` counts. */
function passesDescriptors(control: Value, length: number): boolean {
  if (!(control instanceof Uint8Array) || Math.min(length, control.length) < 20) return false;
  const header = new DataView(control.buffer, control.byteOffset, control.length);
  return header.getInt32(8, true) === SOL_SOCKET && header.getInt32(12, true) === SCM_RIGHTS;
}

function controlLength(lengths: Value): number {
  return lengths instanceof Uint32Array ? (lengths[1] ?? 0) : 0;
}

export const messages: readonly Explanation[] = [
  reason(
    'sendto(…, {sa_family=AF_NETLINK, …}, 12) = …',
    'A question to the kernel: a dump of all interfaces, addresses or routes.',
    (_, own) => own?.domain === AF_NETLINK,
  ),
  reason(
    'recvfrom(…, {sa_family=AF_NETLINK, …}, …) = …',
    'A part of the answer of the kernel, or news of interfaces. A dump comes in several parts, until NLMSG_DONE.',
    (_, own) => own?.domain === AF_NETLINK,
  ),
  reason(
    'sendto(…) = …',
    'Sends one datagram: the call is the border of the message.',
    (_, own) => own !== undefined && typeOf(own.type) === SOCK_DGRAM,
  ),
  reason('sendmmsg(…) = …', 'Several datagrams in one call.'),
  reason(
    'recvmmsg(…) = …',
    'As many datagrams as have come, up to the size of the batch, in one call.',
  ),
  reason(
    'recvfrom(…) = …',
    'Takes one datagram and the address of its sender. What does not fit into the buffer is lost.',
    (_, own) => own !== undefined && typeOf(own.type) === SOCK_DGRAM,
  ),
  outcome(
    'recvfrom(…) = -1 EAGAIN …',
    'No datagram is there; epoll tells when one comes.',
    failedWith(EAGAIN),
    ['recvmsg', 'recvmmsg'],
  ),
  outcome(
    'sendto(…) = -1 EAGAIN …',
    'No room: the buffer of the sender is full or, between unix sockets, the queue of the receiver.',
    (call, own) => call.result === -EAGAIN && own !== undefined && typeOf(own.type) !== SOCK_STREAM,
    ['sendmsg', 'sendmmsg'],
  ),
  outcome(
    'sendto(…) = -1 ECONNREFUSED …',
    'An earlier datagram was answered with "port unreachable" (ICMP): nobody has that port. The next call tells, and does nothing else.',
    (call, own) => call.result === -ECONNREFUSED && own?.domain !== AF_UNIX,
    ['recvfrom', 'recvmsg', 'read', 'write', 'sendmsg', 'recvmmsg', 'sendmmsg'],
  ),
  outcome(
    'recvfrom(…, 0, …) = 0',
    'An empty datagram. That is a message like any other, and no end.',
    (call, own) => call.result === 0 && own !== undefined && typeOf(own.type) === SOCK_DGRAM,
    ['read'],
  ),
  outcome(
    'recvfrom(…, MSG_TRUNC, …) = …',
    'MSG_TRUNC: the result is the whole length of the message, which was longer than the buffer.',
    ({ args, result }) => ((args[3] as number) & MSG_TRUNC) !== 0 && result > (args[2] as number),
  ),
  reason(
    'sendmsg(…cmsg_type=SCM_RIGHTS…) = …',
    'Passes open descriptors to another process, beside the bytes: the receiver gets copies, under numbers of its own.',
    ({ args }) => passesDescriptors(args[3], controlLength(args[4])),
  ),
  reason(
    'sendmsg(…) = …',
    'A message from several buffers, with an address or control data if there are any.',
  ),
  reason(
    'recvmsg(…) = …',
    'Takes a message, and control data beside it: passed descriptors, say. With MSG_CMSG_CLOEXEC programs that this ' +
      'process starts do not get those.',
  ),
  outcome(
    'recvmsg(…cmsg_type=SCM_RIGHTS…) = …',
    'Descriptors have come. They are open in this process from now on, and it has to close them.',
    ({ args, result }) => result >= 0 && passesDescriptors(args[3], controlLength(args[4])),
  ),
  reason(
    'ioctl(…, TIOCOUTQ, …) = 0',
    'How much of our own buffer is in use? If it is not full, it is the receiver who has no room, and of that epoll does not tell.',
    ({ args }) => args[1] === SIOCOUTQ,
  ),
];
