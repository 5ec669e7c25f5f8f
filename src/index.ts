/**
 * netfd: Go's net on Linux. This file joins the layers to the machine: everything here is the same code
 * that runs on any other System through {@link Stack}.
 */
import type { Clock } from './kernel/clock.ts';
import { linux } from './kernel/linux.ts';
import { Dialer as SystemDialer, type DialOptions } from './net/dialer.ts';
import { ListenConfig as SystemListenConfig, type ListenOptions } from './net/listen-config.ts';
import { pipe as pipeOn, type PipeConn } from './net/pipe.ts';
import { Stack } from './net/stack.ts';

const stack: Stack = new Stack(linux);

/** Listens on a stream network of this machine: `await listen('tcp', ':8080')`. */
export const listen: Stack['listen'] = stack.listen.bind(stack) as Stack['listen'];

/** Opens a socket for datagrams on this machine: `await listenPacket('udp', ':5353')`. */
export const listenPacket: Stack['listenPacket'] = stack.listenPacket.bind(
  stack,
) as Stack['listenPacket'];

/** Joins a group and receives its datagrams: see {@link ListenConfig.listenMulticastUDP}. */
export const listenMulticastUDP: Stack['listenMulticastUDP'] = stack.listenMulticastUDP.bind(stack);

/** Connects to an address of a stream network: `await dial('tcp', 'localhost:8080')`. */
export const dial: Stack['dial'] = stack.dial.bind(stack) as Stack['dial'];

/** Listening with options, on this machine. */
export class ListenConfig extends SystemListenConfig {
  constructor(options: ListenOptions = {}) {
    super(linux, options);
  }
}

/** Connecting with options, from this machine. */
export class Dialer extends SystemDialer {
  constructor(options: DialOptions = {}) {
    super(linux, options);
  }
}

/**
 * Two connections in memory, each the other's peer: what is written to the one is read from the other.
 * Their deadlines keep the process alive; `clock` is another System's, if they are to be in its time.
 */
export function pipe(clock: Clock = linux.clock): [PipeConn, PipeConn] {
  return pipeOn(clock);
}

export { linux, Stack };
export type { Clock, DialOptions, ListenOptions, PipeConn };
export type { Timer } from './kernel/clock.ts';
export type { EpollEvents, Kernel } from './kernel/kernel.ts';
export type { Parking, System } from './kernel/system.ts';
export type { Reader, Writer } from './io/stream.ts';
export type { Addr, Conn, Deadline, Listener, PacketConn, ReadyListener } from './net/conn.ts';
export type { Control } from './net/open-stream.ts';
export { CancelError } from './net/cancellation.ts';
export { DatagramBatch, type DatagramBatchOptions } from './net/datagram-batch.ts';
export {
  AddrError,
  DNSError,
  ErrWriteToConnected,
  type NetError,
  UnknownNetworkError,
} from './net/errors.ts';
export { joinHostPort, splitHostPort } from './net/host-port.ts';
export { IPAddr } from './net/ip-addr.ts';
export { IPConn } from './net/ip-conn.ts';
export type { Interface } from './net/multicast.ts';
export { OpError } from './net/op-error.ts';
export { type Datagram, type Received, ReceivedMessage } from './net/packet-message.ts';
export { ErrClosedPipe } from './net/pipe.ts';
export { TCPConn, TCPListener } from './net/tcp.ts';
export { TCPAddr } from './net/tcp-addr.ts';
export { UDPAddr } from './net/udp-addr.ts';
export { UDPConn } from './net/udp-conn.ts';
export { UnixConn, UnixListener } from './net/unix.ts';
export { UnixAddr, type UnixNetwork } from './net/unix-addr.ts';
export { ErrClosed, ErrDeadlineExceeded, type PollError } from './poll/errors.ts';
export {
  type ControlMessage,
  decodeControlMessages,
  encodeControlMessages,
} from './syscall/control-message.ts';
export { SyscallError } from './syscall/syscall-error.ts';
