/**
 * What a descriptor is: the kernel around which a trace is is asked, once it is needed. Those calls are not traced, and
 * change nothing. What has been passed, copied or inherited is known as well as what was seen to be made.
 *
 * One thing the kernel does not tell afterwards: whether a netlink socket had an address before a
 * call, as sending gives it one. That is remembered from the calls as they pass.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { SIOCGIFNAME } from '../syscall/ioctl.ts';
import { AF_NETLINK, SO_DOMAIN, SO_PROTOCOL, SOL_SOCKET } from '../syscall/socket.ts';
import type { Call } from './call.ts';

/** struct ifreq: a name, and then the rest. */
const IFREQ = 40;
const IFNAMSIZ = 16;

const GIVING_ADDRESS: ReadonlySet<string> = new Set([
  'bind',
  'connect',
  'sendto',
  'sendmsg',
  'sendmmsg',
  'write',
  'writev',
]);

export class Descriptors {
  readonly #kernel: Kernel;
  /** Netlink sockets that were made and have no address yet. */
  readonly #fresh: Map<number, { unnamed: boolean }> = new Map();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  #option(fd: number, option: number): number | null {
    const value = new Uint8Array(4);
    const result = this.#kernel.getsockopt(fd, SOL_SOCKET, option, value, Uint32Array.of(4));
    return result < 0 ? null : new DataView(value.buffer).getInt32(0, true);
  }

  /** AF_NETLINK and so on; null: no socket. */
  familyOf(fd: number): number | null {
    return this.#option(fd, SO_DOMAIN);
  }

  /** NETLINK_ROUTE and so on; null: no socket, or a netlink socket that has had no address before this call. */
  protocolOf(fd: number): number | null {
    return this.#fresh.get(fd)?.unnamed === true ? null : this.#option(fd, SO_PROTOCOL);
  }

  /** The name of an interface where socket `fd` is; null: there is none. */
  interfaceName(fd: number, index: number): string | null {
    const request = new Uint8Array(IFREQ);
    new DataView(request.buffer).setUint32(IFNAMSIZ, index, true);
    if (this.#kernel.ioctl(fd, SIOCGIFNAME, request) < 0) return null;
    const end = request.indexOf(0);
    return String.fromCharCode(...request.subarray(0, Math.min(end, IFNAMSIZ)));
  }

  /** A call has been printed. */
  note({ name, args, result }: Call): void {
    const [first, second] = args;
    if (name === 'socket' && result >= 0) {
      if (first === AF_NETLINK) this.#fresh.set(result, { unnamed: true });
      else this.#fresh.delete(result);
      return;
    }
    if (this.#fresh.size === 0 || typeof first !== 'number') return;
    if ((name === 'dup' || name === 'fcntl') && result >= 0) this.#copied(name, args, result);
    else if (name === 'dup3' && result >= 0) this.#copy(first, second as number);
    else if (name === 'bind' && result < 0) return;
    else if (name === 'close') this.#fresh.delete(first);
    else if (GIVING_ADDRESS.has(name)) this.#named(first);
  }

  /** Copies of the descriptor are of the same socket. */
  #named(fd: number): void {
    const known = this.#fresh.get(fd);
    if (known !== undefined) known.unnamed = false;
    this.#fresh.delete(fd);
  }

  #copied(name: string, [fd, command]: Call['args'], result: number): void {
    const copying = name === 'dup' || command === 0 || command === 1030;
    if (copying) this.#copy(fd as number, result);
  }

  #copy(from: number, to: number): void {
    const known = this.#fresh.get(from);
    if (known === undefined) this.#fresh.delete(to);
    else this.#fresh.set(to, known);
  }
}
