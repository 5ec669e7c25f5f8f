/** Go's package net, bound to one System: `new Stack(linux)` is what `netfd` exports. */
import type { System } from '../kernel/system.ts';
import { Dialer, type DialOptions } from './dialer.ts';
import { type DiskFile, openFile } from './disk-file.ts';
import type { Interface } from './interface.ts';
import { InterfaceWatcher } from './interface-watcher.ts';
import { interfaceAddrs, interfaceByIndex, interfaceByName, interfaces } from './interfaces.ts';
import type { IPNet } from './ip-net.ts';
import { ListenConfig, type ListenOptions } from './listen-config.ts';
import { fileConn, fileListener, filePacketConn } from './file.ts';
import type { FileLike } from './file-like.ts';
import type { IPAddr } from './ip-addr.ts';
import type { IPConn } from './ip-conn.ts';
import type { InterfaceRef } from './multicast.ts';
import { defaultResolver, type MX, type NS, type Resolver, type SRV } from './resolver.ts';
import type { LookupOptions } from './resolver-options.ts';
import { resolveIPAddr, type ResolveOptions, resolveUDPAddr } from './resolve-addr.ts';
import type { TCPConn, TCPListener } from './tcp.ts';
import type { UDPAddr } from './udp-addr.ts';
import type { UDPConn } from './udp-conn.ts';
import type { UnixConn, UnixListener } from './unix.ts';
import type { UnixNetwork } from './unix-addr.ts';

/** A network of IP packets, or of ICMP echo messages. */
export type PacketNetwork = `${'ip' | 'ip4' | 'ip6'}:${string}` | 'ping4' | 'ping6';

/** Go's package net on one System: `new Stack(linux)` is what `netfd` exports. */
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
  listenPacket(network: 'unixgram', address: string, options?: ListenOptions): Promise<UnixConn>;
  listenPacket(
    network: string,
    address: string,
    options?: ListenOptions,
  ): Promise<UDPConn | IPConn | UnixConn>;
  async listenPacket(
    network: string,
    address: string,
    options?: ListenOptions,
  ): Promise<UDPConn | IPConn | UnixConn> {
    return new ListenConfig(this.system, options).listenPacket(network, address);
  }

  /** Joins a group, and receives its datagrams; see {@link ListenConfig.listenMulticastUDP}. */
  async listenMulticastUDP(
    network: 'udp' | 'udp4' | 'udp6',
    on: InterfaceRef,
    group: UDPAddr,
    options?: ListenOptions,
  ): Promise<UDPConn> {
    return new ListenConfig(this.system, options).listenMulticastUDP(network, on, group);
  }

  /** One address of "host:port", for writeTo: `await resolveUDPAddr('udp', 'localhost:53')`. */
  async resolveUDPAddr(
    network: 'udp' | 'udp4' | 'udp6',
    address: string,
    options?: ResolveOptions,
  ): Promise<UDPAddr> {
    return resolveUDPAddr(this.system, network, address, options);
  }

  /** One address of a host, for writeTo of an IPConn: `await resolveIPAddr('ip4', 'localhost')`. */
  async resolveIPAddr(network: string, host: string, options?: ResolveOptions): Promise<IPAddr> {
    return resolveIPAddr(this.system, network, host, options);
  }

  /** Connects to an address; see {@link Dialer.dial}. */
  dial(network: 'tcp' | 'tcp4' | 'tcp6', address: string, options?: DialOptions): Promise<TCPConn>;
  dial(network: 'udp' | 'udp4' | 'udp6', address: string, options?: DialOptions): Promise<UDPConn>;
  dial(network: PacketNetwork, address: string, options?: DialOptions): Promise<IPConn>;
  dial(network: UnixNetwork, address: string, options?: DialOptions): Promise<UnixConn>;
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

  /** A connection on a copy of a descriptor that came from elsewhere; see file.ts. OpError "file". */
  fileConn(file: FileLike): TCPConn | UDPConn | IPConn | UnixConn {
    return fileConn(this.system, file);
  }

  /** Datagrams on a copy of a descriptor that came from elsewhere; see file.ts. OpError "file". */
  filePacketConn(file: FileLike): UDPConn | IPConn | UnixConn {
    return filePacketConn(this.system, file);
  }

  /** A listener on a copy of a descriptor that came from elsewhere; see file.ts. OpError "file". */
  fileListener(file: FileLike): TCPListener | UnixListener {
    return fileListener(this.system, file);
  }

  /** Opens a regular file for sendfile; see {@link openFile}. Yours to close. */
  openFile(path: string): DiskFile {
    return openFile(this.system, path);
  }

  /** Looks up names for everything here that names no other: Go's DefaultResolver. */
  get resolver(): Resolver {
    return defaultResolver(this.system);
  }

  /** The addresses of a host as text; see {@link Resolver.lookupHost}. */
  async lookupHost(host: string, options?: LookupOptions): Promise<string[]> {
    return this.resolver.lookupHost(host, options);
  }

  /** The addresses of a host, both families, in the order to try; see {@link Resolver.lookupIP}. */
  async lookupIP(host: string, options?: LookupOptions): Promise<string[]> {
    return this.resolver.lookupIP('ip', host, options);
  }

  /** The port of a service; see {@link Resolver.lookupPort}. */
  async lookupPort(network: string, service: string): Promise<number> {
    return this.resolver.lookupPort(network, service);
  }

  /** The canonical name of a host; see {@link Resolver.lookupCNAME}. */
  async lookupCNAME(host: string, options?: LookupOptions): Promise<string> {
    return this.resolver.lookupCNAME(host, options);
  }

  /** The names of an IP address; see {@link Resolver.lookupAddr}. */
  async lookupAddr(address: string, options?: LookupOptions): Promise<string[]> {
    return this.resolver.lookupAddr(address, options);
  }

  /** The mail exchanges of a domain; see {@link Resolver.lookupMX}. */
  async lookupMX(name: string, options?: LookupOptions): Promise<MX[]> {
    return this.resolver.lookupMX(name, options);
  }

  /** The name servers of a domain; see {@link Resolver.lookupNS}. */
  async lookupNS(name: string, options?: LookupOptions): Promise<NS[]> {
    return this.resolver.lookupNS(name, options);
  }

  /** Where a service is; see {@link Resolver.lookupSRV}. */
  async lookupSRV(
    service: string,
    proto: string,
    name: string,
    options?: LookupOptions,
  ): Promise<{ cname: string; addrs: SRV[] }> {
    return this.resolver.lookupSRV(service, proto, name, options);
  }

  /** The TXT records of a domain; see {@link Resolver.lookupTXT}. */
  async lookupTXT(name: string, options?: LookupOptions): Promise<string[]> {
    return this.resolver.lookupTXT(name, options);
  }

  /** The network interfaces; see {@link interfaces}. */
  interfaces(): Interface[] {
    return interfaces(this.system);
  }

  /** The interface with this name; see {@link interfaceByName}. */
  interfaceByName(name: string): Interface {
    return interfaceByName(this.system, name);
  }

  /** The interface with this index; see {@link interfaceByIndex}. */
  interfaceByIndex(index: number): Interface {
    return interfaceByIndex(this.system, index);
  }

  /** The addresses of all interfaces; see {@link interfaceAddrs}. */
  interfaceAddrs(): IPNet[] {
    return interfaceAddrs(this.system);
  }

  /** Changes of interfaces and addresses from now on; see {@link InterfaceWatcher}. */
  watchInterfaces(): InterfaceWatcher {
    return new InterfaceWatcher(this.system);
  }
}
