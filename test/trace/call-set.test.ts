/** Sets of calls: strace itself says which call is in which class. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CALL_NAMES, callSet } from '../../src/kernel/call-set.ts';

const child = fileURLToPath(new URL('./every-call.js', import.meta.url));

/** The calls of every-call.ts that strace shows for this expression, and close as a mark. */
function shown(expression: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-trace-'));
  const file = join(folder, 'strace');
  const both = expression.startsWith('!') ? expression : `${expression},close`;
  execFileSync('strace', [
    '-o',
    file,
    '-e',
    `trace=${both}`,
    '-e',
    'signal=none',
    process.execPath,
    child,
  ]);
  const lines = readFileSync(file, 'latin1').split('\n');
  rmSync(folder, { recursive: true });
  const start = lines.findIndex((line) => line.startsWith('close(-7001)'));
  const end = lines.findIndex((line) => line.startsWith('close(-7002)'));
  return lines.slice(start + 1, end).map((line) => line.slice(0, line.indexOf('(')));
}

/** As strace, which the kernel's own work (memory, futexes) is left out of. */
function expected(expression: string): string[] {
  const set = callSet(expression);
  return CALL_NAMES.filter((name) => set.has(name) || name === 'close');
}

describe('sets of calls', () => {
  for (const expression of [
    '%network',
    '%net',
    '%desc',
    '%file',
    'network',
    '/^epoll',
    'accept4,%file',
    'all',
    '?nothing',
  ]) {
    test(`${expression} as strace has it`, () => {
      const known = new Set<string>(CALL_NAMES);
      const theirs = shown(expression).filter((name) => known.has(name));
      assert.deepEqual([...new Set(theirs)].toSorted(), expected(expression).toSorted());
    });
  }

  test('all others', () => {
    const set = callSet('!epoll_wait,%network');
    assert.ok(!set.has('epoll_wait') && !set.has('accept4') && set.has('read'));
    assert.equal(callSet('none').size, 0);
  });

  test('what is no call is said', () => {
    for (const wrong of ['', 'acept4', 'read,', '%nothing', '/(']) {
      assert.throws(() => callSet(wrong), TypeError, wrong);
    }
    assert.throws(() => callSet('acept4'), /"acept4" is no call that netfd makes/);
    assert.throws(() => callSet(3 as unknown as string), /must be a string/);
  });
});
