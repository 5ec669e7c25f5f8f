/** Go's package net, bound to one System: `new Stack(linux)` is what `netfd` exports. */
import type { System } from '../kernel/system.ts';
import { Dialer, type DialOptions } from './dialer.ts';
import { ListenConfig, type ListenOptions } from './listen-config.ts';
import { fileConn, fileListener } from './file.ts';
import type { FileLike } from './file-like.ts';
import type { TCPConn, TCPListener } from './tcp.ts';
import type { UnixConn, UnixListener } from './unix.ts';

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

  /** Connects to an address of a stream network; see {@link Dialer.dial}. */
  dial(network: 'tcp' | 'tcp4' | 'tcp6', address: string, options?: DialOptions): Promise<TCPConn>;
  dial(network: 'unix' | 'unixpacket', address: string, options?: DialOptions): Promise<UnixConn>;
  dial(network: string, address: string, options?: DialOptions): Promise<TCPConn | UnixConn>;
  async dial(network: string, address: string, options?: DialOptions): Promise<TCPConn | UnixConn> {
    return new Dialer(this.system, options).dial(network, address);
  }

  /** A connection on a copy of a descriptor that came from elsewhere; see file.ts. OpError "file". */
  fileConn(file: FileLike): TCPConn | UnixConn {
    return fileConn(this.system, file);
  }

  /** A listener on a copy of a descriptor that came from elsewhere; see file.ts. OpError "file". */
  fileListener(file: FileLike): TCPListener | UnixListener {
    return fileListener(this.system, file);
  }
}
