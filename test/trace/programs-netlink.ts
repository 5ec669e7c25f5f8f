/** Golden programs: what goes through netlink sockets. Kernel answers, and messages made up of odd parts. */
import * as netlinkNames from '../../src/syscall/netlink.ts';
import { SOCK_DIAG_BY_FAMILY } from '../../src/syscall/sock-diag.ts';
import {
  AF_NETLINK,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from '../../src/syscall/socket.ts';
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import type { Program, Subject } from './program.ts';

const { NETLINK_EXT_ACK, NETLINK_CAP_ACK, SOL_NETLINK } = netlinkNames;
const { NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_GENERIC, NETLINK_KOBJECT_UEVENT } = netlinkNames;
const { NLM_F_REQUEST, NLM_F_DUMP, NLM_F_ACK } = netlinkNames;

const KERNEL = encodeSockaddr({ family: AF_NETLINK, pid: 0, groups: 0 });

function message(type: number, flags: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, 7, true);
  bytes.set(body, 16);
  return bytes;
}

function attribute(type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((4 + data.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + data.length, true);
  view.setUint16(2, type, true);
  bytes.set(data, 4);
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function body(family: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[0] = family;
  return bytes;
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

function socketOf({ kernel }: Subject, protocol: number): number {
  const fd = kernel.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  kernel.bind(fd, KERNEL, KERNEL.length);
  return fd;
}

function send({ kernel }: Subject, fd: number, bytes: Uint8Array): void {
  kernel.sendto(fd, bytes, bytes.length, 0, null, 0);
}

/** Everything that comes, by recvfrom and recvmsg in turn. */
function drain({ kernel }: Subject, fd: number, size: number = 8192): void {
  const buf = new Uint8Array(size);
  for (let i = 0; i < 40; i += 1) {
    const count =
      i % 2 === 0
        ? kernel.recvfrom(fd, buf, size, MSG_DONTWAIT, null, null)
        : kernel.recvmsg(
            fd,
            new Uint8Array(12),
            [buf.subarray(0, size)],
            null,
            Uint32Array.of(12, 0, 0),
            MSG_DONTWAIT,
          );
    if (count < 0) break;
  }
}

function ask(subject: Subject, protocol: number, bytes: Uint8Array, size?: number): void {
  const fd = socketOf(subject, protocol);
  send(subject, fd, bytes);
  drain(subject, fd, size);
  subject.kernel.close(fd);
}

const DUMP = NLM_F_REQUEST | NLM_F_DUMP;

/** Data of many lengths, zero bytes in between, as an attribute of each type. */
function attributes(
  subject: Subject,
  {
    type,
    head,
    most,
    protocol = NETLINK_ROUTE,
    without = [],
  }: {
    type: number;
    head: Uint8Array;
    most: number;
    protocol?: number;
    without?: readonly number[];
  },
): void {
  const fd = socketOf(subject, protocol);
  for (let i = 0; i <= most; i += 1) {
    if (without.includes(i)) continue;
    for (const length of [0, 1, 2, 3, 4, 8, 16, 24, 33, 60, 97, 210]) {
      const data = Uint8Array.from({ length }, (_, at) => (at % 2 === 0 ? (at * 3 + 1) % 8 : 0));
      send(subject, fd, message(type, 0, joined(head, attribute(i, data))));
    }
    send(subject, fd, message(type, 0, joined(head, attribute(i, Uint8Array.of(1, 0, 0, 0)))));
    send(subject, fd, message(type, 0, joined(head, attribute(i, new Uint8Array(8).fill(255)))));
  }
  subject.kernel.close(fd);
}

export const netlink: Readonly<Record<string, Program>> = {
  'netlink: dumps of links, addresses, routes, neighbours and rules'(subject) {
    for (const [type, size] of [
      [18, 16],
      [22, 8],
      [26, 12],
      [30, 12],
      [34, 12],
    ] as const) {
      for (const family of type === 18 ? [0] : [0, 2, 10])
        ask(subject, NETLINK_ROUTE, message(type, DUMP, body(family, size)));
    }
  },

  'netlink: sockets of sock_diag'(subject) {
    const inet = (family: number, protocol: number): Uint8Array => {
      const bytes = body(family, 56);
      bytes.set([protocol, 0x4b], 1);
      new DataView(bytes.buffer).setUint32(4, 1 << 10, true);
      return bytes;
    };
    const unix = body(1, 24);
    new DataView(unix.buffer).setUint32(4, 0xffffffff, true);
    new DataView(unix.buffer).setUint32(12, 0x3f, true);
    const links = body(AF_NETLINK, 20);
    links[1] = 255;
    links[8] = 1 | 2;
    for (const bytes of [inet(2, 6), inet(10, 6), inet(2, 17), unix, links]) {
      ask(subject, NETLINK_SOCK_DIAG, message(SOCK_DIAG_BY_FAMILY, DUMP, bytes), 2048);
    }
  },

  'netlink: errors'(subject) {
    const { kernel } = subject;
    const fd = socketOf(subject, NETLINK_ROUTE);
    const bad = message(18, NLM_F_REQUEST | NLM_F_ACK, body(0, 16));
    send(subject, fd, bad);
    drain(subject, fd);
    for (const option of [NETLINK_EXT_ACK, NETLINK_CAP_ACK]) {
      kernel.setsockopt(fd, SOL_NETLINK, option, Uint8Array.of(1, 0, 0, 0), 4);
      send(subject, fd, bad);
      send(subject, fd, message(24, NLM_F_REQUEST | NLM_F_ACK, body(2, 11)));
      const named = joined(body(0, 16), attribute(3, text('a name that is too long\0')));
      send(subject, fd, message(18, NLM_F_REQUEST, named));
      drain(subject, fd);
    }
    for (const size of [0, 1, 15, 16, 17, 20, 30, 40]) {
      send(subject, fd, bad);
      const buf = new Uint8Array(100);
      kernel.recvfrom(fd, buf, size, MSG_PEEK | MSG_DONTWAIT, null, null);
      kernel.recvfrom(fd, buf, size, MSG_PEEK | MSG_TRUNC, null, null);
      drain(subject, fd, size);
    }
    kernel.close(fd);
  },

  'netlink: other protocols, and a socket without an address'(subject) {
    const { kernel } = subject;
    const family = joined(Uint8Array.of(3, 1, 0, 0), attribute(2, text('nlctrl\0')));
    ask(subject, NETLINK_GENERIC, message(16, NLM_F_REQUEST, family));
    const events = socketOf(subject, NETLINK_KOBJECT_UEVENT);
    send(subject, events, text('add@/x\0ACTION=add\0'));
    kernel.close(events);
    const fresh = kernel.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    const copy = kernel.dup(fresh);
    send(subject, fresh, message(18, 0, body(0, 16)));
    send(subject, copy, message(18, 0, body(0, 16)));
    kernel.write(copy, message(18, 0, body(0, 16)), 32);
    kernel.writev(copy, [message(18, 0, body(0, 16))]);
    kernel.close(copy);
    kernel.close(fresh);
  },

  'netlink: attributes of links and addresses'(subject) {
    const without = [22, 24, 25, 26, 28, 43, 44, 55];
    attributes(subject, { type: 16, head: new Uint8Array(16), most: 70, without });
    for (const family of [0, 2, 10])
      attributes(subject, { type: 20, head: body(family, 8), most: 13 });
  },

  'netlink: attributes of routes, neighbours and rules'(subject) {
    for (const family of [2, 10]) {
      attributes(subject, { type: 24, head: body(family, 12), most: 32, without: [9, 21] });
      attributes(subject, { type: 28, head: body(family, 12), most: 18, without: [14] });
      attributes(subject, { type: 32, head: body(family, 12), most: 26 });
    }
  },

  'netlink: headers'(subject) {
    const fd = socketOf(subject, NETLINK_ROUTE);
    for (const type of [16, 17, 18, 19, 20, 24, 26, 28, 32, 3, 2, 1, 0, 4, 15, 55, 250]) {
      for (const flags of [0xfffe, 0x700, 0x40, 0])
        send(subject, fd, message(type, flags, text('')));
      if (type > 35 && type < 250) continue;
      for (const size of [1, 2, 4, 8, 13, 20, 30]) {
        send(
          subject,
          fd,
          message(
            type,
            0,
            Uint8Array.from({ length: size }, (_, i) => i + 2),
          ),
        );
      }
    }
    const whole = message(18, 0, body(0, 16));
    for (let size = 1; size < 33; size += 1) send(subject, fd, whole.subarray(0, size));
    send(subject, fd, joined(...Array.from({ length: 40 }, () => whole)));
    const many = Array.from({ length: 40 }, () => attribute(4, Uint8Array.of(1, 0, 0, 0)));
    send(subject, fd, message(16, 0, joined(body(0, 16), ...many)));
    for (const length of [0, 5, 16, 17, 33, 0xffffffff]) {
      const odd = joined(whole, whole);
      new DataView(odd.buffer).setUint32(0, length, true);
      send(subject, fd, odd);
    }
    subject.kernel.close(fd);
  },
};
