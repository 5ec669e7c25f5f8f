/** The golden programs under strace, with options of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signatures } from '../../src/trace/signatures.ts';
import { partsOf } from './marks.ts';

/** Lines of each program, in the order of `programs`. */
export interface Golden {
  readonly expected: readonly (readonly string[])[];
  readonly actual: readonly (readonly string[])[];
}

const child = fileURLToPath(new URL('./child.js', import.meta.url));
const calls = `trace=${Object.keys(signatures).join(',')}`;

/** What strace prints with `options`, and what we do. */
export function goldenRun(options: readonly string[] = []): Golden {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-trace-'));
  const theirs = join(folder, 'strace');
  const ours = join(folder, 'netfd');
  const strace = ['-o', theirs, '-e', calls, '-e', 'signal=none', ...options];
  try {
    // Threads of V8 would wake the main one by a write(2) in the midst of a program.
    const program = [process.execPath, '--single-threaded', child, ours, ...options];
    execFileSync('strace', [...strace, ...program], { stdio: 'inherit' });
    return {
      expected: partsOf(readFileSync(theirs, 'latin1')),
      actual: partsOf(readFileSync(ours, 'latin1')),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
