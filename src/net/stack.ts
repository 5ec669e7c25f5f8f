/** Go's package net, bound to one System: `new Stack(linux)` is what `netfd` exports. */
import type { System } from '../kernel/system.ts';
import { Dialer, type DialOptions } from './dialer.ts';
import { ListenConfig, type ListenOptions } from './listen-config.ts';
import type { IPConn } from './ip-conn.ts';
import type { Interface } from './multicast.ts';
import type { TCPConn, TCPListener } from './tcp.ts';
import type { UDPAddr } from './udp-addr.ts';
import type { UDPConn } from './udp-conn.ts';
import type { UnixConn, UnixListener } from './unix.ts';

/** A network of IP packets, or of ICMP echo messages. */
export type PacketNetwork = `${'ip' | 'ip4' | 'ip6'}:${string}` | 'ping4' | 'ping6';

export class Stack {
  readonly system: System;

  constructor(system: System) {
    this.system = system;
  }

  /** The wall clock, in milliseconds since 1970. */
  now(): number {
    return this.system.clock.now();
  }

  /** Calls `callback` once after `delay` milliseconds; keeps the process alive only if `ref` is true. */
  after(delay: number, callback: () => void, ref = false): { cancel(): void } {
    const { clock } = this.system;
    return clock.at(clock.monotonic() + delay, callback, ref);
  }

  /** Listens on a stream network; see {@link ListenConfig.listen}. */
  listen(
    network: 'tcp' | 'tcp4' | 'tcp6',
    address: string,
    options?: ListenOptions,
  ): Promise<TCPListener>;
  listen(
    network: 'unix' | 'unixpacket',
    address: string,
    options?: ListenOptions,
  ): Promise<UnixListener>;
  listen(
    network: string,
    address: string,
    options?: ListenOptions,
  ): Promise<TCPListener | UnixListener>;
  async listen(
    network: string,
    address: string,
    options?: ListenOptions,
  ): Promise<TCPListener | UnixListener> {
    return new ListenConfig(this.system, options).listen(network, address);
  }

  /** Opens a socket for datagrams; see {@link ListenConfig.listenPacket}. */
  listenPacket(
    network: 'udp' | 'udp4' | 'udp6',
    address: string,
    options?: ListenOptions,
  ): Promise<UDPConn>;
  listenPacket(network: PacketNetwork, address: string, options?: ListenOptions): Promise<IPConn>;
  listenPacket(
    network: string,
    address: string,
    options?: ListenOptions,
  ): Promise<UDPConn | IPConn>;
  async listenPacket(
    network: string,
    address: string,
    options?: ListenOptions,
  ): Promise<UDPConn | IPConn> {
    return new ListenConfig(this.system, options).listenPacket(network, address);
  }

  /** Joins a group, and receives its datagrams; see {@link ListenConfig.listenMulticastUDP}. */
  async listenMulticastUDP(
    network: 'udp' | 'udp4' | 'udp6',
    on: Interface,
    group: UDPAddr,
    options?: ListenOptions,
  ): Promise<UDPConn> {
    return new ListenConfig(this.system, options).listenMulticastUDP(network, on, group);
  }

  /** Connects to an address; see {@link Dialer.dial}. */
  dial(network: 'tcp' | 'tcp4' | 'tcp6', address: string, options?: DialOptions): Promise<TCPConn>;
  dial(network: 'udp' | 'udp4' | 'udp6', address: string, options?: DialOptions): Promise<UDPConn>;
  dial(network: PacketNetwork, address: string, options?: DialOptions): Promise<IPConn>;
  dial(network: 'unix' | 'unixpacket', address: string, options?: DialOptions): Promise<UnixConn>;
  dial(
    network: string,
    address: string,
    options?: DialOptions,
  ): Promise<TCPConn | UDPConn | IPConn | UnixConn>;
  async dial(
    network: string,
    address: string,
    options?: DialOptions,
  ): Promise<TCPConn | UDPConn | IPConn | UnixConn> {
    return new Dialer(this.system, options).dial(network, address);
  }
}
