/**
 * netfd: Go's net on Linux. This file joins the layers to the machine: everything here is the same code
 * that runs on any other System through {@link Stack}.
 */
import type { Clock } from './kernel/clock.ts';
import { linux } from './kernel/linux.ts';
import {
  activationListeners as activationListenersOf,
  type ActivatedSocket,
  type ActivationOptions,
  listenFds as listenFdsOf,
  sdNotify as sdNotifyOf,
} from './net/activation.ts';
import { Dialer as SystemDialer, type DialOptions } from './net/dialer.ts';
import { ListenConfig as SystemListenConfig, type ListenOptions } from './net/listen-config.ts';
import { pipe as pipeOn, type PipeConn } from './net/pipe.ts';
import { Resolver as SystemResolver } from './net/resolver.ts';
import type { ResolverOptions } from './net/resolver-options.ts';
import { SocketFile } from './net/socket-file.ts';
import { type PacketNetwork, Stack } from './net/stack.ts';

const stack: Stack = new Stack(linux);

/** Listens on a stream network of this machine: `await listen('tcp', ':8080')`. */
export const listen: Stack['listen'] = stack.listen.bind(stack) as Stack['listen'];

/** Opens a socket for datagrams on this machine: `await listenPacket('udp', ':5353')`. */
export const listenPacket: Stack['listenPacket'] = stack.listenPacket.bind(
  stack,
) as Stack['listenPacket'];

/** Joins a group and receives its datagrams: see {@link ListenConfig.listenMulticastUDP}. */
export const listenMulticastUDP: Stack['listenMulticastUDP'] = stack.listenMulticastUDP.bind(stack);

/** An address for writeTo, of text with names: see {@link Stack.resolveUDPAddr}. */
export const resolveUDPAddr: Stack['resolveUDPAddr'] = stack.resolveUDPAddr.bind(stack);
export const resolveIPAddr: Stack['resolveIPAddr'] = stack.resolveIPAddr.bind(stack);

/** Connects to an address: `await dial('tcp', 'localhost:8080')`. */
export const dial: Stack['dial'] = stack.dial.bind(stack) as Stack['dial'];

/** A connection on a copy of a descriptor of this process, which stays open. OpError "file". */
export const fileConn: Stack['fileConn'] = stack.fileConn.bind(stack);

/** Datagrams on a copy of a descriptor of this process, which stays open. OpError "file". */
export const filePacketConn: Stack['filePacketConn'] = stack.filePacketConn.bind(stack);

/** A listener on a copy of a descriptor of this process, which stays open. OpError "file". */
export const fileListener: Stack['fileListener'] = stack.fileListener.bind(stack);

/** The descriptors that a service manager has passed to this process, as sd_listen_fds(3) finds them. */
export function listenFds(options?: ActivationOptions): SocketFile[] {
  return listenFdsOf(linux, process.env, process.pid, options);
}

/** As {@link listenFds}, with listeners of what listens and connections of what has datagrams. */
export function activationListeners(options?: ActivationOptions): ActivatedSocket[] {
  return activationListenersOf(linux, process.env, process.pid, options);
}

/** Tells the service manager "READY=1" and the like, as sd_notify(3) does; false if there is none. */
export function sdNotify(state: string, options?: ActivationOptions): Promise<boolean> {
  return sdNotifyOf(linux, process.env, state, options);
}

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

/** Looking up names with options, on this machine. */
export class Resolver extends SystemResolver {
  constructor(options: ResolverOptions = {}) {
    super(linux, options);
  }
}

/** The addresses of a host: `await lookupHost('localhost')`. */
export const lookupHost: Stack['lookupHost'] = stack.lookupHost.bind(stack);
/** The addresses of a host, in the order in which to try them. */
export const lookupIP: Stack['lookupIP'] = stack.lookupIP.bind(stack);
/** The port of a service: `await lookupPort('tcp', 'https')`. */
export const lookupPort: Stack['lookupPort'] = stack.lookupPort.bind(stack);
/** The canonical name of a host. */
export const lookupCNAME: Stack['lookupCNAME'] = stack.lookupCNAME.bind(stack);
/** The names of an IP address: `await lookupAddr('127.0.0.1')`. */
export const lookupAddr: Stack['lookupAddr'] = stack.lookupAddr.bind(stack);
/** The mail exchanges of a domain, best first. */
export const lookupMX: Stack['lookupMX'] = stack.lookupMX.bind(stack);
/** The name servers of a domain. */
export const lookupNS: Stack['lookupNS'] = stack.lookupNS.bind(stack);
/** Where a service is: `await lookupSRV('xmpp-server', 'tcp', 'example.org')`. */
export const lookupSRV: Stack['lookupSRV'] = stack.lookupSRV.bind(stack);
/** The TXT records of a domain. */
export const lookupTXT: Stack['lookupTXT'] = stack.lookupTXT.bind(stack);

/** The network interfaces of this machine. */
export const interfaces: Stack['interfaces'] = stack.interfaces.bind(stack);
/** An interface by its name: `interfaceByName('eth0').addrs()`. */
export const interfaceByName: Stack['interfaceByName'] = stack.interfaceByName.bind(stack);
/** An interface by its index. */
export const interfaceByIndex: Stack['interfaceByIndex'] = stack.interfaceByIndex.bind(stack);
/** The addresses of all interfaces of this machine, with their networks. */
export const interfaceAddrs: Stack['interfaceAddrs'] = stack.interfaceAddrs.bind(stack);
/** Changes of interfaces and addresses: `for await (const change of watchInterfaces()) …`. */
export const watchInterfaces: Stack['watchInterfaces'] = stack.watchInterfaces.bind(stack);

/**
 * Two connections in memory, each the other's peer: what is written to the one is read from the other.
 * Their deadlines keep the process alive; `clock` is another System's, if they are to be in its time.
 */
export function pipe(clock: Clock = linux.clock): [PipeConn, PipeConn] {
  return pipeOn(clock);
}

export { linux, type PacketNetwork, Stack };
export type {
  ActivatedSocket,
  ActivationOptions,
  Clock,
  DialOptions,
  ListenOptions,
  PipeConn,
  ResolverOptions,
};
export type { Timer } from './kernel/clock.ts';
export type { EpollEvents, Kernel } from './kernel/kernel.ts';
export type {
  MXRecord,
  NameService,
  QueryOptions,
  RecordData,
  RecordType,
  SRVRecord,
} from './kernel/name-service.ts';
export type { Parking, System } from './kernel/system.ts';
export type { Reader, Writer } from './io/stream.ts';
export { type Buffers, writeBuffers } from './net/buffers.ts';
export { copy, type CopyOptions } from './net/copy.ts';
export type { FileLike } from './net/file-like.ts';
export type { RawAttempt, RawConn, RawControl } from './net/raw-conn.ts';
export { SocketFile };
export type {
  Addr,
  Conn,
  Deadline,
  Listener,
  PacketConn,
  ReadyListener,
  SendfileOptions,
} from './net/conn.ts';
export type { Control } from './net/open-stream.ts';
export { CancelError } from './net/cancellation.ts';
export { DatagramBatch, type DatagramBatchOptions } from './net/datagram-batch.ts';
export {
  AddrError,
  DNSError,
  ErrWriteToConnected,
  InterfaceError,
  type NetError,
  ParseError,
  UnknownNetworkError,
} from './net/errors.ts';
export { joinHostPort, splitHostPort } from './net/host-port.ts';
export { Interface, InterfaceFlags } from './net/interface.ts';
export type {
  AddressChange,
  InterfaceChange,
  InterfaceWatcher,
  LinkChange,
  Resync,
} from './net/interface-watcher.ts';
export { IPAddr } from './net/ip-addr.ts';
export { IPConn } from './net/ip-conn.ts';
export type { InterfaceRef } from './net/multicast.ts';
export type { ResolveOptions } from './net/resolve-addr.ts';
export { IPNet, parseCIDR } from './net/ip-net.ts';
export { formatMAC, parseMAC } from './net/mac.ts';
export { OpError } from './net/op-error.ts';
export { type Datagram, type Received, ReceivedMessage } from './net/packet-message.ts';
export { ErrClosedPipe } from './net/pipe.ts';
export type { MX, NS, SRV } from './net/resolver.ts';
export type { HostResolver, LookupOptions } from './net/resolver-options.ts';
export { TCPConn, TCPListener } from './net/tcp.ts';
export { TCPAddr } from './net/tcp-addr.ts';
export { UDPAddr } from './net/udp-addr.ts';
export { UDPConn } from './net/udp-conn.ts';
export { UnixConn, UnixListener } from './net/unix.ts';
export { UnixAddr, type UnixNetwork } from './net/unix-addr.ts';
export { DescriptorsLostError, ReceivedDescriptors, UnixMessage } from './net/unix-message.ts';
export { ErrClosed, ErrDeadlineExceeded, type PollError } from './poll/errors.ts';
export type { Credentials } from './syscall/ancillary.ts';
export { SocketOptions } from './sockopt/socket-options.ts';
export type { SocketOptionName, SocketOptionValues } from './syscall/options.ts';
export type { TcpInfo } from './syscall/tcp-info.ts';
export {
  type ControlMessage,
  decodeControlMessages,
  encodeControlMessages,
} from './syscall/control-message.ts';
export { SyscallError } from './syscall/syscall-error.ts';
