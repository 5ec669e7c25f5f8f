/**
 * netfd/syscall: the calls themselves on Linux, one function a call. This file binds {@link Calls} to the
 * machine: what each function takes, gives and throws is said there, and what they have in common.
 *
 * Besides, everything that such calls are made with: all constants under their C names, FdSet, the codecs
 * of addresses, control messages and structs, and SyscallError.
 */
import { Calls } from './calls/calls.ts';
import { linux } from './kernel/linux.ts';

const calls: Calls = new Calls(linux.kernel);

/** The method as a function of its own, with its overloads. */
function bound<K extends Exclude<keyof Calls, 'kernel'>>(name: K): Calls[K] {
  return (calls[name] as (this: Calls) => unknown).bind(calls) as Calls[K];
}

// Calls: descriptors and files.
export const close: Calls['close'] = bound('close');
export const dup: Calls['dup'] = bound('dup');
export const dup3: Calls['dup3'] = bound('dup3');
export const fcntl: Calls['fcntl'] = bound('fcntl');
export const ioctl: Calls['ioctl'] = bound('ioctl');
export const pipe2: Calls['pipe2'] = bound('pipe2');
export const eventfd2: Calls['eventfd2'] = bound('eventfd2');
export const open: Calls['open'] = bound('open');
export const openat: Calls['openat'] = bound('openat');
export const openat2: Calls['openat2'] = bound('openat2');
export const unlink: Calls['unlink'] = bound('unlink');
export const unlinkat: Calls['unlinkat'] = bound('unlinkat');
export const readlink: Calls['readlink'] = bound('readlink');
export const readlinkat: Calls['readlinkat'] = bound('readlinkat');
export const statx: Calls['statx'] = bound('statx');

// Calls: bytes.
export const read: Calls['read'] = bound('read');
export const write: Calls['write'] = bound('write');
export const pread: Calls['pread'] = bound('pread');
export const readv: Calls['readv'] = bound('readv');
export const writev: Calls['writev'] = bound('writev');
export const sendfile: Calls['sendfile'] = bound('sendfile');
export const splice: Calls['splice'] = bound('splice');

// Calls: sockets.
export const socket: Calls['socket'] = bound('socket');
export const socketpair: Calls['socketpair'] = bound('socketpair');
export const bind: Calls['bind'] = bound('bind');
export const connect: Calls['connect'] = bound('connect');
export const listen: Calls['listen'] = bound('listen');
export const accept: Calls['accept'] = bound('accept');
export const accept4: Calls['accept4'] = bound('accept4');
export const shutdown: Calls['shutdown'] = bound('shutdown');
export const getsockname: Calls['getsockname'] = bound('getsockname');
export const getpeername: Calls['getpeername'] = bound('getpeername');
export const setsockopt: Calls['setsockopt'] = bound('setsockopt');
export const getsockopt: Calls['getsockopt'] = bound('getsockopt');

// Calls: messages.
export const recv: Calls['recv'] = bound('recv');
export const recvfrom: Calls['recvfrom'] = bound('recvfrom');
export const send: Calls['send'] = bound('send');
export const sendto: Calls['sendto'] = bound('sendto');
export const recvmsg: Calls['recvmsg'] = bound('recvmsg');
export const sendmsg: Calls['sendmsg'] = bound('sendmsg');
export const recvmmsg: Calls['recvmmsg'] = bound('recvmmsg');
export const sendmmsg: Calls['sendmmsg'] = bound('sendmmsg');

// Calls: waiting.
export const select: Calls['select'] = bound('select');
export const pselect: Calls['pselect'] = bound('pselect');
export const poll: Calls['poll'] = bound('poll');
export const ppoll: Calls['ppoll'] = bound('ppoll');
export const epoll_create: Calls['epoll_create'] = bound('epoll_create');
export const epoll_create1: Calls['epoll_create1'] = bound('epoll_create1');
export const epoll_ctl: Calls['epoll_ctl'] = bound('epoll_ctl');
export const epoll_wait: Calls['epoll_wait'] = bound('epoll_wait');

export { Calls };
export type { EpollEvent, ReadyEvent } from './calls/calls.ts';
export type { Address } from './calls/address.ts';
export type { OpenHow } from './calls/descriptor-calls.ts';
export type { Data, Timespec, Timeval } from './calls/arguments.ts';
export type { MessageRoom, OutgoingMessage, ReceivedMessage } from './calls/message.ts';
export type { Received } from './calls/message-calls.ts';
export type { Accepted } from './calls/socket-calls.ts';
export type { SentFile, Spliced } from './calls/transfer-calls.ts';
export type { PollFd } from './calls/wait-calls.ts';
export type { EpollEvents, Iov, Kernel, MsgVec } from './kernel/kernel.ts';
export * from './syscall/ancillary.ts';
export * from './syscall/arp.ts';
export * from './syscall/bluetooth.ts';
export * from './syscall/bpf.ts';
export * from './syscall/byte-order.ts';
export * from './syscall/control-message.ts';
export * from './syscall/epoll.ts';
export * from './syscall/errno.ts';
export * from './syscall/errqueue.ts';
export * from './syscall/ethernet.ts';
export * from './syscall/eventfd.ts';
export * from './syscall/fcntl.ts';
export * from './syscall/fd-set.ts';
export * from './syscall/icmp.ts';
export * from './syscall/icmpv6.ts';
export * from './syscall/ifreq.ts';
export * from './syscall/inet.ts';
export * from './syscall/interface.ts';
export * from './syscall/ioctl.ts';
export * from './syscall/netlink-message.ts';
export * from './syscall/netlink-metrics.ts';
export * from './syscall/netlink-neighbour.ts';
export * from './syscall/netlink-route.ts';
export * from './syscall/netlink-rule.ts';
export * from './syscall/netlink.ts';
export type * from './syscall/option-multicast.ts';
export type * from './syscall/option-structs.ts';
export type * from './syscall/option.ts';
export * from './syscall/options-ip.ts';
export * from './syscall/options-ipv6.ts';
export * from './syscall/options-protocol.ts';
export * from './syscall/options-socket.ts';
export * from './syscall/options-tcp.ts';
export * from './syscall/options.ts';
export * from './syscall/packet.ts';
export * from './syscall/poll.ts';
export * from './syscall/protocol-family.ts';
export * from './syscall/route-message.ts';
export * from './syscall/sock-diag.ts';
export * from './syscall/sockaddr-bluetooth.ts';
export * from './syscall/sockaddr-link.ts';
export * from './syscall/sockaddr.ts';
export * from './syscall/socket-names.ts';
export * from './syscall/socket.ts';
export * from './syscall/splice.ts';
export * from './syscall/stat.ts';
export * from './syscall/syscall-error.ts';
export * from './syscall/tcp-info.ts';
export * from './syscall/tcp.ts';
export * from './syscall/tos.ts';
export * from './syscall/tun.ts';
export * from './syscall/udp.ts';
export * from './syscall/vsock.ts';
export type { OptionCodec } from './syscall/option-codecs.ts';
