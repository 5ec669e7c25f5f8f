/**
 * Listening with options: Go's ListenConfig. Addresses become sockets here; the calls themselves are in
 * open-stream.ts. Every failure is an OpError "listen …" (bad options are TypeErrors).
 */
import type { System } from '../kernel/system.ts';
import { AF_INET6, AF_UNIX, SOCK_SEQPACKET, SOCK_STREAM } from '../syscall/socket.ts';
import { requireString } from './arguments.ts';
import { Cancellation } from './cancellation.ts';
import type { Addr } from './conn.ts';
import { AddrError, UnknownNetworkError } from './errors.ts';
import { favoriteFamily, type FamilyHint } from './family.ts';
import { IPConn } from './ip-conn.ts';
import { type InterfaceRef, interfaceIndex } from './multicast.ts';
import { openPacket, type PacketRequest } from './open-packet.ts';
import { openUnixgram } from './open-unixgram.ts';
import { OpError } from './op-error.ts';
import { type Control, openListening } from './open-stream.ts';
import { type ResolvedAddrs, resolveAddrs } from './resolve.ts';
import { type HostResolver, optionalResolver } from './resolver-options.ts';
import {
  keepAliveSeconds,
  optionalBoolean,
  optionalFunction,
  optionalInteger,
  optionalSignal,
  requireOptions,
} from './options.ts';
import { setInitialOptions, TCPListener } from './tcp.ts';
import type { TCPAddr } from './tcp-addr.ts';
import { UDPAddr } from './udp-addr.ts';
import { UDPConn } from './udp-conn.ts';
import { type UnixConn, UnixListener } from './unix.ts';
import type { UnixAddr } from './unix-addr.ts';
import { zoneIndex } from './zone.ts';

export interface ListenOptions {
  /** Called with the bare descriptor before bind. */
  readonly control?: Control | undefined;
  /** How many connections may wait to be accepted; by default what the kernel allows (somaxconn). */
  readonly backlog?: number | undefined;
  /** SO_REUSEPORT: several sockets share the port, and the kernel spreads connections or datagrams. */
  readonly reusePort?: boolean | undefined;
  /** How often silent peers are asked, in milliseconds, rounded up to seconds (15 s); false: never. */
  readonly keepAlive?: number | false | undefined;
  /** Gives up looking up a host name. As in Go, a literal address does not ask it. */
  readonly signal?: AbortSignal | undefined;
  /** Who looks up host names, in place of the default Resolver. */
  readonly resolver?: HostResolver | undefined;
}

export class ListenConfig {
  readonly #system: System;
  readonly #options: ListenOptions;
  readonly #keepAlive: number | null;

  constructor(system: System, options: ListenOptions = {}) {
    this.#system = system;
    requireOptions('listen', options);
    optionalBoolean('listen', 'reusePort', options.reusePort);
    optionalFunction('listen', 'control', options.control);
    optionalInteger('listen', 'backlog', options.backlog, 0, 2 ** 31 - 1);
    optionalSignal('listen', options.signal);
    optionalResolver('listen', options.resolver);
    this.#options = options;
    this.#keepAlive = keepAliveSeconds('listen', options.keepAlive);
  }

  /**
   * Listens on a stream network: tcp, tcp4, tcp6, unix or unixpacket. The address is "host:port" (an
   * empty host is any address, port 0 one that the kernel chooses) or a path, "@name" for an abstract
   * one. A unix socket's file is removed when the listener is closed.
   */
  async listen(network: string, address: string): Promise<TCPListener | UnixListener> {
    requireString('listen', 'network', network);
    requireString('listen', 'address', address);
    let addr: Addr | null = null;
    try {
      const resolved = await this.#resolve(network, address);
      if (resolved.kind === 'tcp') {
        const first = firstIPv4(resolved.addrs);
        addr = first;
        return this.#listenTCP(network, first);
      }
      addr =
        resolved.kind === 'unix' ? resolved.addr : firstIPv4<Addr & FamilyHint>(resolved.addrs);
      if (resolved.kind !== 'unix' || network === 'unixgram') {
        throw new AddrError(address, 'unexpected address type');
      }
      return this.#listenUnix(resolved.addr);
    } catch (cause) {
      throw new OpError('listen', network, null, addr, cause as Error);
    }
  }

  /**
   * Opens a socket for datagrams: udp, udp4 and udp6 with "host:port"; ip4:icmp, ip6:58 and the like, for
   * which CAP_NET_RAW is needed, with a host; ping4 and ping6, which send and receive ICMP echo messages
   * without it; unixgram with a path, whose file stays when it is closed (see
   * {@link UnixConn.setUnlinkOnClose}), "@name", or nothing, for which the kernel chooses a name. For a
   * group's address the socket gets what is sent to the port, and joins no group.
   */
  async listenPacket(network: string, address: string): Promise<UDPConn | IPConn | UnixConn> {
    requireString('listenPacket', 'network', network);
    requireString('listenPacket', 'address', address);
    const system = this.#system;
    let addr: Addr | null = null;
    try {
      const resolved = await this.#resolve(network, address);
      if (resolved.kind === 'udp') {
        const first = firstIPv4(resolved.addrs);
        addr = first;
        return this.#listenUDP(network, first);
      }
      if (resolved.kind === 'ip') {
        const first = firstIPv4(resolved.addrs);
        addr = first;
        const { protocol } = resolved;
        const request = { ...this.#packet, network: resolved.network, protocol, local: first };
        return IPConn.on(openPacket(system, request));
      }
      addr = resolved.kind === 'unix' ? resolved.addr : firstIPv4(resolved.addrs);
      if (resolved.kind === 'unix' && network === 'unixgram') {
        return openUnixgram(system, 'listen', resolved.addr, this.#options.control);
      }
      throw new AddrError(address, 'unexpected address type');
    } catch (cause) {
      throw new OpError('listen', network, null, addr, cause as Error);
    }
  }

  /**
   * Joins a group and receives what is sent to it on its port: "224.0.0.251:5353". `on` is the interface,
   * null for the one that the kernel chooses. What this socket sends to groups is not received by this
   * machine, unless setMulticastLoop says so. Several sockets may listen to one group and port.
   */
  async listenMulticastUDP(network: string, on: InterfaceRef, group: UDPAddr): Promise<UDPConn> {
    requireString('listenMulticastUDP', 'network', network);
    if (!(group instanceof UDPAddr)) {
      throw new TypeError('listenMulticastUDP: group must be a UDPAddr');
    }
    const { kernel } = this.#system;
    let conn: UDPConn | null = null;
    try {
      if (!['udp', 'udp4', 'udp6'].includes(network)) throw new UnknownNetworkError(network);
      const index = interfaceIndex('listenMulticastUDP', kernel, on);
      conn = this.#listenUDP(network, group);
      if (index !== 0) conn.setMulticastInterface(index);
      conn.setMulticastLoop(false);
      conn.joinGroup(group, index);
      return conn;
    } catch (error) {
      conn?.close();
      if (error instanceof TypeError || error instanceof RangeError) throw error;
      const cause = error instanceof OpError ? error.cause : (error as Error);
      throw new OpError('listen', network, null, group, cause);
    }
  }

  #resolve(network: string, address: string): Promise<ResolvedAddrs> {
    const system = this.#system;
    const { signal, resolver } = this.#options;
    const cancellation = new Cancellation(system.clock, 0, signal === undefined ? [] : [signal]);
    return resolveAddrs(system, 'listen', network, address, cancellation, resolver);
  }

  #listenUDP(network: string, addr: UDPAddr): UDPConn {
    const group = addr.isMulticast;
    const any = addr.family === AF_INET6 ? '::' : '0.0.0.0';
    const request = { ...this.#packet, network, protocol: 0, local: addr, reuseAddr: group };
    const bound = group ? { bound: new UDPAddr(any, addr.port) } : {};
    return UDPConn.listening(openPacket(this.#system, { ...request, ...bound }));
  }

  /** What all packet sockets are opened with. */
  get #packet(): Pick<PacketRequest<never>, 'method' | 'remote' | 'control' | 'reusePort'> {
    const { control, reusePort = false } = this.#options;
    return { method: 'listen', remote: null, control, reusePort };
  }

  #listenTCP(network: string, addr: TCPAddr): TCPListener {
    const system = this.#system;
    const kind = favoriteFamily(system, network, addr, null, true);
    const keepAlive = this.#keepAlive;
    const { control } = this.#options;
    let inherits = false;
    const sysfd = openListening(system, {
      ...kind,
      sotype: SOCK_STREAM,
      controlNetwork: kind.family === AF_INET6 ? 'tcp6' : 'tcp4',
      address: String(addr),
      sockaddr: () => addr.toSockaddr(kind.family, (name) => zoneIndex(system, name)),
      control,
      backlog: this.#options.backlog,
      reusePort: this.#options.reusePort === true,
      beforeListen: (fd) => {
        // Whoever has had the descriptor may want something else of it.
        if (control === undefined) inherits = setInitialOptions(system.kernel, fd, keepAlive);
      },
    });
    return new TCPListener(system, sysfd, network, addr, { keepAlive, inherits });
  }

  #listenUnix(addr: UnixAddr): UnixListener {
    const system = this.#system;
    const sysfd = openListening(system, {
      family: AF_UNIX,
      sotype: addr.network === 'unixpacket' ? SOCK_SEQPACKET : SOCK_STREAM,
      v6Only: false,
      controlNetwork: addr.network,
      address: addr.name,
      sockaddr: () => addr.toSockaddr(),
      control: this.#options.control,
      backlog: this.#options.backlog,
      reusePort: false,
    });
    return new UnixListener(system, sysfd, addr);
  }
}

/** The first address with IPv4, else the first. */
function firstIPv4<A extends FamilyHint>(addrs: readonly A[]): A {
  return addrs.find(({ family }) => family !== AF_INET6) ?? addrs[0]!;
}
