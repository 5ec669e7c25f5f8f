/** Golden programs: select(2), poll(2), epoll(7) and their signal masks. */
import * as epoll from '../../src/syscall/epoll.ts';
import { EPOLL_CTL_ADD, EPOLLIN, EPOLLOUT } from '../../src/syscall/epoll.ts';
import { POLLIN, POLLOUT } from '../../src/syscall/poll.ts';
import { AF_UNIX, SOCK_STREAM } from '../../src/syscall/socket.ts';
import type { Program, Subject } from './program.ts';

function time(seconds: bigint, fraction: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(seconds, fraction).buffer);
}

/** A signal mask; bit 0 is signal 1. */
function mask(...signals: number[]): Uint8Array {
  let bits = 0n;
  for (const signal of signals) bits |= 1n << BigInt(signal - 1);
  return new Uint8Array(BigUint64Array.of(bits).buffer);
}

/** All signals but these. */
function allBut(...signals: number[]): Uint8Array {
  return mask(...signals).map((byte) => ~byte);
}

function set(...fds: number[]): Uint8Array {
  const bits = new Uint8Array(128);
  for (const fd of fds) bits[fd >> 3]! |= 1 << (fd & 7);
  return bits;
}

function pair({ kernel }: Subject): [number, number] {
  const fds = new Int32Array(2);
  kernel.socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  return [fds[0]!, fds[1]!];
}

const NOW = (): Uint8Array => time(0n, 0n);
const EVERY = Array.from({ length: 64 }, (_, i) => i + 1);

const MASKS: readonly Uint8Array[] = [
  mask(),
  mask(2),
  mask(2, 15),
  mask(1, 9, 13, 17, 19),
  mask(29, 16, 31, 32, 33, 34, 35, 63, 64),
  allBut(),
  allBut(2),
  allBut(9, 19),
  allBut(64),
  allBut(32, 33),
  ...[20, 21, 22, 23, 31, 32, 33, 40, 41, 42, 43, 44].map((count) =>
    mask(...EVERY.slice(0, count)),
  ),
  ...[20, 21, 22, 31, 32, 33, 42, 43, 44].map((count) => mask(...EVERY.slice(64 - count))),
];

export const waiting: Readonly<Record<string, Program>> = {
  'select: sets in and out'(subject) {
    const { kernel } = subject;
    const [one, other] = pair(subject);
    kernel.select(0, null, null, null, NOW());
    kernel.select(0, set(1), set(2), set(), NOW());
    kernel.select(-1, set(1), null, null, NOW());
    kernel.select(other + 1, set(one), null, null, NOW());
    kernel.select(other + 1, set(one), set(one, other), set(other), NOW());
    kernel.select(other + 1, set(one), set(one, other), set(other), null);
    kernel.select(other + 1, set(), set(other), null, time(3n, 0n));
    kernel.write(other, Uint8Array.of(1), 1);
    kernel.select(other + 1, set(one, other), set(one, other), set(one), time(1n, 2_000_000n));
    kernel.select(one + 1, set(one, other), set(), null, time(0n, 0n));
    kernel.select(1000, set(999), null, null, NOW());
    kernel.select(1024, set(one), null, null, time(-1n, 0n));
    kernel.select(1024, set(one), null, null, time(0n, -1n));
    kernel.select(1025, new Uint8Array(136), new Uint8Array(136).fill(255), null, NOW());
    kernel.select(8, new Uint8Array(128).fill(255), null, null, time(7n, 8n));
    kernel.select(0, null, null, null, time(0n, 5n));
    kernel.close(one);
    kernel.close(other);
  },

  'pselect6: signals'(subject) {
    const { kernel } = subject;
    const [one, other] = pair(subject);
    kernel.pselect6(0, null, null, null, NOW(), null);
    for (const signals of MASKS) kernel.pselect6(0, null, null, null, NOW(), signals);
    kernel.pselect6(other + 1, set(one), null, null, NOW(), null);
    kernel.pselect6(other + 1, set(one), set(one, other), set(other), NOW(), mask(2));
    kernel.pselect6(other + 1, set(), set(one), set(other), null, mask(2));
    kernel.pselect6(other + 1, set(one), set(), null, time(0n, 5n), mask(2));
    kernel.pselect6(other + 1, set(one), set(), null, time(0n, 1_000_000_000n), mask(2));
    kernel.pselect6(other + 1, set(one), set(), null, time(-1n, 0n), mask(2));
    kernel.pselect6(-1, set(one), set(), null, NOW(), mask(2));
    kernel.pselect6(1000, set(999), set(), null, NOW(), mask());
    kernel.close(one);
    kernel.close(other);
  },

  'poll: events of all kinds'(subject) {
    const { kernel } = subject;
    const [one, other] = pair(subject);
    for (let bit = 0; bit < 16; bit += 1) kernel.poll(Int32Array.of(one, 1 << bit), 1, 0);
    kernel.poll(Int32Array.of(one, 0), 1, 0);
    kernel.poll(Int32Array.of(one, 0xffff), 1, 0);
    kernel.poll(Int32Array.of(one, 0x5800, other, POLLOUT), 2, 0);
    kernel.poll(Int32Array.of(one, -1), 1, 0);
    kernel.poll(Int32Array.of(-1, 1, -7, 0xffff, 5000, POLLIN), 3, 0);
    kernel.poll(Int32Array.of(-1, 1), 1, 0);
    kernel.poll(null, 0, 0);
    kernel.poll(null, 0, 1);
    kernel.poll(null, 1, 0);
    kernel.poll(null, 1_000_000_000, 0);
    kernel.poll(Int32Array.of(one, 1), 0, 0);
    kernel.poll(new Int32Array(0), 0, 0);
    kernel.close(other);
    for (const count of [10, 11, 12, 13, 32]) {
      kernel.poll(
        new Int32Array(64).map((_, i) => (i % 2 === 0 ? one : 0xffff)),
        count,
        0,
      );
    }
    kernel.poll(Int32Array.of(one, POLLIN, other, POLLIN, -1, 3, one, 0xffff), 4, -1);
    kernel.close(one);
    for (const count of [1, 2, 31, 32, 33, 40, 100]) {
      const fds = new Int32Array(200);
      for (let i = 0; i < 200; i += 2) fds[i] = 4000 + i;
      kernel.poll(fds, count, 0);
      kernel.poll(new Int32Array(200).fill(-5), count, 0);
    }
  },

  'ppoll: signals and what is left of the time'(subject) {
    const { kernel } = subject;
    const [one, other] = pair(subject);
    for (const signals of MASKS) kernel.ppoll(Int32Array.of(one, POLLIN), 1, NOW(), signals);
    for (let signal = 1; signal <= 64; signal += 1) kernel.ppoll(null, 0, NOW(), mask(signal));
    kernel.ppoll(Int32Array.of(one, POLLOUT), 1, NOW(), null);
    kernel.ppoll(Int32Array.of(one, POLLOUT), 1, null, mask(2));
    kernel.ppoll(Int32Array.of(one, POLLOUT), 1, time(0n, -1n), null);
    kernel.ppoll(Int32Array.of(one, POLLOUT), 1, time(-1n, 0n), null);
    kernel.ppoll(Int32Array.of(one, POLLOUT), 1, time(0n, 1_000_000_000n), mask(2));
    kernel.ppoll(null, 1, NOW(), null);
    kernel.ppoll(null, 0, NOW(), null);
    kernel.ppoll(null, 0, time(0n, 100n), mask(2));
    kernel.ppoll(Int32Array.of(-1, 0, 5000, 1), 2, NOW(), null);
    for (let length = 0; length < 27; length += 1) {
      const fds = Int32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 5000 : POLLIN));
      for (let i = 0; i < length; i += 1) fds[2 * i] = 500_000;
      kernel.ppoll(fds, 32, NOW(), null);
    }
    kernel.close(one);
    kernel.close(other);
  },

  'epoll: making and changing'(subject) {
    const { kernel } = subject;
    for (const size of [1, 0, -1, 1000]) {
      const fd = kernel.epoll_create(size);
      if (fd >= 0) kernel.close(fd);
    }
    for (const flags of [0, epoll.EPOLL_CLOEXEC, 1, epoll.EPOLL_CLOEXEC | 0x10, -1, 0x800]) {
      const fd = kernel.epoll_create1(flags);
      if (fd >= 0) kernel.close(fd);
    }
    for (let bit = 0; bit < 32; bit += 1) {
      kernel.epoll_ctl(-1, EPOLL_CTL_ADD, -2, Uint32Array.of(1 << bit, bit, 0));
    }
    for (const events of [0, 0xffff_ffff, 0x0fff_c820, EPOLLIN | 0x800, 0x5800]) {
      kernel.epoll_ctl(-1, epoll.EPOLL_CTL_MOD, -2, Uint32Array.of(events, 0xffff_ffff, 1));
    }
    for (const operation of [0, 1, 2, 3, 4, 5, -1]) {
      kernel.epoll_ctl(7, operation, 7, Uint32Array.of(1, 2, 3));
      kernel.epoll_ctl(7, operation, 7, null);
    }
  },

  'epoll: waiting'(subject) {
    const { kernel } = subject;
    const fd = kernel.epoll_create1(0);
    const counters = Array.from({ length: 40 }, () => kernel.eventfd2(1, 0));
    for (const [i, counter] of counters.entries()) {
      kernel.epoll_ctl(fd, EPOLL_CTL_ADD, counter, Uint32Array.of(EPOLLIN | EPOLLOUT, i, 0));
    }
    const events = new Uint32Array(300);
    for (const count of [1, 31, 32, 33, 40, 100]) kernel.epoll_wait(fd, events, count, 0);
    for (const count of [0, -1]) kernel.epoll_wait(fd, events, count, 0);
    kernel.epoll_wait(-1, events, 10, -1);
    for (const counter of counters) kernel.close(counter);
    kernel.epoll_wait(fd, events, 10, 0);
    kernel.epoll_wait(fd, events, 10, 1);
    kernel.close(fd);
  },
};
