/**
 * Connecting with options: Go's Dialer. One address is tried after the other; of two families the second
 * is started when the first has had its head start, and the first connection wins (RFC 8305, Go's
 * dialParallel). Every failure is an OpError "dial …" (bad options are TypeErrors).
 */
import type { System } from '../kernel/system.ts';
import { EADDRNOTAVAIL } from '../syscall/errno.ts';
import { AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { requireString } from './arguments.ts';
import { Cancellation } from './cancellation.ts';
import { connectSocket } from './connect.ts';
import type { Addr, Deadline } from './conn.ts';
import { toMonotonic } from './deadline.ts';
import { AddrError } from './errors.ts';
import { favoriteFamily, type FamilyHint } from './family.ts';
import type { InternetAddr } from './internet-addr.ts';
import { IPAddr } from './ip-addr.ts';
import { IPConn } from './ip-conn.ts';
import { openPacket, type PacketRequest } from './open-packet.ts';
import { openUnixgram } from './open-unixgram.ts';
import { OpError } from './op-error.ts';
import type { Control } from './open-stream.ts';
import {
  keepAliveSeconds,
  optionalDeadline,
  optionalDuration,
  optionalFunction,
  optionalSignal,
  requireOptions,
} from './options.ts';
import { resolveAddrs } from './resolve.ts';
import { type HostResolver, optionalResolver } from './resolver-options.ts';
import { TCPConn } from './tcp.ts';
import { TCPAddr } from './tcp-addr.ts';
import { UDPAddr } from './udp-addr.ts';
import { UDPConn } from './udp-conn.ts';
import { UnixConn } from './unix.ts';
import { UnixAddr, type UnixNetwork } from './unix-addr.ts';
import { zoneIndex } from './zone.ts';

export interface DialOptions {
  /** Milliseconds for the whole dial, the lookup of a name included. */
  readonly timeout?: number | undefined;
  /** The point in time at which the dial fails. The earlier of this and `timeout` counts. */
  readonly deadline?: Deadline | undefined;
  /** Gives up; afterwards it does not touch the connection. */
  readonly signal?: AbortSignal | undefined;
  /** What to bind the socket to. A TCPAddr, UDPAddr, IPAddr or UnixAddr, fitting the network. */
  readonly localAddr?: Addr | undefined;
  /** Called with the bare descriptor of each attempt, before bind and connect. */
  readonly control?: Control | undefined;
  /** How often a silent peer is asked, in milliseconds, rounded up to seconds (15 s); false: never. */
  readonly keepAlive?: number | false | undefined;
  /** The head start of the first address family over the other one (300 ms); negative: one by one. */
  readonly fallbackDelay?: number | undefined;
  /** Who looks up host names, in place of the default Resolver. */
  readonly resolver?: HostResolver | undefined;
}

const UNIX_TYPES: Readonly<Record<UnixNetwork, number>> = {
  unix: SOCK_STREAM,
  unixgram: SOCK_DGRAM,
  unixpacket: SOCK_SEQPACKET,
};

const LOCAL_TYPES = [TCPAddr, UDPAddr, IPAddr, UnixAddr];

const DEFAULT_FALLBACK_DELAY = 300;

/** No address of several gets less time than this, as long as there is that much left. */
const LEAST_SHARE = 2000;

/** How often a TCP socket that has connected to itself is thrown away before it is accepted. */
const SELF_CONNECT_TRIES = 2;

export class Dialer {
  readonly #system: System;
  readonly #options: DialOptions;
  readonly #keepAlive: number | null;

  constructor(system: System, options: DialOptions = {}) {
    this.#system = system;
    requireOptions('dial', options);
    optionalDeadline('dial', 'deadline', options.deadline);
    optionalDuration('dial', 'timeout', options.timeout);
    optionalDuration('dial', 'fallbackDelay', options.fallbackDelay);
    optionalFunction('dial', 'control', options.control);
    optionalSignal('dial', options.signal);
    optionalResolver('dial', options.resolver);
    const { localAddr } = options;
    if (localAddr !== undefined && !LOCAL_TYPES.some((type) => localAddr instanceof type)) {
      throw new TypeError(
        'dial: option localAddr must be a TCPAddr, a UDPAddr, an IPAddr or a UnixAddr',
      );
    }
    this.#options = options;
    this.#keepAlive = keepAliveSeconds('dial', options.keepAlive);
  }

  /**
   * Connects to an address: of tcp, tcp4, tcp6, unix, unixpacket or unixgram (where with an empty address and
   * a `localAddr` it is bound, and has no peer); of udp, udp4 or udp6, where only the
   * kernel is told of the peer, and its ICMP errors come with the next read or write; or of the networks
   * with IP packets, see {@link ListenConfig.listenPacket}. An empty host is this machine.
   */
  async dial(network: string, address: string): Promise<TCPConn | UDPConn | IPConn | UnixConn> {
    requireString('dial', 'network', network);
    requireString('dial', 'address', address);
    const cancellation = this.#cancellation();
    const source = this.#options.localAddr ?? null;
    let addr: Addr | null = null;
    try {
      if (network === 'unixgram' && address === '' && source instanceof UnixAddr) {
        return this.#bindUnixgram(source);
      }
      const resolved = await resolveAddrs(
        this.#system,
        'dial',
        network,
        address,
        cancellation,
        this.#options.resolver,
      );
      if (resolved.kind === 'tcp') {
        const addrs = this.#suitable(resolved.addrs, TCPAddr);
        addr = addrs[0]!;
        return await this.#dialAny(network, addrs, cancellation);
      }
      if (resolved.kind === 'udp') {
        const addrs = this.#suitable(resolved.addrs, UDPAddr);
        addr = addrs[0]!;
        const one = (remote: UDPAddr): UDPConn => this.#dialUDP(network, remote);
        return await this.#dialSerial(network, addrs, cancellation, one);
      }
      if (resolved.kind === 'ip') {
        const { network: base, protocol } = resolved;
        const addrs = this.#suitable(resolved.addrs, IPAddr);
        addr = addrs[0]!;
        const one = (remote: IPAddr): IPConn => this.#dialIP(base, protocol, remote);
        return await this.#dialSerial(network, addrs, cancellation, one);
      }
      addr = resolved.addr;
      return await this.#dialUnix(resolved.addr, cancellation);
    } catch (cause) {
      if (cause instanceof OpError) throw cause;
      throw new OpError('dial', network, addr === null ? null : source, addr, cause as Error);
    }
  }

  #cancellation(): Cancellation {
    const { timeout, deadline, signal } = this.#options;
    const { clock } = this.#system;
    // A time that is over is not the same as none (0).
    const ends = timeout === undefined || timeout === 0 ? [] : [clock.monotonic() + timeout];
    const until = toMonotonic(deadline ?? null, clock);
    if (until !== 0) ends.push(until);
    const end = ends.length === 0 ? 0 : Math.max(Math.min(...ends), Number.MIN_VALUE);
    return new Cancellation(clock, end, signal === undefined ? [] : [signal]);
  }

  /** The addresses that go with localAddr. AddrError if there is none. */
  #suitable<A extends FamilyHint & Addr>(
    addrs: readonly A[],
    type: new (...parts: never[]) => A,
  ): readonly A[] {
    const { localAddr } = this.#options;
    if (localAddr === undefined) return addrs;
    if (!(localAddr instanceof type)) {
      throw new AddrError(String(localAddr), 'mismatched local address type');
    }
    if (localAddr.isWildcard) return addrs;
    const fitting = addrs.filter(({ family }) => family === localAddr.family);
    if (fitting.length === 0) {
      throw new AddrError(String(addrs[0]), 'no suitable address found');
    }
    return fitting;
  }

  #dialAny(
    network: string,
    addrs: readonly TCPAddr[],
    cancellation: Cancellation,
  ): Promise<TCPConn> {
    const { fallbackDelay = DEFAULT_FALLBACK_DELAY } = this.#options;
    const first = addrs[0]!.family;
    const primaries = addrs.filter(({ family }) => family === first);
    const fallbacks = addrs.filter(({ family }) => family !== first);
    if (network !== 'tcp' || fallbackDelay < 0 || fallbacks.length === 0) {
      return this.#dialAll(network, addrs, cancellation);
    }
    const delay = fallbackDelay === 0 ? DEFAULT_FALLBACK_DELAY : fallbackDelay;
    return this.#race(network, primaries, fallbacks, delay, cancellation);
  }

  /** The fallbacks start after the delay, or at once when the primaries have failed. */
  #race(
    network: string,
    primaries: readonly TCPAddr[],
    fallbacks: readonly TCPAddr[],
    delay: number,
    cancellation: Cancellation,
  ): Promise<TCPConn> {
    const { clock } = this.#system;
    // The loser is given up at once: it may have minutes of waiting before it.
    const decided = new AbortController();
    const racing = cancellation.with(decided.signal);
    return new Promise((resolve, reject) => {
      let won = false;
      let primaryError: unknown = null;
      let fallbackFailed = false;
      const win = (conn: TCPConn): void => {
        if (won) return conn.close();
        won = true;
        timer.cancel();
        decided.abort();
        resolve(conn);
      };
      let started = false;
      const startFallbacks = (): void => {
        if (started || won) return;
        started = true;
        this.#dialAll(network, fallbacks, racing).then(win, () => {
          fallbackFailed = true;
          if (primaryError !== null) reject(primaryError);
        });
      };
      const timer = clock.at(clock.monotonic() + delay, startFallbacks, true);
      this.#dialAll(network, primaries, racing).then(win, (error) => {
        primaryError = error;
        timer.cancel();
        if (fallbackFailed) reject(error);
        else startFallbacks();
      });
    });
  }

  #dialAll(
    network: string,
    addrs: readonly TCPAddr[],
    cancellation: Cancellation,
  ): Promise<TCPConn> {
    return this.#dialSerial(network, addrs, cancellation, (addr, share) =>
      this.#dialTCP(network, addr, share),
    );
  }

  /** One after the other; each gets its share of the time that is left. The first error counts. */
  async #dialSerial<A extends Addr, C>(
    network: string,
    addrs: readonly A[],
    cancellation: Cancellation,
    dialOne: (addr: A, cancellation: Cancellation) => C | Promise<C>,
  ): Promise<C> {
    let firstError: OpError | null = null;
    for (const [index, addr] of addrs.entries()) {
      try {
        const share = this.#share(cancellation.deadline, addrs.length - index);
        const { error } = cancellation;
        if (error !== null) throw error;
        return await dialOne(addr, cancellation.until(share));
      } catch (cause) {
        const source = this.#options.localAddr ?? null;
        firstError ??= new OpError('dial', network, source, addr, cause as Error);
        if (cancellation.error !== null) break;
      }
    }
    throw firstError!;
  }

  /** The end of the next attempt's time, of `deadline` (0: none) and the attempts left. */
  #share(deadline: number, attempts: number): number {
    if (deadline === 0) return 0;
    const now = this.#system.clock.monotonic();
    const left = deadline - now;
    return now + Math.min(left, Math.max(left / attempts, LEAST_SHARE));
  }

  async #dialTCP(network: string, remote: TCPAddr, cancellation: Cancellation): Promise<TCPConn> {
    const local = (this.#options.localAddr as TCPAddr | undefined) ?? null;
    const free = local === null || local.port === 0;
    for (let tries = SELF_CONNECT_TRIES; ; tries--) {
      try {
        const conn = await this.#connectTCP(network, local, remote, cancellation);
        if (tries === 0 || !free || !conn.localAddr.equals(conn.remoteAddr)) return conn;
        conn.close(); // it took its own port for the one it was to reach
      } catch (error) {
        const taken = error instanceof SyscallError && error.errno === -EADDRNOTAVAIL;
        if (tries === 0 || !taken || !free) throw error;
      }
    }
  }

  async #connectTCP(
    network: string,
    local: TCPAddr | null,
    remote: TCPAddr,
    cancellation: Cancellation,
  ): Promise<TCPConn> {
    const system = this.#system;
    if (cancellation.error !== null) throw cancellation.error;
    const kind = favoriteFamily(system, network, local, remote, false);
    const zone = (name: string): number => zoneIndex(system, name);
    const { conn, waited } = await connectSocket(system, {
      ...kind,
      sotype: SOCK_STREAM,
      controlNetwork: kind.family === AF_INET6 ? 'tcp6' : 'tcp4',
      address: String(remote),
      control: this.#options.control,
      local: local === null ? null : () => local.toSockaddr(kind.family, zone),
      remote: () => remote.toSockaddr(kind.family, zone),
      cancellation,
      make: (sysfd) => TCPConn.connecting(system, sysfd, network, remote),
    });
    return conn.connected(waited, this.#keepAlive);
  }

  #dialUDP(network: string, remote: UDPAddr): UDPConn {
    const request = { ...this.#packet<UDPAddr>(), network, protocol: 0, remote };
    return UDPConn.connected(openPacket(this.#system, request));
  }

  #dialIP(network: string, protocol: number, remote: IPAddr): IPConn {
    const request = { ...this.#packet<IPAddr>(), network, protocol, remote };
    return IPConn.on(openPacket(this.#system, request));
  }

  /** What all packet sockets are opened with. */
  #packet<A extends InternetAddr>(): Pick<PacketRequest<A>, 'method' | 'local' | 'control'> {
    const { localAddr, control } = this.#options;
    return { method: 'dial', local: (localAddr as A | undefined) ?? null, control };
  }

  /** Without a peer. Go's DialUnix can do that, with a local address. */
  #bindUnixgram(local: UnixAddr): UnixConn {
    if (local.name === '') throw new AddrError('', 'missing address');
    const addr = local.network === 'unixgram' ? local : new UnixAddr(local.name, 'unixgram');
    try {
      return openUnixgram(this.#system, 'dial', addr, this.#options.control);
    } catch (cause) {
      throw new OpError('dial', 'unixgram', local, null, cause as Error);
    }
  }

  async #dialUnix(remote: UnixAddr, cancellation: Cancellation): Promise<UnixConn> {
    const system = this.#system;
    const local = this.#options.localAddr;
    if (local !== undefined && !(local instanceof UnixAddr)) {
      throw new AddrError(String(local), 'mismatched local address type');
    }
    if (cancellation.error !== null) throw cancellation.error;
    const { conn, waited } = await connectSocket(system, {
      family: AF_UNIX,
      sotype: UNIX_TYPES[remote.network],
      v6Only: false,
      controlNetwork: remote.network,
      address: remote.name,
      control: this.#options.control,
      local: local === undefined ? null : () => local.toSockaddr(),
      remote: () => remote.toSockaddr(),
      cancellation,
      make: (sysfd) => UnixConn.connecting(system, sysfd, remote),
    });
    return conn.connected(waited);
  }
}
