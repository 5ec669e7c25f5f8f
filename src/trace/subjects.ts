/**
 * Which connection a call belongs to: "tcp 127.0.0.1:8080->127.0.0.1:9", and behind it the request that is
 * served on it, if somebody knows: "GET /".
 *
 * Learned from the calls as they pass. The kernel around which the trace is is asked for what they do not say, once
 * when a descriptor is first seen, and once after it was bound, connected or accepted; never for each call.
 * What has no address is only its kind: "udp", "netlink". What is no socket has no subject.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { EINPROGRESS } from '../syscall/errno.ts';
import { SOCKADDR_STORAGE_SIZE } from '../syscall/sockaddr.ts';
import { familyName } from '../syscall/socket-names.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SO_DOMAIN,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../syscall/socket.ts';
import { MAX_DESCRIPTORS } from './asked-from.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Call } from './call.ts';
import {
  type Direction,
  descriptorOf,
  directionOf,
  madeBy,
  otherDescriptorOf,
} from './call-descriptors.ts';
import { endpointOf } from './endpoint.ts';

/** The request that is served on "127.0.0.1:8080->127.0.0.1:9", for a call that goes this way. */
export type RequestOf = (connection: string, direction: Direction) => string | undefined;

/** A socket. null in its place: no socket. */
interface Known {
  readonly kind: string;
  /** "127.0.0.1:8080->127.0.0.1:9"; empty: no address. */
  readonly name: string;
}

/** The type without SOCK_NONBLOCK and SOCK_CLOEXEC. */
const TYPE_MASK = 0xf;

/** Whose sockets have addresses that are asked for. */
function isNamed(domain: number): boolean {
  return domain === AF_INET || domain === AF_INET6 || domain === AF_UNIX;
}

function kindOf(domain: number, type: number): string {
  if (domain === AF_UNIX) {
    return type === SOCK_STREAM ? 'unix' : type === SOCK_SEQPACKET ? 'unixpacket' : 'unixgram';
  }
  if (domain === AF_INET || domain === AF_INET6) {
    return type === SOCK_STREAM ? 'tcp' : type === SOCK_DGRAM ? 'udp' : 'ip';
  }
  return familyName(domain).replace(/^AF_/, '').toLowerCase();
}

/** A port of 0 is none. */
function isUnbound(name: string): boolean {
  return name === '' || /^(?:0\.0\.0\.0|\[::\]):0$/.test(name);
}

function joined(local: string, peer: string): string {
  const from = isUnbound(local) ? '' : local;
  return isUnbound(peer) ? from : `${from}->${peer}`;
}

export class Subjects {
  readonly #kernel: Kernel;
  readonly #requestOf: RequestOf | undefined;
  readonly #known: BoundedMap<number, Known | null> = new BoundedMap(MAX_DESCRIPTORS);
  readonly #addr: Uint8Array = new Uint8Array(SOCKADDR_STORAGE_SIZE);
  readonly #word: Uint8Array = new Uint8Array(4);

  constructor(kernel: Kernel, requestOf?: RequestOf) {
    this.#kernel = kernel;
    this.#requestOf = requestOf;
  }

  /** How many descriptors are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** The subject of a call that is back. That of an accept is the new connection. */
  subject(call: Call): string | undefined {
    const made = madeBy(call);
    for (const fd of made) this.#make(fd, call);
    const { name } = call;
    const fd = descriptorOf(call);
    const isAccept = name === 'accept' || name === 'accept4' || name === 'socket';
    if (isAccept && made.length === 1) return this.#text(made[0]!, directionOf(name));
    if (fd < 0) return undefined;
    if (name === 'close') return this.#closed(fd, call.result);
    if (name === 'bind' && call.result >= 0) this.#known.delete(fd);
    else if (name === 'listen' && this.#known.get(fd)?.name === '') this.#known.delete(fd);
    else if (name === 'connect' && (call.result >= 0 || call.result === -EINPROGRESS)) {
      this.#connected(fd, call);
    }
    const direction = directionOf(name);
    const text = this.#text(fd, direction);
    if (text !== undefined) return text;
    const other = otherDescriptorOf(call);
    return other < 0 ? undefined : this.#text(other, name === 'splice' ? 'out' : 'in');
  }

  #text(fd: number, direction: Direction): string | undefined {
    let known = this.#known.get(fd);
    if (known === undefined) this.#known.set(fd, (known = this.#ask(fd)));
    return known === null ? undefined : this.#written(known, direction);
  }

  #written({ kind, name }: Known, direction: Direction): string {
    if (name === '') return kind;
    const text = `${kind} ${name}`;
    if (this.#requestOf === undefined || kind !== 'tcp') return text;
    try {
      const request = this.#requestOf(name, direction);
      return request === undefined ? text : `${text} ${request}`;
    } catch {
      return text;
    }
  }

  /** It is gone, and cannot be asked any more. */
  #closed(fd: number, result: number): string | undefined {
    const known = this.#known.get(fd);
    if (result >= 0) this.#known.delete(fd);
    return known === undefined || known === null ? undefined : this.#written(known, 'other');
  }

  #make(fd: number, { name, args }: Call): void {
    this.#known.delete(fd);
    if (name === 'socket') {
      const [domain, type] = args as readonly number[];
      this.#known.set(fd, { kind: kindOf(domain!, type! & TYPE_MASK), name: '' });
      return;
    }
    const from = this.#known.get(args[0] as number);
    if ((name === 'accept' || name === 'accept4') && from !== undefined && from !== null) {
      this.#known.set(fd, { kind: from.kind, name: joined(this.#local(fd), this.#peer(fd)) });
    }
  }

  /** The peer of a connection that is not made yet is nowhere but in the call. */
  #connected(fd: number, { args }: Call): void {
    const kind = this.#kind(fd);
    if (kind === null) return;
    const peer = endpointOf(args[1] as Uint8Array, args[2] as number);
    this.#known.set(fd, { kind, name: joined(this.#local(fd), peer) });
  }

  #kind(fd: number): string | null {
    const known = this.#known.get(fd);
    if (known !== undefined && known !== null) return known.kind;
    const domain = this.#option(fd, SO_DOMAIN);
    return domain < 0 ? null : kindOf(domain, this.#option(fd, SO_TYPE));
  }

  #ask(fd: number): Known | null {
    const domain = this.#option(fd, SO_DOMAIN);
    if (domain < 0) return null;
    const kind = kindOf(domain, this.#option(fd, SO_TYPE));
    return { kind, name: isNamed(domain) ? joined(this.#local(fd), this.#peer(fd)) : '' };
  }

  #option(fd: number, option: number): number {
    const word = this.#word;
    const result = this.#kernel.getsockopt(fd, SOL_SOCKET, option, word, Uint32Array.of(4));
    return result < 0 ? -1 : new DataView(word.buffer).getInt32(0, true);
  }

  #local(fd: number): string {
    const length = Uint32Array.of(SOCKADDR_STORAGE_SIZE);
    const result = this.#kernel.getsockname(fd, this.#addr, length);
    return result < 0 ? '' : endpointOf(this.#addr, length[0]!);
  }

  #peer(fd: number): string {
    const length = Uint32Array.of(SOCKADDR_STORAGE_SIZE);
    const result = this.#kernel.getpeername(fd, this.#addr, length);
    return result < 0 ? '' : endpointOf(this.#addr, length[0]!);
  }
}
