/**
 * What explanations need to know of the calls before: how each descriptor was made, and what became of it. It is
 * told of every call after it was explained.
 *
 * It asks nobody, so of a descriptor that was made before the trace began, or by a call that is not traced, nothing
 * is known. It is bounded: at {@link MAX_DESCRIPTORS} the one that was made first is forgotten.
 */
import { EPOLL_CTL_ADD, EPOLLERR, EPOLLHUP, EPOLLRDHUP } from '../syscall/epoll.ts';
import { EAGAIN, EINPROGRESS, EMFILE, ENFILE } from '../syscall/errno.ts';
import { SO_BROADCAST, SO_LINGER, SOL_SOCKET } from '../syscall/socket.ts';
import type { Call, Value } from './call.ts';

/** Descriptors that are remembered at a time. */
export const MAX_DESCRIPTORS = 4096;

/** What made it: a call, or that it was accepted. */
export type Origin = 'socket' | 'accepted' | 'file' | 'epoll' | 'pipe';

/** A descriptor, as far as the calls have told. */
export class Descriptor {
  readonly origin: Origin;
  /** Of a socket: AF_INET, SOCK_STREAM with its flags, IPPROTO_TCP; 0 of others. */
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
  /** Of a file. */
  readonly path: string;
  state: 'new' | 'bound' | 'listening' | 'connecting' | 'connected';
  /** epoll watches it. */
  registered = false;
  /** epoll has told of EPOLLRDHUP, EPOLLHUP or EPOLLERR. */
  finished = false;
  /** A read has found the end of the stream. */
  ended = false;
  /** SO_BROADCAST was set. */
  broadcast = false;
  /** SO_LINGER was set to 0 seconds. */
  resets = false;
  /** Of a listening socket: connections taken, and whether the last try found no free descriptor. */
  accepted = 0;
  starved = false;

  constructor(
    origin: Origin,
    [domain, type, protocol]: readonly [number, number, number] = [0, 0, 0],
    path: string = '',
  ) {
    this.origin = origin;
    this.domain = domain;
    this.type = type;
    this.protocol = protocol;
    this.path = path;
    this.state = origin === 'accepted' ? 'connected' : 'new';
  }
}

/** A path as it was passed, without its NUL. */
export function pathOf(value: Value): string {
  if (!(value instanceof Uint8Array)) return '';
  const end = value.indexOf(0);
  return String.fromCharCode(...value.subarray(0, Math.min(end < 0 ? value.length : end, 4096)));
}

/** A 32-bit word of an option's value; 0 if it is shorter. */
export function intOf(value: Value, at: number = 0): number {
  if (!(value instanceof Uint8Array) || value.length < at + 4) return 0;
  return new DataView(value.buffer, value.byteOffset, value.length).getInt32(at, true);
}

export class History {
  readonly #known: Map<number, Descriptor> = new Map();

  /** What is known of a descriptor; undefined: nothing. */
  of(fd: Value): Descriptor | undefined {
    return typeof fd === 'number' ? this.#known.get(fd) : undefined;
  }

  /** Whether another socket of another family is connecting, as in a dial to a name with both. */
  racing(fd: Value): boolean {
    const own = this.of(fd);
    for (const [other, { state, domain }] of this.#known) {
      if (other !== fd && state === 'connecting' && domain !== own?.domain) return true;
    }
    return false;
  }

  /** How many descriptors are known. */
  get size(): number {
    return this.#known.size;
  }

  /** A call that has been explained. */
  note(call: Call): void {
    if (call.result >= 0) this.#succeeded(call);
    else this.#failed(call);
  }

  #add(fd: Value, descriptor: Descriptor): void {
    this.#known.delete(fd as number);
    if (this.#known.size >= MAX_DESCRIPTORS) {
      for (const first of this.#known.keys()) {
        this.#known.delete(first);
        break;
      }
    }
    this.#known.set(fd as number, descriptor);
  }

  #failed({ name, args, result }: Call): void {
    const known = this.of(args[0]);
    if (name === 'close') this.#known.delete(args[0] as number);
    else if (known === undefined) return;
    else if (name === 'connect' && result === -EINPROGRESS) known.state = 'connecting';
    else if (name === 'accept4' && result !== -EAGAIN) {
      known.starved = result === -EMFILE || result === -ENFILE;
    }
  }

  #succeeded(call: Call): void {
    const { name, args, result } = call;
    const [first, second, third] = args;
    if (name === 'socket') {
      this.#add(
        result,
        new Descriptor('socket', [first as number, second as number, third as number]),
      );
    } else if (name === 'accept4' || name === 'accept') this.#accepted(first, result);
    else if (name === 'openat' || name === 'openat2') {
      this.#add(result, new Descriptor('file', [0, 0, 0], pathOf(second)));
    } else if (name === 'epoll_create1') this.#add(result, new Descriptor('epoll'));
    else if (name === 'pipe2')
      for (const end of first as Int32Array) this.#add(end, new Descriptor('pipe'));
    else if (name === 'socketpair') this.#paired(call);
    else if (name === 'close') this.#known.delete(first as number);
    else if (name === 'epoll_wait') this.#seen(second as Uint32Array, result);
    else if (name === 'epoll_ctl') {
      const known = this.of(third);
      if (known !== undefined) known.registered = second === EPOLL_CTL_ADD;
    } else this.#changed(call);
  }

  #paired({ args: [domain, type, protocol, pair] }: Call): void {
    for (const end of pair as Int32Array) {
      const made = new Descriptor('socket', [domain as number, type as number, protocol as number]);
      made.state = 'connected';
      this.#add(end, made);
    }
  }

  #accepted(listener: Value, fd: number): void {
    const { domain = 0, type = 0, protocol = 0 } = this.of(listener) ?? {};
    this.#add(fd, new Descriptor('accepted', [domain, type, protocol]));
    const known = this.of(listener);
    if (known === undefined) return;
    known.accepted += 1;
    known.starved = false;
  }

  #seen(events: Uint32Array, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const known = this.of(events[3 * i + 1]);
      if (known === undefined) continue;
      if ((events[3 * i]! & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) !== 0) known.finished = true;
    }
  }

  /** What a call has done to its own descriptor. */
  #changed({ name, args, result }: Call): void {
    const known = this.of(args[0]);
    if (known === undefined) return;
    if (name === 'bind') known.state = 'bound';
    else if (name === 'listen') known.state = 'listening';
    else if (name === 'connect') known.state = 'connected';
    else if (name === 'getpeername' && known.state === 'connecting') known.state = 'connected';
    else if (name === 'read' && result === 0 && (args[2] as number) > 0) known.ended = true;
    else if (name === 'setsockopt' && args[1] === SOL_SOCKET) {
      if (args[2] === SO_BROADCAST) known.broadcast = true;
      else if (args[2] === SO_LINGER) {
        known.resets = intOf(args[3]) !== 0 && intOf(args[3], 4) === 0;
      }
    }
  }
}
