/**
 * Random arguments that can do no harm: descriptors are those that this process opened for the purpose
 * and keeps open, or none at all; all of them are nonblocking and stay so; addresses are of this machine
 * and lead nowhere; files are in a folder of our own. Everything else is arbitrary.
 */
import { EPOLL_CTL_ADD, EPOLL_CTL_MOD } from '../../src/syscall/epoll.ts';
import { AT_FDCWD, F_GETFL, F_SETFL, O_ASYNC, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import { AF_INET, AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM } from '../../src/syscall/socket.ts';
import { MSG_WAITFORONE, SOCK_NONBLOCK, SOCK_STREAM } from '../../src/syscall/socket.ts';
import { callOf } from './addon.ts';
import { detach, everyKind, resizable, shrunkBytes } from './buffers.ts';
import type { Random } from './random.ts';
import type { Kind } from './signatures.ts';

const ARENA = 4096;
const GUARD = 0xa5;

/** Memory for the arguments of one call; whatever is outside of them must stay as it is. */
export class Arena {
  readonly #kinds: readonly Uint8Array[] = everyKind(ARENA).map((buffer) => new Uint8Array(buffer));
  #bytes: Uint8Array = this.#kinds[0]!;
  #used: [start: number, end: number][] = [];

  /** Begins anew, on memory of any kind. */
  clear(random: Random): void {
    this.#bytes = random.pick(this.#kinds);
    this.#bytes.fill(GUARD);
    this.#used = [];
  }

  /** Where `size` bytes begin that nobody else has, with a gap before and behind. */
  #take(size: number): number {
    const start = 16 + (this.#used.at(-1)?.[1] ?? 0);
    const aligned = Math.ceil(start / 8) * 8;
    this.#used.push([aligned, aligned + size]);
    return aligned;
  }

  bytes(size: number): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#take(size), size);
  }

  words(size: number): Uint32Array {
    return new Uint32Array(this.#bytes.buffer, this.#take(size * 4), size);
  }

  /** True if nothing was written outside of the arguments. */
  intact(): boolean {
    let at = 0;
    for (const [start, end] of [...this.#used, [ARENA, ARENA] as const]) {
      for (; at < start; at++) if (this.#bytes[at] !== GUARD) return false;
      at = end;
    }
    return true;
  }
}

/** Calls that would wait for ever without a timeout. */
const BLOCKING: ReadonlySet<string> = new Set(['select', 'pselect6', 'ppoll']);

const integers = [0, 1, 2, 3, 7, 255, 4096, -1, -2, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1];
const noDescriptors = [-1, -(2 ** 31), 1e9, 2 ** 31 - 1, 2 ** 32 - 1];

/**
 * The options of each level: none that loads a kernel module or outlives the socket. Those that name
 * memory are among them, and refused: see socket-options.test.ts.
 */
const options: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 3, 8, 10, 13, 32, 33, 34, 41, 48, 129, 131],
  1: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 17, 18, 20, 21, 26, 29, 30, 39, 51],
  6: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 18, 23, 24, 25, 26, 35, 41],
};

function optionsOf(level: unknown): readonly number[] {
  return (typeof level === 'number' ? options[level] : undefined) ?? integers;
}

/** The requests that only ask: FIONREAD, SIOCATMARK, SIOCGSTAMP, SIOCGIFNAME, SIOCGIFADDR, SIOCGIFINDEX, …. */
const requests = [0x541b, 0x5411, 0x8905, 0x8906, 0x894b, 0x8910, 0x8915, 0x8927, 0x8933, 0x5451];

/** Calls whose address is where something goes to. */
const ADDRESSES: ReadonlySet<string> = new Set(['bind', 'connect', 'sendto']);

/** Values of every other type. None is a number that could be a descriptor. */
const strange: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => '1',
  () => '',
  () => Number.NaN,
  () => Infinity,
  () => 1.5,
  () => -1e300,
  () => 2 ** 32,
  () => 1n,
  () => Symbol('fuzz'),
  () => ({}),
  () => [],
  () => ({ valueOf: () => -1, length: 4 }),
  () => () => false,
  () => new Date(0),
  () => new ArrayBuffer(16),
  () => new DataView(new ArrayBuffer(16)),
  () => new Float32Array(4),
  () => new BigUint64Array(4),
  () => new Proxy(new Uint8Array(16), {}),
  () => Object.create(Uint8Array.prototype),
  () => detach(new Uint8Array(16)),
  () => detach(new Uint32Array(4)),
  () => shrunkBytes(64),
  () => new Uint32Array(resizable(0, 64)),
];

/** What opens descriptors and makes arguments. */
export class Arguments {
  readonly arena: Arena = new Arena();
  readonly descriptors: readonly number[];
  readonly #random: Random;
  readonly #paths: readonly string[];

  constructor(random: Random, folder: string) {
    this.#random = random;
    this.descriptors = openAll();
    this.#paths = ['', `${folder}/a`, `${folder}/b`, `${folder}/absent/c`];
  }

  strange(): unknown {
    return this.#random.pick(strange)();
  }

  descriptor(): number {
    return this.#random.pick(this.#random.chance(0.8) ? this.descriptors : noDescriptors);
  }

  /** Mostly a valid value of argument `name` of `call`. */
  make(call: string, name: string, kind: Kind, before: readonly unknown[]): unknown {
    if (BLOCKING.has(call) && name === 'timeout') return this.arena.bytes(16).fill(0);
    if (this.#random.chance(0.1)) return this.strange();
    return this.#special(call, name, before) ?? this.#ofKind(kind, before);
  }

  /** Arguments that would do harm if they were arbitrary. */
  #special(call: string, name: string, before: readonly unknown[]): unknown {
    const random = this.#random;
    if (call === 'close') return random.chance(0.5) ? openSocket() : random.pick(noDescriptors);
    if (name === 'dirfd') return random.chance(0.5) ? AT_FDCWD : this.descriptor();
    if (/fd$|^fd_/.test(name) && name !== 'pipefd') return this.descriptor();
    if (name === 'timeout' && call !== 'recvmmsg') return 0;
    if (name === 'domain') return random.pick([AF_UNIX, AF_INET, -1, 9999]);
    if (name === 'protocol') return random.pick([0, 6, 17, -1, 9999]);
    if (name === 'addr' && ADDRESSES.has(call)) return this.#address();
    if (name === 'name' && call === 'sendmsg') return this.#address();
    if (name === 'msgvec' && call === 'sendmmsg') return this.#unnamed();
    if (name === 'flags' && call === 'recvmmsg') return random.below(2 ** 31) & ~MSG_WAITFORONE;
    // -1 records are as many as there can be, so that a random one would be refused for its length.
    if (name === 'vlen' || name === 'nfds') return random.pick([0, 1, 2, 3, 64, -1, 2 ** 31 - 1]);
    if (name === 'level') return random.pick([0, 1, 1, 6, 6, -1, 9999]);
    if (name === 'optname') return random.pick(optionsOf(before[1]));
    if (name === 'op') return random.pick([EPOLL_CTL_ADD, EPOLL_CTL_MOD, 2, 0, 9]);
    if (name === 'maxevents') return random.pick([1, 4, 64, 0, -1, 2 ** 31 - 1]);
    if (call === 'fcntl') return this.#fcntl(name, before);
    return undefined;
  }

  #fcntl(name: string, before: readonly unknown[]): number {
    const random = this.#random;
    const [fd, cmd] = before;
    // What is no descriptor may be asked anything.
    if (name === 'cmd') {
      const none = typeof fd === 'number' && noDescriptors.includes(fd);
      return none ? random.below(1100) : random.pick([1, 2, F_GETFL, F_SETFL, 5, 36, 1035]);
    }
    const arg = random.pick(integers);
    return cmd === F_SETFL ? (arg | O_NONBLOCK) & ~O_ASYNC : arg;
  }

  #address(): Uint8Array | null {
    const random = this.#random;
    const bytes = this.arena.bytes(random.pick([16, 110, 128]));
    bytes.fill(0);
    const family = random.pick([AF_INET, AF_UNIX, 0, 9999]);
    bytes.set([family & 255, family >> 8]);
    if (family === AF_INET) bytes.set([0, random.below(2), 127, 0, 0, 1], 2);
    else if (family === AF_UNIX) bytes.set(Buffer.from(this.#paths[2]!).subarray(0, 13), 2);
    return random.chance(0.05) ? null : bytes;
  }

  /** Messages without a name, which would have to be that of a socket of our own. */
  #unnamed(): Uint32Array {
    const words = this.arena.words(8 * this.#random.below(4));
    for (let at = 0; at < words.length; at += 8) {
      words.set([this.#random.below(8), this.#random.below(9)], at);
      words.set([0, 0, this.#random.below(8), this.#random.below(9), 0, 0], at + 2);
    }
    return words;
  }

  #iov(): unknown {
    const random = this.#random;
    const one = (): unknown => {
      return random.chance(0.02) ? this.strange() : this.#filled(random.below(20));
    };
    if (random.chance(0.3)) return one();
    if (random.chance(0.02)) return Array.from({ length: 1025 }, () => new Uint8Array(1));
    return Array.from({ length: random.below(5) }, one);
  }

  #ofKind(kind: Kind, before: readonly unknown[]): unknown {
    const random = this.#random;
    if (random.chance(0.05)) return null;
    const last = before.at(-1);
    const room = ArrayBuffer.isView(last) ? last.byteLength : 16;
    switch (kind) {
      case 'int':
        return random.chance(0.5) ? random.pick(integers) : random.below(2 ** 32);
      case 'bytes':
        return this.#filled(random.pick([0, 1, 4, 8, 16, 110, 128, 255, 256]));
      case 'path':
        return this.#path();
      case 'socklen':
        return random.chance(0.8) ? random.below(room + 1) : random.pick(integers);
      case 'socklenPointer': {
        const words = this.arena.words(random.below(3));
        return words.fill(random.chance(0.8) ? random.below(room + 1) : random.below(2 ** 32));
      }
      case 'count':
      case 'offset':
        return random.chance(0.8) ? random.below(room + 1) : random.pick([...integers, undefined]);
      case 'words2':
      case 'words3':
      case 'events':
        return this.arena.words(random.pick([0, 1, 2, 3, 12, 192])).fill(random.below(2 ** 32));
      case 'length':
        return random.chance(0.8) ? random.below(4096) : random.pick(integers);
      case 'time':
      case 'sigmask':
      case 'fileOffset':
        return this.#filled(random.pick([8, 16, 16, 15, 0]));
      case 'fdset':
        return this.arena.bytes(random.pick([0, 8, 16, 128])).fill(random.below(256));
      case 'pollfds':
      case 'lengths':
      case 'msgvec':
        return this.arena.words(random.pick([0, 2, 3, 8, 16])).fill(random.below(8));
      case 'iov':
        return this.#iov();
      case 'request':
        return random.chance(0.8) ? random.pick(requests) : random.pick(integers);
      case 'argument':
        return random.chance(0.1) ? random.pick(integers) : this.#filled(random.pick([4, 16, 40]));
      case 'command':
        return random.below(1100);
    }
  }

  #filled(size: number): Uint8Array {
    return this.arena.bytes(size).fill(this.#random.below(256));
  }

  #path(): Uint8Array {
    const text = Buffer.from(this.#random.pick(this.#paths));
    const bytes = this.arena.bytes(text.length + this.#random.below(3));
    bytes.fill(0).set(text);
    return bytes;
  }
}

function openSocket(): number {
  return callOf('socket')(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/** One or two of each kind, all nonblocking. */
function openAll(): number[] {
  const flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
  const pairs = [new Int32Array(2), new Int32Array(2), new Int32Array(2)] as const;
  callOf('socketpair')(AF_UNIX, SOCK_STREAM | flags, 0, pairs[0]);
  callOf('socketpair')(AF_UNIX, SOCK_DGRAM | flags, 0, pairs[1]);
  callOf('pipe2')(pairs[2], flags);
  return [
    ...pairs.flatMap((pair) => [...pair]),
    openSocket(),
    callOf('socket')(AF_INET, SOCK_STREAM | flags, 0),
    callOf('socket')(AF_INET, SOCK_STREAM | flags, 0),
    callOf('socket')(AF_INET, SOCK_DGRAM | flags, 0),
    callOf('epoll_create1')(SOCK_CLOEXEC),
    callOf('epoll_create1')(SOCK_CLOEXEC),
  ];
}
