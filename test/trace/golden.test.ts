/** What traced() prints is what strace prints, byte for byte but for addresses. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { signatures } from '../../src/trace/signatures.ts';
import { agreed, partsOf } from './marks.ts';
import { programs } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'netfd-trace-'));
const theirs = join(folder, 'strace');
const ours = join(folder, 'netfd');
const child = fileURLToPath(new URL('./child.js', import.meta.url));
const calls = `trace=${Object.keys(signatures).join(',')}`;
// Threads of V8 would wake the main one by a write(2) in the midst of a program.
execFileSync(
  'strace',
  [
    '-o',
    theirs,
    '-e',
    calls,
    '-e',
    'signal=none',
    process.execPath,
    '--single-threaded',
    child,
    ours,
  ],
  { stdio: 'inherit' },
);
const expected = partsOf(readFileSync(theirs, 'latin1'));
const actual = partsOf(readFileSync(ours, 'latin1'));
rmSync(folder, { recursive: true });

describe('lines as strace prints them', () => {
  for (const [i, name] of Object.keys(programs).entries()) {
    test(name, () => {
      const lines = actual[i]!;
      assert.deepEqual(
        lines,
        expected[i]!.map((line, at) => agreed(lines[at] ?? '', line)),
      );
      assert.ok(lines.length > 0);
    });
  }
});
