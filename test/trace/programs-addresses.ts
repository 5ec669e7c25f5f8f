/** Golden programs: socket addresses of all families and lengths, given and filled. */
import {
  AF_BLUETOOTH,
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
  AF_XDP,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../src/syscall/socket.ts';
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Program } from './program.ts';

const NOBODY = -1;
const LENGTHS = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 23];
const LONGER = [24, 25, 26, 27, 28, 29, 36, 100, 109, 110, 111, 127, 128, 129, 200];

/** The bytes of `values` and then those of a pattern. */
function bytes(family: number, values: readonly number[], filler: number = 0): Uint8Array {
  const addr = new Uint8Array(200);
  for (let i = 0; i < addr.length; i += 1) addr[i] = filler === 0 ? 0 : (filler + i * 7) & 0xff;
  addr.set([family & 0xff, family >> 8, ...values]);
  return addr;
}

function connects(kernel: Kernel, addr: Uint8Array, lengths: readonly number[]): void {
  for (const length of lengths) kernel.connect(NOBODY, addr, length);
}

const LOOPBACK = encodeSockaddr({ family: AF_INET, addr: Uint8Array.of(127, 0, 0, 1), port: 0 });

/** Calls that fill an address, for capacities of all kinds. */
function filled(fill: (addr: Uint8Array, length: Uint32Array) => number): void {
  for (const capacity of [0, 1, 2, 3, 8, 15, 16, 17, 28, 112, 128]) {
    fill(new Uint8Array(128).fill(0x41), Uint32Array.of(capacity));
  }
}

export const addresses: Readonly<Record<string, Program>> = {
  'addresses of every family and length'({ kernel }) {
    const known = [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_BLUETOOTH, AF_VSOCK];
    for (const family of [...known, AF_XDP, 0, 5, 99, 0x102, 0xffff]) {
      for (const filler of [0, 1, 0x61, 0xf0]) {
        connects(kernel, bytes(family, [], filler), [...LENGTHS, ...LONGER]);
      }
    }
  },

  'addresses of IPv6, and their scopes'({ kernel }) {
    for (const [first, second] of [
      [0xfe, 0x80],
      [0xfe, 0xbf],
      [0xfe, 0xc0],
      [0xff, 0x01],
      [0xff, 0x02],
      [0xff, 0x12],
      [0xff, 0x05],
      [0x20, 0x01],
    ]) {
      for (const scope of [0, 1, 0x7fffffff, 0xffffffff]) {
        const addr = bytes(AF_INET6, [0, 80, 0, 0, 0, 5, first!, second!]);
        new DataView(addr.buffer).setUint32(24, scope, true);
        connects(kernel, addr, [24, 25, 28]);
      }
    }
  },

  'addresses of unix sockets'({ kernel }) {
    for (const path of [[0], [0, 97], [0, 0, 0], [97, 0, 98], [34, 92, 1, 49], [0, 255, 49]]) {
      connects(kernel, bytes(AF_UNIX, path), [path.length + 2, 110, 120]);
    }
  },

  'addresses of links'({ kernel }) {
    for (const groups of [0, 1, 0x11, 0x123456, 0x80000011]) {
      const addr = bytes(AF_NETLINK, []);
      new DataView(addr.buffer).setUint32(8, groups, true);
      connects(kernel, addr, [12, 14]);
    }
    for (const length of [0, 1, 6, 8, 9, 255]) {
      for (const protocol of [0, 3, 0x800, 0x8892, 0x88a4, 0x88cc]) {
        const rest = [protocol >> 8, protocol & 0xff, 1, 0, 0, 0, 1, 2, length & 7, length, 0, 9];
        connects(kernel, bytes(AF_PACKET, rest), [20, 24]);
      }
    }
    for (const cid of [0, 1, 2, 3, 0xffffffff]) {
      const addr = bytes(AF_VSOCK, [0, 0, 0, 0, 0, 0]);
      new DataView(addr.buffer).setUint32(8, cid, true);
      addr.fill(cid === 3 ? 0xff : cid, 4, 8);
      for (const flags of [0, 1, 2, 3]) {
        addr[12] = flags;
        connects(kernel, addr, [16, 20]);
      }
    }
    for (const flags of [0, 1, 6, 15, 16]) {
      connects(kernel, bytes(AF_XDP, [flags, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]), [16]);
      connects(kernel, bytes(AF_XDP, [flags, 0, 9, 0, 9, 0, 7, 0, 0, 0, 255, 255, 255, 255]), [16]);
    }
    for (const psm of [0, 1, 3, 33, 35, 0x7f, 0x80, 0x81, 0xff, 0x1001, 0x1002, 0x10ff, 0xffff]) {
      for (const cid of [0, 1, 2, 3, 4, 5, 6, 7, 0x3f, 0x40, 0x41, 0x7f, 0x80, 0xffff]) {
        const addr = [psm & 255, psm >> 8, 1, 2, 3, 4, 5, 6, cid & 255, cid >> 8, cid & 3];
        connects(kernel, bytes(AF_BLUETOOTH, addr), [12, 14]);
      }
    }
  },

  'addresses that a call fills, for every capacity'({ kernel }) {
    const listener = kernel.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    kernel.bind(listener, LOOPBACK, 16);
    kernel.listen(listener, 20);
    const name = new Uint8Array(16);
    kernel.getsockname(listener, name, Uint32Array.of(16));
    filled((addr, length) => kernel.getsockname(listener, addr, length));
    filled((addr, length) => kernel.getpeername(listener, addr, length));
    const opened: number[] = [];
    const dial = (): void => {
      const fd = kernel.socket(AF_INET, SOCK_STREAM, 0);
      kernel.connect(fd, name, 16);
      opened.push(fd);
    };
    filled((addr, length) => {
      dial();
      return opened.push(kernel.accept4(listener, addr, length, 0));
    });
    dial();
    opened.push(kernel.accept(listener, null, null));
    filled((addr, length) => kernel.accept(listener, addr, length));
    filled((addr, length) => kernel.getpeername(opened[0]!, addr, length));
    kernel.getsockname(listener, new Uint8Array(16), Uint32Array.of(0xffffffff));
    for (const fd of [...opened, listener]) kernel.close(fd);
  },

  'the sender of a datagram, for every capacity'({ kernel }) {
    const pair = new Int32Array(2);
    kernel.socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    const receiver = kernel.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    kernel.bind(receiver, LOOPBACK, 16);
    const name = new Uint8Array(16);
    kernel.getsockname(receiver, name, Uint32Array.of(16));
    const text = new TextEncoder().encode('hello');
    filled((addr, length) => {
      kernel.sendto(receiver, text, 5, 0, name, 16);
      return kernel.recvfrom(receiver, new Uint8Array(10), 10, 0, addr, length);
    });
    filled((addr, length) => {
      kernel.sendto(pair[0]!, text, 5, 0, null, 0);
      return kernel.recvfrom(pair[1]!, new Uint8Array(10), 10, 0, addr, length);
    });
    filled((addr, length) => kernel.recvfrom(receiver, new Uint8Array(10), 10, 0, addr, length));
    kernel.sendto(receiver, text, 5, 0, name, 3);
    kernel.close(receiver);
    for (const fd of pair) kernel.close(fd);
    const link = kernel.socket(AF_NETLINK, SOCK_RAW, 0);
    filled((addr, length) => kernel.getsockname(link, addr, length));
    kernel.close(link);
    const unix = kernel.socket(AF_UNIX, SOCK_STREAM, 0);
    filled((addr, length) => kernel.getsockname(unix, addr, length));
    kernel.bind(unix, Uint8Array.of(1, 0, 0, 0x6e, 0x66, 0x64), 6);
    filled((addr, length) => kernel.getsockname(unix, addr, length));
    kernel.close(unix);
  },
};
