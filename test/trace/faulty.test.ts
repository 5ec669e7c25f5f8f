/** Rules of faults: strace's own injection says what they must do. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { linux } from '../../src/index.ts';
import { type FaultOptions, faulty } from '../../src/kernel/faulty.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { EBADF, EIO } from '../../src/syscall/errno.ts';

const child = fileURLToPath(new URL('./faulty-child.js', import.meta.url));

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function methodOf(kernel: Kernel, name: string): unknown {
  return (kernel as unknown as Readonly<Record<string, unknown>>)[name];
}

const rules = [
  'listen:error=EMFILE',
  'listen:error=EMFILE:when=3',
  'listen:error=12:when=3+',
  'listen:retval=7:when=3+2',
  'listen:retval=0x10:when=3..7',
  'listen:error=EIO:when=3..11+3',
  'listen,shutdown:error=EIO:when=2+2',
  'shutdown:when=10:error=ENOMEM',
  'listen:delay_enter=10:when=1',
  'listen:error=EINTR:delay_exit=5us:when=20',
  '/^(listen|shutdown)$:error=EPERM:when=19+',
];

describe('rules of faults as strace has them', () => {
  for (const rule of rules) {
    test(rule, () => {
      const theirs = run(
        'strace',
        '-qq',
        '-o',
        '/dev/null',
        '-e',
        `inject=${rule}`,
        process.execPath,
        child,
      );
      assert.equal(run(process.execPath, child, rule), theirs);
    });
  }
});

describe('faulty', () => {
  test('what no rule is for is the same function', () => {
    const kernel = faulty(linux.kernel, 'close:error=EIO');
    assert.equal(methodOf(kernel, 'read'), methodOf(linux.kernel, 'read'));
    assert.notEqual(methodOf(kernel, 'close'), methodOf(linux.kernel, 'close'));
  });

  test('a call that fails is not made', () => {
    const made: string[] = [];
    const close = (fd: number): number => {
      made.push(`close ${fd}`);
      return 0;
    };
    const kernel = faulty({ ...linux.kernel, close }, 'close:error=EIO:when=2');
    assert.deepEqual([kernel.close(1), kernel.close(2), kernel.close(3)], [0, -EIO, 0]);
    assert.deepEqual(made, ['close 1', 'close 3']);
  });

  test('delays, in milliseconds, and who is told', () => {
    const seen: unknown[] = [];
    const options: FaultOptions = {
      sleep: (milliseconds) => seen.push(milliseconds),
      injected: (name, rule) => seen.push(`${name} ${rule}`),
    };
    const rule = 'close:delay_enter=1.5s:delay_exit=250us:when=1';
    const kernel = faulty(linux.kernel, rule, options);
    assert.deepEqual([kernel.close(-1), kernel.close(-1)], [-EBADF, -EBADF]);
    assert.deepEqual(seen, [`close ${rule}`, 1500, 0.25]);
  });

  test('several rules for one call: the first that is for this time', () => {
    const kernel = faulty(linux.kernel, ['close:retval=1:when=2+2', 'close:retval=2:when=2+']);
    const results = Array.from({ length: 5 }, () => kernel.close(-1));
    assert.deepEqual(results, [-EBADF, 1, 2, 1, 2]);
  });

  test('what is no rule is said', () => {
    const wrong: readonly [string, RegExp][] = [
      ['', /no call that netfd makes/],
      ['close', /neither error, retval nor a delay/],
      ['acept4:error=EIO', /"acept4" is no call/],
      ['close:error=EWRONG', /error must be a name such as EMFILE/],
      ['close:error=0', /error must be/],
      ['close:error=4096', /error must be/],
      ['close:error=EIO:retval=1', /an error or a value, not both/],
      ['close:retval=x', /retval must be a whole number/],
      ['close:error=EIO:when=0', /when must be FIRST/],
      ['close:error=EIO:when=5..3', /when must be FIRST/],
      ['close:error=EIO:when=3+0', /when must be FIRST/],
      ['close:error=EIO:when=', /when must be FIRST/],
      ['close:delay_enter=soon', /delay_enter must be a time such as 10ms/],
      ['close:error=EIO:error=EIO', /error stands in it twice/],
      ['close:signal=SIGINT', /expected error=, retval=/],
    ];
    for (const [rule, message] of wrong) {
      assert.throws(() => faulty(linux.kernel, rule), { name: 'TypeError', message }, rule);
    }
    assert.throws(
      () => faulty(linux.kernel, [3 as unknown as string]),
      /each rule must be a string/,
    );
  });
});
