/**
 * A call by chance, for each row of the table of calls. None waits, ends or signals a process, opens a device, or changes
 * the machine: see random-values.ts and random-world.ts, and the comments here.
 */
import type { Kernel } from '../../src/kernel/kernel.ts';
import { MSG_WORDS } from '../../src/kernel/kernel.ts';
import { cString } from '../../src/syscall/c-string.ts';
import * as fcntl from '../../src/syscall/fcntl.ts';
import * as ioctl from '../../src/syscall/ioctl.ts';
import { SOCKET_OPTIONS } from '../../src/syscall/options.ts';
import * as socket from '../../src/syscall/socket.ts';
import type { Random } from '../native/random.ts';
import * as values from './random-values.ts';
import type { World } from './random-world.ts';

type Make = (world: World, random: Random) => void;

const SIGPIPE = 13;
const { SOCK_CLOEXEC, SOCK_NONBLOCK } = socket;
const FAMILIES = [1, 1, 1, 2, 2, 2, 10, 10, 16, 16, 17, 31, 40, 44];
/** strace has names for the protocols of some others, which are numbers here. */
const UNUSUAL = [4, 5, 9, 30, 38];
const NETLINK_FAMILIES = [0, 0, 15];
const O_FLAGS: readonly number[] = Object.entries(fcntl)
  .filter(([name]) => name.startsWith('O_'))
  .map(([, value]) => Number(value));
const AT_FLAGS: readonly number[] = [0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000];
const OPTIONS = Object.values(SOCKET_OPTIONS);

/** All are below the folder that the program runs in; two are links to nothing or no path at all. */
const PATHS = ['a', 'b', 'c', 'd', 'a/b', '', '.', 'new', 'h\u00e4', 'q"\\\n', 'x'.repeat(256)];
const LONG_PATHS = ['y/'.repeat(2047), 'z'.repeat(4095), 'z'.repeat(5000)];

function path(random: Random): Uint8Array {
  return cString(random.pick(random.chance(0.97) ? PATHS : LONG_PATHS));
}

function folder(world: World, random: Random): number {
  return random.chance(0.7) ? fcntl.AT_FDCWD : world.fd(random);
}

function type(random: Random): number {
  const kind = random.chance(0.95) ? random.pick([1, 1, 2, 2, 3, 5]) : random.below(12);
  return kind | values.someFlags(random, [SOCK_CLOEXEC, SOCK_NONBLOCK]);
}

function protocol(random: Random, family: number): number {
  if (family === 16) return random.pick(NETLINK_FAMILIES);
  if (family === 17) return random.pick([0, 0x300, 0x8, 0x1234]);
  return random.chance(0.6) ? 0 : random.pick([1, 6, 17, 58, 132, 136, 255, 262, 300]);
}

/** An address for this descriptor, and how many of its bytes count. */
function address(world: World, random: Random, fd: number): [Uint8Array, number] {
  const addr = values.someAddress(random, Math.max(0, world.familyOf(fd)));
  return [addr, values.lengthOf(random, addr)];
}

/** Room for an address, and the word that says how much. */
function room(random: Random): [Uint8Array, Uint32Array] {
  const addr = new Uint8Array(random.pick([0, 1, 2, 8, 16, 28, 110, 128, 200]));
  return [addr, Uint32Array.of(random.chance(0.9) ? addr.length : random.below(addr.length + 1))];
}

function maybeRoom(random: Random): [Uint8Array | null, Uint32Array | null] {
  return random.chance(0.3) ? [null, null] : room(random);
}

/** Level and name of an option: one that has a name, or any. */
function option(random: Random): [number, number] {
  if (random.chance(0.75)) {
    const { level, optname } = random.pick(OPTIONS);
    return [level, optname];
  }
  return [random.pick([0, 1, 6, 17, 41, 58, 255, 263, 270, 273, 280, 12_345]), random.below(64)];
}

function wordsOf(random: Random, length: number): Uint8Array {
  const value = new Uint8Array(length);
  for (let i = 0; i < length; i += 4) value[i] = random.below(random.chance(0.5) ? 3 : 256);
  return random.chance(0.2) ? values.someBytes(random, length) : value;
}

/** close(2) waits for as long as SO_LINGER says. */
function isLinger(level: number, optname: number): boolean {
  return level === socket.SOL_SOCKET && optname === socket.SO_LINGER;
}

function optionLength(random: Random): number {
  return random.chance(0.6) ? 4 : random.pick([0, 1, 2, 3, 5, 8, 12, 16, 20, 28, 40, 136, 232]);
}

/** Room for the parts of a message. */
function lengths(random: Random, name: Uint8Array | null, control: Uint8Array | null): Uint32Array {
  const cut = (part: Uint8Array | null): number =>
    part === null ? 0 : values.lengthOf(random, part);
  return Uint32Array.of(cut(name), cut(control), random.chance(0.9) ? 0 : random.below(2 ** 20));
}

const MEMORY = 2048;
const RECORD = 256;

/** Records whose parts lie in one memory. */
function batch(world: World, random: Random, fd: number): [Uint8Array, Uint32Array, number] {
  const count = random.below(8);
  const memory = new Uint8Array(MEMORY);
  const vector = new Uint32Array(count * MSG_WORDS);
  for (let i = 0; i < count; i += 1) {
    const at = i * RECORD;
    const data = values.somePayload(random).subarray(0, 60);
    const name = values.someAddress(random, Math.max(0, world.familyOf(fd))).subarray(0, 110);
    const control = values.someControl(random, []).subarray(0, 80);
    memory.set(data, at);
    memory.set(name, at + 60);
    memory.set(control, at + 172);
    const named = random.chance(0.5) ? values.lengthOf(random, name) : 0;
    const controlled = random.chance(0.4) ? control.length : 0;
    vector.set([at, data.length, at + 60, named, at + 172, controlled, 0, 0], i * MSG_WORDS);
  }
  return [memory, vector, random.chance(0.9) ? count : random.below(count + 1)];
}

/** Sets of descriptors, in whole words of 64 bits. */
function fdSet(world: World, random: Random, nfds: number): Uint8Array | null {
  const set = new Uint8Array(8 * Math.ceil(Math.max(nfds, 0) / 64));
  for (let i = random.below(5); i > 0; i -= 1) {
    const fd = world.fd(random);
    if (fd >= 0 && fd < 8 * set.length) set[fd >> 3]! |= 1 << (fd & 7);
  }
  return values.maybe(random, set);
}

function nfds(random: Random): number {
  return random.chance(0.8) ? 300 : random.pick([0, 1, 20, 64, 65, -1]);
}

function pollFds(world: World, random: Random): Int32Array {
  const count = random.chance(0.95) ? random.below(6) : 40;
  const fds = new Int32Array(2 * count);
  for (let i = 0; i < count; i += 1) {
    fds[2 * i] = world.fd(random);
    fds[2 * i + 1] = random.chance(0.8) ? 1 << random.below(4) : random.below(65_536);
  }
  return fds;
}

/** A set that lets SIGPIPE through would deliver it, if a call has raised it before. */
function signalSet(random: Random): Uint8Array | null {
  const style = random.below(4);
  if (style === 0) return null;
  const set = style === 1 ? new Uint8Array(8) : values.someBytes(random, 8);
  if (style === 2) set.fill(255);
  set[(SIGPIPE - 1) >> 3]! |= 1 << ((SIGPIPE - 1) & 7);
  return set;
}

function offset(random: Random): Uint8Array | null {
  if (random.chance(0.5)) return null;
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, random.pick([0n, 1n, 3n, 50n, -1n, 2n ** 40n]), true);
  return bytes;
}

/** No lease (who opens the file would wait, and its holder get a signal), no owner of signals, no notices. */
const COMMANDS: readonly number[] = [
  fcntl.F_GETFD,
  fcntl.F_SETFD,
  fcntl.F_GETFL,
  fcntl.F_GETOWN,
  fcntl.F_GETSIG,
  fcntl.F_SETSIG,
  fcntl.F_GETLEASE,
  fcntl.F_GETPIPE_SZ,
  fcntl.F_SETPIPE_SZ,
  fcntl.F_ADD_SEALS,
  fcntl.F_GET_SEALS,
  fcntl.F_DUPFD,
  fcntl.F_DUPFD_CLOEXEC,
];

function fcntlArgument(random: Random, command: number): number {
  if (command === fcntl.F_DUPFD || command === fcntl.F_DUPFD_CLOEXEC) {
    return random.pick([0, 100, 210, -1]);
  }
  return random.chance(0.9) ? random.below(70) : random.below(2 ** 31);
}

/** Requests that only ask. */
const REQUESTS: readonly number[] = Object.entries(ioctl)
  .filter(([name]) => /^(SIOCG|SIOCATMARK|SIOCOUTQ|FIONREAD|TIOC|FIOC|FIONC|FIOGET)/.test(name))
  .map(([, value]) => Number(value));

/** Requests that set: only of a descriptor that nobody has. */
const SETTING: readonly number[] = Object.entries(ioctl)
  .filter(([name]) => /^(SIOC[SAD]|FIOASYNC|FIOSETOWN)/.test(name))
  .map(([, value]) => Number(value));

function ioctlArgument(random: Random, request: number): Uint8Array | number | null {
  if (request === ioctl.FIOCLEX || request === ioctl.FIONCLEX) return 0;
  const bytes = random.chance(0.3) ? values.someBytes(random, 80) : new Uint8Array(80);
  if (random.chance(0.7)) bytes.set([0x6c, 0x6f, 0], 0);
  if (request === ioctl.SIOCGIFNAME) bytes[16] = random.below(3);
  return values.maybe(random, bytes);
}

/** Complete by its type. */
export const randomCalls: Readonly<Record<keyof Kernel, Make>> = {
  socket(world, random) {
    const family = random.pick(random.chance(0.95) ? FAMILIES : UNUSUAL);
    const fd = world.kernel.socket(family, type(random), protocol(random, family));
    world.made(fd, family);
    // When exactly a send has given it an address, which strace needs to know its protocol, is not known here.
    if (fd >= 0 && family === 16)
      world.kernel.bind(fd, Uint8Array.of(16, ...new Uint8Array(11)), 12);
  },
  socketpair(world, random) {
    const family = random.chance(0.9) ? 1 : random.pick(FAMILIES);
    const sv = new Int32Array(2);
    if (world.kernel.socketpair(family, type(random), random.chance(0.9) ? 0 : 6, sv) < 0) return;
    for (const fd of sv) world.made(fd, family);
  },
  bind(world, random) {
    const fd = world.fd(random);
    world.kernel.bind(fd, ...address(world, random, fd));
  },
  listen: (world, random) => void world.kernel.listen(world.fd(random), random.below(9) - 1),
  accept(world, random) {
    const fd = world.fd(random);
    world.made(world.kernel.accept(fd, ...maybeRoom(random)), world.familyOf(fd));
  },
  accept4(world, random) {
    const fd = world.fd(random);
    const flags = values.someFlags(random, [SOCK_CLOEXEC, SOCK_NONBLOCK]);
    world.made(world.kernel.accept4(fd, ...maybeRoom(random), flags), world.familyOf(fd));
  },
  connect(world, random) {
    const fd = world.fd(random);
    world.kernel.connect(fd, ...address(world, random, fd));
  },
  shutdown: (world, random) => void world.kernel.shutdown(world.fd(random), random.below(4)),
  getsockname: (world, random) => void world.kernel.getsockname(world.fd(random), ...room(random)),
  getpeername: (world, random) => void world.kernel.getpeername(world.fd(random), ...room(random)),
  setsockopt(world, random) {
    const [level, optname] = option(random);
    const length = optionLength(random);
    const value = isLinger(level, optname) ? new Uint8Array(length) : wordsOf(random, length);
    world.kernel.setsockopt(world.fd(random), level, optname, value, length);
  },
  getsockopt(world, random) {
    const [level, optname] = option(random);
    const length = optionLength(random);
    const value = new Uint8Array(length);
    world.kernel.getsockopt(world.fd(random), level, optname, value, Uint32Array.of(length));
  },
  read(world, random) {
    const length = values.someLength(random);
    world.kernel.read(world.fd(random), new Uint8Array(length + 3), length, random.below(4));
  },
  write(world, random) {
    const bytes = values.somePayload(random);
    const start = random.chance(0.8) ? 0 : random.below(bytes.length + 1);
    world.kernel.write(world.fd(random), bytes, bytes.length - start, start);
  },
  pread64(world, random) {
    const length = values.someLength(random);
    const at = random.pick([0, 1, 10, 1000, 2 ** 40, -1]);
    world.kernel.pread64(world.fd(random), new Uint8Array(length), length, at);
  },
  readv(world, random) {
    const iov = values.someIov(random, () => new Uint8Array(values.someLength(random)));
    world.kernel.readv(world.fd(random), iov);
  },
  writev(world, random) {
    world.kernel.writev(
      world.fd(random),
      values.someIov(random, () => values.somePayload(random)),
    );
  },
  recvfrom(world, random) {
    const length = values.someLength(random);
    const buf = length === 0 && random.chance(0.5) ? null : new Uint8Array(length);
    const flags = values.messageFlags(random);
    world.kernel.recvfrom(world.fd(random), buf, length, flags, ...maybeRoom(random));
  },
  sendto(world, random) {
    const fd = world.fd(random);
    const bytes = values.somePayload(random);
    const flags = values.messageFlags(random);
    const to: [Uint8Array | null, number] = random.chance(0.5)
      ? [null, 0]
      : address(world, random, fd);
    world.kernel.sendto(fd, bytes, bytes.length, flags, ...to);
  },
  recvmsg(world, random) {
    const name = values.maybe(random, new Uint8Array(random.pick([0, 1, 2, 16, 28, 110, 128])));
    const control = values.maybe(random, new Uint8Array(random.pick([0, 8, 20, 24, 64, 200])));
    const iov = values.someIov(random, () => new Uint8Array(values.someLength(random)));
    const room = lengths(random, name, control);
    world.kernel.recvmsg(world.fd(random), name, iov, control, room, values.messageFlags(random));
  },
  sendmsg(world, random) {
    const fd = world.fd(random);
    const name = random.chance(0.5) ? null : address(world, random, fd)[0];
    const control = random.chance(0.4) ? null : values.someControl(random, world.fds);
    const iov = values.someIov(random, () => values.somePayload(random));
    const room = lengths(random, name, control);
    world.kernel.sendmsg(fd, name, iov, control, room, values.messageFlags(random));
  },
  recvmmsg(world, random) {
    const fd = world.fd(random);
    const parts = batch(world, random, fd);
    const time = random.chance(0.6) ? null : values.noTime(random);
    world.kernel.recvmmsg(fd, ...parts, values.messageFlags(random), time);
  },
  sendmmsg(world, random) {
    const fd = world.fd(random);
    world.kernel.sendmmsg(fd, ...batch(world, random, fd), values.messageFlags(random));
  },
  sendfile(world, random) {
    const [out, from] = [world.fd(random), world.fd(random)];
    world.kernel.sendfile(out, from, offset(random), values.someLength(random));
  },
  splice(world, random) {
    const flags = values.someFlags(random, [1, 4, 8]) | 2;
    const [from, at, to] = [world.fd(random), offset(random), world.fd(random)];
    world.kernel.splice(from, at, to, offset(random), values.someLength(random), flags);
  },
  close: (world, random) => world.close(world.fd(random)),
  dup(world, random) {
    const fd = world.fd(random);
    world.made(world.kernel.dup(fd), world.familyOf(fd));
  },
  dup3(world, random) {
    const [from, to] = [world.fd(random), world.newFd(random)];
    const flags = values.someFlags(random, [fcntl.O_CLOEXEC]);
    world.made(world.kernel.dup3(from, to, flags), world.familyOf(from));
  },
  fcntl(world, random) {
    const fd = world.fd(random);
    if (random.chance(0.2)) {
      // Never back to blocking; signals have no owner.
      const flags = values.someFlags(random, O_FLAGS) & ~fcntl.O_ASYNC;
      world.kernel.fcntl(fd, fcntl.F_SETFL, flags | fcntl.O_NONBLOCK);
      return;
    }
    const command = random.chance(0.95) ? random.pick(COMMANDS) : 2000 + random.below(9);
    const result = world.kernel.fcntl(fd, command, fcntlArgument(random, command));
    if (command === fcntl.F_DUPFD || command === fcntl.F_DUPFD_CLOEXEC) {
      world.made(result, world.familyOf(fd));
    }
  },
  ioctl(world, random) {
    if (random.chance(0.1)) {
      const request = random.pick(SETTING);
      world.kernel.ioctl(-1, request, ioctlArgument(random, request));
      return;
    }
    const request = random.pick(REQUESTS);
    world.kernel.ioctl(world.fd(random), request, ioctlArgument(random, request));
  },
  openat(world, random) {
    const flags = values.someFlags(random, O_FLAGS) & ~fcntl.O_ASYNC;
    const mode = random.chance(0.9) ? random.below(0o10000) : random.below(2 ** 31);
    world.made(world.kernel.openat(folder(world, random), path(random), flags, mode));
  },
  openat2(world, random) {
    const flags = values.someFlags(random, O_FLAGS) & ~fcntl.O_ASYNC;
    const mode = random.chance(0.6) ? 0 : random.below(0o10000);
    const how = new Uint8Array(random.pick([0, 8, 24, 24, 24, 24, 32, 100, 4100]));
    const known = fcntl.encodeOpenHow(flags, mode, values.someFlags(random, [1, 2, 4, 8, 16, 32]));
    how.set(known.subarray(0, how.length));
    if (how.length > 24 && random.chance(0.3)) how[24 + random.below(how.length - 24)] = 7;
    const size = values.lengthOf(random, how);
    world.made(world.kernel.openat2(folder(world, random), path(random), how, size));
  },
  unlinkat(world, random) {
    const flags = values.someFlags(random, AT_FLAGS);
    world.kernel.unlinkat(folder(world, random), path(random), flags);
  },
  readlinkat(world, random) {
    const size = random.chance(0.2) ? random.below(8) : 256;
    world.kernel.readlinkat(folder(world, random), path(random), new Uint8Array(256), size);
  },
  statx(world, random) {
    const flags = values.someFlags(random, AT_FLAGS);
    const mask = random.chance(0.3) ? 0x7ff : values.someFlags(random, [1, 2, 4, 0x200, 0x800]);
    world.kernel.statx(folder(world, random), path(random), flags, mask, new Uint8Array(256));
  },
  pipe2(world, random) {
    const pipe = new Int32Array(2);
    const flags = values.someFlags(random, [fcntl.O_CLOEXEC, fcntl.O_NONBLOCK, fcntl.O_DIRECT]);
    if (world.kernel.pipe2(pipe, flags) < 0) return;
    for (const fd of pipe) world.made(fd);
  },
  eventfd2(world, random) {
    const start = random.pick([0, 1, 5, 2 ** 32 - 1]);
    world.made(world.kernel.eventfd2(start, values.someFlags(random, [1, 0o4000, 0o2000000])));
  },
  select(world, random) {
    const count = nfds(random);
    const sets = [0, 0, 0].map(() => fdSet(world, random, count));
    const [reading, writing, excepted] = sets as [Uint8Array, Uint8Array, Uint8Array];
    world.kernel.select(count, reading, writing, excepted, values.noTime(random));
  },
  pselect6(world, random) {
    const count = nfds(random);
    const sets = [0, 0, 0].map(() => fdSet(world, random, count));
    const [reading, writing, excepted] = sets as [Uint8Array, Uint8Array, Uint8Array];
    const time = values.noTime(random);
    world.kernel.pselect6(count, reading, writing, excepted, time, signalSet(random));
  },
  poll(world, random) {
    const fds = pollFds(world, random);
    world.kernel.poll(fds, fds.length / 2, 0);
  },
  ppoll(world, random) {
    const fds = pollFds(world, random);
    world.kernel.ppoll(fds, fds.length / 2, values.noTime(random), signalSet(random));
  },
  epoll_create: (world, random) => world.made(world.kernel.epoll_create(random.below(3))),
  epoll_create1(world, random) {
    world.made(world.kernel.epoll_create1(values.someFlags(random, [0o2000000])));
  },
  epoll_ctl(world, random) {
    const event = Uint32Array.of(
      random.chance(0.7) ? 1 << random.below(5) : random.below(2 ** 32),
      random.below(2 ** 32),
      random.chance(0.5) ? 0 : random.below(2 ** 32),
    );
    const op = random.chance(0.95) ? 1 + random.below(3) : random.below(2 ** 31);
    world.kernel.epoll_ctl(world.fd(random), op, world.fd(random), values.maybe(random, event));
  },
  epoll_wait(world, random) {
    const count = random.chance(0.9) ? 1 + random.below(8) : random.pick([0, 40]);
    world.kernel.epoll_wait(world.fd(random), new Uint32Array(3 * count), count, 0);
  },
};
