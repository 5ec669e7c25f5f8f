/**
 * Listening with options: Go's ListenConfig. Addresses become sockets here; the calls themselves are in
 * open-stream.ts. Every failure is an OpError "listen …" (bad options are TypeErrors).
 */
import type { System } from '../kernel/system.ts';
import { AF_INET6, AF_UNIX, SOCK_SEQPACKET, SOCK_STREAM } from '../syscall/socket.ts';
import { requireString } from './arguments.ts';
import { Cancellation } from './cancellation.ts';
import type { Addr } from './conn.ts';
import { AddrError } from './errors.ts';
import { favoriteFamily } from './family.ts';
import { OpError } from './op-error.ts';
import { type Control, openListening } from './open-stream.ts';
import { resolveAddrs } from './resolve.ts';
import { type HostResolver, optionalResolver } from './resolver-options.ts';
import {
  keepAliveSeconds,
  optionalBoolean,
  optionalFunction,
  optionalInteger,
  optionalSignal,
  requireOptions,
} from './options.ts';
import { TCPListener } from './tcp.ts';
import type { TCPAddr } from './tcp-addr.ts';
import { UnixListener } from './unix.ts';
import type { UnixAddr } from './unix-addr.ts';
import { zoneIndex } from './zone.ts';

export interface ListenOptions {
  /** Called with the bare descriptor before bind. */
  readonly control?: Control | undefined;
  /** How many connections may wait to be accepted; by default what the kernel allows (somaxconn). */
  readonly backlog?: number | undefined;
  /** SO_REUSEPORT: several listeners share the port, and the kernel spreads the connections. */
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
    const system = this.#system;
    let addr: Addr | null = null;
    try {
      const { signal, resolver } = this.#options;
      const cancellation = new Cancellation(system.clock, 0, signal === undefined ? [] : [signal]);
      const resolved = await resolveAddrs(
        system,
        'listen',
        network,
        address,
        cancellation,
        resolver,
      );
      if (resolved.kind === 'tcp') {
        const first =
          resolved.addrs.find(({ family }) => family !== AF_INET6) ?? resolved.addrs[0]!;
        addr = first;
        return this.#listenTCP(network, first);
      }
      addr = resolved.addr;
      if (resolved.kind === 'other' || network === 'unixgram') {
        throw new AddrError(String(addr), 'unexpected address type');
      }
      return this.#listenUnix(resolved.addr);
    } catch (cause) {
      throw new OpError('listen', network, null, addr, cause as Error);
    }
  }

  #listenTCP(network: string, addr: TCPAddr): TCPListener {
    const system = this.#system;
    const kind = favoriteFamily(system, network, addr, null, true);
    const sysfd = openListening(system, {
      ...kind,
      sotype: SOCK_STREAM,
      controlNetwork: kind.family === AF_INET6 ? 'tcp6' : 'tcp4',
      address: String(addr),
      sockaddr: () => addr.toSockaddr(kind.family, (name) => zoneIndex(system, name)),
      control: this.#options.control,
      backlog: this.#options.backlog,
      reusePort: this.#options.reusePort === true,
    });
    return new TCPListener(system, sysfd, network, addr, this.#keepAlive);
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
