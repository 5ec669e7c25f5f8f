/** The ring: what it kept prints as it would have printed, of every golden program, and it stays within its bounds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { linux } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Call } from '../../src/trace/call.ts';
import { MAX_SLOT } from '../../src/trace/kept-slots.ts';
import { RecentCalls } from '../../src/trace/recent-calls.ts';
import { plainStyle } from '../../src/trace/style.ts';
import { TextSink } from '../../src/trace/text-sink.ts';
import { lineOf } from '../../src/trace/text.ts';
import { traced } from '../../src/trace/traced.ts';
import { subjectOf } from './program.ts';
import { programs } from './programs.ts';

/** Without the addresses that we make up. */
function masked(line: string): string {
  return line.replaceAll(/0x7f[0-9a-f]{10}/g, 'ADDRESS');
}

/** Of a vector of messages the ring has the first ones. */
function isBeginning(kept: string, direct: string): boolean {
  const end = kept.indexOf(', ...], ');
  return /^(recv|send)mmsg/.test(kept) && end > 0 && direct.startsWith(kept.slice(0, end));
}

/**
 * A message through a netlink socket without what is in it: that is decoded when it is whole, and the ring has its
 * beginning.
 */
function comparable(line: string): string {
  if (!/^(recv|send)msg\(\d+, .*sa_family=AF_NETLINK/.test(line)) return line;
  return line.replace(/iov_base=.*, iov_len=/, 'iov_base=…, iov_len=');
}

interface Difference {
  readonly direct: string;
  readonly kept: string;
}

/** Lines that the ring has otherwise than they were printed, and how many there were in all. */
function compared(run: (kernel: Kernel) => void): readonly [Difference[], number] {
  const ring = new RecentCalls({ slot: MAX_SLOT, capacity: 2 });
  const differences: Difference[] = [];
  const write = (line: string): void => {
    const [direct, kept] = [masked(line.slice(0, -1)), masked(ring.lines(1)[0]!)];
    const same = comparable(direct) === comparable(kept);
    if (!same && !isBeginning(kept, direct)) differences.push({ direct, kept });
  };
  run(traced(traced(linux.kernel, ring), new TextSink(write, plainStyle())));
  return [differences, ring.count];
}

describe('golden programs, from the ring', () => {
  for (const [name, run] of Object.entries(programs)) {
    test(name, () => {
      const [differences, count] = compared((kernel) => run(subjectOf(kernel)));
      assert.ok(count > 0);
      assert.deepEqual(differences, []);
    });
  }

  test('told as whole calls', () => {
    const [ring, other] = [new RecentCalls(), new RecentCalls()];
    const kernel = traced(linux.kernel, ring);
    const outer = traced(kernel, { call: (call) => other.call(call) });
    for (const run of Object.values(programs)) run(subjectOf(outer));
    assert.deepEqual(other.lines().map(masked), ring.lines().map(masked));
    assert.equal(other.count, ring.count);
  });

  test('in slots too small for them: cut, but no exception, and nothing of a neighbour', () => {
    const ring = new RecentCalls({ slot: 128, capacity: 64 });
    for (const run of Object.values(programs)) {
      run(subjectOf(traced(linux.kernel, ring)));
      const lines = ring.lines();
      assert.equal(lines.length, Math.min(ring.count, 64));
    }
  });
});

describe('RecentCalls', () => {
  test('the last calls, the oldest first, and no more than it has room for', () => {
    const ring = new RecentCalls({ capacity: 3 });
    const kernel = traced(linux.kernel, ring);
    assert.deepEqual(ring.recent(), []);
    for (let i = 1; i <= 5; i += 1) kernel.close(-i);
    assert.deepEqual(
      ring.recent().map(({ args, number }) => [args[0], number]),
      [
        [-3, 3],
        [-4, 4],
        [-5, 5],
      ],
    );
    assert.deepEqual(
      ring.recent(2).map(({ args }) => args[0]),
      [-4, -5],
    );
    assert.deepEqual(ring.recent(0), []);
    assert.equal(ring.count, 5);
  });

  test('what it gives is a copy: later calls and later bytes do not change it', () => {
    const ring = new RecentCalls({ capacity: 1 });
    const kernel = traced(linux.kernel, ring);
    const bytes = new TextEncoder().encode('xxhello');
    kernel.write(-1, bytes, 5, 2);
    bytes.fill(0);
    const [call] = ring.recent();
    kernel.close(-1);
    const line = lineOf(call!, plainStyle());
    assert.equal(line, 'write(-1, "hello", 5)                   = -1 EBADF (Bad file descriptor)');
  });

  test('data is cut at the number of bytes asked for', () => {
    const ring = new RecentCalls({ strings: 4 });
    const kernel = traced(linux.kernel, ring);
    kernel.write(-1, new TextEncoder().encode('abcd'), 4);
    kernel.write(-1, new TextEncoder().encode('abcde'), 5);
    const lines = ring.lines();
    assert.match(lines[0]!, /^write\(-1, "abcd", 4\)/);
    assert.match(lines[1]!, /^write\(-1, "abcd"\.\.\., 5\)/);
  });

  test('a call that is refused for its arguments was none', () => {
    const ring = new RecentCalls();
    const kernel = traced(linux.kernel, ring);
    assert.throws(() => kernel.read('x' as unknown as number, new Uint8Array(1), 1));
    kernel.close(-1);
    assert.equal(ring.lines().join('\n').split('(')[0], 'close');
  });

  test('transfers have the time of the call before them, or their own', () => {
    const clocks: readonly ['turn' | 'call', readonly number[]][] = [
      ['turn', [1, 1, 1, 2]],
      ['call', [1, 2, 3, 4]],
    ];
    for (const [clock, times] of clocks) {
      const ring = new RecentCalls({ clock });
      let time = 0;
      const now = (): number => (time += 1);
      const kernel = traced(linux.kernel, ring, { now });
      kernel.close(-1);
      kernel.read(-1, new Uint8Array(1), 1);
      kernel.write(-1, new Uint8Array(1), 1);
      kernel.close(-1);
      assert.deepEqual(
        ring.recent().map((call: Call) => call.time),
        times,
      );
    }
  });

  test('transfers alone are given a new time after a while', () => {
    const ring = new RecentCalls({ capacity: 200 });
    let time = 0;
    const kernel = traced(linux.kernel, ring, { now: () => (time += 1) });
    for (let i = 0; i < 200; i += 1) kernel.write(-1, new Uint8Array(1), 1);
    assert.equal(new Set(ring.recent().map((call) => call.time)).size, Math.ceil(200 / 65));
  });

  test('options that are wrong are said', () => {
    const wrong: readonly [object, RegExp][] = [
      [{ capacity: 0 }, /^RecentCalls: option capacity must be a whole number from 1 to 1048576/],
      [{ capacity: 1.5 }, /option capacity .*not 1\.5/],
      [{ strings: -1 }, /option strings/],
      [{ slot: 100 }, /option slot must be a multiple of 8 from 128 to 16376, not 100/],
      [{ slot: 2 ** 20 }, /option slot/],
      [{ clock: 'now' }, /option clock must be "turn" or "call"/],
    ];
    for (const [options, message] of wrong) {
      assert.throws(() => new RecentCalls(options), { message });
    }
  });
});
