/** Golden programs: every option of src/syscall set and read, with lengths that fit and that do not. */
import { ICMP_FILTER } from '../../src/syscall/icmp.ts';
import * as inet from '../../src/syscall/inet.ts';
import * as packet from '../../src/syscall/packet.ts';
import {
  SOL_NETLINK,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_LIST_MEMBERSHIPS,
} from '../../src/syscall/netlink.ts';
import { SOCKET_OPTION_NAMES, socketOption } from '../../src/syscall/options.ts';
import * as socket from '../../src/syscall/socket.ts';
import { SOL_TCP, TCP_CONGESTION } from '../../src/syscall/tcp.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Program } from './program.ts';

const NOBODY = -1;
const LENGTHS = [-1, 0, 1, 3, 4, 5, 8, 9, 12, 16, 20, 24, 28, 100, 135, 136, 264];
const CAPACITIES = [-1, 0, 1, 3, 4, 5, 8, 12, 264];
const LEVELS = [0, 1, 2, 6, 17, 40, 41, 58, 132, 136, 255];

function pattern(seed: number): Uint8Array {
  return Uint8Array.from({ length: 300 }, (_, i) => (seed === 0 ? 0 : (seed + 31 * i) & 0xff));
}

/** The kernel's face refuses options with addresses in them: those are not called at all. */
function quietly(call: () => number): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

/** Sockets of each family that an option may be of; those that this machine does not make are negative. */
function sockets(kernel: Kernel): number[] {
  const { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK } = socket;
  const { SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } = socket;
  const pair = new Int32Array(2);
  kernel.socketpair(socket.AF_UNIX, SOCK_STREAM, 0, pair);
  return [
    ...pair,
    kernel.socket(AF_INET, SOCK_STREAM, 0),
    kernel.socket(AF_INET6, SOCK_STREAM, 0),
    kernel.socket(AF_INET, SOCK_DGRAM, 0),
    kernel.socket(AF_INET6, SOCK_DGRAM, 0),
    kernel.socket(AF_INET, SOCK_RAW, 1),
    kernel.socket(AF_INET6, SOCK_RAW, 58),
    kernel.socket(AF_NETLINK, SOCK_RAW, 0),
    kernel.socket(AF_PACKET, SOCK_RAW, 0),
    kernel.socket(AF_VSOCK, SOCK_STREAM, 0),
  ].filter((fd) => fd >= 0);
}

export const options: Readonly<Record<string, Program>> = {
  'names of levels and of options'({ kernel }) {
    const value = new Uint8Array(4);
    const levels = [...LEVELS, ...Array.from({ length: 33 }, (_, i) => 256 + i), -1];
    for (const level of levels) {
      for (let name = -1; name < 140; name += 1) {
        quietly(() => kernel.setsockopt(NOBODY, level, name, value, 4));
        quietly(() => kernel.getsockopt(NOBODY, level, name, value, Uint32Array.of(4)));
      }
    }
    for (let name = 1150; name < 1170; name += 1) {
      kernel.setsockopt(NOBODY, 0, name, value, 4);
      kernel.getsockopt(NOBODY, 0, name, value, Uint32Array.of(4));
    }
  },

  'values that are given, of every option and length'({ kernel }) {
    for (const option of SOCKET_OPTION_NAMES) {
      const { level, optname } = socketOption(option);
      for (const seed of [0, 1, 0x41]) {
        // Of a membership without an address strace prints the one that it printed before.
        if (seed === 0 && /^PACKET_\w+_MEMBERSHIP$/.test(option)) continue;
        const value = pattern(seed);
        for (const length of LENGTHS) {
          quietly(() => kernel.setsockopt(NOBODY, level, optname, value, length));
        }
      }
    }
  },

  'values that are filled, of every option and capacity'({ kernel }) {
    const fds = sockets(kernel);
    for (const option of SOCKET_OPTION_NAMES) {
      const { level, optname, access } = socketOption(option);
      // These make a descriptor each time.
      if (access === 'write-only' || option === 'SO_PEERPIDFD') continue;
      for (const fd of fds) {
        for (const capacity of CAPACITIES) {
          const value = pattern(0x41);
          quietly(() => kernel.getsockopt(fd, level, optname, value, Uint32Array.of(capacity)));
        }
      }
    }
    for (const fd of fds) kernel.close(fd);
  },

  'structs among the values'({ kernel }) {
    const set = (level: number, name: number, value: Uint8Array): void => {
      for (const length of [value.length, value.length - 1]) {
        kernel.setsockopt(NOBODY, level, name, value, length);
      }
    };
    // None, the loopback interface, and one that no machine has: its third byte is not zero, either.
    for (const index of [0, 1, 77]) {
      const high = index >> 1;
      for (const family of [0, 1, 2, 10, 99]) {
        const request = new Uint8Array(136);
        request.set([index, 0, high, 0, 0, 0, 0, 0, family, 0, 0, 9, 224, 0, 0, 1]);
        set(inet.SOL_IP, inet.MCAST_JOIN_GROUP, request);
        set(inet.SOL_IPV6, inet.MCAST_LEAVE_GROUP, request);
      }
      const six = new Uint8Array(20);
      six.set([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, index, 0, high]);
      set(inet.SOL_IPV6, inet.IPV6_ADD_MEMBERSHIP, six);
      for (const length of [1, 6, 7, 8, 9, 255]) {
        const link = Uint8Array.of(
          index,
          0,
          high,
          0,
          length & 7,
          0,
          length,
          0,
          1,
          2,
          3,
          4,
          5,
          6,
          7,
          8,
        );
        set(packet.SOL_PACKET, packet.PACKET_ADD_MEMBERSHIP, link);
      }
    }
    for (let i = 0; i < 32; i += 1) {
      for (const mask of [1 << i, ~(1 << i), (1 << i) - 1]) {
        const value = new Uint8Array(new Int32Array([mask]).buffer);
        set(inet.SOL_RAW, ICMP_FILTER, value);
      }
    }
    for (const value of [-1, 0, 1, 2, 255]) {
      set(socket.SOL_SOCKET, socket.SO_TXREHASH, new Uint8Array(new Int32Array([value]).buffer));
    }
    set(SOL_TCP, TCP_CONGESTION, new TextEncoder().encode('cubic'));
    set(SOL_TCP, TCP_CONGESTION, new TextEncoder().encode('reno'));
    set(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, new TextEncoder().encode('lo\0'));
  },

  'programs of BPF'({ kernel }) {
    const fd = kernel.socket(socket.AF_INET, socket.SOCK_DGRAM, 0);
    const keep = Uint8Array.of(6, 0, 0, 0, 255, 255, 0, 0);
    for (const count of [1, 2, 5]) {
      const value = new Uint8Array(8 * count);
      for (let i = 0; i < count; i += 1) value.set(keep, 8 * i);
      for (const name of [socket.SO_ATTACH_FILTER, socket.SO_ATTACH_REUSEPORT_CBPF]) {
        for (const length of [value.length, value.length - 1, 0, -1]) {
          kernel.setsockopt(fd, socket.SOL_SOCKET, name, value, length);
        }
      }
    }
    for (const capacity of [0, 1, 8, 16, 32, 40, 50, 100]) {
      const room = Uint32Array.of(capacity);
      kernel.getsockopt(fd, socket.SOL_SOCKET, socket.SO_GET_FILTER, new Uint8Array(100), room);
    }
    kernel.close(fd);
  },

  'errors, credentials, groups of netlink'({ kernel }) {
    const get = (fd: number, level: number, name: number): void => {
      for (let capacity = 0; capacity < 18; capacity += 1) {
        kernel.getsockopt(fd, level, name, new Uint8Array(20), Uint32Array.of(capacity));
      }
    };
    const fd = kernel.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK, 0);
    kernel.connect(fd, Uint8Array.of(2, 0, 0, 1, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), 16);
    kernel.getsockopt(fd, 1, socket.SO_ERROR, new Uint8Array(4), Uint32Array.of(4));
    get(fd, 1, socket.SO_ERROR);
    const linger = new Uint8Array(new Int32Array([1, -5]).buffer);
    kernel.setsockopt(fd, 1, socket.SO_LINGER, linger, 8);
    get(fd, 1, socket.SO_LINGER);
    kernel.close(fd);
    const pair = new Int32Array(2);
    kernel.socketpair(socket.AF_UNIX, socket.SOCK_STREAM, 0, pair);
    get(pair[0]!, 1, socket.SO_PEERCRED);
    for (const end of pair) kernel.close(end);
    const link = kernel.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0);
    for (const group of [1, 30, 32]) {
      const value = new Uint8Array(new Int32Array([group]).buffer);
      kernel.setsockopt(link, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, value, 4);
    }
    get(link, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS);
    kernel.close(link);
    const raw = kernel.socket(socket.AF_PACKET, socket.SOCK_RAW, 0);
    if (raw < 0) return;
    kernel.setsockopt(raw, packet.SOL_PACKET, packet.PACKET_VERSION, Uint8Array.of(2, 0, 0, 0), 4);
    get(raw, packet.SOL_PACKET, packet.PACKET_STATISTICS);
    kernel.close(raw);
  },
};
