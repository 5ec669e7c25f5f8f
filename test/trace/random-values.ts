/**
 * Arguments by chance, for the calls of random-calls.ts: plausible ones, and odd ones.
 *
 * What is odd is so by its length, its kind or its number, never by what it would do: addresses are of this machine
 * alone, no cmsg_len is near 2**64 (strace 6.1 would print for ever), netlink messages only ask.
 */
import type { Iov } from '../../src/kernel/kernel.ts';
import { encodeControlMessages } from '../../src/syscall/control-message.ts';
import * as socket from '../../src/syscall/socket.ts';
import type { Random } from '../native/random.ts';

const { AF_BLUETOOTH, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_VSOCK } = socket;

const MESSAGE_FLAGS: readonly number[] = Object.entries(socket)
  .filter(([name]) => name.startsWith('MSG_'))
  .map(([, value]) => Number(value));

/** Of interfaces: lo, none, and one that nobody has. */
const INTERFACES = [1, 1, 0, 9999];

export function someBytes(random: Random, length: number): Uint8Array {
  const style = random.below(4);
  return Uint8Array.from({ length }, (_, i) => {
    if (style === 0) return random.below(256);
    if (style === 1) return 0x61 + (i % 26);
    return style === 2 ? random.pick([0, 9, 10, 34, 48, 55, 92, 127, 200]) : i + 1;
  });
}

export function someLength(random: Random): number {
  return random.chance(0.7) ? random.below(40) : random.pick([0, 1, 31, 32, 33, 64, 200, 500]);
}

/** Flags of a call: mostly few of those that it knows. */
export function someFlags(random: Random, known: readonly number[]): number {
  let flags = 0;
  while (random.chance(0.4)) flags |= random.pick(known);
  if (random.chance(0.05)) flags |= 1 << random.below(31);
  if (random.chance(0.02)) flags = random.below(2 ** 32) | 0;
  return flags | 0;
}

/** Nothing waits: descriptors are nonblocking, and calls more often than not as well. */
export function messageFlags(random: Random): number {
  return random.chance(0.4) ? 0 : someFlags(random, MESSAGE_FLAGS) | socket.MSG_DONTWAIT;
}

/** An Internet address of this machine; the port is one that is likely to be chosen again. */
function inetBytes(random: Random, family: number): Uint8Array {
  const addr = new Uint8Array(family === AF_INET ? 16 : 28);
  const view = new DataView(addr.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, random.chance(0.3) ? 0 : 42_300 + random.below(6));
  if (family === AF_INET) {
    addr.set(random.chance(0.8) ? [127, 0, 0, 1 + random.below(3)] : [0, 0, 0, 0], 4);
    return addr;
  }
  if (random.chance(0.2)) view.setUint32(4, random.below(2 ** 20));
  const host = random.below(4);
  if (host < 2) addr[23] = 1;
  else if (host === 2) addr.set([255, 255, 127, 0, 0, 1], 18);
  else addr.set([0xfe, 0x80], 8);
  view.setUint32(24, host === 3 ? 1 : random.pick(INTERFACES), true);
  return addr;
}

function unixBytes(random: Random): Uint8Array {
  const addr = new Uint8Array(random.pick([2, 3, 10, 40, 110]));
  addr[0] = AF_UNIX;
  if (addr.length > 2)
    addr.set(
      someBytes(random, addr.length - 2).map((byte) => byte & 0x7f),
      2,
    );
  const name = random.pick(['s1', 's2', '\0s3', '\0']);
  for (let i = 0; i < name.length + 1 && i + 2 < addr.length; i += 1) {
    addr[i + 2] = i < name.length ? name.charCodeAt(i) : 0;
  }
  // No path may lead out of the folder.
  return addr.map((byte, i) => (i > 1 && byte === 0x2f ? 0x5f : byte));
}

function packetBytes(random: Random): Uint8Array {
  const addr = new Uint8Array(20);
  const view = new DataView(addr.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, random.pick([3, 0x800, 0x88b5, 0x1234, 0]));
  view.setInt32(4, random.pick(INTERFACES), true);
  view.setUint16(8, random.pick([0, 1, 772, 65_000]), true);
  addr[10] = random.below(8);
  addr[11] = random.pick([0, 6, 8, 20]);
  addr.set(someBytes(random, 8), 12);
  return addr;
}

function netlinkBytes(random: Random): Uint8Array {
  const addr = new Uint8Array(12);
  const view = new DataView(addr.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint16(2, random.chance(0.8) ? 0 : random.below(65_536), true);
  view.setUint32(4, random.pick([0, 0, 1, 4_000_000]), true);
  view.setUint32(8, random.chance(0.6) ? 0 : 1 << random.below(31), true);
  return addr;
}

/** Any other family, with bytes that mean nothing. */
function otherBytes(random: Random): Uint8Array {
  const addr = someBytes(random, random.pick([2, 6, 9, 10, 14, 16, 20, 64, 128]));
  const view = new DataView(addr.buffer);
  view.setUint16(0, random.chance(0.6) ? random.pick([AF_VSOCK, AF_BLUETOOTH, 0, 44]) : 300, true);
  return addr;
}

/** A sockaddr of some family, whole. */
export function someAddress(random: Random, family: number = random.below(46)): Uint8Array {
  const chosen = random.chance(0.1) ? random.below(46) : family;
  if (chosen === AF_INET || chosen === AF_INET6) return inetBytes(random, chosen);
  if (chosen === AF_UNIX) return unixBytes(random);
  if (chosen === AF_PACKET) return packetBytes(random);
  return chosen === AF_NETLINK ? netlinkBytes(random) : otherBytes(random);
}

/** How many of its bytes count: mostly all. */
export function lengthOf(random: Random, bytes: Uint8Array): number {
  return random.chance(0.75) ? bytes.length : random.below(bytes.length + 1);
}

/** A netlink message that asks: its type is one of those, or one that is only for control. */
function netlinkMessage(random: Random): Uint8Array {
  const body = someBytes(random, random.pick([0, 1, 16, 20, 28, 40]));
  const message = new Uint8Array(16 + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, random.chance(0.8) ? message.length : random.below(60), true);
  view.setUint16(4, random.pick([1, 2, 3, 4, 18, 22, 26, 30, 34]), true);
  view.setUint16(6, random.chance(0.7) ? random.pick([1, 0x301, 5]) : random.below(0x400), true);
  view.setUint32(8, random.below(5), true);
  message.set(body, 16);
  return message;
}

/** What is sent. */
export function somePayload(random: Random): Uint8Array {
  return random.chance(0.25) ? netlinkMessage(random) : someBytes(random, someLength(random));
}

/** A buffer, or several. */
export function someIov(random: Random, part: () => Uint8Array): Iov {
  if (random.chance(0.3)) return part();
  const count = random.chance(0.9) ? random.below(5) : 30 + random.below(8);
  return Array.from({ length: count }, part);
}

const LEVELS = [0, 0, 1, 1, 1, 41, 6, 17, 263, 270, 999];

/** Control messages: well formed, or cut, or with a length that lies. `fds` may be passed on. */
export function someControl(random: Random, fds: readonly number[]): Uint8Array {
  const messages = Array.from({ length: random.below(4) }, () => {
    if (random.chance(0.3) && fds.length > 0) {
      const passed = Int32Array.from({ length: 1 + random.below(3) }, () => random.pick(fds));
      return { level: 1, type: 1, data: new Uint8Array(passed.buffer) };
    }
    const data = someBytes(random, random.pick([0, 1, 3, 4, 8, 12, 16, 20, 32, 48, 60]));
    return { level: random.pick(LEVELS), type: random.below(70), data };
  });
  const control = encodeControlMessages(messages);
  if (control.length >= 16 && random.chance(0.2)) control[0] = random.below(256);
  return control;
}

/** Not to be waited for: no time, or a fraction below zero, which is refused. */
export function noTime(random: Random): Uint8Array {
  const time = new Uint8Array(16);
  if (random.chance(0.15)) time.fill(255, 8);
  return time;
}

export function maybe<T>(random: Random, value: T): T | null {
  return random.chance(0.2) ? null : value;
}
