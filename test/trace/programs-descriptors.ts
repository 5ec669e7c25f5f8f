/** Golden programs: making descriptors, fcntl(2), ioctl(2). */
import { cString } from '../../src/syscall/c-string.ts';
import * as fcntl from '../../src/syscall/fcntl.ts';
import { AT_FDCWD, O_RDWR, O_TMPFILE } from '../../src/syscall/fcntl.ts';
import { encodeIfreq } from '../../src/syscall/ifreq.ts';
import * as ioctl from '../../src/syscall/ioctl.ts';
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../../src/syscall/socket.ts';
import * as tun from '../../src/syscall/tun.ts';
import type { Program, Subject } from './program.ts';

/** fcntl takes these commands: their arguments are numbers. */
const COMMANDS = [0, 1, 2, 3, 4, 8, 9, 10, 11].concat(
  Array.from({ length: 11 }, (_, i) => 1024 + i),
);

/** ioctl takes all requests of these ranges that have struct ifreq. */
const IFREQ = [
  [0x8910, 0x8911],
  [0x8913, 0x8927],
  [0x8929, 0x8937],
  [0x8942, 0x8943],
  [0x8970, 0x8970],
] as const;

function unnamed({ kernel }: Subject): number {
  return kernel.openat(AT_FDCWD, cString('/tmp'), O_TMPFILE | O_RDWR, 0o600);
}

function ifreqs(): number[] {
  return IFREQ.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
}

const loopback = (): Uint8Array => encodeIfreq('lo');

export const descriptors: Readonly<Record<string, Program>> = {
  'pipes, counters and copies of descriptors'({ kernel }) {
    const pipe = new Int32Array(2);
    for (const flags of [0, fcntl.O_CLOEXEC, fcntl.O_DIRECT | fcntl.O_NONBLOCK, 0x1000_0000, -1]) {
      if (kernel.pipe2(pipe, flags) < 0) continue;
      kernel.close(pipe[0]!);
      kernel.close(pipe[1]!);
    }
    for (let bit = 0; bit < 32; bit += 1) kernel.eventfd2(-1, (1 << bit) | 2);
    for (const [value, flags] of [
      [0, 0],
      [7, 1],
      [0xffff_ffff | 0, 0x80801],
      [0x7fff_ffff, 0x800],
    ] as const) {
      const counter = kernel.eventfd2(value, flags);
      kernel.read(counter, new Uint8Array(4), 4);
      kernel.close(counter);
    }
    for (let bit = 0; bit < 32; bit += 1) kernel.dup3(-3, 20, 1 << bit);
    for (const flags of [-1, fcntl.O_CLOEXEC, 0x80800, fcntl.O_CLOEXEC | 1]) {
      kernel.dup3(-3, 20, flags);
    }
    for (const fd of [-1, 4000, -0x8000_0000, 0x7fff_ffff]) {
      kernel.dup(fd);
      kernel.close(fd);
    }
    kernel.dup3(5, 5, 0);
  },

  'fcntl: every command with any argument'(subject) {
    const { kernel } = subject;
    for (const command of COMMANDS) {
      for (const argument of [0, 1, 2, -1, 0x7fff_ffff, 0x1f, 0x20, 0xffff, 0x800, 9, 64]) {
        kernel.fcntl(-1, command, argument);
      }
    }
  },

  'fcntl: notice, seals and flags, bit by bit'({ kernel }) {
    for (const command of [fcntl.F_SETFD, fcntl.F_SETFL, fcntl.F_NOTIFY, fcntl.F_ADD_SEALS]) {
      for (let bit = 0; bit < 32; bit += 1) kernel.fcntl(-1, command, 1 << bit);
    }
    for (let signal = 0; signal < 70; signal += 1) kernel.fcntl(-1, fcntl.F_SETSIG, signal);
  },

  'fcntl: results'(subject) {
    const { kernel } = subject;
    const pipe = new Int32Array(2);
    kernel.pipe2(pipe, fcntl.O_CLOEXEC);
    const file = unnamed(subject);
    for (const fd of [pipe[0]!, pipe[1]!, file]) {
      for (const command of [1, 3, 9, 11, 1025, 1032, 1034]) kernel.fcntl(fd, command, 0);
      kernel.fcntl(fd, fcntl.F_SETFD, 0);
      kernel.fcntl(fd, fcntl.F_GETFD, 0);
      for (const flags of [fcntl.O_APPEND | fcntl.O_NONBLOCK, fcntl.O_DIRECT, -1 & ~0x6000, 0]) {
        kernel.fcntl(fd, fcntl.F_SETFL, flags);
        kernel.fcntl(fd, fcntl.F_GETFL, 0);
      }
      kernel.fcntl(fd, fcntl.F_SETPIPE_SZ, 5000);
      kernel.fcntl(fd, fcntl.F_GETPIPE_SZ, 0);
      kernel.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK);
      kernel.fcntl(fd, fcntl.F_GETLEASE, 0);
      kernel.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK);
      kernel.fcntl(fd, fcntl.F_SETSIG, 17);
      kernel.fcntl(fd, fcntl.F_GETSIG, 0);
      kernel.fcntl(fd, fcntl.F_SETSIG, 40);
      kernel.fcntl(fd, fcntl.F_GETSIG, 0);
      kernel.fcntl(fd, fcntl.F_SETOWN, 1);
      kernel.fcntl(fd, fcntl.F_GETOWN, 0);
      kernel.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL);
      const [copy, other] = [kernel.fcntl(fd, 0, 50), kernel.fcntl(fd, 1030, 60)];
      kernel.close(copy);
      kernel.close(other);
      kernel.close(fd);
    }
    const sealed = kernel.openat(AT_FDCWD, cString('/dev/shm'), O_TMPFILE | O_RDWR, 0o600);
    kernel.fcntl(sealed, fcntl.F_GET_SEALS, 0);
    kernel.fcntl(sealed, fcntl.F_SETLEASE, fcntl.F_RDLCK);
    kernel.close(sealed);
    const read = kernel.openat(AT_FDCWD, cString('/etc/hostname'), 0, 0);
    kernel.fcntl(read, fcntl.F_SETLEASE, fcntl.F_RDLCK);
    kernel.fcntl(read, fcntl.F_GETLEASE, 0);
    kernel.close(read);
    const path = kernel.openat(AT_FDCWD, cString('/'), fcntl.O_PATH | fcntl.O_DIRECTORY, 0);
    kernel.fcntl(path, fcntl.F_GETFL, 0);
    kernel.fcntl(path, fcntl.F_NOTIFY, 0);
    kernel.close(path);
    const directory = kernel.openat(AT_FDCWD, cString('/'), 0, 0);
    kernel.fcntl(directory, fcntl.F_NOTIFY, 0);
    kernel.close(directory);
  },

  'ioctl: numbers in and out'({ kernel }) {
    const pair = new Int32Array(2);
    kernel.socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    const [one, other] = [pair[0]!, pair[1]!];
    const numbers = [
      0x5411, 0x541b, 0x5421, 0x5452, 0x8902, 0x8904, 0x8901, 0x8903, 0x8905, 0x894b,
    ];
    kernel.write(other, Uint8Array.of(1, 2, 3), 3);
    for (const fd of [one, -1]) {
      for (const request of numbers) {
        // The last one is 0, so that nobody is ever signalled.
        for (const value of [1, -1, 0]) {
          kernel.ioctl(fd, request, new Uint8Array(Int32Array.of(value).buffer));
        }
      }
      for (const request of numbers) kernel.ioctl(fd, request, null);
      kernel.ioctl(fd, ioctl.FIOCLEX, 0);
      kernel.ioctl(fd, ioctl.FIONCLEX, 0);
      kernel.ioctl(fd, ioctl.SIOCPROTOPRIVATE, 0);
    }
    kernel.close(one);
    kernel.close(other);
  },

  'ioctl: when the last packet came'({ kernel }) {
    const address = encodeSockaddr({
      family: AF_INET,
      addr: Uint8Array.of(127, 0, 0, 1),
      port: 0,
    });
    const fd = kernel.socket(AF_INET, SOCK_DGRAM, 0);
    const times = [0x8906, 0x8907, 0x80108906 | 0, 0x80108907 | 0];
    kernel.bind(fd, address, 16);
    for (const request of times) kernel.ioctl(fd, request, new Uint8Array(16));
    const [name, length] = [new Uint8Array(16), Uint32Array.of(16)];
    kernel.getsockname(fd, name, length);
    kernel.sendto(fd, Uint8Array.of(1), 1, 0, name, 16);
    kernel.read(fd, new Uint8Array(4), 4);
    for (const request of times) kernel.ioctl(fd, request, new Uint8Array(16));
    for (const request of times) kernel.ioctl(-1, request, new Uint8Array(16).fill(1));
    kernel.ioctl(fd, 0x8906, null);
    kernel.close(fd);
  },

  'ioctl: struct ifreq in and out'({ kernel }) {
    const fd = kernel.socket(AF_INET, SOCK_DGRAM, 0);
    const asked = ifreqs().filter((request) => request < 0x8930);
    for (const request of asked.filter((number) => isGet(number))) {
      kernel.ioctl(fd, request, loopback());
      kernel.ioctl(fd, request, encodeIfreq('nobody'));
    }
    for (const request of ifreqs()) kernel.ioctl(-1, request, loopback());
    for (const request of ifreqs()) kernel.ioctl(-1, request, new Uint8Array(40).fill(0xe1));
    for (const request of ifreqs()) kernel.ioctl(-1, request, null);
    for (const request of ifreqs()) {
      kernel.ioctl(
        -1,
        request,
        Uint8Array.from({ length: 40 }, (_, i) => (i < 16 ? 65 + i : i)),
      );
    }
    kernel.ioctl(fd, ioctl.SIOCGIFNAME, encodeIfreq('', { ifindex: 1 }));
    kernel.ioctl(fd, ioctl.SIOCGIFINDEX, loopback());
    kernel.ioctl(fd, ioctl.SIOCGIFTXQLEN, loopback());
    kernel.ioctl(fd, ioctl.SIOCGIFMAP, loopback());
    for (let bit = 0; bit < 16; bit += 1) {
      kernel.ioctl(-1, ioctl.SIOCSIFFLAGS, encodeIfreq('x', { flags: 1 << bit }));
    }
    kernel.ioctl(-1, ioctl.SIOCSIFFLAGS, encodeIfreq('x"\n\u0001', { flags: 0xffff }));
    kernel.close(fd);
  },

  'ioctl: hardware addresses of each kind'({ kernel }) {
    for (let type = 0; type < 830; type += 1) {
      const data = Uint8Array.of(type, type >> 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
      kernel.ioctl(-1, ioctl.SIOCSIFHWADDR, encodeIfreq('x', { data }));
    }
    const ends = [0xfff0, 0xfffe, 0xffff];
    for (const type of ends) {
      const data = Uint8Array.of(type, type >> 8, 1, 2);
      kernel.ioctl(-1, ioctl.SIOCSIFHWADDR, encodeIfreq('x', { data }));
    }
  },

  'ioctl: the ARP table'({ kernel }) {
    const fd = kernel.socket(AF_INET, SOCK_DGRAM, 0);
    const entry = new Uint8Array(68);
    for (const request of [ioctl.SIOCDARP, ioctl.SIOCGARP, ioctl.SIOCSARP]) {
      kernel.ioctl(-1, request, entry);
      kernel.ioctl(-1, request, null);
      kernel.ioctl(-1, request, entry.slice().fill(0x42));
    }
    kernel.ioctl(fd, ioctl.SIOCGARP, entry);
    kernel.close(fd);
  },

  'ioctl: TUN'({ kernel }) {
    const requests = Array.from({ length: 16 }, (_, i) => 0x400454ca + i)
      .concat(Array.from({ length: 16 }, (_, i) => 0x800454ca + i))
      .map((request) => request | 0);
    for (const request of requests.filter((number) => TUN_VALUES.has(number))) {
      for (const value of [0, 1, 6, -1]) kernel.ioctl(-1, request, value);
    }
    const structs = [tun.TUNSETIFF, tun.TUNGETIFF | 0, tun.TUNSETQUEUE];
    for (const request of structs) {
      for (let bit = 0; bit < 16; bit += 1) {
        kernel.ioctl(-1, request, encodeIfreq('tun0', { flags: 1 << bit }));
      }
      kernel.ioctl(-1, request, encodeIfreq('', { flags: tun.IFF_TUN | tun.IFF_NO_PI }));
      kernel.ioctl(-1, request, null);
    }
    const ints = [0x800454cf, 0x800454d3, 0x400454d4, 0x800454d7, 0x400454d8];
    for (const request of ints) kernel.ioctl(-1, request | 0, Uint8Array.of(1, 2, 3, 4));
    const device = kernel.openat(AT_FDCWD, cString('/dev/net/tun'), O_RDWR, 0);
    for (const request of ints) kernel.ioctl(device, request | 0, new Uint8Array(4));
    kernel.ioctl(device, tun.TUNGETIFF | 0, encodeIfreq(''));
    kernel.ioctl(device, tun.TUNSETIFF, encodeIfreq('lo', { flags: tun.IFF_TUN }));
    kernel.close(device);
  },
};

/** By value. */
const TUN_VALUES: ReadonlySet<number> = new Set([
  tun.TUNSETPERSIST,
  tun.TUNSETOWNER,
  tun.TUNSETLINK,
  tun.TUNSETGROUP,
  tun.TUNSETOFFLOAD,
]);

/** The requests that only ask. */
function isGet(request: number): boolean {
  const names = Object.entries(ioctl).filter(([, value]) => value === request);
  return names.some(([name]) => name.startsWith('SIOCGIF'));
}
