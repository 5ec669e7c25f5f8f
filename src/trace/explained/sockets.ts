/** Explanations: how sockets come to be, get addresses, listen, and are closed. */
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_UNIX,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../syscall/socket.ts';
import { IPPROTO_TCP } from '../../syscall/inet.ts';
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EMFILE,
  ENFILE,
  ENOTCONN,
} from '../../syscall/errno.ts';
import { sockaddrPort } from '../../syscall/sockaddr.ts';
import { type Explanation, failedWith, outcome, reason } from '../explanation.ts';
import type { Descriptor } from '../history.ts';
import type { Value } from '../call.ts';

/** Without SOCK_NONBLOCK and SOCK_CLOEXEC. */
export function typeOf(type: Value): number {
  return typeof type === 'number' ? type & 0xf : 0;
}

/** net names the protocol of a stream nowhere but in its probes. */
export function isProbe(own: Descriptor | undefined): boolean {
  return (
    own?.origin === 'socket' && typeOf(own.type) === SOCK_STREAM && own.protocol === IPPROTO_TCP
  );
}

function hasPortZero(address: Value): boolean {
  return address instanceof Uint8Array && address.length >= 4 && sockaddrPort(address) === 0;
}

export function isInternet(own: Descriptor | undefined): boolean {
  return own?.domain === AF_INET || own?.domain === AF_INET6;
}

export const sockets: readonly Explanation[] = [
  reason(
    'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_TCP) = …',
    'A probe, made once: can this machine speak IPv4? The socket is closed again at once.',
    ({ args: [domain, type, protocol] }) =>
      domain === AF_INET && typeOf(type) === SOCK_STREAM && protocol === IPPROTO_TCP,
  ),
  reason(
    'socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_TCP) = …',
    'A probe, made once with two sockets: one for IPv6 only, one that is to take IPv4 as well. ' +
      'Only if the second works can one socket listen for both.',
    ({ args: [domain, type, protocol] }) =>
      domain === AF_INET6 && typeOf(type) === SOCK_STREAM && protocol === IPPROTO_TCP,
  ),
  reason(
    'socket(AF_NETLINK, …, NETLINK_ROUTE) = …',
    'A socket to the kernel itself: by NETLINK_ROUTE it tells of interfaces, addresses and routes.',
    ({ args }) => args[0] === AF_NETLINK,
  ),
  reason(
    'socket(…, SOCK_DGRAM|SOCK_CLOEXEC|SOCK_NONBLOCK, …) = …',
    'A socket for datagrams. SOCK_NONBLOCK: a call that would wait fails with EAGAIN instead; ' +
      'SOCK_CLOEXEC: programs that this process starts do not get the descriptor.',
    ({ args }) => typeOf(args[1]) === SOCK_DGRAM,
  ),
  reason(
    'socket(…, SOCK_RAW|…) = …',
    'A raw socket: packets of one IP protocol, without ports. Opening one needs CAP_NET_RAW.',
    ({ args }) => typeOf(args[1]) === SOCK_RAW,
  ),
  reason(
    'socket(…, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = …',
    'A socket for a stream. SOCK_NONBLOCK: a call that would wait fails with EAGAIN instead ' +
      '(connect: EINPROGRESS); SOCK_CLOEXEC: programs that this process starts do not get the descriptor.',
    ({ args }) => typeOf(args[1]) === SOCK_STREAM,
  ),
  outcome(
    'socket(…) = -1 EAFNOSUPPORT …',
    'This kernel does not have the address family.',
    failedWith(EAFNOSUPPORT),
  ),
  outcome(
    'socket(…) = -1 EMFILE …',
    'No free descriptor: EMFILE if the process has used up its own (ulimit -n), ENFILE if the whole machine has.',
    failedWith(EMFILE, ENFILE),
    ['openat', 'openat2', 'pipe2', 'epoll_create1'],
  ),

  reason(
    'bind(…, {sa_family=AF_INET6, sin6_port=htons(0), …}, 28) = …',
    'Part of the probe: with port 0 the kernel takes any free one, so only the kind of address counts.',
    (_, own) => isProbe(own),
  ),
  reason(
    'bind(…, {sa_family=AF_NETLINK, …}, 12) = …',
    'Gives the netlink socket its address: a number that the kernel chooses (nl_pid 0), and the groups whose news it gets.',
    (_, own) => own?.domain === AF_NETLINK,
  ),
  reason(
    'bind(…, {sa_family=AF_UNIX, …}, …) = …',
    'Gives the unix socket its name. One that is a path is made as a file, which must not exist yet.',
    (_, own) => own?.domain === AF_UNIX,
  ),
  reason(
    'bind(…, {sa_family=AF_INET, sin_port=htons(0), …}, 16) = …',
    'Gives the socket its own address. Port 0 means: any free one; getsockname tells later which it is.',
    ({ args }, own) => isInternet(own) && hasPortZero(args[1]),
  ),
  reason(
    'bind(…, {sa_family=AF_INET, …}, 16) = …',
    'Gives the socket its own address and port.',
    (_, own) => isInternet(own),
  ),
  outcome(
    'bind(…) = -1 EADDRINUSE …',
    'Another socket has this address and port, or a file with this name exists. ' +
      'SO_REUSEADDR does not help against a socket that listens.',
    failedWith(EADDRINUSE),
    ['listen'],
  ),
  outcome(
    'bind(…) = -1 EADDRNOTAVAIL …',
    'No interface of this machine has that address.',
    failedWith(EADDRNOTAVAIL),
  ),

  reason(
    'listen(…) = …',
    'From now on the kernel does the handshakes by itself and queues finished connections. The number is how many ' +
      'may wait there: as many as somaxconn allows, unless the program says otherwise.',
  ),

  reason(
    'getsockname(…, {sa_family=AF_NETLINK, …}, …) = 0',
    'Which number has the kernel given to this netlink socket? Its answers carry it.',
    (_, own) => own?.domain === AF_NETLINK,
  ),
  reason(
    'getsockname(…, {sa_family=AF_UNIX…) = 0',
    'The name of this unix socket. One that has connected without bind has none, which is usual.',
    (_, own) => own?.domain === AF_UNIX,
  ),
  reason(
    'getsockname(…) = 0',
    'Where does it really listen? Where bind said port 0 the kernel has chosen one.',
    (_, own) => own?.state === 'listening',
  ),
  reason(
    'getsockname(…) = 0',
    'At which address of this machine did the client arrive? The listener may be bound to all of them.',
    (_, own) => own?.origin === 'accepted',
  ),
  reason(
    'getsockname(…) = 0',
    'From which of its addresses would this machine send there? That decides the order in which the addresses of a name ' +
      'are tried (RFC 6724).',
    (_, own) => own?.state === 'connected' && typeOf(own.type) === SOCK_DGRAM && !own.broadcast,
  ),
  reason(
    'getsockname(…) = 0',
    'The local end: address and port that the kernel has chosen, or that bind has given.',
    (_, own) => own !== undefined,
  ),
  reason(
    'getpeername(…) = …',
    'Is it connected? SO_ERROR may be clear before the connection is there; a socket that has a peer is connected.',
    (_, own) => own?.state === 'connecting',
  ),
  reason('getpeername(…) = …', 'Who is at the other end?', (_, own) => own?.state !== 'connecting'),
  outcome('getpeername(…) = -1 ENOTCONN …', 'Not connected, or not yet.', failedWith(ENOTCONN)),

  reason(
    'shutdown(…, SHUT_WR) = 0',
    'No more will be written: the peer reads the end of the stream, and can still answer. ' +
      'A close alone would reset the connection if the peer has sent more than was read.',
    ({ args }) => args[1] === 1,
  ),
  reason(
    'shutdown(…, SHUT_RD) = 0',
    'The listener of a unix socket takes no more connections; those that are queued can still be accepted.',
    ({ args }, own) => args[1] === 0 && own?.state === 'listening',
  ),

  reason('close(…) = 0', 'The probe is done; its socket was never used.', (_, own) => isProbe(own)),
  reason(
    'close(…) = 0',
    'The listener ends: new clients are refused, and connections still in its queue are reset.',
    (_, own) => own?.state === 'listening',
  ),
  reason(
    'close(…) = 0',
    'SO_LINGER is set to 0 seconds: what is not sent yet is thrown away and the peer gets a reset (RST), not an orderly end.',
    (_, own) => own?.resets === true,
  ),
  reason(
    'close(…) = 0',
    'The peer has sent its end before, so the connection is over on both sides when ours has been sent. ' +
      'The descriptor is free again.',
    (_, own) => own?.ended === true && own.state === 'connected',
  ),
  reason(
    'close(…) = 0',
    'The attempt to connect has failed, or is given up.',
    (_, own) => own?.state === 'connecting',
  ),
  reason(
    'close(…) = 0',
    'The connection is closed; close does not wait: the kernel sends what is still in the buffer, and then the end. ' +
      'If the peer has sent what nobody has read, it gets a reset instead.',
    (_, own) => own?.state === 'connected' && isInternet(own) && typeOf(own.type) === SOCK_STREAM,
  ),
  reason(
    'close(…) = 0',
    'The file is done with, and its descriptor is free again.',
    (_, own) => own?.origin === 'file',
  ),
  reason('close(…) = 0', 'The descriptor is given back.'),
];
