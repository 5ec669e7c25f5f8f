/**
 * The address of a unix socket: a path, an abstract name, or none.
 *
 * An abstract name is written with '@' where the kernel has a NUL byte, as Go, strace and ss do; so
 * a path that begins with '@' is written "./@…". Source: unix(7), Go's net.UnixAddr.
 */
import { showAs } from '../io/inspect.ts';
import { AF_UNIX } from '../syscall/socket.ts';
import type { SockaddrUnix } from '../syscall/sockaddr.ts';
import { requireString } from './arguments.ts';
import type { Addr } from './conn.ts';

export type UnixNetwork = 'unix' | 'unixgram' | 'unixpacket';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The address of a unix socket: a path, or an abstract name, which begins with "@". */
export class UnixAddr implements Addr {
  /** A path, "@name" for an abstract name, empty if the socket has no name. */
  readonly name: string;
  readonly network: UnixNetwork;
  /** The kernel's bytes, if the address came from there: a path need not be UTF-8. */
  #path: Uint8Array | null = null;

  constructor(name: string, network: UnixNetwork = 'unix') {
    requireString('UnixAddr', 'name', name);
    requireString('UnixAddr', 'network', network);
    this.name = name;
    this.network = network;
  }

  static fromSockaddr(sa: SockaddrUnix, network: UnixNetwork): UnixAddr {
    const { path } = sa;
    const name = path[0] === 0 ? `@${decoder.decode(path.subarray(1))}` : decoder.decode(path);
    const addr = new UnixAddr(name, network);
    addr.#path = path;
    return addr;
  }

  /** The address for bind or connect; without a name, bind(2) chooses an abstract one. */
  toSockaddr(): SockaddrUnix {
    if (this.#path !== null) return { family: AF_UNIX, path: this.#path };
    const path = encoder.encode(this.name);
    if (this.isAbstract) path[0] = 0;
    return { family: AF_UNIX, path };
  }

  get isAbstract(): boolean {
    return this.name.startsWith('@');
  }

  equals(other: UnixAddr): boolean {
    return this.name === other.name && this.network === other.network;
  }

  /** The name; "@" for a socket without one, as a client's usually is. */
  static {
    showAs(UnixAddr, String);
  }

  toString(): string {
    return this.name === '' ? '@' : this.name;
  }
}
